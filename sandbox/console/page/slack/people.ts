/** Shows everybody in the company to choose from, with marks for the people who have unread messages. */
import type { PersonShown } from '../../shown/shapes.js';
import { byId, h, keepFocus } from '../dom.js';
import { changed, dmOf, on, placeFor, type Store } from '../store.js';
import { avatar } from './avatar.js';

/** The first people, whom the story is about, have their names beside their pictures. */
const NAMED = 4;

const ROLES: Record<string, string> = { jane: 'asks', maria: 'her manager', sam: 'security', ada: 'admin' };

export function showPeople(store: () => Store): void {
  const bar = byId('people');
  const draw = (): void => {
    const { town, me, unread } = store();
    const people = town.people.filter(({ isBot }) => !isBot);
    const links = people.map((person, index) => {
      const waiting = Object.values(unread[person.id] ?? {}).reduce((sum, count) => sum + count, 0);
      return link(store, person, index < NAMED, person.id === me.id, person.id === me.id ? 0 : waiting);
    });
    keepFocus(() => bar.replaceChildren(h('span', { class: 'people-label' }, 'You are'), ...links));
  };
  on(['me', 'unread'], draw);
}

function link(
  store: () => Store,
  person: PersonShown,
  isNamed: boolean,
  isMe: boolean,
  waiting: number,
): HTMLElement {
  const { town } = store();
  const role = ROLES[person.name] ?? person.title;
  const news = waiting > 0 ? `, ${waiting} unread` : '';
  const node = h(
    'a',
    {
      href: `?as=${person.name}`,
      class: ['person', isMe && 'is-me', !isNamed && 'is-small'].filter(Boolean).join(' '),
      title: `${person.realName} · ${person.title}`,
      'aria-label': `Be ${person.realName}, ${person.title}${news}`,
      'data-person': person.name,
      'data-spot': `person ${person.name}`,
      ...(isMe ? { 'aria-current': 'true' } : {}),
    },
    avatar(person, town, 28),
    isNamed &&
      h(
        'span',
        { class: 'person-words' },
        h('strong', {}, person.realName.split(' ')[0]),
        h('small', {}, role),
      ),
    waiting > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, String(waiting)),
  );
  node.addEventListener('click', (event) => {
    // A click with a modifier key opens a second window as that person.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    become(store(), person);
    document.querySelector<HTMLElement>(`[data-person="${person.name}"]`)?.focus();
  });
  return node;
}

export function become(store: Store, person: PersonShown): void {
  const waiting = Object.entries(store.unread[person.id] ?? {}).find(([, count]) => count > 0)?.[0];
  store.me = person;
  // A person begins in the conversation that has unread messages.
  store.place = placeFor(store.town, person, waiting ?? dmOf(person.id));
  changed('me', 'messages', 'views');
}

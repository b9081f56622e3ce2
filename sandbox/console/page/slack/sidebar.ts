/** Lists the conversations of the person whose Slack is shown. */
import { act } from '../ask.js';
import { byId, h, keepFocus } from '../dom.js';
import { changed, dmOf, on, type Store } from '../store.js';

export function showSidebar(store: () => Store): void {
  const list = byId('sidebar');
  on(['me', 'unread'], () => {
    const { town, me, place, unread } = store();
    const mine = unread[me.id] ?? {};
    const channels = town.channels.filter(({ members }) => members.includes(me.id));
    const dm = dmOf(me.id);
    const item = (id: string, name: string, mark: string, isHere: boolean) => {
      const count = isHere ? 0 : (mine[id] ?? 0);
      const node = h(
        'button',
        {
          type: 'button',
          class: ['conversation-link', isHere && 'is-here', count > 0 && 'is-unread']
            .filter(Boolean)
            .join(' '),
          'data-spot': `go ${id}`,
          ...(isHere ? { 'aria-current': 'page' } : {}),
          ...(count > 0 ? { 'aria-label': `${name}, ${count} unread` } : {}),
        },
        h('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
        h('span', { class: 'conversation-name' }, name),
        count > 0 && h('span', { class: 'badge', 'aria-hidden': 'true' }, String(count)),
      );
      node.addEventListener('click', () => goTo(store(), id));
      return h('li', {}, node);
    };
    const sections = [
      h('p', { class: 'team' }, 'Example Corp'),
      h('h3', {}, 'Apps'),
      h('ul', {}, item(dm, town.botName, '>_', place === dm || place === 'home')),
      h('h3', {}, 'Channels'),
      channels.length > 0
        ? h('ul', {}, ...channels.map(({ id, name }) => item(id, name, '#', place === id)))
        : h('p', { class: 'none' }, 'none'),
      h('h3', {}, 'Shortcuts'),
      h('ul', {}, ...town.shortcuts.map(({ callbackId, name }) => shortcut(store, callbackId, name))),
    ];
    keepFocus(() => list.replaceChildren(...sections));
  });
}

function shortcut(store: () => Store, callbackId: string, name: string): HTMLElement {
  const node = h(
    'button',
    { type: 'button', class: 'conversation-link', 'data-spot': `shortcut ${callbackId}` },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, '⚡'),
    h('span', { class: 'conversation-name', title: name }, name),
  );
  node.addEventListener('click', () => void act({ act: 'shortcut', as: store().me.id, callbackId }));
  return h('li', {}, node);
}

/** The person and the bot's start of the visit to Home that was sent last; empty after each press of the tab. */
export const visits = { home: '' };

export function goTo(store: Store, place: string): void {
  if (place === 'home') visits.home = '';
  store.place = place;
  changed('me', 'messages', 'views');
}

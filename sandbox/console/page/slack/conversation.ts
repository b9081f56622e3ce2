/** Shows a conversation, or the bot's Home. */
import type { Message } from '../../../slack/state/conversations.js';
import { act } from '../ask.js';
import { blockNodes } from '../blocks/blocks.js';
import { byId, h, keepFocus, reconcile } from '../dom.js';
import { dmOf, on, type Store } from '../store.js';
import { messageNode, viewActs } from './message.js';
import { goTo, visits } from './sidebar.js';

/** How many messages are shown at first, and how many more with each press on the button above them. */
const SHOWN = 100;
/** How long messages of one author stand together below one name. */
const TOGETHER_MS = 300_000;

/**
 * A message, and whether it stands below one of the same author. The message's node stays as long as this object
 * does.
 */
interface Row {
  message: Message;
  follows: boolean;
}

export function showConversation(store: () => Store): void {
  const log = byId('messages');
  const home = byId('home');
  let rows = new Map<Message, Row>();
  let shownFor = '';
  let most = SHOWN;
  const draw = (): void => {
    const { me, place, town, messages } = store();
    const isHome = place === 'home';
    log.hidden = isHome;
    home.hidden = !isHome;
    byId('composer').hidden = isHome;
    drawHead(store);
    if (isHome) return;
    const view = `${me.id} ${place}`;
    if (shownFor !== view) most = SHOWN;
    const mine = (messages.get(place) ?? []).filter(
      ({ ephemeralTo }) => ephemeralTo === undefined || ephemeralTo === me.id,
    );
    const shown = mine.slice(-most);
    const isAtEnd = shownFor !== view || log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    if (shownFor !== view) rows = new Map();
    const list = byId('message-list');
    if (shownFor !== view) reconcile(list, [], String, () => h('div'));
    rows = new Map(
      shown.map((message, index) => [
        message,
        rowOf(message, mine[mine.length - shown.length + index - 1], rows.get(message)),
      ]),
    );
    reconcile(
      list,
      [...rows.values()],
      ({ message }) => message.ts,
      ({ message, follows }) => messageNode(message, { town, me }, follows),
    );
    shownFor = view;
    byId('no-messages').hidden = mine.length > 0;
    const earlier = byId('earlier');
    earlier.hidden = mine.length <= most;
    earlier.onclick = () => {
      most += SHOWN;
      draw();
    };
    if (isAtEnd) log.scrollTop = log.scrollHeight;
    markRead(store());
  };
  on(['me', 'messages'], draw);
  on(['me', 'unread'], () => markRead(store()));
  document.addEventListener('visibilitychange', () => markRead(store()));
  on(['me', 'views'], () => drawHome(store(), home));
  on(['me', 'bot'], () => {
    const { me, place, bot } = store();
    const before = visits.home;
    if (place !== 'home') visits.home = '';
    // A bot that has just come up missed earlier visits, so the visit is sent again; a bot that is gone hears of none.
    else if (!before.startsWith(`${me.id} `) || bot.state === 'running')
      visits.home = `${me.id} ${bot.state === 'running' ? bot.sinceMs : ''}`;
    if (visits.home !== '' && visits.home !== before) void act({ act: 'home', as: me.id });
  });
}

function rowOf(message: Message, above: Message | undefined, before: Row | undefined): Row {
  const follows =
    above !== undefined &&
    above.user === message.user &&
    above.ephemeralTo === message.ephemeralTo &&
    (Number(message.ts) - Number(above.ts)) * 1000 < TOGETHER_MS;
  return before?.follows === follows ? before : { message, follows };
}

/** Marks the conversation on the screen as read. */
function markRead({ me, place, unread }: Store): void {
  const count = unread[me.id]?.[place] ?? 0;
  if (count > 0 && document.visibilityState === 'visible')
    void act({ act: 'read', as: me.id, channel: place });
}

function drawHead(store: () => Store): void {
  const { me, place, town } = store();
  const channel = town.channels.find(({ id }) => id === place);
  const isApp = channel === undefined;
  byId('conversation-name').textContent = channel ? `# ${channel.name}` : town.botName;
  const tabs = byId('app-tabs');
  tabs.hidden = !isApp;
  if (!isApp) return;
  const held = tabs.contains(document.activeElement);
  tabs.replaceChildren(
    ...[
      ['home', 'Home'],
      [dmOf(me.id), 'Messages'],
    ].map(([id = '', name]) => {
      const node = h('button', { type: 'button', class: 'tab', 'aria-pressed': String(place === id) }, name);
      node.addEventListener('click', () => goTo(store(), id));
      return node;
    }),
  );
  if (held) tabs.querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
}

function drawHome({ town, me, views, place }: Store, home: HTMLElement): void {
  if (place !== 'home') return;
  const shown = [...views.values()].find(({ userId, view }) => userId === me.id && view.type === 'home');
  if (!shown) {
    delete home.dataset.drawn;
    home.replaceChildren(h('p', { class: 'empty' }, 'The bot’s Home is on its way…'));
    return;
  }
  const drawn = `${me.id} ${shown.id} ${shown.hash}`;
  if (home.dataset.drawn === drawn) return;
  home.dataset.drawn = drawn;
  const surface = {
    town,
    me,
    name: 'home',
    values: shown.values,
    errors: {},
    ...viewActs(shown.id, { town, me }),
    keep: (_: string, make: () => HTMLElement) => make(),
  };
  keepFocus(() => home.replaceChildren(...blockNodes(shown.view.blocks, surface)));
}

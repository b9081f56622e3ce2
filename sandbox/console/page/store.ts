/** Keeps everything that the page knows, and calls back the parts of the page that draw it. */
import type { Group, Interface, Rule, Workspace } from '../../aws/state/resources.js';
import type { Message } from '../../slack/state/conversations.js';
import { KEPT } from '../shown/kept.js';
import type {
  AuditShown,
  BotShown,
  Line,
  News,
  PersonShown,
  Snapshot,
  TownShown,
  Unread,
  ViewShown,
  WeatherShown,
} from '../shown/shapes.js';

export type Topic = 'me' | 'messages' | 'views' | 'aws' | 'lines' | 'audit' | 'weather' | 'bot' | 'unread';
const TOPICS: Topic[] = ['me', 'messages', 'views', 'aws', 'lines', 'audit', 'weather', 'bot', 'unread'];

/** A rule that was removed while the page was open. `atMs` is when, epoch milliseconds. */
export interface GoneRule {
  rule: Rule;
  atMs: number;
}

export interface Store {
  town: TownShown;
  /** The person whose Slack is shown. */
  me: PersonShown;
  /** The conversation on the screen: a channel's id, or `home`. */
  place: string;
  /** The messages by channel id, oldest first. */
  messages: Map<string, Message[]>;
  views: Map<string, ViewShown>;
  rules: Map<string, Rule>;
  goneRules: Map<string, GoneRule>;
  /** The ids of things that came or changed since the page was loaded, so that only news is highlighted. */
  fresh: Set<string>;
  groups: Map<string, Group>;
  interfaces: Map<string, Interface>;
  workspaces: Map<string, Workspace>;
  /** Ordered by when they began, and then as they arrived. */
  lines: Line[];
  audit: AuditShown[];
  weather: WeatherShown[];
  bot: BotShown;
  unread: Unread;
}

const LINES = Object.values(KEPT).reduce((sum, most) => sum + most, 0);
const AUDIT = 500;
export const GONE_FOR_MS = 6_000;

const listeners = new Map<Topic, Set<() => void>>();
const dirty = new Set<Topic>();

/** Calls back soon after any of the topics changed. */
export function on(topics: readonly Topic[], listener: () => void): void {
  for (const topic of topics) {
    const known = listeners.get(topic) ?? new Set();
    known.add(listener);
    listeners.set(topic, known);
  }
}

export function changed(...topics: Topic[]): void {
  if (dirty.size === 0) soon(flush);
  for (const topic of topics) dirty.add(topic);
}

const HIDDEN_MS = 100;

/** Runs work with the next frame, or soon in a page in the background, which has no frames. */
function soon(work: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(work);
  else setTimeout(work, HIDDEN_MS);
}

const HELD_MS = 3_000;
let held = false;
let heldTimer: ReturnType<typeof setTimeout> | undefined;

/**
 * Stops drawing while a mouse button, or the space bar on a button, is down: a node that is made anew between press and
 * release loses the click. Drawing goes on after a moment, since a native list that opened swallows the release.
 */
function whileHeld(): void {
  held = true;
  clearTimeout(heldTimer);
  heldTimer = setTimeout(released, HELD_MS);
}

function released(): void {
  clearTimeout(heldTimer);
  held = false;
  // Drawn after the click, which the browser sends right behind the release.
  if (dirty.size > 0) setTimeout(flush);
}

addEventListener('pointerdown', whileHeld, true);
for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, released, true);
addEventListener(
  'keydown',
  ({ key, target, repeat }) => {
    if (key === ' ' && !repeat && target instanceof HTMLButtonElement) whileHeld();
  },
  true,
);
addEventListener('keyup', ({ key }) => key === ' ' && released(), true);

function flush(): void {
  if (held) return;
  const due = new Set([...dirty].flatMap((topic) => [...(listeners.get(topic) ?? [])]));
  dirty.clear();
  for (const listener of due) listener();
}

export const dmOf = (userId: string): string => `D${userId.slice(1)}`;

/** @param before the store on the screen, whose person and place stay */
export function storeOf(
  snapshot: Snapshot,
  before: Store | undefined,
  wanted: { as?: string; place?: string },
): Store {
  const { town } = snapshot;
  const people = town.people.filter(({ isBot }) => !isBot);
  const first = people[0];
  if (!first) throw new Error('nobody lives in this town');
  const me =
    people.find(({ id }) => id === before?.me.id) ?? people.find(({ name }) => name === wanted.as) ?? first;
  const messages = new Map<string, Message[]>();
  for (const message of snapshot.messages) {
    const known = messages.get(message.channel) ?? [];
    const was = before?.messages.get(message.channel)?.find(({ ts }) => ts === message.ts);
    known.push(asBefore(message, was));
    messages.set(message.channel, known);
  }
  const byId = <T extends { id: string }>(all: T[], was?: ReadonlyMap<string, T>): Map<string, T> =>
    new Map(all.map((one) => [one.id, asBefore(one, was?.get(one.id))]));
  changed(...TOPICS);
  return {
    town,
    me,
    place: before?.place ?? placeFor(town, me, wanted.place),
    messages,
    views: byId(snapshot.views),
    rules: new Map(
      snapshot.rules.map((rule) => [rule.ruleId, asBefore(rule, before?.rules.get(rule.ruleId))]),
    ),
    goneRules: new Map(),
    fresh: new Set(),
    groups: byId(snapshot.groups, before?.groups),
    interfaces: byId(snapshot.interfaces, before?.interfaces),
    workspaces: byId(snapshot.workspaces, before?.workspaces),
    lines: snapshot.lines,
    audit: snapshot.audit,
    weather: snapshot.weather,
    bot: snapshot.bot,
    unread: snapshot.unread,
  };
}

/** Keeps the old object for an equal new one: after a lost connection everything is sent again, and most is no news. */
function asBefore<T>(now: T, was: T | undefined): T {
  return was !== undefined && JSON.stringify(was) === JSON.stringify(now) ? was : now;
}

/** The wanted place, if this person may see it, or else their conversation with the bot. */
export function placeFor(town: TownShown, me: PersonShown, wanted: string | undefined): string {
  const mine = town.channels.some(({ id, members }) => id === wanted && members.includes(me.id));
  return wanted === 'home' || mine ? (wanted ?? '') : dmOf(me.id);
}

/** Takes in one piece of news. */
export function take(store: Store, news: Exclude<News, { kind: 'snapshot' }>): void {
  changed(topicOf(store, news));
}

function topicOf(store: Store, news: Exclude<News, { kind: 'snapshot' }>): Topic {
  switch (news.kind) {
    case 'message':
      takeMessage(store, news.message);
      return 'messages';
    case 'view':
      if (news.view.open) store.views.set(news.view.id, news.view);
      else store.views.delete(news.view.id);
      return 'views';
    case 'rule':
      if (!news.value) mourn(store, news.id);
      return put(store, store.rules, news);
    case 'group':
      return put(store, store.groups, news);
    case 'interface':
      return put(store, store.interfaces, news);
    case 'workspace':
      return put(store, store.workspaces, news);
    case 'line':
      insertLine(store.lines, news.line);
      if (store.lines.length > LINES) dropOldest(store.lines);
      return 'lines';
    case 'audit':
      store.audit.push(news.record);
      if (store.audit.length > AUDIT) store.audit.shift();
      return 'audit';
    case 'weather':
      store.weather = news.weather;
      return 'weather';
    case 'bot':
      store.bot = news.bot;
      return 'bot';
    case 'unread':
      store.unread = news.unread;
      return 'unread';
  }
}

/** Inserts a line where its call began, although the line arrives when the call ends: causes come first. */
function insertLine(lines: Line[], line: Line): void {
  let index = lines.length;
  while (index > 0 && (lines[index - 1]?.at ?? 0) > line.at) index -= 1;
  lines.splice(index, 0, line);
}

/** Drops the oldest line of a lane that has more than its share. With too many lines in all there is such a lane. */
function dropOldest(lines: Line[]): void {
  const counts = new Map<Line['lane'], number>();
  for (const { lane } of lines) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  const oldest = lines.findIndex(({ lane }) => (counts.get(lane) ?? 0) > KEPT[lane]);
  if (oldest >= 0) lines.splice(oldest, 1);
}

/** Keeps a removed rule on the screen for a moment. */
function mourn({ rules, goneRules }: Store, id: string): void {
  const rule = rules.get(id);
  if (!rule) return;
  goneRules.set(id, { rule, atMs: Date.now() });
  setTimeout(() => {
    goneRules.delete(id);
    changed('aws');
  }, GONE_FOR_MS);
}

function put<T>(store: Store, all: Map<string, T>, { id, value }: { id: string; value?: T }): Topic {
  if (value === undefined) all.delete(id);
  else all.set(id, value);
  store.fresh.add(id);
  return 'aws';
}

function takeMessage(store: Store, message: Message): void {
  const known = store.messages.get(message.channel) ?? [];
  const others = known.filter(({ ts }) => ts !== message.ts);
  const isNewest = others.length === known.length;
  const kept = message.deleted ? others : [...others, message];
  if (!isNewest) kept.sort((a, b) => Number(a.ts) - Number(b.ts));
  store.messages.set(message.channel, kept);
}

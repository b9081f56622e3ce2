/** What travels between the sandbox and its page: types only, so that both sides are held to the same words. */

import type { Group, Interface, Rule, Workspace } from '../../aws/state/resources.js';
import type { Directory } from '../../aws/world.js';
import type { View } from '../../slack/block-kit/blocks.js';
import type { Message } from '../../slack/state/conversations.js';
import type { StateValues } from '../../slack/state/values.js';

export interface PersonShown {
  id: string;
  name: string;
  realName: string;
  title: string;
  /** IANA time zone. */
  tz: string;
  isBot: boolean;
  isGuest: boolean;
}

export interface ChannelShown {
  id: string;
  name: string;
  members: string[];
}

/** A subcommand that works, in one of the ways to use it. */
export interface SubcommandShown {
  word: string;
  /** What stands behind the word: `all` for that word, `person` for a mention, `request` for a request's parts. */
  takes: 'nothing' | 'anything' | 'id' | 'all' | 'person' | 'request';
  who: 'everybody' | 'admins';
  does: string;
}

/** Who and what exists; nothing in it changes while the sandbox runs. */
export interface TownShown {
  people: PersonShown[];
  channels: ChannelShown[];
  userGroups: { id: string; handle: string }[];
  botUserId: string;
  botName: string;
  commands: { command: string; description: string }[];
  subcommands: SubcommandShown[];
  shortcuts: { callbackId: string; name: string }[];
  directories: Directory[];
  region: string;
  /** When this sandbox was started, epoch milliseconds. */
  startedAtMs: number;
  /** How often the bot sweeps here. */
  sweepMs: number;
  /** What a sweep may take for its work, as the weather judges it. */
  workMs: number;
}

/** A modal or a Home tab. */
export interface ViewShown {
  id: string;
  hash: string;
  userId: string;
  view: View;
  values: StateValues;
  errors: Record<string, string>;
  open: boolean;
}

export type Lane = 'slack' | 'aws' | 'redis' | 'bot' | 'hand';

/** One line of what happened. Its payload is fetched when it is opened. */
export interface Line {
  id: number;
  /** Epoch milliseconds. */
  at: number;
  lane: Lane;
  /** Such as `Bot → Slack`. */
  way: string;
  what: string;
  detail: string;
  /** Undefined for what takes no time. */
  ms?: number;
  outcome: 'ok' | 'bad' | 'none';
  /** What happens all the time and changes nothing. */
  routine: boolean;
}

/** One record of the audit log, as the bot writes it. */
export interface AuditShown {
  /** None where Redis did not take the record, or may not have. */
  seq?: number;
  atMs: number;
  who: string;
  what: string;
  why: string;
  ids: Record<string, string>;
}

export interface Verdict {
  /** `idle`: there was nothing to hold it against. */
  state: 'watching' | 'held' | 'broken' | 'idle';
  text: string;
}

export interface WeatherShown {
  id: string;
  on: boolean;
  /** When it was last switched or done, epoch milliseconds. */
  atMs?: number;
  verdict?: Verdict;
}

export interface BotShown {
  state: 'starting' | 'running' | 'gone';
  sinceMs: number;
}

/** What user → channel → how many messages somebody has not seen yet. */
export type Unread = Record<string, Record<string, number>>;

export interface Snapshot {
  town: TownShown;
  messages: Message[];
  views: ViewShown[];
  rules: Rule[];
  groups: Group[];
  interfaces: Interface[];
  workspaces: Workspace[];
  lines: Line[];
  audit: AuditShown[];
  weather: WeatherShown[];
  bot: BotShown;
  unread: Unread;
}

/** One piece of news. */
export type News =
  | { kind: 'snapshot'; snapshot: Snapshot }
  | { kind: 'message'; message: Message }
  | { kind: 'view'; view: ViewShown }
  | { kind: 'rule'; id: string; value?: Rule }
  | { kind: 'group'; id: string; value?: Group }
  | { kind: 'interface'; id: string; value?: Interface }
  | { kind: 'workspace'; id: string; value?: Workspace }
  | { kind: 'line'; line: Line }
  | { kind: 'audit'; record: AuditShown }
  | { kind: 'weather'; weather: WeatherShown[] }
  | { kind: 'bot'; bot: BotShown }
  | { kind: 'unread'; unread: Unread };

/** What the page is answered when somebody did something. `note` is what Slack itself would show beside it. */
export type Answer =
  | { ok: true; note?: string; options?: { text: string; value: string }[] }
  | { ok: false; sentence: string };

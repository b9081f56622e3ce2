/**
 * Describes what travels between the sandbox and its page, so that the compiler holds both sides to the same shapes.
 */

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

/** One way to use a subcommand. */
export interface SubcommandShown {
  word: string;
  /** What may follow the word: `all` for that word, `person` for a mention, `request` for a request's parts. */
  takes:
    | 'nothing'
    | 'anything'
    | 'id'
    | 'id-and-reason'
    | 'id-and-time'
    | 'id-and-source'
    | 'all'
    | 'person'
    | 'request';
  who: 'everybody' | 'admins';
  does: string;
}

/** The people and things that stay the same while the sandbox runs. */
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
  /** How often the bot sweeps, milliseconds. */
  sweepMs: number;
  /** How long a sweep may work before the weather's judges call it late, milliseconds. */
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

export type Lane = 'slack' | 'aws' | 'redis' | 'bot' | 'visitor';

/** One line of the time line. The page fetches the payload when somebody opens the line. */
export interface Line {
  id: number;
  /** Epoch milliseconds. */
  at: number;
  lane: Lane;
  /** Who did it, or from where to where, such as `Bot → Slack`. */
  way: string;
  what: string;
  detail: string;
  /** How long it took; undefined for an event without a duration. */
  ms?: number;
  outcome: 'ok' | 'bad' | 'none';
  /** Whether the line is hidden at first, since such things happen all the time and change nothing. */
  routine: boolean;
}

/** One record of the audit log, as the bot writes it. */
export interface AuditShown {
  /** The number in Redis; missing where Redis did not take the record, or may not have. */
  seq?: number;
  atMs: number;
  who: string;
  what: string;
  why: string;
  ids: Record<string, string>;
}

export interface Verdict {
  /** `idle`: nothing happened by which the promise could be judged. */
  state: 'watching' | 'held' | 'broken' | 'idle';
  text: string;
}

export interface WeatherShown {
  id: string;
  on: boolean;
  /** When the weather was last switched or done, epoch milliseconds. */
  atMs?: number;
  verdict?: Verdict;
}

export interface BotShown {
  state: 'starting' | 'running' | 'gone';
  sinceMs: number;
}

/** The number of messages that somebody has not seen yet, by user id and then by channel id. */
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

/** The answer to the page when somebody did something. `note` is what Slack itself would show beside it. */
export type Answer =
  | { ok: true; note?: string; options?: { text: string; value: string }[] }
  | { ok: false; sentence: string };

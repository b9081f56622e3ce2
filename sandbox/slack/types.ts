/** What the pretend Slack promises to those who use it: tests, the tour and the console see these shapes and no others. */
import type { Block, Option, Spot, View } from './block-kit.js';

/** Everything that exists in the workspace before anybody acts. Mutable while it runs: deactivate a user, change a manager. */
export interface SlackWorld {
  team: { id: string; name: string; domain: string };
  users: SlackUser[];
  userGroups: { id: string; handle: string; name: string; users: string[] }[];
  /** `members` are user ids; the bot is in a channel when its `botUserId` is among them. */
  channels: { id: string; name: string; members: string[]; isPrivate?: boolean }[];
  profileFields: { id: string; label: string; type: 'user' | 'text' }[];
  app: SlackAppSetup;
}

interface SlackAppSetup {
  appId: string;
  name?: string;
  botId: string;
  botUserId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  scopes: string[];
  /** With the slash: `/workspace-ssh`. */
  commands: string[];
  shortcuts: { callbackId: string; name: string }[];
  /** Slack's `should_escape` for the commands; default true. */
  shouldEscape?: boolean;
  /** Bot events that the manifest subscribes to; default `message.im` and `app_home_opened`. */
  events?: string[];
}

export interface SlackUser {
  id: string;
  /** The handle without `@`. */
  name: string;
  realName: string;
  email?: string;
  title?: string;
  /** IANA time zone. */
  tz: string;
  /** Seconds east of UTC. */
  tzOffset: number;
  isBot?: boolean;
  /** `is_restricted`: a guest. */
  isGuest?: boolean;
  isAdmin?: boolean;
  deleted?: boolean;
  /** Another workspace's id makes this a stranger from a shared channel, who cannot use the app. */
  teamId?: string;
  statusText?: string;
  statusEmoji?: string;
  /** Profile field id → value (a user id for a field of type `user`). */
  fields?: Record<string, string>;
}

/** One thing that goes wrong on purpose, `times` times, then never again. */
export interface SlackFault {
  /** A Web API method, `response_url`, a delivery's name (see {@link JournalEntry.method}), or `*` for any API method. */
  method: string;
  times: number;
  /**
   * For API calls: `429`, `500`, `timeout-after-effect` (done, never answered), `drop` (cut, not done), `api-error` (answers `error`).
   * For deliveries: `lost-ack` (the bot acknowledged, Slack never saw it), `twice` (the same payload is delivered two times).
   */
  kind: '429' | '500' | 'timeout-after-effect' | 'drop' | 'api-error' | 'lost-ack' | 'twice';
  /** For `429`; default 1. */
  retryAfterSeconds?: number;
  /** For `api-error`; default `internal_error`. */
  error?: string;
}

/** Slack's documented rates, as token buckets; `enabled: false` lets everything through. */
export interface SlackRates {
  enabled: boolean;
  /** `chat.postMessage` a channel: tokens that come back each second, and how many may be saved up. */
  postPerSecond: number;
  postBurst: number;
  /** Calls a minute and method. */
  tier2: number;
  tier3: number;
  tier4: number;
}

/** How this Slack behaves; every value may be changed while it runs. */
export interface SlackSettings {
  ackTimeoutMs: number;
  triggerLifeMs: number;
  /** How long each API answer takes. */
  latencyMs: number;
  rates: SlackRates;
  /** An outage of the API: connections cut, every answer a 500, or no answer at all. `refused` also cuts Socket Mode. */
  down: 'no' | 'refused' | '500' | 'hang';
  faults: SlackFault[];
  /** Waits before an event that was not acknowledged is sent again. */
  eventRetryDelaysMs: number[];
  /** Slack tells an app of its own messages and edits in its DMs too; default true. */
  ownMessageEvents: boolean;
  /** Between the pings that Slack sends on each Socket Mode connection. */
  pingIntervalMs: number;
}

/** A message as the channel shows it now. */
export interface Message {
  channel: string;
  ts: string;
  /** The author's user id (the bot's user id for the app). */
  user: string;
  text: string;
  blocks: Block[];
  attachments?: unknown;
  threadTs?: string;
  metadata?: unknown;
  /** Set once it was changed by `chat.update` or through its `response_url`. */
  editedTs?: string;
  deleted?: boolean;
  /** Only this person sees it, until they reload Slack. */
  ephemeralTo?: string;
}

/** What one input of a form holds, in Slack's own `view.state.values` shape. */
export interface StateValue {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  selected_user?: string | null;
  selected_users?: string[];
  selected_conversation?: string | null;
  selected_conversations?: string[];
  selected_channel?: string | null;
  selected_channels?: string[];
  selected_date?: string | null;
  selected_time?: string | null;
  selected_date_time?: number | null;
}
/** block_id → action_id → value. */
export type StateValues = Record<string, Record<string, StateValue>>;

/** A modal (or the Home tab) on somebody's screen. Live: it shows the present state whenever it is read. */
export interface OpenView {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  /** The view as the app sent it, with the ids that Slack fills in. */
  readonly view: View;
  readonly values: StateValues;
  /** block_id → sentence, as shown under the fields since the last submission. */
  readonly errors: Record<string, string>;
  /** False once it was closed, submitted or cleared away. */
  readonly open: boolean;
}

/** What became of one thing that a person did. */
export interface Delivery {
  acked: boolean;
  /** From the sending to the acknowledgement (or the giving up). */
  ackMs: number;
  /** What the app acknowledged with, if anything. */
  response?: unknown;
  /** The text of an immediate reply to a command, or of the failure that Slack shows in its place. */
  ephemeral?: string;
  /** `bad_response`: acknowledged with something that Slack cannot use. */
  failure?: 'dispatch_failed' | 'operation_timeout' | 'bad_response';
  /** The confirmation dialog that was read and confirmed on the way. */
  confirmed?: { title: string; text: string; confirm: string; deny: string };
  /** Why a `bad_response` is one, for the log of a test. */
  problem?: string;
}

/** Somebody with Slack open. Who is deactivated or of another workspace cannot act: their actions reject. */
export interface Person {
  readonly id: string;
  /** `text` as typed: mentions as `@name` and `#channel`. Default command: the app's first. Default channel: the bot's DM. */
  command(text: string, options?: { command?: string; channel?: string }): Promise<Delivery>;
  /** A global shortcut, by callback id or name. */
  shortcut(callbackId: string): Promise<Delivery>;
  /** Types into the bot's DM, or a channel (the app hears nothing of it). Resolves after the first attempt to deliver. */
  say(text: string, options?: { channel?: string }): Promise<Delivery>;
  openHome(): Promise<Delivery>;
  /**
   * Presses a button, picks an overflow option or a select's option in a message. A confirmation counts as confirmed.
   * @param what an action_id, a button's visible text or an option's text; or the very element
   * @param choice for a select: an option's text or value, a user, a date …
   */
  press(message: Message, what: string | Spot, choice?: FieldInput): Promise<Delivery>;
  /** Open modals, the visible one last. */
  views(): OpenView[];
  /** Fills fields, named by block_id or label. Resolves with the deliveries of those that dispatch actions. */
  fill(view: OpenView, fields: Record<string, FieldInput>): Promise<Delivery[]>;
  /** What an external_select offers for a typed query (a `block_suggestion`). */
  suggestions(view: OpenView, field: string, query: string): Promise<Option[]>;
  /** As {@link Person.press}, in a modal or the Home tab. */
  pressInView(view: OpenView, what: string | Spot, choice?: FieldInput): Promise<Delivery>;
  /** `errors`: what stands under the fields, from Slack itself (required, too long) or from the app. */
  submit(view: OpenView): Promise<Delivery & { errors?: Record<string, string> }>;
  /** Closes the visible modal; the app hears of it only where it asked to (`notify_on_close`). */
  close(view: OpenView): Promise<Delivery | undefined>;
  /** The published Home tab. */
  home(): OpenView | undefined;
}
/** Typed text, an option's text or value, a user's id or handle, a date; several for a multi select; null to empty it. */
export type FieldInput = string | string[] | number | null;

/** One exchange, kept in order. Tokens are left out. */
export interface JournalEntry {
  /** Epoch milliseconds. */
  at: number;
  kind: 'api' | 'delivery';
  /** `chat.postMessage`, `response_url` … or a delivery's name: the command, the shortcut's callback id, `block_actions`, `view_submission`, `view_closed`, `block_suggestion`, `message.im`, `app_home_opened`. */
  method: string;
  /** The person whose action was delivered. */
  by?: string;
  request: unknown;
  response: unknown;
  ms: number;
}

export type TownEvent =
  | { type: 'journal'; entry: JournalEntry }
  | { type: 'message' | 'ephemeral'; message: Message }
  | { type: 'view'; view: OpenView }
  | { type: 'connections'; count: number };

export interface SlackOptions {
  port?: number;
  /** Where signed HTTP goes, such as `http://127.0.0.1:3000/slack/events`; without it, Socket Mode. */
  httpEventsUrl?: string;
  settings?: Partial<Omit<SlackSettings, 'rates'>> & { rates?: Partial<SlackRates> };
}

/** A running pretend Slack. */
export interface SlackTown {
  /** What `SLACK_API_URL` gets: `http://127.0.0.1:PORT/api/`. */
  apiUrl: string;
  settings: SlackSettings;
  world: SlackWorld;
  journal: JournalEntry[];
  /** Switches between signed HTTP and, without an address, Socket Mode. */
  deliverTo(httpEventsUrl: string | undefined): void;
  person(userId: string): Person;
  /** @returns a function that stops listening */
  onEvent(listener: (event: TownEvent) => void): () => void;
  /** Looks again after every event until `look` gives something; rejects after `ms` (default 5000). */
  until<T>(look: () => T | undefined | null | false, ms?: number, what?: string): Promise<T>;
  message(channel: string, ts: string): Message | undefined;
  /** Without those that were deleted, oldest first. */
  messages(channelId: string): Message[];
  /** The conversation of the bot with that person. */
  dm(userId: string): Message[];
  ephemerals(userId: string): Message[];
  /** What a phone would have shown: posts, never edits. */
  notifications(userId: string): { text: string; channel: string; ts: string }[];
  /** Live Socket Mode connections. */
  connected(): number;
  waitConnected(ms?: number): Promise<void>;
  /** As every few hours: a warning and a `disconnect` on each connection. */
  refreshConnections(): void;
  close(): Promise<void>;
}

/** Describes what tests, trials, the tour and the console can do with the pretend Slack, and see of it. */
import type { Option, Spot } from './block-kit/blocks.js';
import type { SlackRates, SlackSettings } from './settings.js';
import type { OpenView } from './state/board.js';
import type { Message } from './state/conversations.js';
import type { JournalEntry, TownEvent } from './state/journal.js';
import type { Delivery } from './state/mail.js';
import type { SlackWorld } from './world.js';

/** Somebody with Slack open. The actions of a deactivated person, or of one from another workspace, reject. */
export interface Person {
  readonly id: string;
  /**
   * Types a command.
   * @param text as typed, with mentions as `@name` and `#channel`
   * @param options default command: the app's first; default channel: the bot's DM
   */
  command(text: string, options?: { command?: string; channel?: string }): Promise<Delivery>;
  /** Starts a global shortcut, by its callback id or its name. */
  shortcut(callbackId: string): Promise<Delivery>;
  /** Writes into the bot's DM or, unheard by the app, into a channel. Resolves after the first attempt to deliver. */
  say(text: string, options?: { channel?: string }): Promise<Delivery>;
  openHome(): Promise<Delivery>;
  /**
   * Presses a button, or picks an option of an overflow menu or a select, in a message. A confirmation is confirmed.
   * @param what an action_id, a button's visible text, or an option's text; or the place of the element
   * @param choice for a select: an option's text or value, a user, a date …
   */
  press(message: Message, what: string | Spot, choice?: FieldInput): Promise<Delivery>;
  /** The open modals, the visible one last. */
  views(): OpenView[];
  /** Fills fields, named by block_id or label. Resolves with the deliveries of the fields that dispatch actions. */
  fill(view: OpenView, fields: Record<string, FieldInput>): Promise<Delivery[]>;
  /** The options that an external_select offers for a typed query (a `block_suggestion`). */
  suggestions(view: OpenView, field: string, query: string): Promise<Option[]>;
  /** Does the same as {@link Person.press}, in a modal or the Home tab. */
  pressInView(view: OpenView, what: string | Spot, choice?: FieldInput): Promise<Delivery>;
  /**
   * Submits a form. `errors` are the sentences under the fields, by Slack itself (required, too long) or by the app.
   */
  submit(view: OpenView): Promise<Delivery & { errors?: Record<string, string> }>;
  /** Closes the visible modal. The app hears of that only if it asked to (`notify_on_close`). */
  close(view: OpenView): Promise<Delivery | undefined>;
  /** The published Home tab. */
  home(): OpenView | undefined;
}
/**
 * Typed text, an option's text or value, a user's id or handle, a date; several for a multi-select; null empties a
 * field.
 */
export type FieldInput = string | string[] | number | null;

export interface SlackOptions {
  port?: number;
  /** The address for signed HTTP, such as `http://127.0.0.1:3000/slack/events`. Without an address: Socket Mode. */
  httpEventsUrl?: string;
  settings?: Partial<Omit<SlackSettings, 'rates'>> & { rates?: Partial<SlackRates> };
}

/** A running pretend Slack. */
export interface SlackTown {
  /** The value for `SLACK_API_URL`: `http://127.0.0.1:PORT/api/`. */
  apiUrl: string;
  settings: SlackSettings;
  world: SlackWorld;
  journal: JournalEntry[];
  /** Switches between signed HTTP and, without an address, Socket Mode. */
  deliverTo(httpEventsUrl: string | undefined): void;
  person(userId: string): Person;
  /** @returns a function that stops listening */
  onEvent(listener: (event: TownEvent) => void): () => void;
  /** Looks again after events until `look` returns something. Rejects after `ms` milliseconds (default 5000). */
  until<T>(look: () => T | undefined | null | false, ms?: number, what?: string): Promise<T>;
  message(channel: string, ts: string): Message | undefined;
  /** Puts messages there, oldest first, that were posted before this town began: nobody is notified of them. */
  restore(messages: readonly Message[]): void;
  /** The messages of a channel that were not deleted, oldest first. */
  messages(channelId: string): Message[];
  /** The messages between the bot and that person, oldest first. */
  dm(userId: string): Message[];
  ephemerals(userId: string): Message[];
  /** The lines that the person's phone would have shown: posts, never edits. */
  notifications(userId: string): { text: string; channel: string; ts: string }[];
  /** The number of live Socket Mode connections. */
  connected(): number;
  waitConnected(ms?: number): Promise<void>;
  /** Asks each connection to leave with a `disconnect`, as Slack does every few hours. */
  refreshConnections(): void;
  /** Sends a text over each connection, which may be one that Slack never sends. */
  sendFrame(text: string): void;
  close(): Promise<void>;
}

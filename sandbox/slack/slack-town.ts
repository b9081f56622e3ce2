/** What the pretend Slack offers to those who use it: tests, the trials, the tour and the console act through a SlackTown. */
import type { Option, Spot } from './block-kit/blocks.js';
import type { SlackRates, SlackSettings } from './settings.js';
import type { OpenView } from './state/board.js';
import type { Message } from './state/conversations.js';
import type { JournalEntry, TownEvent } from './state/journal.js';
import type { Delivery } from './state/mail.js';
import type { SlackWorld } from './world.js';

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

/** Describes what happens in the pretend Slack: each exchange with the bot, and the events that listeners get. */
import type { OpenView } from './board.js';
import type { Message } from './conversations.js';

/** One exchange between Slack and the bot. Tokens are left out. */
export interface JournalEntry {
  /** Epoch milliseconds. */
  at: number;
  kind: 'api' | 'delivery';
  /**
   * An API method, `response_url`, or the name of a delivery: the command, the shortcut's callback id, `block_actions`,
   * `view_submission`, `view_closed`, `block_suggestion`, `message.im`, `app_home_opened`.
   */
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

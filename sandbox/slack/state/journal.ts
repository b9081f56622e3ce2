/** What happened in the pretend Slack: each exchange with the bot, and the events that tell a listener to look again. */
import type { OpenView } from './board.js';
import type { Message } from './conversations.js';

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

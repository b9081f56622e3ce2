/** What every answer to a click, a form or a command has at hand. */

import type { ViewOutput } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Answer } from '../../workflow/answer.js';
import type { Parts } from '../../workflow/ports.js';
import { sentence } from '../words/mrkdwn.js';

/** What a listener works with. */
export interface Desk {
  parts: Parts;
  client: WebClient;
}

/** A press of a button, or of a shortcut; acknowledged already. */
export interface Click {
  by: string;
  value: string | undefined;
  triggerId: string;
  onHome: boolean;
  /** Shows mrkdwn to this person alone. */
  tell(mrkdwn: string): Promise<void>;
}

/** A sent form; `close` and `refuse` are the acknowledgement, and one of them comes within three seconds. */
export interface Submission {
  by: string;
  view: ViewOutput;
  close(): Promise<void>;
  /** block_id → sentence; the form stays open with all that was typed. */
  refuse(errors: Record<string, string>): Promise<void>;
  tell(mrkdwn: string): Promise<void>;
}

/** Says to the one who clicked why not, or what they could not know. */
export async function tellRefusal(
  to: { tell(mrkdwn: string): Promise<void> },
  answer: Answer,
): Promise<void> {
  const said = answer.ok ? answer.note : answer.sentence;
  if (said) await to.tell(sentence(said));
}

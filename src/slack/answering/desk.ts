/** The values that the functions of buttons, forms and commands work with. */

import type { ViewOutput } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Answer } from '../../workflow/answer.js';
import type { Parts } from '../../workflow/ports.js';
import { sentence } from '../words/mrkdwn.js';
import type { Pages } from '../words/values.js';

/** The bot's parts, and Slack. */
export interface Desk {
  parts: Parts;
  client: WebClient;
}

/** A press of a button or a shortcut. Slack was told already that it arrived. */
export interface Click {
  by: string;
  value: string | undefined;
  triggerId: string;
  /** The form in which it was pressed or chosen. */
  view?: ViewOutput | undefined;
  /** The pages that Home showed, where it was pressed there. */
  onHome?: Pages | undefined;
  /** Shows mrkdwn to this person alone. */
  tell(mrkdwn: string): Promise<void>;
}

/** A sent form. `close` or `refuse` acknowledges it, and has to be called within Slack's three seconds. */
export interface Submission {
  by: string;
  view: ViewOutput;
  close(): Promise<void>;
  /** Shows sentences under fields, by block_id. The form stays open with all that was typed. */
  refuse(errors: Record<string, string>): Promise<void>;
  tell(mrkdwn: string): Promise<void>;
}

/** Tells the person who clicked why nothing was done, or the note that comes with a success. */
export async function tellRefusal(
  to: { tell(mrkdwn: string): Promise<void> },
  answer: Answer,
): Promise<void> {
  const said = answer.ok ? answer.note : answer.sentence;
  if (said) await to.tell(sentence(said));
}

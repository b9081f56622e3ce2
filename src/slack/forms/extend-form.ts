/** The form behind "Extend…": another time than the policy's step, and why. */
import type { types } from '@slack/bolt';
import type { Policy } from '../../access/policy/policy.js';
import type { RequestIn } from '../../access/request/request.js';
import { context, section } from '../words/blocks.js';
import { time } from '../words/card-words.js';
import { VIEW } from '../words/ids.js';
import { cut } from '../words/mrkdwn.js';
import { prefillOf, readReference, referenceToAny, type Values } from '../words/values.js';
import { choiceIn, durationChoice, FIELD, reasonField, textIn } from './request-fields.js';

/** What the form offers. */
export interface MoreTime {
  /** The durations that the policy allows, shortest first. */
  choicesMs: readonly number[];
  chosenMs: number;
  /** Who will be asked, as mrkdwn. */
  asked?: string | undefined;
}

export function extendForm(
  policy: Policy,
  request: RequestIn<'open'>,
  { choicesMs, chosenMs, asked }: MoreTime,
): types.ModalView {
  const said = `${request.id} ends ${time(request, request.phase.grant.endsAtMs)} unless somebody says yes before.`;
  return {
    type: 'modal',
    callback_id: VIEW.extend,
    private_metadata: referenceToAny(request),
    title: { type: 'plain_text', text: `Extend ${request.id}` },
    submit: { type: 'plain_text', text: 'Ask' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      section(said),
      durationChoice('How much more?', 'Counted from that end.', choicesMs, chosenMs),
      reasonField(policy, prefillOf(request)),
      ...(asked ? [context(asked)] : []),
    ],
  };
}

/** The request that the form was opened for, and what was chosen and typed. */
export function readExtendForm(view: { private_metadata: string; state: { values: Values } }): {
  id: string;
  durationText: string | undefined;
  reason: string | undefined;
} {
  const { values } = view.state;
  const { id } = readReference(view.private_metadata);
  return { id, durationText: choiceIn(values, FIELD.duration), reason: textIn(values, FIELD.reason) };
}

/** A sentence under a field, so that the form stays open with all that was typed. */
export function faultUnder(field: 'duration' | 'reason', text: string): Record<string, string> {
  return { [FIELD[field]]: cut(text.replaceAll('`', ''), 2000) };
}

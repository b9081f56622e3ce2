/** The form behind "My address changed": where the requester connects from now. */
import type { types } from '@slack/bolt';
import type { Policy } from '../../access/policy/policy.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { context, section } from '../words/blocks.js';
import { from, time } from '../words/card-words.js';
import { VIEW } from '../words/ids.js';
import { cut } from '../words/mrkdwn.js';
import { insteadReference, prefillOf, type Reference, readReference, type Values } from '../words/values.js';
import type { Known } from './known-requests.js';
import { FIELD } from './request-fields.js';
import { readSourceText, sourceFields, sourceShownAt } from './source-fields.js';

/** Everything of the form but its blocks. */
export function moveFormAround(
  request: Pick<Reference, 'id' | 'insteadOf'>,
): Omit<types.ModalView, 'blocks'> {
  return {
    type: 'modal',
    callback_id: VIEW.move,
    private_metadata: insteadReference(request),
    title: { type: 'plain_text', text: 'My address changed' },
    submit: { type: 'plain_text', text: 'Ask' },
    close: { type: 'plain_text', text: 'Back' },
  };
}

/** What the form shows beside the access that it moves. */
export interface Moving {
  known: Known;
  /** Who will be asked, as mrkdwn. */
  asked?: string | undefined;
  /** A request that waits and is taken back once the move is asked for. The form is filled with its address. */
  instead?: Request | undefined;
}

export function moveForm(
  policy: Policy,
  request: RequestIn<'open'>,
  { known, asked, instead }: Moving,
): types.ModalView {
  const now = from(request);
  const ends = time(request, request.phase.grant.endsAtMs);
  const said = `${request.id} stays open from ${now} until the new address is open; then I close ${now}. The end stays: ${ends}.`;
  const filled = instead ? prefillOf(instead) : {};
  const reference = { id: request.id, ...(instead ? { insteadOf: instead.id } : {}) };
  const back = instead ? [section(`${instead.id} is taken back then.`)] : [];
  return {
    ...moveFormAround(reference),
    blocks: [
      section(said),
      ...back,
      ...sourceFields(policy, filled, known),
      ...(asked ? [context(asked)] : []),
    ],
  };
}

/** The request that the form was opened for, and what was chosen or typed. */
export function readMoveForm(view: { private_metadata: string; state: { values: Values } }): {
  request: Reference;
  sourceText: string | undefined;
} {
  return { request: readReference(view.private_metadata), sourceText: readSourceText(view.state.values) };
}

/** A sentence under the field that the address was taken from, so that the form stays open. */
export function faultUnderSource({ state: { values } }: { state: { values: Values } }, text: string) {
  const block = sourceShownAt(values).find((id) => id in values) ?? FIELD.source;
  return { [block]: cut(text.replaceAll('`', ''), 2000) };
}

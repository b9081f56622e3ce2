/** The form behind Deny, which asks for a reason: nothing helps the requester more. */
import type { types } from '@slack/bolt';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { VIEW } from '../words/ids.js';
import { type Reference, readReference, referenceTo, type Values } from '../words/values.js';

const REASON = { block: 'deny-reason', action: 'text' };

export function denyForm(request: Reference): types.ModalView {
  return {
    type: 'modal',
    callback_id: VIEW.deny,
    private_metadata: referenceTo(request),
    title: { type: 'plain_text', text: `Deny ${request.id}` },
    submit: { type: 'plain_text', text: 'Deny' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      {
        type: 'input',
        block_id: REASON.block,
        optional: true,
        label: { type: 'plain_text', text: 'Why not?' },
        hint: { type: 'plain_text', text: 'The requester reads this.' },
        element: { type: 'plain_text_input', action_id: REASON.action, multiline: true, max_length: 500 },
      },
    ],
  };
}

export function readDenyForm(view: { private_metadata: string; state: { values: Values } }): {
  request: Reference;
  reason?: string;
} {
  const reason = view.state.values[REASON.block]?.[REASON.action]?.value;
  const straight = oneStraightLine(reason ?? '');
  return { request: readReference(view.private_metadata), ...(straight ? { reason: straight } : {}) };
}

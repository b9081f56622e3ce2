/** The forms behind Deny and End access, which ask for a reason: nothing helps the requester more. */
import type { types } from '@slack/bolt';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { LONGEST_REASON } from '../../access/reading/reason.js';
import { section } from '../words/blocks.js';
import { VIEW, type ViewId } from '../words/ids.js';
import { mention } from '../words/mrkdwn.js';
import { type Reference, readReference, referenceTo, type Values } from '../words/values.js';

/** Both forms name their only field alike, so that one function reads both. */
const REASON = { block: 'deny-reason', action: 'text' };

export function denyForm(request: Reference): types.ModalView {
  return reasonForm(request, VIEW.deny, { title: `Deny ${request.id}`, submit: 'Deny', label: 'Why not?' });
}

/** @param requester a Slack user id */
export function endForm(request: Reference, requester: string): types.ModalView {
  const form = reasonForm(request, VIEW.end, {
    title: `End ${request.id}`,
    submit: 'End access',
    label: 'Why?',
  });
  const said = `I close the access and tell ${mention(requester)} whether new connections are blocked. A session that is open may go on.`;
  return { ...form, blocks: [section(said), ...form.blocks] };
}

function reasonForm(
  request: Reference,
  callbackId: ViewId,
  { title, submit, label }: { title: string; submit: string; label: string },
): types.ModalView {
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: referenceTo(request),
    title: { type: 'plain_text', text: title },
    submit: { type: 'plain_text', text: submit },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      {
        type: 'input',
        block_id: REASON.block,
        optional: true,
        label: { type: 'plain_text', text: label },
        hint: { type: 'plain_text', text: 'The requester reads this.' },
        element: {
          type: 'plain_text_input',
          action_id: REASON.action,
          multiline: true,
          max_length: LONGEST_REASON,
        },
      },
    ],
  };
}

/** The request that the form was opened for, and the reason, where one was written. */
export function readReasonForm(view: { private_metadata: string; state: { values: Values } }): {
  request: Reference;
  reason?: string;
} {
  const reason = view.state.values[REASON.block]?.[REASON.action]?.value;
  const straight = oneStraightLine(reason ?? '');
  return { request: readReference(view.private_metadata), ...(straight ? { reason: straight } : {}) };
}

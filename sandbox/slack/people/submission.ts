/** Applies the app's answer to a submitted form to the person's screen, and refuses answers that Slack cannot use. */
import { z } from 'zod';
import { checkView } from '../block-kit/check.js';
import type { ViewRecord } from '../state/board.js';
import type { Delivery } from '../state/mail.js';
import type { Town } from '../state/town.js';

const answer = z.discriminatedUnion('response_action', [
  z.looseObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.looseObject({ response_action: z.literal('clear') }),
  z.looseObject({ response_action: z.literal('update'), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('push'), view: z.unknown() }),
]);

/** Applies the acknowledgement of a view_submission. Without an acknowledgement the form stays as it is. */
export function applySubmission(
  town: Town,
  record: ViewRecord,
  delivery: Delivery,
): Delivery & { errors?: Record<string, string> } {
  if (!delivery.acked) return delivery;
  const bad = (problem: string): Delivery => ({ ...delivery, failure: 'bad_response', problem });
  if (delivery.response === undefined) {
    town.board.close(record);
    return delivery;
  }
  const parsed = answer.safeParse(delivery.response);
  if (!parsed.success) return bad(`not an answer to a view_submission: ${JSON.stringify(delivery.response)}`);
  const given = parsed.data;
  switch (given.response_action) {
    case 'clear':
      town.board.clear(record.userId);
      return delivery;
    case 'errors': {
      const inputs = record.view.blocks
        .filter((block) => block.type === 'input')
        .map((block) => block.block_id);
      const unknown = Object.keys(given.errors).filter((blockId) => !inputs.includes(blockId));
      if (unknown.length > 0) return bad(`errors for no input block of this view: ${unknown.join(', ')}`);
      if (Object.keys(given.errors).length === 0) return bad('no errors in an answer of errors');
      town.board.showErrors(record, given.errors);
      return { ...delivery, errors: given.errors };
    }
    case 'update':
    case 'push': {
      const checked = checkView(given.view);
      if (!checked.ok) return bad(checked.messages.join('\n'));
      if (checked.value.type !== 'modal') return bad('only a modal can take the place of a modal');
      if (given.response_action === 'update') town.board.update(record, checked.value);
      else town.board.push(record, checked.value);
      return delivery;
    }
  }
}

/** The form behind "Ask someone else", which offers the people who may decide and are not asked yet. */
import type { types } from '@slack/bolt';
import type { Person } from '../../workflow/ports.js';
import { type Block, LIMITS, section } from '../words/blocks.js';
import { VIEW } from '../words/ids.js';
import { cut } from '../words/mrkdwn.js';
import { type Reference, readReference, referenceTo, type Values } from '../words/values.js';

const WHOM = { block: 'whom', action: 'person' };
/** Slack takes at most a hundred options in a select. */
const MOST = 100;

/** @param found people to choose from; a sentence where there are none; `looking` while they are looked up */
export function askElseForm(
  request: Reference,
  found: { people: readonly Person[] } | { sentence: string } | 'looking',
): types.ModalView {
  const some = found !== 'looking' && 'people' in found;
  return {
    type: 'modal',
    callback_id: VIEW.askElse,
    private_metadata: referenceTo(request),
    title: { type: 'plain_text', text: 'Ask someone else' },
    ...(some ? { submit: { type: 'plain_text', text: 'Ask' } } : {}),
    close: { type: 'plain_text', text: 'Back' },
    blocks: some ? [choice(found.people)] : [section(found === 'looking' ? 'Looking…' : found.sentence)],
  };
}

function choice(people: readonly Person[]): Block {
  const options = people.slice(0, MOST).map(({ id, name, away }) => ({
    text: {
      type: 'plain_text' as const,
      text: cut(away === undefined ? name : `${name} (${away})`, LIMITS.option),
    },
    value: id,
  }));
  const some =
    people.length > MOST ? ` These are ${MOST} of ${people.length.toLocaleString('en-US')} people.` : '';
  return {
    type: 'input',
    block_id: WHOM.block,
    label: { type: 'plain_text', text: 'Who may decide as well' },
    hint: { type: 'plain_text', text: `They get the request in a direct message.${some}` },
    element: {
      type: 'static_select',
      action_id: WHOM.action,
      placeholder: { type: 'plain_text', text: 'Choose a person' },
      options,
    },
  };
}

/** Whom the requester chose; undefined where the form was sent without. */
export function readAskElseForm(view: { private_metadata: string; state: { values: Values } }): {
  request: Reference;
  whom?: string;
} {
  const whom = view.state.values[WHOM.block]?.[WHOM.action]?.selected_option?.value;
  return { request: readReference(view.private_metadata), ...(whom ? { whom } : {}) };
}

/**
 * The fields of the request form that say where the requester connects from: one choice, and one field for an address
 * where the choice says so. Where there is nothing to choose from, the field for the address stands alone.
 */
import type { Policy } from '../../access/policy/policy.js';
import type { Network } from '../../access/reading/network.js';
import { PRINT_ADDRESS } from '../../access/reading/source.js';
import { type Block, context } from '../words/blocks.js';
import { cut } from '../words/mrkdwn.js';
import type { Prefill, Values } from '../words/values.js';
import type { Known } from './known-requests.js';
import {
  ANOTHER,
  choiceIn,
  FIELD,
  type FieldShown,
  optionText,
  textIn,
  withField,
} from './request-fields.js';

const WHERE = 'Where will you connect from?';

/** @param addressIs the field for an address, as chosen since the form opened; undefined where nothing was chosen */
export function sourceFields(policy: Policy, filled: Prefill, known: Known, addressIs?: FieldShown): Block[] {
  const options = optionsOf(policy, known);
  if (options.length === 0) return [addressField(WHERE, filled.source), context(HOW)];
  const other = { text: plainText('Another address'), value: ANOTHER };
  const chosen = options.find(({ value }) => value.toLowerCase() === filled.source?.toLowerCase());
  const initial = chosen ?? (filled.source ? other : undefined);
  const choice: Block = {
    type: 'input',
    block_id: FIELD.network,
    dispatch_action: true,
    label: plainText(WHERE),
    element: {
      type: 'static_select',
      action_id: FIELD.network,
      placeholder: plainText('Choose'),
      options: [...options, other],
      ...(initial ? { initial_option: initial } : {}),
    },
  };
  const shown = addressIs ?? (initial === other ? 'shown' : 'hidden');
  const typed = chosen ? undefined : filled.source;
  return [choice, ...(shown === 'shown' ? [addressField('Your address', typed)] : []), context(HOW)];
}

const HOW = `On the computer that you will use, not your phone: \`${PRINT_ADDRESS[4]}\``;

function plainText(text: string): { type: 'plain_text'; text: string } {
  return { type: 'plain_text', text };
}

function optionsOf({ limits: { networks } }: Policy, { address }: Known) {
  const named = networks.map(({ name, cidr }: Network) => ({
    text: plainText(optionText(name, ` · ${cidr}`)),
    value: name,
  }));
  if (!address) return named;
  return [
    ...named,
    { text: plainText(optionText('Last used', `: ${address.text}, ${address.ago}`)), value: address.text },
  ];
}

function addressField(label: string, typed: string | undefined): Block {
  return {
    type: 'input',
    block_id: FIELD.source,
    label: plainText(label),
    element: {
      type: 'plain_text_input',
      action_id: FIELD.source,
      max_length: 100,
      placeholder: plainText('203.0.113.25'),
      ...(typed ? { initial_value: cut(typed, 100) } : {}),
    },
  };
}

/**
 * A form's blocks with the field for an address below the choice where another address is chosen, and without it where
 * anything else is. Where Slack says no choice, the blocks stay as they are.
 * @param blocks as Slack sends them with a click
 */
export function withAddress<B extends { block_id?: string }>(
  blocks: readonly (B | Block)[],
  values: Values,
): (B | Block)[] {
  const chosen = choiceIn(values, FIELD.network);
  if (chosen === undefined) return [...blocks];
  const field = chosen === ANOTHER ? addressField('Your address', undefined) : undefined;
  return withField(blocks, { below: FIELD.network, id: FIELD.source }, field);
}

/** Where the problem of a source stands: below the field that it was taken from, as far as that is shown. */
export function sourceShownAt(values: Values): string[] {
  const fields = [FIELD.source, FIELD.network];
  return readsChoice(values) ? fields.reverse() : fields;
}

/** The source that was chosen or typed. A choice counts before an address that was typed for an earlier choice. */
export function readSourceText(values: Values): string | undefined {
  return readsChoice(values) ? choiceIn(values, FIELD.network) : textIn(values, FIELD.source);
}

function readsChoice(values: Values): boolean {
  return ![undefined, ANOTHER].includes(choiceIn(values, FIELD.network));
}

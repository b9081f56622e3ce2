/** The fields of the request form that say which WorkSpace is asked for: one's own to choose from, and another one's id. */
import type { Policy } from '../../access/policy/policy.js';
import type { Desktop } from '../../workflow/ports.js';
import { type Block, section } from '../words/blocks.js';
import { systemName } from '../words/card-words.js';
import { cut, sentence } from '../words/mrkdwn.js';
import type { Prefill } from '../words/values.js';
import { FIELD, optionText } from './request-fields.js';

/** The person's own WorkSpaces: still looked up, found, or a sentence that says why they are not shown. */
export type Own = 'looking' | { desktops: Desktop[] } | { sentence: string };

/** Slack takes so many options in a select. */
const MOST_OPTIONS = 100;

export function workspaceFields(policy: Policy, filled: Prefill, own: Own): Block[] {
  const mayAskForOthers = policy.rules.some(({ target }) => target.kind !== 'own');
  if (own === 'looking') {
    if (filled.target) return [section(`*WorkSpace*\n${sentence(filled.target)}`)];
    // Where the field for another WorkSpace stands in this view, it stands in the next one too, so Slack keeps its
    // text.
    const looking = section('*WorkSpace*\nLooking for yours…');
    return mayAskForOthers ? [looking, otherField(undefined)] : [looking];
  }
  if ('sentence' in own) return [section(sentence(own.sentence)), otherField(filled.target)];
  const [first] = own.desktops;
  if (!first) return [section('I found no Linux WorkSpace of yours.'), otherField(filled.target)];
  const options = own.desktops.slice(0, MOST_OPTIONS).map(optionOf);
  const isPart = own.desktops.length > options.length;
  const named = options.find(({ value }) => value === filled.target);
  // A person who named another target must not end up asking for their own WorkSpace.
  const elsewhere = filled.target !== undefined && !named;
  const initial = named ?? (own.desktops.length === 1 && !elsewhere ? options[0] : undefined);
  const hasOther = elsewhere || mayAskForOthers || isPart;
  const field: Block = {
    type: 'input',
    block_id: FIELD.workspace,
    optional: hasOther,
    label: { type: 'plain_text', text: 'WorkSpace' },
    ...(isPart ? { hint: { type: 'plain_text', text: onlySome(own.desktops.length) } } : {}),
    element: {
      type: 'static_select',
      action_id: FIELD.workspace,
      options,
      ...(initial ? { initial_option: initial } : {}),
    },
  };
  return hasOther ? [field, otherField(elsewhere ? filled.target : undefined)] : [field];
}

function onlySome(all: number): string {
  return `The first ${MOST_OPTIONS} of your ${all.toLocaleString('en-US')}. Name another one by its id below.`;
}

function otherField(initial: string | undefined): Block {
  return {
    type: 'input',
    block_id: FIELD.other,
    optional: true,
    label: { type: 'plain_text', text: 'Another WorkSpace, or a directory' },
    hint: { type: 'plain_text', text: 'Its id: ws-… or d-…. Empty means yours.' },
    element: {
      type: 'plain_text_input',
      action_id: FIELD.other,
      max_length: 100,
      ...(initial ? { initial_value: cut(initial, 100) } : {}),
    },
  };
}

function optionOf({ workspaceId, operatingSystem, state }: Desktop) {
  const known = state.charAt(0) + state.slice(1).toLowerCase();
  const text = optionText(systemName(operatingSystem), ` · ${workspaceId} · ${known}`);
  return { text: { type: 'plain_text' as const, text }, value: workspaceId };
}

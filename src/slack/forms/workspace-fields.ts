/** The fields of the request form that say which WorkSpace is asked for: one's own to choose from, and another one's id. */

import type { Desktop } from '../../access/connecting/found.js';
import { coversMany, type Policy, refuses } from '../../access/policy/policy.js';
import type { Typed } from '../../workflow/asking/check-ask.js';
import { type Block, section } from '../words/blocks.js';
import { systemName } from '../words/card-words.js';
import { cut, sentence } from '../words/mrkdwn.js';
import type { Prefill, Values } from '../words/values.js';
import { ANOTHER, choiceIn, FIELD, optionText, textIn } from './request-fields.js';

/** The person's own WorkSpaces. `sentence` says why they are not shown; `none`: the person certainly has none to show. */
export type Own = 'looking' | { desktops: Desktop[] } | { sentence: string; none: boolean };

/** How many options Slack takes in a select. */
const MOST_OPTIONS = 100;

/** @param lastId the WorkSpace that was used last, which is chosen where it is among several of the person's own */
export function workspaceFields(policy: Policy, filled: Prefill, own: Own, lastId?: string): Block[] {
  const may = allowedBesideOwn(policy);
  if (own === 'looking') {
    if (filled.target) return [section(`*WorkSpace*\n${sentence(filled.target)}`)];
    // Where the field for another WorkSpace stands in this view, it stands in the next one too, so Slack keeps its
    // text.
    const looking = section('*WorkSpace*\nLooking for yours…');
    return may.askForOthers ? [looking, otherField(may, undefined, 'yours')] : [looking];
  }
  if ('sentence' in own) {
    const empty = own.none ? 'nothing' : 'yours';
    return [section(sentence(own.sentence)), otherField(may, filled.target, empty)];
  }
  // A person who named another target must not end up asking for their own WorkSpace.
  const elsewhere =
    filled.target !== undefined && !own.desktops.some((one) => one.workspaceId === filled.target);
  const mayName = elsewhere || may.askForOthers;
  const isPart = own.desktops.length > (mayName ? MOST_OPTIONS - 1 : MOST_OPTIONS);
  const hasOther = mayName || isPart;
  const options = own.desktops.slice(0, hasOther ? MOST_OPTIONS - 1 : MOST_OPTIONS).map(optionOf);
  const another = {
    text: { type: 'plain_text' as const, text: 'Another one: its id below' },
    value: ANOTHER,
  };
  const named = options.find(({ value }) => value === filled.target);
  const last = options.length === 1 ? options[0] : options.find(({ value }) => value === lastId);
  const initial = named ?? (filled.target === undefined ? last : another);
  const field: Block = {
    type: 'input',
    block_id: FIELD.workspace,
    label: { type: 'plain_text', text: 'WorkSpace' },
    ...(isPart ? { hint: { type: 'plain_text', text: onlySome(options.length, own.desktops.length) } } : {}),
    element: {
      type: 'static_select',
      action_id: FIELD.workspace,
      placeholder: { type: 'plain_text', text: 'Choose' },
      options: hasOther ? [...options, another] : options,
      ...(initial ? { initial_option: initial } : {}),
    },
  };
  return hasOther ? [field, otherField(may, named ? undefined : filled.target, 'the choice')] : [field];
}

function onlySome(shown: number, all: number): string {
  return `The first ${shown} of your ${all.toLocaleString('en-US')}. Name another one by its id below.`;
}

interface Allowed {
  askForOthers: boolean;
  askForDirectories: boolean;
}

/** What some rule lets somebody ask for beside their own WorkSpace. */
function allowedBesideOwn({ rules }: Policy): Allowed {
  const kinds = rules.filter((rule) => !refuses(rule)).map(({ target }) => target.kind);
  return {
    askForOthers: kinds.some((kind) => kind !== 'own'),
    askForDirectories: kinds.some(coversMany),
  };
}

/** @param empty what is asked for where the field is empty; with `nothing` Slack takes no empty field */
function otherField(
  { askForDirectories }: Allowed,
  initial: string | undefined,
  empty: 'yours' | 'the choice' | 'nothing',
): Block {
  const label = `Another WorkSpace${askForDirectories ? ', or a directory' : ''}`;
  const id = `Its id, such as ws-8kd2x4f9m${askForDirectories ? ' or d-90670a1b2c' : ''}.`;
  return {
    type: 'input',
    block_id: FIELD.other,
    optional: empty !== 'nothing',
    label: { type: 'plain_text', text: label },
    hint: {
      type: 'plain_text',
      text: empty === 'yours' ? `${id} Empty means yours, where you have one only.` : id,
    },
    element: {
      type: 'plain_text_input',
      action_id: FIELD.other,
      max_length: 100,
      ...(initial ? { initial_value: cut(initial, 100) } : {}),
    },
  };
}

/** The id of the target as it was typed or chosen; `unchosen` where WorkSpaces were shown and none was chosen. */
export function readTarget(values: Values, filled: Prefill): Pick<Typed, 'targetText' | 'unchosen'> {
  const chosen = choiceIn(values, FIELD.workspace);
  const targetText = textIn(values, FIELD.other) ?? (chosen === ANOTHER ? undefined : chosen);
  if (targetText !== undefined) return { targetText };
  if (FIELD.workspace in values) return { unchosen: true };
  // A form that is sent while it looks for WorkSpaces has no field for them where it was opened for a target.
  return FIELD.other in values ? {} : { targetText: filled.target };
}

function optionOf({ workspaceId, operatingSystem, state }: Desktop) {
  const known = state.charAt(0) + state.slice(1).toLowerCase();
  const text = optionText(systemName(operatingSystem), ` · ${workspaceId} · ${known}`);
  return { text: { type: 'plain_text' as const, text }, value: workspaceId };
}

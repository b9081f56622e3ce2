/**
 * The request form. It opens at once and is filled in when AWS answers. Its fields keep their ids then, so Slack keeps
 * what the person typed meanwhile.
 */
import type { types } from '@slack/bolt';
import type { Policy } from '../../access/policy/policy.js';
import { compactDuration, parseDuration, shortDuration } from '../../access/reading/duration.js';
import { type Network, networkNamed } from '../../access/reading/network.js';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { LONGEST_REASON } from '../../access/reading/reason.js';
import { PRINT_ADDRESS } from '../../access/reading/source.js';
import type { AskProblem, Typed } from '../../workflow/asking/request-access.js';
import type { Desktop } from '../../workflow/ports.js';
import { type Block, context, LIMITS, section } from '../words/blocks.js';
import { systemName } from '../words/card-words.js';
import { VIEW } from '../words/ids.js';
import { cut, sentence } from '../words/mrkdwn.js';
import { type Prefill, readPrefill, writePrefill } from '../words/values.js';

/** The fields. Each name is both the field's block_id and its action_id. */
const FIELD = {
  workspace: 'workspace',
  other: 'workspace-id',
  network: 'network',
  source: 'source',
  duration: 'duration',
  reason: 'reason',
};

/** The part of the form's state that the bot reads, as Slack sends it. */
export type Values = Record<
  string,
  Record<
    string,
    { value?: string | null | undefined; selected_option?: { value: string } | null | undefined }
  >
>;

/** The person's own WorkSpaces: still looked up, found, or a sentence that says why they are not shown. */
export type Own = 'looking' | { desktops: Desktop[] } | { sentence: string };

const EMERGENCY =
  ':rotating_light: *Emergency*: it opens at once where the policy allows it, and everybody who would decide hears of it.';

/** Slack takes so many options in a select. */
const MOST_OPTIONS = 100;
/** Slack takes so many characters as `private_metadata`, which keeps the fields that the form was opened with. */
const METADATA = 3000;

export function requestForm(policy: Policy, filled: Prefill, own: Own): types.ModalView {
  return {
    type: 'modal',
    callback_id: VIEW.request,
    private_metadata: writePrefill(filled, METADATA),
    title: { type: 'plain_text', text: 'Request SSH access' },
    submit: { type: 'plain_text', text: 'Send request' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      ...(filled.emergency ? [section(EMERGENCY)] : []),
      ...workspaceFields(policy, filled, own),
      ...sourceFields(policy, filled),
      context(`On the computer that you will use, not your phone: \`${PRINT_ADDRESS[4]}\``),
      durationField(policy, filled),
      {
        type: 'input',
        block_id: FIELD.reason,
        label: { type: 'plain_text', text: 'Why?' },
        hint: { type: 'plain_text', text: reasonHint(policy) },
        element: {
          type: 'plain_text_input',
          action_id: FIELD.reason,
          multiline: true,
          max_length: LONGEST_REASON,
          ...(filled.reason ? { initial_value: cut(filled.reason, LONGEST_REASON) } : {}),
        },
      },
    ],
  };
}

function workspaceFields(policy: Policy, filled: Prefill, own: Own): Block[] {
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

function reasonHint({ limits: { reason } }: Policy): string {
  return `Your approver reads this. ${reason?.hint ?? 'Add a ticket number if you have one.'}`;
}

/**
 * Where the policy names networks, a choice stands above the field. A typed address wins over the choice: a person who
 * types one means it.
 */
function sourceFields(policy: Policy, filled: Prefill): Block[] {
  const { networks } = policy.limits;
  const label = 'Where will you connect from?';
  const chosen = networkNamed(filled.source ?? '', networks);
  const typed = chosen ? undefined : filled.source;
  const address: Block = {
    type: 'input',
    block_id: FIELD.source,
    optional: networks.length > 0,
    label: { type: 'plain_text', text: networks.length > 0 ? 'Another address' : label },
    element: {
      type: 'plain_text_input',
      action_id: FIELD.source,
      max_length: 100,
      placeholder: { type: 'plain_text', text: '203.0.113.25' },
      ...(typed ? { initial_value: cut(typed, 100) } : {}),
    },
  };
  if (networks.length === 0) return [address];
  const option = ({ name, cidr }: Network) => ({
    text: { type: 'plain_text' as const, text: optionText(name, ` · ${cidr}`) },
    value: name,
  });
  const choice: Block = {
    type: 'input',
    block_id: FIELD.network,
    optional: true,
    label: { type: 'plain_text', text: label },
    hint: { type: 'plain_text', text: 'A whole network, or one address below.' },
    element: {
      type: 'static_select',
      action_id: FIELD.network,
      placeholder: { type: 'plain_text', text: 'Choose a network' },
      options: networks.map(option),
      ...(chosen ? { initial_option: option(chosen) } : {}),
    },
  };
  return [choice, address];
}

function durationField(policy: Policy, filled: Prefill): Block {
  const { choicesMs, defaultMs, longestMs, shortestMs } = policy.limits.durations;
  const asked = filled.duration === undefined ? undefined : parseDuration(filled.duration);
  const mayAsk = asked !== undefined && asked >= shortestMs && asked <= longestMs;
  const initialMs = mayAsk ? asked : defaultMs;
  const offered = [...new Set([...choicesMs, initialMs])].sort((a, b) => a - b);
  const option = (ms: number) => ({
    text: { type: 'plain_text' as const, text: shortDuration(ms) },
    value: compactDuration(ms),
  });
  return {
    type: 'input',
    block_id: FIELD.duration,
    label: { type: 'plain_text', text: 'How long?' },
    hint: { type: 'plain_text', text: 'Counted from the moment that opening starts.' },
    element: {
      type: 'static_select',
      action_id: FIELD.duration,
      options: offered.map(option),
      ...(offered.includes(initialMs) ? { initial_option: option(initialMs) } : {}),
    },
  };
}

/** Cuts the name, and not what tells options apart. */
function optionText(name: string, apart: string): string {
  return cut(`${cut(name, Math.max(1, LIMITS.option - apart.length))}${apart}`, LIMITS.option);
}

function optionOf({ workspaceId, operatingSystem, state }: Desktop) {
  const known = state.charAt(0) + state.slice(1).toLowerCase();
  const text = optionText(systemName(operatingSystem), ` · ${workspaceId} · ${known}`);
  return { text: { type: 'plain_text' as const, text }, value: workspaceId };
}

/** The fields as the person filled them in, and the slash command that opened the form. */
export function readRequestForm(view: { private_metadata: string; state: { values: Values } }): {
  typed: Typed;
  command: string | undefined;
} {
  const filled = readPrefill(view.private_metadata);
  const { values } = view.state;
  const text = (field: string): string | undefined =>
    oneStraightLine(values[field]?.[field]?.value ?? '') || undefined;
  const choice = (field: string): string | undefined => values[field]?.[field]?.selected_option?.value;
  const stillLooking = !(FIELD.workspace in values) && !(FIELD.other in values);
  return {
    typed: {
      targetText: text(FIELD.other) ?? choice(FIELD.workspace) ?? (stillLooking ? filled.target : undefined),
      sourceText: text(FIELD.source) ?? choice(FIELD.network),
      durationText: choice(FIELD.duration),
      reason: text(FIELD.reason),
      emergency: filled.emergency,
    },
    command: filled.command,
  };
}

/**
 * A sentence for each field with a problem, by block_id. The problem of a field that is not shown yet stands under
 * Why?.
 */
export function errorsOf(
  view: { state: { values: Values } },
  problems: AskProblem[],
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { field, sentence: said } of problems) {
    const wanted = field === 'target' ? [FIELD.other, FIELD.workspace] : [FIELD[field]];
    const block = wanted.find((id) => id in view.state.values) ?? FIELD.reason;
    const plainly = said.replaceAll('`', '');
    errors[block] = errors[block] ? `${errors[block]} ${plainly}` : plainly;
  }
  return errors;
}

/** A fault as a sentence under Why?, so that the form stays open and nothing typed is lost. */
export function faultUnderReason(text: string): Record<string, string> {
  return { [FIELD.reason]: cut(text, 2000) };
}

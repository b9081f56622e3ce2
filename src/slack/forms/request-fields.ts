/** The fields of the request form: how long and why. Slack gives each of them back by its name. */
import type { Policy } from '../../access/policy/policy.js';
import { compactDuration, parseDuration, shortDuration } from '../../access/reading/duration.js';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { LONGEST_REASON } from '../../access/reading/reason.js';
import { type Block, LIMITS } from '../words/blocks.js';
import { ACTION } from '../words/ids.js';
import { cut } from '../words/mrkdwn.js';
import type { Prefill, Values } from '../words/values.js';

/** The fields. Each name is both the field's block_id and its action_id. */
export const FIELD = {
  workspace: 'workspace',
  other: 'workspace-id',
  network: ACTION.source,
  source: 'source',
  when: ACTION.when,
  startsAt: 'starts-at',
  duration: 'duration',
  reason: 'reason',
};

/** The value of the option that means none of the others: no network's name, address or id begins like it. */
export const ANOTHER = '+another';

/** Whether the form shows a field that goes with a choice, such as that for another address. */
export type FieldShown = 'shown' | 'hidden';

/** @param blocks of a form, as Slack sends them with a click or as they are sent to Slack */
export function shownIn(blocks: readonly { block_id?: string }[], field: string): FieldShown {
  return blocks.some(({ block_id }) => block_id === field) ? 'shown' : 'hidden';
}

/** @param lastMs the duration that the person asked for last */
export function durationField(policy: Policy, filled: Prefill, lastMs?: number): Block {
  const { choicesMs, defaultMs, longestMs, shortestMs } = policy.limits.durations;
  const asked = filled.duration === undefined ? lastMs : parseDuration(filled.duration);
  const mayAsk = asked !== undefined && asked >= shortestMs && asked <= longestMs;
  const initialMs = mayAsk ? asked : defaultMs;
  const offered = [...new Set([...choicesMs, initialMs])].sort((a, b) => a - b);
  return durationChoice('How long?', 'Counted from the moment that opening starts.', offered, initialMs);
}

/** @param offered the durations, shortest first */
export function durationChoice(
  label: string,
  hint: string,
  offered: readonly number[],
  initialMs: number,
): Block {
  const option = (ms: number) => ({
    text: { type: 'plain_text' as const, text: shortDuration(ms) },
    value: compactDuration(ms),
  });
  return {
    type: 'input',
    block_id: FIELD.duration,
    label: { type: 'plain_text', text: label },
    hint: { type: 'plain_text', text: hint },
    element: {
      type: 'static_select',
      action_id: FIELD.duration,
      options: offered.map(option),
      ...(offered.includes(initialMs) ? { initial_option: option(initialMs) } : {}),
    },
  };
}

export function reasonField(policy: Policy, filled: Prefill): Block {
  return {
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
  };
}

function reasonHint({ limits: { reason } }: Policy): string {
  return `Your approver reads this. ${reason?.hint ?? 'Add a ticket number if you have one.'}`;
}

/** What was typed into a field, as one straight line; undefined where that shows nothing. */
export function textIn(values: Values, field: string): string | undefined {
  return oneStraightLine(values[field]?.[field]?.value ?? '') || undefined;
}

/** The value that was chosen in a field; undefined where nothing is chosen, or the form has no such field. */
export function choiceIn(values: Values, field: string): string | undefined {
  return values[field]?.[field]?.selected_option?.value;
}

/** The text of an option within Slack's length: the name is cut, and never `apart`, which tells options apart. */
export function optionText(name: string, apart: string): string {
  return cut(`${cut(name, Math.max(1, LIMITS.option - apart.length))}${apart}`, LIMITS.option);
}

/**
 * A form's blocks with a field below a choice. A field that the form has already stays as it is, with its text.
 * @param blocks as Slack sends them with a click
 * @param field undefined where the field is taken away
 */
export function withField<B extends { block_id?: string }>(
  blocks: readonly (B | Block)[],
  { below, id }: { below: string; id: string },
  field: Block | undefined,
): (B | Block)[] {
  if (!field) return blocks.filter(({ block_id }) => block_id !== id);
  if (blocks.some(({ block_id }) => block_id === id)) return [...blocks];
  return blocks.flatMap((block) => (block.block_id === below ? [block, field] : [block]));
}

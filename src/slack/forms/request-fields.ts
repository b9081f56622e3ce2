/** The fields of the request form: where from, how long and why. Slack gives each of them back by its name. */
import type { Policy } from '../../access/policy/policy.js';
import { compactDuration, parseDuration, shortDuration } from '../../access/reading/duration.js';
import { type Network, networkNamed } from '../../access/reading/network.js';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { LONGEST_REASON } from '../../access/reading/reason.js';
import { type Block, LIMITS } from '../words/blocks.js';
import { cut } from '../words/mrkdwn.js';
import type { Prefill, Values } from '../words/values.js';

/** The fields. Each name is both the field's block_id and its action_id. */
export const FIELD = {
  workspace: 'workspace',
  other: 'workspace-id',
  network: 'network',
  source: 'source',
  duration: 'duration',
  reason: 'reason',
};

/**
 * Where the policy names networks, a choice stands above the field. A typed address wins over the choice: a person who
 * types one means it.
 */
export function sourceFields(policy: Policy, filled: Prefill): Block[] {
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

export function durationField(policy: Policy, filled: Prefill): Block {
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

export function choiceIn(values: Values, field: string): string | undefined {
  return values[field]?.[field]?.selected_option?.value;
}

/** Cuts the name, and not what tells options apart. */
export function optionText(name: string, apart: string): string {
  return cut(`${cut(name, Math.max(1, LIMITS.option - apart.length))}${apart}`, LIMITS.option);
}

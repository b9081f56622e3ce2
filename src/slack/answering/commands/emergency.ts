/** `emergency`: a request that opens at once where a rule of the policy covers emergencies. */
import type { Policy } from '../../../access/policy/policy.js';
import type { RequestParts } from '../../../access/reading/command/request-line.js';
import type { Rendered } from '../../words/blocks.js';
import type { Desk } from '../desk.js';
import { request } from './request.js';
import type { Invocation } from './subcommand.js';

export function emergency(invocation: Invocation, desk: Desk, parts: RequestParts): Promise<Rendered> {
  return request(invocation, desk, { ...parts, emergency: true });
}

/** Whether a rule of the policy opens emergencies at once. */
export function hasEmergencies(policy: Policy): boolean {
  return policy.rules.some((rule) => rule.emergency === true && rule.outcome === 'approve');
}

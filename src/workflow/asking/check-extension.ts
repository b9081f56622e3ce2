/** Whether access can be extended, as far as nothing has to be looked up: at the asking, and for the button on its card. */
import { stepOf, whyOutsideLimits } from '../../access/policy/limits.js';
import { foreseenNoRule } from '../../access/policy/no-rule.js';
import type { Policy } from '../../access/policy/policy.js';
import { following, wholeMs } from '../../access/request/others/follows.js';
import type { Ask, Facts, RequestIn } from '../../access/request/request.js';
import { questionAtTheDoor } from './check-ask.js';

/** Why the policy lets nobody ask for this extension, whatever Slack says; undefined where it may. */
export function whyNeverExtended(policy: Policy, ask: Ask, facts: Facts): string | undefined {
  const outside = whyOutsideLimits(policy, { ...ask, wholeMs: wholeMs(ask) }, facts);
  if (outside) return outside;
  const question = questionAtTheDoor(ask, { requester: ask.requester, atMs: ask.askedAtMs });
  return foreseenNoRule(policy, question)?.sentence;
}

/**
 * More time for access that opens or is open, with the words of its own request. Neither an emergency nor a time to open
 * at is inherited.
 */
export function askForMore(
  request: RequestIn<'opening' | 'open'>,
  { durationMs, atMs, command }: { durationMs: number; atMs: number; command?: string },
): Ask {
  const { emergency: _, shortened: __, later: ___, ...kept } = request.ask;
  const asked = { durationMs, askedAtMs: atMs, follows: following(request) };
  return { ...kept, ...(command === undefined ? {} : { command }), ...asked };
}

/** The step by which one tap extends the access; undefined where the policy allows none. */
export function stepFor(
  policy: Policy,
  request: RequestIn<'opening' | 'open'>,
  nowMs: number,
): number | undefined {
  const { grant, facts } = request.phase;
  const lastsMs = grant.endsAtMs - following(request).sinceMs;
  const stepMs = stepOf(policy.limits.durations, lastsMs);
  if (stepMs === undefined) return undefined;
  const ask = askForMore(request, { durationMs: stepMs, atMs: nowMs });
  return whyNeverExtended(policy, ask, facts) === undefined ? stepMs : undefined;
}

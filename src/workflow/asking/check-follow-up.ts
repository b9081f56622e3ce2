/**
 * Whether access can be extended or moved, as far as nothing has to be looked up: at the asking, and for the buttons on
 * its card.
 */

import { verdictOn } from '../../access/policy/conditions.js';
import { stepOf, whyOutsideLimits } from '../../access/policy/limits.js';
import { foreseenNoRule } from '../../access/policy/no-rule.js';
import { type Policy, refuses } from '../../access/policy/policy.js';
import type { Facts } from '../../access/request/facts.js';
import { startOf } from '../../access/request/later.js';
import { following, followUpOf, wholeMs } from '../../access/request/others/follows.js';
import type { Ask, RequestIn } from '../../access/request/request.js';
import type { Offered } from '../../access/request/transitions/opening.js';
import { questionAtTheDoor } from './check-ask.js';

/**
 * What a person wants of access that is open: more time, for the reason of that access or for another one, or the same
 * time from another source.
 */
export type Wanted =
  | { what: 'extends'; durationMs: number; why?: Pick<Ask, 'reason' | 'ticket'> }
  | ({ what: 'moves' } & Pick<Ask, 'source' | 'network'>);

type Followed = RequestIn<'opening' | 'open'>;

/** Why the policy lets nobody ask for this follow-up, whatever Slack says; undefined where it may. */
export function whyNeverFollowed(policy: Policy, ask: Ask, facts: Facts): string | undefined {
  const outside = whyOutsideLimits(policy, limitedOf(ask), facts);
  if (outside) return outside;
  const question = questionAtTheDoor(ask, { requester: ask.requester, atMs: ask.askedAtMs });
  return foreseenNoRule(policy, question)?.sentence;
}

/** The parts of a request that the policy's limits are about. */
export function limitedOf(ask: Ask): Parameters<typeof whyOutsideLimits>[1] {
  const startsAtMs = startOf(ask);
  return {
    ...ask,
    ...(ask.follows ? { wholeMs: wholeMs(ask) } : {}),
    ...(followUpOf(ask) === 'moves' ? { addsNoTime: true } : {}),
    ...(startsAtMs === undefined ? {} : { startsInMs: startsAtMs - ask.askedAtMs }),
  };
}

/**
 * The follow-up of access that opens or is open, with the words of that request unless others are given. It inherits
 * neither the emergency nor the time to open at.
 */
export function askToFollow(
  request: Followed,
  wanted: Wanted,
  { atMs, command }: { atMs: number; command?: string | undefined },
): Ask {
  const { emergency: _, shortened: __, later: ___, ...kept } = request.ask;
  const asked = { ...kept, ...(command === undefined ? {} : { command }), askedAtMs: atMs };
  const follows = following(request, wanted.what);
  if (wanted.what === 'extends') {
    const { ticket: ____, ...unsaid } = asked;
    const { durationMs, why } = wanted;
    return { ...(why ? { ...unsaid, ...why } : asked), durationMs, follows };
  }
  const { network: _____, ...elsewhere } = asked;
  const { source, network } = wanted;
  return { ...elsewhere, source, ...(network ? { network } : {}), follows };
}

/** What the buttons on the card of open access offer: by how much it can be extended, and whether it can be moved. */
export function offeredFor(policy: Policy, request: Followed, nowMs: number): Offered {
  const stepMs = stepFor(policy, request, nowMs);
  return {
    ...(stepMs === undefined ? {} : { stepMs }),
    ...(isMovable(policy, request, nowMs) ? { movable: true } : {}),
  };
}

/** The step by which one tap extends the access; undefined where the policy allows none. */
function stepFor(policy: Policy, request: Followed, nowMs: number): number | undefined {
  const { grant, facts } = request.phase;
  const lastsMs = grant.endsAtMs - following(request).sinceMs;
  const stepMs = stepOf(policy.limits.durations, lastsMs);
  if (stepMs === undefined) return undefined;
  const ask = askToFollow(request, { what: 'extends', durationMs: stepMs }, { atMs: nowMs });
  return whyNeverFollowed(policy, ask, facts) === undefined ? stepMs : undefined;
}

/** The durations that the form offers for more time, shortest first; none where the policy allows no more. */
export function choicesToExtend(policy: Policy, request: Followed, nowMs: number): number[] {
  const stepMs = stepFor(policy, request, nowMs);
  const offered = new Set([...policy.limits.durations.choicesMs, ...(stepMs === undefined ? [] : [stepMs])]);
  return [...offered]
    .filter((durationMs) => {
      const ask = askToFollow(request, { what: 'extends', durationMs }, { atMs: nowMs });
      return whyNeverFollowed(policy, ask, request.phase.facts) === undefined;
    })
    .sort((a, b) => a - b);
}

/** Whether some rule may let the access be moved. To where is not known yet, so no rule's source is looked at. */
function isMovable(policy: Policy, request: Followed, nowMs: number): boolean {
  const { source, requester } = request.ask;
  const ask = askToFollow(request, { what: 'moves', source }, { atMs: nowMs });
  const question = questionAtTheDoor(ask, { requester, atMs: nowMs });
  const anySource = policy.rules.map((rule) => ({ ...rule, source: undefined }));
  return anySource.some((rule) => !refuses(rule) && verdictOn(rule, question).holds !== false);
}

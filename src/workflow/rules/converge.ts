/**
 * Makes the rules of one group what the records call for: read, plan, apply, read back. Opening, ending and the sweep all
 * come through here, so that a rule appears in one way only, and goes in one way only.
 */
import { type IngressPlan, planIngress } from '../../access/rules/ingress.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Converged } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { applyPlan } from './apply-plan.js';
import { type Purpose, readBack } from './read-back.js';
import { readGroup } from './read-group.js';
import { takePlace } from './revoke-line.js';
import { type RevokedUnseen, revokeRecorded } from './revoke-rules.js';
import { inTurn } from './turns.js';

const NOTHING: RevokedUnseen = { asked: [], revoked: [] };

/**
 * Removes the rules that have to go from a group, and sees that they are gone. Callers that ask meanwhile share the next
 * turn; a caller that waits for a rule loads its record afterwards.
 * @param ending requests that are ending, in case that their rule's record was lost
 * @throws AwsUnavailable where EC2 does not answer; changes that were made stay made
 */
export function converge(parts: Parts, groupId: string, ending: readonly string[] = []): Promise<Converged> {
  return takeTurn(parts, groupId, 'to-close', ending);
}

/**
 * {@link converge}, and authorizes what is to open. Ends never wait for this: their turns are others.
 * @param seen the group's rules where they were read just now; a read may lag as much
 */
export function convergeToOpen(parts: Parts, groupId: string, seen?: SeenRule[]): Promise<Converged> {
  return takeTurn(parts, groupId, 'to-open', [], seen);
}

function takeTurn(
  parts: Parts,
  groupId: string,
  purpose: Purpose,
  ending: readonly string[],
  seen?: SeenRule[],
): Promise<Converged> {
  return inTurn(parts.memory.turns, `${groupId} ${purpose}`, ending, (together) =>
    convergeOnce(parts, groupId, purpose, together, seen),
  );
}

async function convergeOnce(
  parts: Parts,
  groupId: string,
  purpose: Purpose,
  ending: readonly string[],
  seen?: SeenRule[],
): Promise<Converged> {
  const place = takePlace(parts);
  try {
    // Rules that end are revoked before any read, and the read that follows shows that they are gone.
    const before = ending.length > 0 ? await revokeRecorded(parts, groupId, place) : NOTHING;
    const group = await readGroup(parts, groupId, place, seen);
    const plan = planIngress(group.records, group.seen, parts.now(), ending);
    const left = {
      ...plan,
      authorize: purpose === 'to-open' ? plan.authorize : [],
      revoke: plan.revoke.filter((id) => !before.asked.includes(id)),
    };
    const applied = await applyPlan(parts, group, left, ending);
    const wasRead = before.revoked.length > 0 && isEmpty(left);
    const all = { ...applied, revoked: [...before.revoked, ...applied.revoked] };
    return await readBack(parts, group, { purpose, wasRead }, all);
  } finally {
    place.leave();
  }
}

function isEmpty({ authorize, revoke, tag, untag }: IngressPlan): boolean {
  return [authorize, revoke, tag, untag].every((changes) => changes.length === 0);
}

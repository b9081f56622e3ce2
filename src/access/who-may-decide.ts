/** Who may decide a waiting request, by the policy in force at the click: being asked once gives no right to it. */
import type { Decision } from './decide.js';
import type { Asked, Policy } from './policy.js';
import type { Need } from './request.js';

/** Why a person may not decide a request, or undefined when they may. */
export function whyNotApprover(
  policy: Policy,
  decision: Decision,
  { requester, need }: { requester: string; need: Need },
  clicker: string,
): string | undefined {
  if (decision.decision === 'refuse')
    return `The policy does not allow this any more: ${decision.sentence} The request has to be made again.`;
  const same = decision.rule === need.rule;
  // A rule that approves at once asks the admins when more would open than it approved.
  const asked: Asked | undefined =
    decision.decision === 'ask'
      ? decision.needs[0]
      : decision.decision === 'approve'
        ? { kind: 'admins' }
        : undefined;
  if (!same || !asked || ASKED_AS[asked.kind] !== need.as) {
    return 'The policy has changed since you were asked. The request has to be made again.';
  }
  if (clicker === requester && !(decision.decision === 'ask' && decision.selfApproval)) {
    return 'Nobody approves their own request. Somebody else who was asked has to decide.';
  }
  if (!need.approvers.includes(clicker)) return 'You are not among the people who were asked to decide this.';
  if (asked.kind === 'admins' && !policy.admins.includes(clicker)) {
    return 'You are no longer an admin in the policy.';
  }
  if (asked.kind === 'any-of' && !asked.users.includes(clicker))
    return 'The policy no longer names you for this.';
  return undefined;
}

const ASKED_AS: Record<Asked['kind'], Need['as']> = {
  manager: 'manager',
  admins: 'admin',
  'any-of': 'named',
};

/** Who may use the admins' commands: those whom the policy in force names. */
import type { Policy } from '../access/policy/policy.js';

/** The sentence for somebody who is no admin, or undefined. */
export function adminsOnly(policy: Policy, userId: string): string | undefined {
  if (policy.admins.includes(userId)) return undefined;
  const admins = policy.admins.slice(0, 5).map((admin) => `<@${admin}>`);
  return `That is for admins: ${admins.join(', ')}.`;
}

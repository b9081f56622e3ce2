/** Whose yes a rule asks for, counted and spelled as the policy file says it. */
import type { Asked } from './policy.js';

/** How many places a part has: one for each yes that it asks for. */
export function placesOf(asked: Asked): number {
  return asked.kind === 'manager' ? 1 : asked.count;
}

/**
 * A part as the policy file spells it: `manager`, `2 of @security`, `any of U0TOM, U0ANN`.
 * @param listed spells the Slack ids of the people whom the part lists
 */
export function spellNeed(asked: Asked, listed = (users: readonly string[]) => users.join(', ')): string {
  switch (asked.kind) {
    case 'manager':
      return 'manager';
    case 'admins':
      return asked.count === 1 ? 'admins' : `${asked.count} of admins`;
    case 'group':
      return `${asked.count} of ${asked.group}`;
    case 'any-of':
      return `${asked.count === 1 ? 'any' : asked.count} of ${listed(asked.users)}`;
  }
}

/** All parts of a rule's `ask`, as the policy file spells them. */
export function spellNeeds(asked: readonly Asked[]): string {
  return asked.map((one) => spellNeed(one)).join(', ');
}

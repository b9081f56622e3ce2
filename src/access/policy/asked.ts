/** Whose yes a rule asks for, counted and spelled as the policy file says it. */
import type { Asked } from './policy.js';

/** How many people a part takes. */
export function placesOf(asked: Asked): number {
  return asked.kind === 'manager' ? 1 : asked.count;
}

/** As the policy file says it: `manager`, `2 of @security`, `any of U0TOM, U0ANN`. `listed` gives people other names. */
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

/** All that is needed, as the policy file says it. */
export function spellNeeds(asked: readonly Asked[]): string {
  return asked.map((one) => spellNeed(one)).join(', ');
}

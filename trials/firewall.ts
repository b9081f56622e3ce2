/** The firewall modes of a policy, as the policies of the trials write them. */
import type { Policy } from '../src/access/policy/policy.js';

export type Mode = Policy['firewall']['kind'];

/** The value of a policy's `firewall` in each mode; `groups` are the groups that the WorkSpaces share. */
const FIREWALL: Readonly<Record<Mode, (groups: readonly string[]) => string>> = {
  'access-group': () => 'access-group',
  'existing-group': (groups) => `{ existing-group: [${groups.join(', ')}] }`,
};

const isMode = (word: string): word is Mode => Object.hasOwn(FIREWALL, word);

export const MODES: readonly Mode[] = Object.keys(FIREWALL).filter(isMode);

/** @returns YAML, the value of `firewall` */
export function firewallIn(mode: Mode, groups: readonly string[]): string {
  return FIREWALL[mode](groups);
}

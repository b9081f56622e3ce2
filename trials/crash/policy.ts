/** Writes the policy of the crash trial, once for each firewall mode. */
import { SHARED_GROUP } from '../../sandbox/world.js';

/** Where the bot writes rules: into access groups of its own, or into a group that the WorkSpaces share. */
export const MODES = ['access-group', 'existing-group'] as const;
export type Mode = (typeof MODES)[number];

/** @returns YAML for `POLICY_FILE`, with grants of one second and more */
export function policyFor(mode: Mode): string {
  return `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
managers: { profile-field: Xf0MANAGER }
limits:
  sources: { documentation: true }
  durations: { choices: [1m], default: 1m, shortest: 1s, longest: 1h }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
  - { name: other WorkSpace, target: any, ask: [{ any-of: [U0SAM] }] }
firewall: ${mode === 'access-group' ? 'access-group' : `{ existing-group: [${SHARED_GROUP}] }`}
`;
}

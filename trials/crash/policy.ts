/** Writes the policy of the crash trial, once for each firewall mode. */
import { SHARED_GROUP } from '../../sandbox/world.js';
import { firewallIn, type Mode } from '../firewall.js';

/** @returns YAML for `POLICY_FILE`, with grants of one second and more */
export function policyFor(mode: Mode): string {
  return `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] }, start-stopped: true }
managers: { profile-field: Xf0MANAGER }
limits:
  sources: { documentation: true }
  durations: { choices: [1m], default: 1m, shortest: 1s, longest: 1h }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
  - { name: other WorkSpace, target: any, ask: [{ any-of: [U0SAM] }] }
firewall: ${firewallIn(mode, [SHARED_GROUP])}
`;
}

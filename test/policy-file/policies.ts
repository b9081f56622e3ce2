/** Policies for tests: whole files without problems, around the part that a test is about. */
import type { Policy } from '../../src/access/policy/policy.js';
import { readPolicy } from '../../src/policy-file/read-policy.js';

const REST: Record<string, string> = {
  version: 'version: 1',
  admins: 'admins: [U0ADA, U0ANN]',
  directories: 'directories: { d-00000001: {}, d-00000002: {}, d-00000003: {} }',
  managers: 'managers: { profile-field: Xf0MANAGER }',
  limits:
    'limits: { sources: { private: true, documentation: true }, networks: { Office: 198.51.100.0/24, VPN: 10.8.0.0/16 } }',
  rules: 'rules: [{ name: all, target: any, ask: [admins] }]',
};

/** A whole file: the part, and the top-level keys that the part leaves out. */
export function wholeFile(part: string): string {
  const missing = Object.keys(REST).filter((key) => !new RegExp(`^${key}:`, 'm').test(part));
  return [part, ...missing.map((key) => REST[key])].join('\n');
}

/** The policy of a whole file around the part. Throws where the file has problems. */
export function policyOf(part: string): Policy {
  const read = readPolicy(Buffer.from(wholeFile(part)), 'policy.yml');
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.policy;
}

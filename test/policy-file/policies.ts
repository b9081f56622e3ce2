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

/** A file without problems in which every key stands. */
export const EVERY_KEY = `version: 1
admins: [U0ADA, U0ANN]
directories:
  d-9067f01234:
    people: { from: email-local-part, domains: [example.com], table: { U0JANE: jane.doe } }
    netbios: CORP
    start-stopped: true
  wsd-abc123def: { people: { from: Xf0USERNAME } }
managers: { profile-field: Xf0MANAGER, table: { U0JANE: U0MARIA }, first: profile-field }
limits:
  sources: { widest-ipv4: 32, widest-ipv6: 64, private: true, documentation: true, denied: [198.18.7.0/24], allowed: [] }
  durations: { choices: [30m, 1h], default: 30m, shortest: 5m, longest: 2h, longest-total: 3h }
  per-person: { open: 3, waiting: 5 }
  unanswered: 8h
  later: 30d
  networks: { Office: 203.0.113.0/24, VPN: 10.8.0.0/16 }
  reason: { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket.', link: 'https://t.example.com/{ticket}' }
rules:
  - name: on call
    emergency: true
    requester: ['@on-call', U0TOM]
    target: any
    approve: at-once
  - name: production
    target: { is: any, directory: d-9067f01234, workspace: ws-8kd2x4f9m, system: UBUNTU, tags: { env: prod }, owner: U0ANN }
    source: [Office, 10.8.0.0/16, private]
    up-to: 2h
    when: { days: mon-fri, hours: 09:00-17:30, time-zone: Europe/Berlin }
    ask: [manager, 2 of @security, { any-of: [U0TOM, U0ANN], count: 2 }]
    notify: { channel: C0ACCESS }
    remind: 1h
    fallback: { after: 2h, ask: [admins], sooner: true }
    self-approval: false
  - { name: own, target: own, ask: [manager] }
  - { name: whole directory, target: directory, ask: [2 of admins] }
  - { name: else, target: other, refuse: Ask its owner., extends: false, moves: false }
firewall: { existing-group: [sg-0abc1234], access-group: { keep: 20 } }
audit: { keep: 90d, records: 200000 }
`;

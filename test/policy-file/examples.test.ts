/** Loads and tries the five policies of docs/policies, so that the comments in them stay true. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { spellNeeds } from '../../src/access/policy/asked.js';
import type { Policy } from '../../src/access/policy/policy.js';
import { readPolicy } from '../../src/policy-file/read-policy.js';
import { type Trial, tryPolicy } from '../../src/policy-file/try-policy.js';

const NAMES = ['contractors', 'manager-and-security', 'office-network', 'on-call', 'small-team'];
const HOUR = 3_600_000;

function policyIn(name: string): Policy {
  const read = readPolicy(readFileSync(`docs/policies/${name}.yml`), name);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.policy;
}

/** Jane asks for her own WorkSpace, for an hour, on a Wednesday morning. */
const usual: Trial = {
  requester: 'U0JANE',
  target: 'ws-jane',
  source: '8.8.8.8',
  durationMs: HOUR,
  atMs: Date.parse('2026-11-25T10:00+01:00'),
  emergency: false,
  facts: {
    users: {
      U0JANE: { groups: ['engineering'], user: 'jane' },
      U0GINA: { groups: ['contractors'], guest: true },
      U0TOM: { groups: ['support', 'on-call'], user: 'tom' },
      U0EVE: { groups: [], guest: true, user: 'eve' },
    },
    workspaces: {
      'ws-jane': { directory: 'd-9067f01234', user: 'jane', os: 'UBUNTU_22_04', tags: { env: 'test' } },
      'ws-prod': { directory: 'd-9067f01234', user: 'jane', os: 'RHEL_8', tags: { env: 'production' } },
      'ws-gina': { directory: 'd-9067f01234', user: 'gina.contractor', os: 'ROCKY_8', tags: {} },
    },
  },
};
const gina = { requester: 'U0GINA', target: 'ws-gina' };
const tom = { requester: 'U0TOM' };

test('docs/policies holds just the example policies that this file tries', () => {
  expect(readdirSync('docs/policies').sort()).toEqual(NAMES.map((name) => `${name}.yml`));
  const page = readFileSync('docs/policy.md', 'utf8');
  for (const name of NAMES) expect(page).toContain(`policies/${name}.yml`);
});

describe.each<[name: string, rows: [what: string, trial: Partial<Trial>, comesOfIt: string][]]>([
  [
    'small-team',
    [
      ['her own', {}, 'own WorkSpace: manager'],
      ["somebody else's", tom, 'refused'],
      ['a whole directory', { target: 'd-9067f01234' }, 'refused'],
      ['a guest', { requester: 'U0EVE' }, 'refused'],
    ],
  ],
  [
    'manager-and-security',
    [
      ['her own', {}, 'own WorkSpace: manager'],
      ['production', { target: 'ws-prod' }, 'production: manager, 2 of @security'],
      ['support helps', tom, 'support: 1 of @security'],
      ['support, in production', { ...tom, target: 'ws-prod' }, 'production: manager, 2 of @security'],
      ['a whole directory', { target: 'd-9067f01234' }, 'whole directory: manager, 2 of admins'],
      ['longer than the policy allows', { durationMs: 5 * HOUR }, 'refused'],
    ],
  ],
  [
    'office-network',
    [
      ['from the office', { source: '10.20.3.4' }, 'office: at once'],
      ['by VPN, by its name', { source: 'vpn' }, 'office: at once'],
      ['for longer', { source: 'Office', durationMs: 2 * HOUR }, 'elsewhere: manager'],
      ['from elsewhere', {}, 'elsewhere: manager'],
    ],
  ],
  [
    'contractors',
    [
      ['in office hours', gina, 'contractors in office hours: manager, 1 of @security'],
      [
        'on Sunday',
        { ...gina, atMs: Date.parse('2026-11-29T10:00+01:00') },
        'contractors at other times: refused',
      ],
      ["somebody else's", { ...gina, target: 'ws-jane' }, 'contractors at other times: refused'],
      ['for longer', { ...gina, durationMs: 3 * HOUR }, 'contractors at other times: refused'],
      [
        'somebody who is no contractor, on Sunday',
        { atMs: Date.parse('2026-11-29T10:00+01:00') },
        'own WorkSpace: manager',
      ],
    ],
  ],
  [
    'on-call',
    [
      ['an emergency', { ...tom, emergency: true }, 'on call: at once'],
      ['of somebody who is not on call', { emergency: true }, 'refused'],
      ['for too long', { ...tom, emergency: true, durationMs: 3 * HOUR }, 'refused'],
      ['no emergency', tom, "somebody else's WorkSpace: manager, admins"],
      ['her own', {}, 'own WorkSpace: manager'],
    ],
  ],
])('the example policy %s decides', (name, rows) => {
  const policy = policyIn(name);
  test.each(rows)('on a request: %s', (_, trial, comesOfIt) => {
    const decision = tryPolicy(policy, { ...usual, ...trial });
    const rule = 'rule' in decision && decision.rule !== undefined ? `${decision.rule}: ` : '';
    const said =
      decision.decision === 'ask'
        ? spellNeeds(decision.needs)
        : { approve: 'at once', refuse: 'refused', unknown: 'unknown' }[decision.decision];
    expect(`${rule}${said}`).toBe(comesOfIt);
  });
});

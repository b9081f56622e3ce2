import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../src/policy-file/read-policy.js';
import { wholeFile } from './policies.js';

const tenLines = `version: 1
admins: [U0ADMIN]
directories:
  d-9067f01234:
    people: { from: email-local-part, domains: [Example.com] }
managers: { profile-field: Xf0MANAGER }
rules:
  - name: own WorkSpace
    target: own
    ask: [manager]
`;

const POLICIES = readdirSync('docs/policies').map((name) => `docs/policies/${name}`);

function policyOf(text: string) {
  const read = readPolicy(Buffer.from(text), 'policy.yml');
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.policy;
}

function problemsOf(text: string): string[] {
  const read = readPolicy(Buffer.from(text), 'p.yml');
  return read.ok ? [] : read.problems;
}

/** A file without problems, with the given `rules` and with `more` at the top level. */
function withRules(rules: string, more = ''): string {
  return `version: 1\nadmins: [U0ADMIN]\ndirectories: { d-9067f01234: {} }\n${more}rules:\n${rules}\n`;
}

/** A file without problems of its own, with `more` from line 5 on. */
function withKeys(more: string): string {
  return `version: 1
admins: [U0ADMIN]
directories: { d-9067f01234: {} }
rules: [{ name: all, target: any, ask: [admins] }]
${more}
`;
}

describe('a policy file', () => {
  test('works with ten lines, and has defaults for the rest', () => {
    expect(policyOf(tenLines)).toEqual({
      hash: expect.any(String),
      admins: ['U0ADMIN'],
      directories: {
        'd-9067f01234': {
          people: { table: {}, from: { kind: 'email-local-part', domains: ['example.com'] } },
          startStopped: false,
        },
      },
      managers: { table: {}, profileField: 'Xf0MANAGER' },
      limits: {
        sources: {
          widestIpv4: 24,
          widestIpv6: 56,
          allowPrivate: false,
          allowDocumentation: false,
          denied: [],
          allowed: [],
        },
        networks: [],
        durations: {
          choicesMs: [3_600_000, 7_200_000, 14_400_000],
          defaultMs: 3_600_000,
          shortestMs: 300_000,
          longestMs: 28_800_000,
          longestTotalMs: 57_600_000,
        },
        perPerson: { waiting: 20 },
        unansweredMs: 14_400_000,
        laterMs: 604_800_000,
      },
      rules: [
        {
          name: 'own WorkSpace',
          target: { kind: 'own' },
          outcome: { ask: [{ kind: 'manager' }] },
          notify: 'approvers',
          selfApproval: false,
        },
      ],
      audit: { keepMs: 400 * 86_400_000, records: 1_000_000 },
      firewall: { kind: 'access-group', keep: 500 },
    });
  });

  test('that has every key becomes a policy with every part', () => {
    const policy = policyOf(`version: 1
admins: [U0ADMIN, W0ADMIN]
directories:
  d-9067f01234:
    people: { from: Xf0USER, table: { U0JANE: jane } }
    netbios: CORP
    start-stopped: true
  wsd-abc12345:
    people: { table: { U0JANE: j.doe } }
managers: { table: { U0JANE: U0MARIA } }
limits:
  sources:
    { widest-ipv4: 32, widest-ipv6: 64, private: true, documentation: true, denied: [10.9.0.0/16], allowed: ['2600::/16'] }
  networks: { Office: 2600:7::/48, v6: '2600:8::/32' }
  durations: { choices: [2h, 30m], default: 45m, shortest: 1m, longest: 1d, longest-total: 2d }
  per-person: { open: 2, waiting: 3 }
  unanswered: 1h30m
  reason: { pattern: 'OPS-[0-9]+', hint: Add the ticket., link: 'https://t.example.com/{ticket}' }
rules:
  - { name: own, target: own, approve: at-once }
  - name: named
    requester: ['@contractors', S0SEC, U0TOM]
    target:
      is: other
      directory: d-9067f01234
      workspace: [ws-00000001, ws-00000002]
      system: UBUNTU
      tags: { env: production, team: [a, b] }
      owner: [U0ANN, '@sales']
    source: [Office, 10.8.0.0/16, private]
    up-to: 2h
    when: { days: [mon-fri, sun], hours: 09:00-17:30, time-zone: Europe/Berlin }
    ask: [manager, 2 of admins, 2 of @security, S0SEC, { any-of: [U0TOM, U0ANN] }]
    notify: { channel: C0ACCESS }
    self-approval: true
  - { name: whole, target: directory, refuse: "Never." }
firewall: { existing-group: [sg-0abc1234] }
audit: { keep: 90d, records: 5000 }
`);
    expect(policy.audit).toEqual({ keepMs: 90 * 86_400_000, records: 5000 });
    expect(policy.directories).toEqual({
      'd-9067f01234': {
        people: { table: { U0JANE: 'jane' }, from: { kind: 'profile-field', fieldId: 'Xf0USER' } },
        netbios: 'CORP',
        startStopped: true,
      },
      'wsd-abc12345': { people: { table: { U0JANE: 'j.doe' } }, startStopped: false },
    });
    expect(policy.managers).toEqual({ table: { U0JANE: 'U0MARIA' } });
    expect(policy.limits.sources).toEqual({
      widestIpv4: 32,
      widestIpv6: 64,
      allowPrivate: true,
      allowDocumentation: true,
      denied: ['10.9.0.0/16'],
      allowed: ['2600::/16'],
    });
    expect(policy.limits.networks).toEqual([
      { name: 'Office', cidr: '2600:7::/48' },
      { name: 'v6', cidr: '2600:8::/32' },
    ]);
    expect(policy.limits.durations.longestTotalMs).toBe(172_800_000);
    expect(policy.limits.perPerson).toEqual({ open: 2, waiting: 3 });
    expect(policy.limits.unansweredMs).toBe(5_400_000);
    expect(policy.limits.reason).toEqual({
      pattern: 'OPS-[0-9]+',
      hint: 'Add the ticket.',
      link: 'https://t.example.com/{ticket}',
    });
    expect(policy.rules).toEqual([
      { name: 'own', target: { kind: 'own' }, outcome: 'approve', notify: 'approvers', selfApproval: false },
      {
        name: 'named',
        target: {
          kind: 'other',
          directories: ['d-9067f01234'],
          workspaces: ['ws-00000001', 'ws-00000002'],
          systems: ['UBUNTU'],
          tags: { env: ['production'], team: ['a', 'b'] },
          owner: { users: ['U0ANN'], groups: ['@sales'] },
        },
        requester: { users: ['U0TOM'], groups: ['@contractors', 'S0SEC'] },
        source: {
          ranges: [
            { name: 'Office', cidr: '2600:7::/48' },
            { name: '10.8.0.0/16', cidr: '10.8.0.0/16' },
          ],
          kinds: ['private'],
        },
        upToMs: 7_200_000,
        when: {
          days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'],
          fromMinute: 540,
          toMinute: 1050,
          timeZone: 'Europe/Berlin',
        },
        outcome: {
          ask: [
            { kind: 'manager' },
            { kind: 'admins', count: 2 },
            { kind: 'group', group: '@security', count: 2 },
            { kind: 'group', group: 'S0SEC', count: 1 },
            { kind: 'any-of', users: ['U0TOM', 'U0ANN'], count: 1 },
          ],
        },
        notify: { channel: 'C0ACCESS' },
        selfApproval: true,
      },
      {
        name: 'whole',
        target: { kind: 'directory' },
        outcome: { refuse: 'Never.' },
        notify: 'approvers',
        selfApproval: false,
      },
    ]);
    expect(policy.firewall).toEqual({ kind: 'existing-group', groupIds: ['sg-0abc1234'], keep: 500 });
  });

  test.each([
    ['access-group', { kind: 'access-group', keep: 500 }],
    ['{ access-group: { keep: 20 } }', { kind: 'access-group', keep: 20 }],
    ['{ access-group: {} }', { kind: 'access-group', keep: 500 }],
    // An opening of a whole directory uses an access group all the same.
    [
      '{ existing-group: [sg-1], access-group: { keep: 0 } }',
      { kind: 'existing-group', groupIds: ['sg-1'], keep: 0 },
    ],
  ])('says in which group rules are added: firewall: %s', (given, firewall) => {
    expect(policyOf(`${tenLines}firewall: ${given}\n`).firewall).toEqual(firewall);
  });

  test('offers the default duration among the choices, shortest first', () => {
    const { durations } = policyOf(
      withKeys('limits: { durations: { choices: [2h, 30m], default: 45m } }'),
    ).limits;
    expect(durations.choicesMs).toEqual([1_800_000, 2_700_000, 7_200_000]);
  });

  test('has a hash that changes with its text', () => {
    const hashes = [tenLines, tenLines, `${tenLines}# more\n`].map((text) => {
      const read = readPolicy(Buffer.from(text), 'policy.yml');
      return read.ok ? read.policy.hash : undefined;
    });
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('policy.example.yml is right, and shows the defaults', () => {
    const example = policyOf(readFileSync(new URL('../../policy.example.yml', import.meta.url), 'utf8'));
    const usual = policyOf(tenLines);
    expect(example.limits).toEqual(usual.limits);
    expect(example.firewall).toEqual(usual.firewall);
    expect(example.rules.map(({ target }) => target.kind)).toEqual(['own', 'any', 'directory']);
  });

  test('every example of docs/policy.md is right', () => {
    const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);
    expect(blocks.length).toBeGreaterThan(5);
    for (const block of blocks) {
      const missing = ['version', 'admins', 'directories', 'managers', 'rules'].filter(
        (key) => !new RegExp(`^${key}:`, 'm').test(block),
      );
      const rest: Record<string, string> = {
        version: 'version: 1',
        admins: 'admins: [U0ADMIN]',
        directories: 'directories: { d-9067f01234: {} }',
        managers: 'managers: { profile-field: Xf0MANAGER }',
        rules: 'rules: [{ name: all, target: any, ask: [admins] }]',
      };
      expect(problemsOf([block, ...missing.map((key) => rest[key])].join('\n'))).toEqual([]);
    }
  });
});

describe('a policy file is refused with the place of every problem and the next step:', () => {
  test.each<[what: string, text: string, problems: string[]]>([
    ['an empty file', '', ['p.yml:1:1 A policy file begins with version: 1. Start from policy.example.yml.']],
    [
      'a text that is no policy',
      'hello',
      ['p.yml:1:1 A policy file begins with version: 1. Start from policy.example.yml.'],
    ],
    [
      'only a version',
      'version: 1',
      [
        'p.yml:1:1 "admins" is missing. Write it like this: admins: [U0ADMIN]',
        'p.yml:1:1 "directories" is missing. Write it like this: directories: { d-9067f01234: { people: { from: email-local-part, domains: [example.com] } } }',
        'p.yml:1:1 "rules" is missing. Write it like this: rules: [{ name: own WorkSpace, target: own, ask: [manager] }]',
      ],
    ],
    [
      'another version of policy files',
      withKeys('').replace('version: 1', 'version: 2'),
      ['p.yml:1:10 This bot reads version 1 of the policy file, not 2. Write version: 1.'],
    ],
    [
      'broken YAML',
      'version: 1\nadmins: [U0ADMIN\nrules: 3\n',
      [
        'p.yml:3:1 This is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
      ],
    ],
    [
      'a second document',
      withKeys('---\nversion: 1'),
      ['p.yml:5:1 A second document begins here. Keep one.'],
    ],
    [
      'values of a wrong kind',
      withKeys('limits: { unanswered: [], sources: { private: {} } }').replace('U0ADMIN', '{}'),
      [
        `p.yml:2:10 A block of keys is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        'p.yml:5:23 A list is not a duration. Write 30m, 2h or 1h30m.',
        'p.yml:5:47 "private" is true or false, not a block of keys.',
      ],
    ],
    [
      'a duplicate key, and another problem beside it',
      withKeys('admins: [U0TOM]\nfirewal: access-group'),
      [
        'p.yml:5:1 "admins" stands here twice. Keep one.',
        'p.yml:6:1 "firewal" is not a key here. Did you mean "firewall"?',
      ],
    ],
    [
      'an audit log that is kept for no number of days, or too short to be of use',
      withKeys('audit: { keep: 36h, records: 10 }'),
      [
        'p.yml:5:16 "36h" is not a number of days. Write 400d.',
        'p.yml:5:30 "records" is a whole number from 1000 to 100000000, not 10.',
      ],
    ],
    [
      'an alias',
      withKeys('limits: &all {}\nmanagers: *all'),
      [
        'p.yml:5:14 "&all" is for repeating this, which is refused. Remove it.',
        'p.yml:6:11 "*all" repeats another place. Write it out.',
      ],
    ],
    [
      'unknown keys, near and far, at any depth',
      withKeys('limits: { sources: { widestIpv4: 24 }, durations: { colour: red } }\nnotes: x'),
      [
        'p.yml:5:22 "widestIpv4" is not a key here. Did you mean "widest-ipv4"?',
        'p.yml:5:53 "colour" is not a key here. Known here: choices, default, shortest, longest, longest-total.',
        'p.yml:6:1 "notes" is not a key here. Known here: version, admins, directories, managers, limits, rules, firewall, audit.',
      ],
    ],
    [
      'empty values',
      withKeys('limits:\nmanagers:').replace('[U0ADMIN]', '[]').replace('{ d-9067f01234: {} }', '{}'),
      [
        'p.yml:2:9 "admins" is empty. Write it like this: admins: [U0ADMIN]',
        'p.yml:3:14 "directories" is empty. Write it like this: directories: { d-9067f01234: { people: { from: email-local-part, domains: [example.com] } } }',
        'p.yml:5:1 "limits" is empty. Write it like this: limits: { unanswered: 4h }',
        'p.yml:6:1 "managers" is empty. Write it like this: managers: { profile-field: Xf0MANAGER }',
      ],
    ],
    [
      'ids of a wrong form',
      withKeys('managers: { table: { jane: U0TOM, U0TOM: "@maria" }, profile-field: manager }')
        .replace('[U0ADMIN]', '[u0admin, 17]')
        .replace('d-9067f01234', 'corp.example.com'),
      [
        `p.yml:2:10 "u0admin" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        `p.yml:2:19 17 is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        'p.yml:3:16 "corp.example.com" is not a directory id, such as d-9067f01234.',
        `p.yml:5:22 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        `p.yml:5:42 "@maria" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        'p.yml:5:69 "manager" is not the id of a Slack profile field (Xf…).',
      ],
    ],
    [
      'a directory whose people are not described in a right form',
      `version: 1
admins: [U0ADMIN]
directories:
  d-00000001: { people: {} }
  d-00000002: { people: { from: email } }
  d-00000003: { people: { from: Xf0USER, domains: [example.com] } }
  d-00000004: { people: { from: name } }
  d-00000005: { people: { from: email, domains: ["@example.com"] }, netbios: "CORP\\\\x" }
  d-00000006: { people: { table: { U0JANE: jane doe } }, start-stopped: "yes" }
  d-00000007:
rules: [{ name: all, target: any, ask: [admins] }]
`,
      [
        'p.yml:4:25 "people" says nothing yet. Add from: or table:.',
        'p.yml:5:33 "from: email" needs the domains that are yours. Add domains: [example.com].',
        'p.yml:6:51 "domains" belongs to from: email-local-part or email. Remove it.',
        'p.yml:7:33 "name" is no way to find a user name. Write email-local-part, email, or the id of a profile field (Xf…).',
        'p.yml:8:50 "@example.com" is not an e-mail domain, such as example.com.',
        'p.yml:8:78 "CORP\\\\x" is not a NetBIOS name: at most 15 characters, such as CORP.',
        'p.yml:9:44 "jane doe" is not a user name of the directory. Write it without spaces, in quotes if it is a number.',
        'p.yml:9:73 "start-stopped" is true or false, not "yes".',
        'p.yml:10:3 A directory without keys of its own is written d-9067f01234: {}.',
      ],
    ],
    [
      'somebody who is their own manager',
      withKeys('managers: { table: { U0JANE: U0JANE } }'),
      ['p.yml:5:30 U0JANE is their own manager. Name somebody else.'],
    ],
    [
      'limits of sources that make no sense',
      withKeys(`limits:
  sources:
    widest-ipv4: 0
    widest-ipv6: wide
    private: 1
    denied: [10.9.0.0/33, "::ffff:10.0.0.0/104"]
    allowed: office`),
      [
        'p.yml:7:18 "widest-ipv4" is a whole number from 8 to 32, not 0.',
        'p.yml:8:18 "widest-ipv6" is a whole number from 16 to 128, not "wide".',
        'p.yml:9:14 "private" is true or false, not 1.',
        'p.yml:10:14 "10.9.0.0/33" is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.',
        'p.yml:10:27 "::ffff:10.0.0.0/104" is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.',
        'p.yml:11:14 "allowed" is not understood. Write it like this: allowed: [198.51.100.0/24]',
      ],
    ],
    [
      'networks that nobody could ever ask for or name',
      withKeys(`limits:
  sources: { denied: [198.18.7.0/24], allowed: [8.8.0.0/16, 9.9.9.0/24] }
  networks:
    VPN: 10.8.0.0/16
    Docs: 203.0.113.0/24
    Denied: 198.18.0.0/16
    Home: 8.9.0.0/16
    Bits: 9.9.9.9/24
    All: 0.0.0.0/0
    Fine: 9.9.9.0/24`),
      [
        'p.yml:8:10 10.8.0.0/16 is private. Write private: true in "sources", or remove it.',
        'p.yml:9:11 203.0.113.0/24 can never be asked for: it is reserved, or the whole Internet. Remove it.',
        'p.yml:10:13 198.18.0.0/16 can never be asked for: it is reserved, or the whole Internet. Remove it.',
        'p.yml:11:11 8.9.0.0/16 lies outside of what "sources" allows, so nobody could ask for it. Change one of them.',
        'p.yml:12:11 9.9.9.9/24 is not where a network begins. Write 9.9.9.0/24.',
        'p.yml:13:10 0.0.0.0/0 can never be asked for: it is reserved, or the whole Internet. Remove it.',
      ],
    ],
    [
      'names that a network may not have',
      withKeys('limits: { networks: { list: 9.9.9.0/24, two words: 9.9.9.0/24, Bad: office } }'),
      [
        'p.yml:5:23 "list" is a word of the command already. Name the network otherwise.',
        'p.yml:5:41 "two words" is no name for a network. Write one word, such as Office: people type it in the command.',
        'p.yml:5:69 "office" is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.',
      ],
    ],
    [
      'networks of the same name',
      withKeys('limits: { networks: { Office: 9.9.9.0/24, office: 9.9.8.0/24 } }'),
      ['p.yml:5:51 "Office" is the same name. Rename one.'],
    ],
    [
      'a reason that cannot be searched for, or linked',
      withKeys(`limits: { reason: { pattern: '(?=A)+', hint: '', link: 'http://t.example.com' } }`),
      [
        'p.yml:5:30 "(?=A)+" looks around with (?=, which RE2 cannot. Write a group around what is the ticket: #([0-9]+).',
        'p.yml:5:40 "hint" is empty. Write it like this: hint: Add the ticket, such as OPS-412.',
        'p.yml:5:56 "http://t.example.com" is no link to a ticket. It begins with https:// and has {ticket} where the ticket goes.',
      ],
    ],
    [
      'a longest total that is shorter than the longest',
      withKeys('limits: { durations: { longest-total: 2h }, per-person: { open: 0 } }'),
      [
        'p.yml:5:39 "longest-total" is shorter than "longest". Swap them.',
        'p.yml:5:65 "open" is a whole number from 1 to 1000, not 0.',
      ],
    ],
    [
      'durations of a wrong form',
      withKeys('limits: { durations: { choices: [1h, 90], default: -1h }, unanswered: soon }'),
      [
        'p.yml:5:38 90 is not a duration. Write 30m, 2h or 1h30m.',
        'p.yml:5:52 "-1h" is not a duration. Write 30m, 2h or 1h30m.',
        'p.yml:5:71 "soon" is not a duration. Write 30m, 2h or 1h30m.',
      ],
    ],
    [
      'durations outside of the limits, defaults included',
      withKeys('limits: { durations: { default: 10h, longest: 2h } }'),
      [
        'p.yml:5:22 A choice of 4h lies outside shortest … longest. Change one of them.',
        'p.yml:5:33 The default of 10h lies outside shortest … longest. Change one of them.',
      ],
    ],
    [
      'a shortest that is longer than the longest',
      withKeys('limits: { durations: { shortest: 3h, longest: 2h } }'),
      ['p.yml:5:34 "shortest" is longer than "longest". Swap them.'],
    ],
    [
      'rules that decide nothing, or twice',
      withRules(`  - { name: a, target: own }
  - { name: b, target: own, ask: [admins], refuse: No. }
  - { name: c, target: own, approve: at-once, self-approval: true }
  - { name: a, target: self, ask: [admins] }
  - { target: any, aks: [admins] }`),
      [
        'p.yml:5:5 This rule decides nothing. Add ask:, refuse: or approve:.',
        'p.yml:6:52 This rule says "ask" already. Keep that or "refuse".',
        'p.yml:7:62 "self-approval" matters only where somebody is asked. Remove it.',
        'p.yml:8:24 "target" is own, other, any, directory, everything, or a block of keys, not "self".',
        'p.yml:9:5 "name" is missing. Write it like this: name: own WorkSpace',
        'p.yml:9:20 "aks" is not a key here. Did you mean "ask"?',
      ],
    ],
    [
      'conditions of a wrong form',
      withRules(`  - name: a
    requester: jane
    target: { is: mine, tags: {}, colour: red }
    source: 5
    up-to: long
    when: { days: [monday], hours: 9-5, time-zone: +02:00 }
    ask: [admins]
  - { name: b, target: any, requester: [], when: { time-zone: Europe/Berlin }, ask: [admins] }`),
      [
        `p.yml:6:16 "jane" is neither a Slack user id (U…) nor a user group (S…, or '@security' in quotes).`,
        'p.yml:7:19 "is" is own, other, any, directory or everything, not "mine".',
        'p.yml:7:31 "tags" is empty. Write it like this: tags: { env: production }',
        'p.yml:7:35 "colour" is not a key here. Known here: is, directory, workspace, system, tags, owner.',
        'p.yml:8:13 "source" is not understood. Write it like this: source: [Office, 10.8.0.0/16, private]',
        'p.yml:9:12 "long" is not a duration. Write 30m, 2h or 1h30m.',
        'p.yml:10:20 "monday" is no day. Write mon, or mon-fri.',
        'p.yml:10:36 "9-5" is no time of day. Write 09:00-17:30.',
        'p.yml:10:52 "+02:00" is no IANA time zone. Write Area/City, such as Europe/Berlin, or UTC.',
        `p.yml:12:40 "requester" is empty. Write it like this: requester: ['@contractors', U0TOM]`,
        'p.yml:12:50 "when" says no time. Add days: or hours:.',
      ],
    ],
    [
      'conditions with a network that does not exist, or an id that does not fit',
      withRules(`  - { name: a, target: any, source: Offce, ask: [admins] }
  - { name: b, target: { is: directory, workspace: ws-00000001 }, ask: [admins] }`),
      [
        'p.yml:5:37 "Offce" is no network of limits.networks, no range, and neither private nor public.',
        'p.yml:6:52 "workspace" is for single WorkSpaces. Write is: any, own or other, or remove it.',
      ],
    ],
    [
      'a rule that is no block of keys',
      withRules('  - own'),
      ['p.yml:5:5 A rule looks like this: { name: own WorkSpace, target: own, ask: [manager] }.'],
    ],
    [
      'rules of the same name',
      withRules('  - { name: a, target: own, refuse: No. }\n  - { name: a, target: any, refuse: No. }'),
      ['p.yml:6:13 Rule 1 is called "a" too. Rename one.'],
    ],
    [
      'approvers of a wrong form',
      withRules(`  - { name: a, target: own, ask: manager }
  - { name: c, target: own, ask: [boss] }
  - { name: d, target: own, ask: [{ any-of: [jane] }] }
  - { name: e, target: own, ask: [{ all-of: [U0TOM] }] }
  - { name: f, target: own, ask: [] }
  - { name: g, target: own, ask: [0 of admins], notify: me }
  - { name: h, target: own, refuse: No., notify: approvers }`),
      [
        'p.yml:5:34 "ask" is not understood. Write it like this: ask: [manager]',
        'p.yml:6:35 "boss" cannot be asked. Write manager, admins, 2 of @security, or { any-of: [U0TOM, U0ANN] }.',
        `p.yml:7:46 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
        'p.yml:8:35 "any-of" is missing. Write it like this: any-of: [U0TOM, U0ANN]',
        'p.yml:8:37 "all-of" is not a key here. Did you mean "any-of"?',
        'p.yml:9:34 "ask" is empty. Write it like this: ask: [manager]',
        'p.yml:10:35 "0 of admins" cannot be asked. Write manager, admins, 2 of @security, or { any-of: [U0TOM, U0ANN] }.',
        'p.yml:10:57 "notify" is approvers or { channel: C0ACCESS }.',
        'p.yml:11:50 "notify" matters only where somebody is asked. Remove it.',
      ],
    ],
    [
      'a reminder or fallback after the request has closed unanswered, or a fallback that leaves the admins out',
      withRules(`  - { name: a, target: own, ask: [admins], remind: 4h, fallback: { after: 5h, ask: [admins] } }
  - { name: b, target: directory, ask: [admins], fallback: { after: 1h, ask: ['@a'] } }`),
      [
        'p.yml:5:52 A request closes unanswered before that. Change it, or "unanswered" in limits.',
        'p.yml:5:75 A request closes unanswered before that. Change it, or "unanswered" in limits.',
        'p.yml:6:60 A whole directory is always approved by an admin. Write ask: [admins].',
      ],
    ],
    [
      'a rule that no request can reach',
      withRules(`  - { name: a, target: any, refuse: No. }
  - { name: b, target: own, up-to: 1h, ask: [admins] }`),
      ['p.yml:6:13 No request gets here: rule 1, "a", takes them all. Move it up, or remove it.'],
    ],
    [
      'two managers of one person',
      withRules(
        '  - { name: a, target: own, ask: [2 of manager] }',
        'managers: { profile-field: Xf0MANAGER }\n',
      ),
      ['p.yml:6:35 Somebody has one manager. Write manager.'],
    ],
    [
      'a network by a name that the command reads as an id',
      `${wholeFile('limits: { networks: { ws-lan: 198.51.100.0/24, d-lan2: 198.51.100.0/24, wsx: 8.8.8.0/24 }, sources: { documentation: true } }')}`,
      [
        'p.yml:1:23 "ws-lan" would be read as the id of a WorkSpace or a directory. Name the network otherwise.',
        'p.yml:1:48 "d-lan2" would be read as the id of a WorkSpace or a directory. Name the network otherwise.',
      ],
    ],
    [
      'more yeses than the people who are named',
      withRules('  - { name: a, target: own, ask: [{ any-of: [U0TOM, U0TOM], count: 2 }] }'),
      ['p.yml:5:68 It needs 2 of 1, which never happens. Lower it, or name more.'],
    ],
    [
      'more yeses than there are admins',
      withRules('  - { name: a, target: own, ask: [2 of admins] }'),
      ['p.yml:5:35 It needs 2 of 1 admins, which never happens. Lower it, or name more.'],
    ],
    [
      'more yeses than there are people, though each need alone has enough',
      withRules('  - { name: a, target: own, ask: [admins, { any-of: [U0ADMIN] }] }'),
      [
        'p.yml:5:34 It needs more people than it names: one person gives one yes. Ask for fewer, or name more.',
      ],
    ],
    [
      'a fallback that needs several, or a manager whom nobody has',
      withRules(`  - { name: a, target: own, ask: [admins], fallback: { after: 1h, ask: [2 of admins] } }
  - { name: b, target: other, ask: [admins], fallback: { after: 1h, ask: [manager] } }`),
      [
        'p.yml:5:73 The fallback only adds people to those who may decide: it takes no number. Write admins, or @security.',
        'p.yml:6:36 Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.',
      ],
    ],
    [
      'conditions that can never hold',
      withRules(
        `  - { name: a, target: own, source: 8.8.8.0/24, refuse: No. }
  - { name: b, target: own, up-to: 4m, refuse: No. }
  - { name: c, target: { directory: d-9067f09999 }, refuse: No. }`,
        'limits: { sources: { denied: [8.8.0.0/16] } }\n',
      ),
      [
        'p.yml:6:37 The limits deny all of it, by 8.8.0.0/16. Remove it here or there.',
        'p.yml:7:36 Nobody can ask for so little: "shortest" in limits is longer. Change one of them.',
        'p.yml:8:37 d-9067f09999 is not among the directories of this file. Add it there.',
      ],
    ],
    [
      'rules that no request can reach, by the rest of the file',
      withRules(`  - { name: a, target: { is: own, directory: d-9067f01234 }, up-to: 8h, refuse: No. }
  - { name: b, target: own, refuse: No. }
  - { name: c, target: { is: other, system: ubuntu }, refuse: No. }
  - { name: d, target: { is: other, system: UBUNTU_22_04 }, refuse: No. }
  - { name: e, target: { is: other, system: [UBUNTU_22_04, RHEL] }, refuse: No. }`),
      [
        'p.yml:6:13 No request gets here: rule 1, "a", takes them all. Move it up, or remove it.',
        'p.yml:8:13 No request gets here: rule 3, "c", takes them all. Move it up, or remove it.',
      ],
    ],
    [
      'a manager who is asked where nobody has one',
      withRules('  - { name: a, target: own, ask: [manager] }'),
      ['p.yml:5:34 Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.'],
    ],
    [
      'a whole directory without an admin',
      withRules(
        `  - { name: a, target: directory, ask: [manager] }
  - { name: b, target: directory, approve: at-once }
  - { name: c, target: directory, ask: [{ any-of: [U0TOM] }] }
  - { name: d, target: directory, ask: [admins] }
  - { name: e, target: directory, refuse: No. }`,
        'managers: { profile-field: Xf0MANAGER }\n',
      ),
      [
        'p.yml:6:40 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
        'p.yml:7:13 No request gets here: rule 1, "a", takes them all. Move it up, or remove it.',
        'p.yml:7:44 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
        'p.yml:8:13 No request gets here: rule 1, "a", takes them all. Move it up, or remove it.',
        'p.yml:8:40 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
        'p.yml:9:13 No request gets here: rule 1, "a", takes them all. Move it up, or remove it.',
      ],
    ],
    [
      'a firewall that is neither of the two modes',
      withKeys('firewall: none'),
      ['p.yml:5:11 "firewall" is access-group or { existing-group: [sg-0abc1234] }.'],
    ],
    [
      'groups named by name instead of id',
      withKeys('firewall: { existing-group: [d-9067f01234_controllers] }'),
      [
        'p.yml:5:30 "d-9067f01234_controllers" is not a security group id (sg-…). Names are not unique; write the id.',
      ],
    ],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('a policy file is warned of settings that work and are probably not meant:', () => {
  const nobody = (place: string) =>
    `policy.yml:${place} Nobody has a user name in d-00000002, so every request for a WorkSpace of it is refused. Add people: with from: or table:.`;
  const known = 'd-00000001: { people: { from: Xf0USERNAME } }';
  const file = (directories: string, rules: string, limits = '') =>
    `version: 1\nadmins: [U0ADA]\ndirectories: { ${directories} }\n${limits}rules:\n${rules}\n`;
  const all = '  - { name: all, target: any, ask: [admins] }';
  const upTo = '  - { name: all, target: any, up-to: 1h, ask: [admins] }';

  test.each<[what: string, text: string, warnings: string[]]>([
    ['a directory without people', file(`${known}, d-00000002: {}`, all), [nobody('3:63')]],
    ['a table of nobody', file(`d-00000002: { people: { table: {} } }, ${known}`, all), [nobody('3:16')]],
    ['every directory with people', file(known, all), []],
    [
      'rules that all refuse',
      file(known, '  - { name: all, target: everything, refuse: Closed. }'),
      ['policy.yml:4:1 Every rule refuses, so nobody gets access. Add one that asks or approves.'],
    ],
    [
      'durations that the form offers and no rule allows',
      file(known, upTo, 'limits: { durations: { choices: [1h, 2h, 90m] } }\n'),
      [
        'policy.yml:4:24 The form offers 1 hour 30 minutes, 2 hours, and no rule allows more than 1 hour. Change choices and default, or "up-to".',
      ],
    ],
    [
      'a rule that allows them beside one that does not',
      file(
        known,
        `${upTo}\n  - { name: office, target: own, source: public, ask: [admins] }`.replace('1h', '30m'),
      ),
      [],
    ],
  ])('%s', (_, text, warnings) => {
    expect(readPolicy(Buffer.from(text), 'policy.yml')).toMatchObject({ ok: true, warnings });
  });

  test.each(['policy.example.yml', 'sandbox/policy.yml', ...POLICIES])('nothing in %s', (name) => {
    expect(readPolicy(readFileSync(name), name)).toMatchObject({ ok: true, warnings: [] });
  });
});

test('the policy in the README is right', () => {
  const readme = readFileSync('README.md', 'utf8');
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(policyOf(yaml.replace(/^ {3}/gm, '')).rules).toHaveLength(1);
});

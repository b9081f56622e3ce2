import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fileOf } from '../../sandbox/town.js';
import { policy } from '../../src/commands/policy.js';
import { runHere, runScript } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const tries = (...args: string[]) => runHere(policy, args);
/** From any folder. */
const EXAMPLE = fileOf('policy.example.yml');

test('check says that a policy file is right, and says its hash', async () => {
  const { code, out } = await tries('check', EXAMPLE);
  expect(out).toMatch(/policy\.example\.yml is right: \d+ rules, hash [0-9a-f]{64}\.\n$/);
  expect(code).toBe(0);
});

test('check warns of a directory in which nobody has a user name, and the rest of the file may be tried', async () => {
  const path = file(
    'nameless.yml',
    'version: 1\nadmins: [U0ADA]\ndirectories: { d-00000001: {} }\nlimits: { sources: { documentation: true } }\nrules:\n  - { name: all, target: any, approve: at-once }\n',
  );
  const { code, out, err } = await tries('check', path);
  expect(err).toBe(
    `${path}:3:16 Nobody has a user name in d-00000001, so every request for a WorkSpace of it is refused. Add people: with from: or table:.\n`,
  );
  expect(out).toMatch(/nameless\.yml is right, with 1 warning: 1 rule, hash [0-9a-f]{64}\.\n$/);
  expect(code).toBe(0);
  const request = ['--requester', 'U0JANE', '--target', 'ws-janedoe01', '--source', '203.0.113.25'];
  expect(await tries('explain', path, ...request)).toMatchObject({ code: 0, err: '' });
});

test.each([
  ['check', EXAMPLE],
  ['chek', EXAMPLE],
])('the script answers as the command does, with neither AWS, Slack nor Redis: %s %s', async (...args) => {
  expect(await runScript('scripts/policy.mjs', args)).toEqual(await tries(...args));
});

test('check lists every problem of a policy at once, with line and column', async () => {
  const path = file('wrong.yml', 'version: 1\nadmins: [jane]\ndirectories: { d-00000001: {} }\nrule: []\n');
  const { code, out, err } = await tries('check', path);
  expect(err.split('\n')).toEqual([
    `${path}:1:1 "rules" is missing. Write it like this: rules: [{ name: own WorkSpace, target: own, ask: [manager] }]`,
    `${path}:2:10 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
    `${path}:4:1 "rule" is not a key here. Did you mean "rules"?`,
    '',
  ]);
  expect([code, out]).toEqual([1, '']);
});

test('check and explain refuse a policy that is not UTF-8, and facts', async () => {
  const text =
    'version: 1\nadmins: [U0ADA]\ndirectories: { d-00000001: {} }\nrules:\n  - { name: München, target: any, refuse: No. }\n';
  const path = file('latin1.yml', Buffer.from(text, 'latin1'));
  const problem = ':5:14 This is not UTF-8: the file is probably Latin-1 (Windows-1252). Save it as UTF-8.\n';
  expect(await tries('check', path)).toEqual({ code: 1, out: '', err: `${path}${problem}` });
  const facts = file(
    'facts.yml',
    Buffer.from('users: {}\nworkspaces: { ws-a: { user: jos\xe9 } }\n', 'latin1'),
  );
  const request = ['--requester', 'U0JANE', '--target', 'ws-janedoe01', '--source', '203.0.113.25'];
  const { code, err } = await tries('explain', 'policy.example.yml', ...request, '--facts', facts);
  expect(err).toBe(`${facts}${problem.replace(':5:14', ':2:32')}`);
  expect(code).toBe(2);
});

const FACTS = `{
  "users": { "U0JANE": { "groups": ["contractors"], "user": "jane" }, "U0TOM": { "groups": [] } },
  "workspaces": {
    "ws-janedoe01": { "directory": "d-00000001", "user": "jane", "os": "UBUNTU_22_04", "tags": {}, "reach": 1 },
    "ws-tombecker1": { "directory": "d-00000001", "user": "U0TOM" }
  }
}`;

describe('explain', () => {
  const rules = file(
    'rules.yml',
    `version: 1
admins: [U0ADA]
directories: { d-00000001: {} }
limits: { sources: { documentation: true }, networks: { Office: 198.51.100.0/24 } }
rules:
  - name: hours
    requester: '@contractors'
    target: own
    when: { days: mon-fri, hours: 09:00-17:00, time-zone: Europe/Berlin }
    ask: [admins]
  - { name: contractors, requester: '@contractors', target: any, refuse: In office hours only. }
  - { name: office, target: own, source: Office, approve: at-once }
`,
  );
  const facts = file('facts.json', FACTS);
  const jane = ['--requester', 'U0JANE', '--target', 'ws-janedoe01', '--source', '203.0.113.25'];
  const asked = (...more: string[]) => tries('explain', rules, ...jane, '--facts', facts, ...more);

  test('says who is asked, by which rule', async () => {
    const { code, out } = await asked('--duration', '2h', '--at', '2026-11-25T10:00+01:00');
    expect(out).toBe('Asked: admins.\nIt opens 1 WorkSpace.\nDecided by rule "hours".\n');
    expect(code).toBe(0);
  });

  test('says why each rule before did not match', async () => {
    const { out } = await asked('--at', '2026-11-25T18:00+01:00');
    expect(out).toBe(
      'Not allowed: In office hours only.\nDecided by rule "contractors".\nNot rule "hours": wed 18:00 in Europe/Berlin is outside of mon-fri 09:00-17:00.\n',
    );
  });

  /** A policy by which access may be extended and moved. */
  const more = () =>
    file(
      'more.yml',
      'version: 1\nadmins: [U0ADA]\ndirectories: { d-00000001: {} }\nlimits: { sources: { documentation: true }, durations: { longest-total: 8h } }\nrules:\n  - { name: at once, target: own, approve: at-once }\n  - { name: own, target: own, up-to: 3h, ask: [admins] }\n',
    );

  test.each<[lasts: string, more: string, answer: string]>([
    ['2h', '1h', 'Asked: admins.'],
    ['2h', '2h', 'Not allowed: The policy allows this for at most 3 hours in all.'],
    ['7h', '2h', 'Not allowed: The policy allows at most 8 hours in all. Ask for `1h` more, or less.'],
    ['soon', '1h', '--extends is such as 30m, 2h or 1h30m, not "soon".'],
  ])(
    'says how more time would be decided: access that lasts %s, and %s more',
    async (lasts, longer, answer) => {
      const args = ['--facts', facts, '--extends', lasts, '--duration', longer];
      const { out, err } = await tries('explain', more(), ...jane, ...args);
      expect(`${out}${err}`).toContain(answer);
    },
  );

  test.each<[args: string[], answer: string]>([
    [['--moves', '2h'], 'Asked: admins.'],
    [
      ['--moves', '4h', '--duration', '30s'],
      'Not allowed: The policy allows this for at most 3 hours in all.',
    ],
    [['--moves', '9h'], 'Not allowed: The policy allows at most 8 hours in all'],
    [['--moves', 'soon'], '--moves is such as 30m, 2h or 1h30m, not "soon".'],
    [['--moves', '2h', '--extends', '2h'], '--extends and --moves are two requests. Try one at a time.'],
  ])('says how another address would be decided: %j', async (args, answer) => {
    const { out, err } = await tries('explain', more(), ...jane, '--facts', facts, ...args);
    expect(`${out}${err}`).toContain(answer);
  });

  test.each(['2028-02-29T10:00Z', '2026-11-25T10:00:00.5-0330', '2026-11-25T23:59:59+14:00'])(
    'takes the time %s',
    async (at) => {
      expect(await asked('--at', at)).toMatchObject({ code: 0, err: '' });
    },
  );

  test('says whom "manager" means and how much would open, where the facts say it', async () => {
    const path = file(
      'managers.yml',
      'version: 1\nadmins: [U0ADA]\ndirectories: { d-00000001: {} }\nmanagers: { profile-field: Xf0MANAGER }\nlimits: { sources: { documentation: true } }\nrules: [{ name: own, target: own, ask: [manager] }]\n',
    );
    const known = FACTS.replace('"user": "jane" }', '"user": "jane", "manager": "U0MARIA" }').replace(
      '"reach": 1',
      '"reach": 3',
    );
    const { out } = await tries('explain', path, ...jane, '--facts', file('managers.json', known));
    expect(out).toBe(
      'Asked: manager.\nThe manager of U0JANE is U0MARIA.\nIt opens 3 WorkSpaces.\nDecided by rule "own".\n',
    );
  });

  test('answers in JSON with --json', async () => {
    const tom = ['--requester', 'U0TOM', '--target', 'ws-tombecker1', '--source', 'office'];
    const { code, out } = await tries('explain', rules, ...tom, '--facts', facts, '--json');
    expect(JSON.parse(out)).toEqual({
      decision: 'approve',
      rule: 'office',
      needs: [],
      skipped: [
        { rule: 'hours', why: 'U0TOM is not among @contractors' },
        { rule: 'contractors', why: 'U0TOM is not among @contractors' },
      ],
      policyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(code).toBe(0);
  });

  test('names a missing fact that would decide', async () => {
    const { code, out, err } = await tries('explain', rules, ...jane, '--at', '2026-11-25T10:00Z');
    expect(err).toBe(
      'workspaces.ws-janedoe01.user is missing, and rule "hours" goes by it. Add it to the file that --facts names.\n',
    );
    expect([code, out]).toEqual([2, '']);
  });

  test('names the missing one of the two facts that say whose the WorkSpace is', async () => {
    const half = FACTS.replace(', "user": "jane" },', ' },');
    const given = [...jane, '--facts', file('half.json', half), '--at', '2026-11-25T10:00Z'];
    const { code, err } = await tries('explain', rules, ...given);
    expect(err).toContain('users.U0JANE.user is missing');
    expect(code).toBe(2);
  });

  test.each<[what: string, args: string[], sentence: string]>([
    ['a time without its offset', ['--at', '2026-11-25T18:00'], '--at is a time with its offset'],
    ['a day that does not exist', ['--at', '2026-02-30T10:00Z'], '--at is a time with its offset'],
    ['29 February of another year', ['--at', '2026-02-29T10:00Z'], '--at is a time with its offset'],
    ['a day in which 24:00 is another one', ['--at', '2026-11-25T24:00Z'], '--at is a time with its offset'],
    ['an offset that no place has', ['--at', '2026-11-25T18:00+23:59'], '--at is a time with its offset'],
    ['a duration that is none', ['--duration', '2'], '--duration is such as 30m'],
    ['an option that is none', ['--user', 'U0JANE'], "Unknown option '--user'"],
    ['facts that are none', ['--facts', rules], 'holds no facts'],
    [
      'fewer than no WorkSpaces',
      ['--facts', file('reach.yml', 'workspaces: { ws-janedoe01: { reach: -3 } }')],
      'holds no facts',
    ],
  ])('answers %s with exit code 2', async (_, args, sentence) => {
    const { code, err } = await asked(...args);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });

  test('lets the limits decide before the rules', async () => {
    const { code, out } = await asked('--duration', '9h', '--json');
    expect(JSON.parse(out)).toMatchObject({
      decision: 'refuse',
      rule: null,
      sentence: '9 hours is longer than the policy allows. Ask for `8h` or less.',
    });
    expect(code).toBe(0);
  });
});

test.each([[[]], [['check']], [['chek', 'policy.example.yml']], [['check', 'a.yml', 'b.yml']]])(
  'the policy command answers wrong arguments with its usage: %j',
  async (args) => {
    const { code, err } = await tries(...args);
    expect(err).toContain('npm run policy -- check FILE');
    expect(code).toBe(2);
  },
);

test('the policy command names a file that is missing', async () => {
  const { code, err } = await tries('check', 'nowhere.yml');
  expect(err).toContain('nowhere.yml cannot be read');
  expect(code).toBe(2);
});

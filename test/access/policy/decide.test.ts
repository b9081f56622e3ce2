/** How a policy decides, as a table: each row is a rule, a request, and the decision. */
import { describe, expect, test } from '@jest/globals';
import type { Question } from '../../../src/access/policy/conditions.js';
import { decide, explain } from '../../../src/access/policy/decide.js';
import { foreseenNoRule } from '../../../src/access/policy/no-rule.js';
import type { FollowUp } from '../../../src/access/policy/policy.js';
import { policyOf } from '../../policy-file/policies.js';

/** Jane asks for her own Ubuntu WorkSpace for two hours, from the office, on a Wednesday morning. */
const usual: Question = {
  requester: {
    id: 'U0JANE',
    groups: ['@engineering'],
    active: true,
    human: true,
    guest: false,
    foreign: false,
  },
  target: {
    wholeDirectory: false,
    directoryId: 'd-00000001',
    workspaceId: 'ws-janedoe01',
    own: true,
    system: 'UBUNTU_22_04',
    tags: { env: 'test', 'e\u0301tage': 'Mu\u0308nchen' },
    owner: { id: 'U0JANE', groups: ['@engineering'] },
  },
  source: { cidr: '198.51.100.7/32', isPrivate: false },
  movedGroups: [],
  durationMs: 2 * 3_600_000,
  atMs: Date.parse('2026-11-25T10:00+01:00'),
  emergency: false,
  follows: undefined,
};
const toms: Question = {
  ...usual,
  target: {
    ...usual.target,
    workspaceId: 'ws-tomsmith1',
    own: false,
    owner: { id: 'U0TOM', groups: ['@sales'] },
  },
};
const UNKNOWN = {
  directoryId: undefined,
  workspaceId: undefined,
  own: undefined,
  system: undefined,
  tags: undefined,
  owner: undefined,
};
const whole: Question = {
  ...usual,
  target: { ...UNKNOWN, wholeDirectory: true, directoryId: 'd-00000001', own: false },
};

/** A policy of one rule, with these conditions, that asks an admin. */
function rule(conditions: string): string {
  return `rules: [{ name: it, ${conditions}, ask: [admins] }]`;
}

/** The decision of a request: `ask`, or why the only rule does not match. */
function answer(rules: string, question: Question): string {
  const decision = decide(policyOf(rules), question);
  return decision.skipped[0]?.why ?? decision.decision;
}

describe('a rule is for WorkSpaces of oneself, of others, or for directories', () => {
  test.each<[target: string, own: string, others: string, directory: string]>([
    [
      'own',
      'ask',
      "it is for one's own WorkSpace, and this is not U0JANE's",
      'it is for one WorkSpace, and this is a whole directory',
    ],
    [
      'other',
      "it is for somebody else's WorkSpace, and this is U0JANE's own",
      'ask',
      'it is for one WorkSpace, and this is a whole directory',
    ],
    ['any', 'ask', 'ask', 'it is for one WorkSpace, and this is a whole directory'],
    [
      'directory',
      'it is for whole directories, and this is one WorkSpace',
      'it is for whole directories, and this is one WorkSpace',
      'ask',
    ],
    ['everything', 'ask', 'ask', 'ask'],
  ])('target: %s', (target, own, others, directory) => {
    const rules = rule(`target: ${target}`);
    expect([usual, toms, whole].map((question) => answer(rules, question))).toEqual([own, others, directory]);
  });
});

describe('a rule is for access, for more time, for another address, or for all of them', () => {
  const follow = (question: Question, what: FollowUp, shortened = false): Question => ({
    ...question,
    follows: { what, shortened },
  });
  const more = (question: Question) => follow(question, 'extends');
  const alone = (what: string) => `it is for ${what} alone`;
  const notFor = (what: string) => `it is not for ${what}`;
  const [time, address] = ['more time', 'another address'];
  const made = 'an approver had made it shorter, so somebody has to decide';
  test.each<
    [says: string, access: string, moreTime: string, ofShortened: string, moved: string, movedShort: string]
  >([
    ['ask: [admins]', 'ask', 'ask', 'ask', 'ask', 'ask'],
    ['refuse: No.', 'refuse', 'refuse', 'refuse', 'refuse', 'refuse'],
    ['approve: at-once', 'approve', notFor(time), notFor(time), notFor(address), notFor(address)],
    ['extends: true, ask: [admins]', alone(time), 'ask', 'ask', notFor(address), notFor(address)],
    ['extends: false, ask: [admins]', 'ask', notFor(time), notFor(time), 'ask', 'ask'],
    ['extends: false, refuse: No.', 'refuse', notFor(time), notFor(time), 'refuse', 'refuse'],
    ['extends: true, approve: at-once', alone(time), 'approve', made, notFor(address), notFor(address)],
    ['moves: true, ask: [admins]', alone(address), notFor(time), notFor(time), 'ask', 'ask'],
    ['moves: false, ask: [admins]', 'ask', 'ask', 'ask', notFor(address), notFor(address)],
    ['moves: true, approve: at-once', alone(address), notFor(time), notFor(time), 'approve', 'approve'],
    ['extends: true, moves: true, approve: at-once', alone(time), 'approve', made, 'approve', 'approve'],
    ['extends: false, moves: true, ask: [admins]', alone(address), notFor(time), notFor(time), 'ask', 'ask'],
  ])('%s', (says, ...expected) => {
    const rules = `rules: [{ name: it, target: any, ${says} }]`;
    const asked = [
      usual,
      more(usual),
      follow(usual, 'extends', true),
      follow(usual, 'moves'),
      follow(usual, 'moves', true),
    ];
    expect(asked.map((question) => answer(rules, question))).toEqual(expected);
  });

  test('the refusal says that no access is moved where every rule gives new access alone', () => {
    const decision = decide(
      policyOf('rules: [{ name: it, target: any, moves: false, ask: [admins] }]'),
      follow(usual, 'moves'),
    );
    expect(decision).toMatchObject({
      sentence: 'The policy does not let this be moved to another address. Ask for new access from there.',
    });
  });

  test('the refusal says that no access is extended where every rule gives new access alone, and how long access may last in all', () => {
    const said = (rules: string) => {
      const decision = decide(policyOf(rules), more(usual));
      return 'sentence' in decision ? decision.sentence : decision.decision;
    };
    expect(said('rules: [{ name: it, target: any, approve: at-once }]')).toBe(
      'The policy does not let this be extended. Ask for new access when it has ended.',
    );
    expect(said('rules: [{ name: it, target: any, up-to: 1h, ask: [admins] }]')).toBe(
      'The policy allows this for at most 1 hour in all. Ask for less.',
    );
  });
});

describe('a rule matches where all of its conditions hold', () => {
  test.each<[conditions: string, answer: string]>([
    ['target: any, requester: U0JANE', 'ask'],
    ['target: any, requester: [U0TOM, U0JANE]', 'ask'],
    ['target: any, requester: U0TOM', 'U0JANE is not among U0TOM'],
    ["target: any, requester: '@engineering'", 'ask'],
    ["target: any, requester: ['@sales', U0TOM]", 'U0JANE is not among U0TOM or @sales'],
    ['target: { directory: d-00000001 }', 'ask'],
    [
      'target: { directory: [d-00000002, d-00000003] }',
      'it is for d-00000002 or d-00000003, not for d-00000001',
    ],
    ['target: { is: own, workspace: ws-janedoe01 }', 'ask'],
    ['target: { workspace: ws-tomsmith1 }', 'it is for ws-tomsmith1, not for ws-janedoe01'],
    ['target: { system: UBUNTU }', 'ask'],
    ['target: { system: ubuntu_22 }', 'ask'],
    ['target: { system: [RHEL, ROCKY_8] }', 'it is for RHEL or ROCKY_8, not for UBUNTU_22_04'],
    ['target: { tags: { env: test } }', 'ask'],
    ['target: { tags: { env: [test, staging] } }', 'ask'],
    ['target: { tags: { étage: München } }', 'ask'],
    ['target: { tags: { env: production } }', 'it is for WorkSpaces with env = production, not test'],
    ['target: { tags: { team: a } }', 'it is for WorkSpaces with team = a, and this one has no tag team'],
    ["target: { owner: '@engineering' }", 'ask'],
    ['target: { owner: U0TOM }', "it is for WorkSpaces of U0TOM, and this one is U0JANE's"],
    ["target: { owner: ['@sales', U0JANE] }", 'ask'],
    ['target: any, source: Office', 'ask'],
    ['target: any, source: public', 'ask'],
    ['target: any, source: [VPN, 198.51.100.0/28]', 'ask'],
    ['target: any, source: [VPN, private]', '198.51.100.7 is not in VPN or private'],
    ['target: any, up-to: 2h', 'ask'],
    ['target: any, up-to: 1h', '2 hours is longer than 1 hour'],
    ['target: any, when: { days: mon-fri, hours: 09:00-17:00, time-zone: Europe/Berlin }', 'ask'],
    [
      'target: any, when: { hours: 09:00-17:00, time-zone: America/New_York }',
      'wed 04:00 in America/New_York is outside of mon-sun 09:00-17:00',
    ],
    ['target: own, requester: U0JANE, source: Office, up-to: 1h', '2 hours is longer than 1 hour'],
  ])('%s', (conditions, expected) => {
    expect(answer(rule(conditions), usual)).toBe(expected);
  });

  test('a range lies in a network only with all of its addresses', () => {
    const wide = { ...usual, source: { cidr: '198.51.100.0/23', isPrivate: false } };
    expect(answer(rule('target: any, source: Office'), wide)).toBe('198.51.100.0/23 is not in Office');
  });
});

describe('the first rule that matches decides', () => {
  const rules = `rules:
    - { name: contractors, requester: '@contractors', target: everything, refuse: Ask your contact. }
    - { name: office, target: own, source: Office, up-to: 1h, approve: at-once }
    - { name: own, target: own, ask: [manager], self-approval: true }
    - { name: directory, target: directory, ask: [admins] }`;

  test.each<[what: string, question: Question, decision: object]>([
    [
      'an hour from the office is approved at once',
      { ...usual, durationMs: 3_600_000 },
      {
        decision: 'approve',
        rule: 'office',
        skipped: [{ rule: 'contractors', why: 'U0JANE is not among @contractors' }],
      },
    ],
    [
      'two hours ask the manager',
      usual,
      {
        decision: 'ask',
        rule: 'own',
        needs: [{ kind: 'manager' }],
        notify: 'approvers',
        selfApproval: true,
        skipped: [
          { rule: 'contractors', why: 'U0JANE is not among @contractors' },
          { rule: 'office', why: '2 hours is longer than 1 hour' },
        ],
      },
    ],
    [
      'a rule that looks at a group whose handle another group has got is not passed over',
      { ...whole, movedGroups: ['@contractors'] },
      { decision: 'unknown', rule: 'contractors', missing: '@contractors', skipped: [] },
    ],
    [
      'a contractor is refused with the sentence of the rule, whatever rules stand below',
      { ...whole, requester: { ...usual.requester, groups: ['@contractors'] } },
      { decision: 'refuse', rule: 'contractors', sentence: 'Ask your contact.', skipped: [] },
    ],
    [
      "a request that no rule covers is refused: somebody else's WorkSpace",
      toms,
      {
        decision: 'refuse',
        sentence:
          "The policy does not let you ask for somebody else's WorkSpace. Ask its owner, or an admin.",
        skipped: [
          { rule: 'contractors', why: 'U0JANE is not among @contractors' },
          { rule: 'office', why: "it is for one's own WorkSpace, and this is not U0JANE's" },
          { rule: 'own', why: "it is for one's own WorkSpace, and this is not U0JANE's" },
          { rule: 'directory', why: 'it is for whole directories, and this is one WorkSpace' },
        ],
      },
    ],
  ])('%s', (_, question, decision) => {
    expect(decide(policyOf(rules), question)).toEqual(decision);
  });

  test('the audit record explains the decision in one line', () => {
    expect(explain(decide(policyOf(rules), usual))).toBe(
      'rule "own": manager; not "contractors": U0JANE is not among @contractors; not "office": 2 hours is longer than 1 hour',
    );
  });
});

describe('a request that no rule covers', () => {
  const hours = 'when: { days: mon-fri, hours: 09:00-17:00, time-zone: Europe/Berlin }';
  test.each<[what: string, rules: string, question: Question, sentence: string]>([
    [
      'for so long: the longest of the rules that allow the rest',
      '[{ target: own, up-to: 30m, ask }, { target: own, up-to: 1h, ask }, { target: directory, ask }]',
      usual,
      'The policy allows this for at most 1 hour. Ask for less.',
    ],
    [
      'from there: where the rules that allow the rest ask from',
      '[{ target: own, source: VPN, ask }, { target: own, source: [private, VPN], ask }]',
      usual,
      'The policy does not allow this from 198.51.100.7. Ask from VPN or a private address.',
    ],
    [
      'at this hour',
      `[{ target: own, ${hours}, ask }]`,
      { ...usual, atMs: Date.parse('2026-11-29T10:00+01:00') },
      'The policy does not allow this at that time: sun 10:00 in Europe/Berlin is outside of mon-fri 09:00-17:00. Ask for another time.',
    ],
    [
      'for more than one cause',
      '[{ target: own, up-to: 1h, source: VPN, ask }]',
      usual,
      'No rule of the policy allows this. Ask an admin.',
    ],
    [
      'for so long, whatever a rule that refuses says of shorter ones',
      '[{ target: own, up-to: 30m, ask }, { target: own, up-to: 1h, refuse: No. }]',
      usual,
      'The policy allows this for at most 30 minutes. Ask for less.',
    ],
  ])('is refused with the part that keeps a rule from it: %s', (_, rules, question, sentence) => {
    expect(decide(policyOf(named(rules)), question)).toMatchObject({ decision: 'refuse', sentence });
  });

  const early: Question = {
    ...usual,
    requester: { ...usual.requester, groups: undefined },
    target: { ...UNKNOWN, wholeDirectory: false, own: true },
  };
  test.each<[what: string, rules: string, question: Question, about: string | undefined]>([
    ['too long for every rule', '[{ target: { tags: { a: b } }, up-to: 1h, ask }]', early, 'duration'],
    ['a tag that is not read yet', '[{ target: { tags: { a: b } }, ask }]', early, undefined],
    ['a group that is not looked up yet', "[{ target: own, requester: '@x', ask }]", early, undefined],
    [
      'a time that is not known yet',
      `[{ target: own, ${hours}, ask }]`,
      { ...early, atMs: undefined },
      undefined,
    ],
    ['somebody whom no rule names', '[{ target: own, requester: U0TOM, ask }]', early, 'target'],
    [
      'somebody’s WorkSpace, which may be their own',
      '[{ target: own, ask }]',
      { ...early, target: { ...early.target, own: undefined } },
      undefined,
    ],
    [
      'a request that a rule refuses with a sentence of its own',
      '[{ target: own, source: Office, refuse: No. }, { target: own, up-to: 1h, ask }]',
      early,
      undefined,
    ],
    [
      'a request that a rule with a sentence of its own may refuse, and no rule allows',
      '[{ target: { tags: { a: b } }, refuse: No. }, { target: own, up-to: 1h, ask }]',
      early,
      'duration',
    ],
  ])(
    'is foreseen exactly where no fact that is still to come could change the decision: %s',
    (_, rules, question, about) => {
      expect(foreseenNoRule(policyOf(named(rules)), question)?.about).toBe(about);
    },
  );

  /** Rules with names, which ask the admins. */
  function named(rules: string): string {
    let nth = 0;
    return `rules: ${rules.replaceAll('{ target', () => `{ name: ${++nth}th, target`).replaceAll('ask }', 'ask: [admins] }')}`;
  }
});

describe('an emergency', () => {
  const rules = `rules:
    - { name: contractors, requester: '@contractors', target: any, refuse: Never. }
    - { name: on call, emergency: true, target: any, up-to: 2h, approve: at-once }
    - { name: own, target: own, ask: [manager] }`;
  const emergency = { ...usual, emergency: true };
  test.each<[what: string, question: Question, decision: string, rule: string | undefined]>([
    ['is decided by a rule for emergencies', emergency, 'approve', 'on call'],
    ['is the only request that a rule for emergencies covers', usual, 'ask', 'own'],
    [
      'is decided by a rule for emergencies only within the conditions of the rule',
      { ...emergency, durationMs: 3 * 3_600_000 },
      'refuse',
      undefined,
    ],
    [
      'is no way around a rule that refuses',
      { ...emergency, requester: { ...usual.requester, groups: ['@contractors'] } },
      'refuse',
      'contractors',
    ],
  ])('%s', (_, question, decision, rule) => {
    expect(decide(policyOf(rules), question)).toMatchObject({ decision, ...(rule ? { rule } : {}) });
  });
});

describe('a requester takes part, or is refused:', () => {
  const own = 'rules: [{ name: own, target: own, ask: [admins] }]';
  const naming = 'rules: [{ name: own, target: own, requester: [U0JANE], ask: [admins] }]';
  test.each([
    ['a member', {}, own, 'ask'],
    ['a guest', { guest: true }, own, 'refuse'],
    ['a guest whom the policy names', { guest: true }, naming, 'ask'],
    ['somebody of another workspace', { foreign: true }, own, 'refuse'],
    ['somebody of another workspace whom the policy names', { foreign: true }, naming, 'ask'],
    ['a deactivated person, named or not', { active: false }, naming, 'refuse'],
    ['a bot, named or not', { human: false }, naming, 'refuse'],
  ])('%s', (_, more, rules, decision) => {
    const question = { ...usual, requester: { ...usual.requester, ...more } };
    expect(decide(policyOf(rules), question).decision).toBe(decision);
  });
});

describe('where a policy is tried with too few facts', () => {
  const nobody = { ...usual.requester, groups: undefined };
  test.each<[what: string, conditions: string, missing: string | undefined]>([
    ['groups, where a rule goes by groups', "target: any, requester: '@a'", 'users.U0JANE.groups'],
    ['no groups, where the rule names the person', "target: any, requester: ['@a', U0JANE]", undefined],
    [
      'no groups, where another condition does not hold',
      "target: any, requester: '@a', up-to: 1h",
      undefined,
    ],
    ['the user of the WorkSpace', 'target: own', 'workspaces.ws-janedoe01.user'],
    ['the tags of the WorkSpace', 'target: { tags: { env: test } }', 'workspaces.ws-janedoe01.tags'],
    [
      'the directory of the WorkSpace',
      'target: { directory: d-00000001 }',
      'workspaces.ws-janedoe01.directory',
    ],
    ['the system of the WorkSpace', 'target: { system: RHEL }', 'workspaces.ws-janedoe01.os'],
  ])('the answer names the missing fact: %s', (_, conditions, missing) => {
    const question = {
      ...usual,
      requester: nobody,
      target: { ...UNKNOWN, wholeDirectory: false, workspaceId: 'ws-janedoe01' },
    };
    const decision = decide(policyOf(rule(conditions)), question);
    expect(decision.decision === 'unknown' ? decision.missing : undefined).toBe(missing);
  });
});

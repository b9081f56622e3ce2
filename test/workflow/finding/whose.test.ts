/** Which user of a directory a person of Slack is, and which person of Slack owns a WorkSpace: both by one mapping. */
import { describe, expect, test } from '@jest/globals';
import type { PeopleMapping } from '../../../src/access/policy/policy.js';
import { ownerOf } from '../../../src/workflow/finding/find-owner.js';
import { loginName } from '../../../src/workflow/finding/login-name.js';
import type { Person } from '../../../src/workflow/ports.js';
import { fakeParts, policy } from '../../slack/parts.js';

const DIRECTORY = 'd-90670a1b2c';
const local: PeopleMapping['from'] = { kind: 'email-local-part', domains: ['example.com'] };
const whole: PeopleMapping['from'] = { kind: 'email', domains: ['example.com', 'example.org'] };
const field: PeopleMapping['from'] = { kind: 'profile-field', fieldId: 'Xf0LOGIN' };
const NFC = 'jos\u00e9';
const NFD = 'jose\u0301';

function person(more: Partial<Person>): Person {
  const standing = { active: true, human: true, guest: false, foreign: false };
  return { id: 'U0JANE', name: 'Jane', timeZone: 'UTC', email: 'jane@example.com', ...standing, ...more };
}

/** A Slack with one person, whose profile field holds the local part between spaces, and who is found by their address. */
function partsOf(mapping: PeopleMapping, who: Person) {
  const directories = { [DIRECTORY]: { startStopped: false, people: mapping } };
  const { parts } = fakeParts();
  const people = {
    ...parts.people,
    person: async () => who,
    profileField: async () => ` ${who.email?.split('@')[0]} `,
    byEmail: async (email: string) => (email === who.email?.toLowerCase() ? who.id : undefined),
  };
  return { ...parts, people, policy: { ...policy, directories } };
}

describe('the user name of a person is read', () => {
  test.each<[what: string, mapping: PeopleMapping, who: Partial<Person>, name: string | undefined]>([
    ['by the local part', { from: local, table: {} }, {}, 'jane'],
    [
      'by the local part, never at another domain',
      { from: local, table: {} },
      { email: 'jane@example.org' },
      undefined,
    ],
    ['by the whole address', { from: whole, table: {} }, { email: 'jane@example.org' }, 'jane@example.org'],
    ['by a profile field', { from: field, table: {} }, {}, 'jane'],
    ['by the table, before the rest', { from: local, table: { U0JANE: 'j.doe' } }, {}, 'j.doe'],
    ['in one spelling of é', { from: local, table: {} }, { email: `${NFD}@example.com` }, NFC],
    ['in one spelling of é, by the table', { table: { U0JANE: NFD } }, {}, NFC],
    ['in one spelling of é, by a profile field', { from: field, table: {} }, { email: `${NFD}@x` }, NFC],
    [
      'never where it is longer than AWS takes',
      { from: field, table: {} },
      { email: `${'j'.repeat(64)}@x` },
      undefined,
    ],
    ['of a guest: never', { from: local, table: {} }, { guest: true }, undefined],
    [
      'of a person of another Slack workspace, by the local part: never',
      { from: local, table: {} },
      { foreign: true },
      undefined,
    ],
    [
      'of a person of another Slack workspace, by the whole address: never',
      { from: whole, table: {} },
      { foreign: true },
      undefined,
    ],
    [
      'of a person of another Slack workspace, by a profile field: never',
      { from: field, table: {} },
      { foreign: true },
      undefined,
    ],
    [
      'of a person of another Slack workspace, by the table',
      { from: local, table: { U0JANE: 'jane' } },
      { foreign: true },
      'jane',
    ],
  ])('%s', async (_, mapping, who, name) => {
    const parts = partsOf(mapping, person(who));
    const directory = { startStopped: false, people: mapping };
    expect(await loginName(parts, directory, person(who))).toBe(name);
  });
});

describe('the owner of a WorkSpace', () => {
  test.each<
    [what: string, mapping: PeopleMapping, who: Partial<Person>, user: string, owner: string | undefined]
  >([
    ['is found by the local part', { from: local, table: {} }, {}, 'Jane', 'U0JANE'],
    ['is found by the whole address', { from: whole, table: {} }, {}, 'jane@example.com', 'U0JANE'],
    ['is found by the table', { table: { U0JANE: NFC } }, {}, NFD, 'U0JANE'],
    ['is found by the table, in the other spelling of é', { table: { U0JANE: NFD } }, {}, NFC, 'U0JANE'],
    ['is found by the table, in capitals', { table: { U0JANE: 'J.Doe' } }, {}, 'j.doe', 'U0JANE'],
    ['is no guest', { from: local, table: {} }, { guest: true }, 'jane', undefined],
    [
      'is nobody of another Slack workspace',
      { from: local, table: {} },
      { foreign: true },
      'jane',
      undefined,
    ],
    [
      'is nobody to whom the table gives another name',
      { from: local, table: { U0JANE: 'j.doe' } },
      {},
      'jane',
      undefined,
    ],
  ])('%s', async (_, mapping, who, userName, owner) => {
    const desktop = { directoryId: DIRECTORY, workspaceId: 'ws-janedoe01', userName };
    expect(await ownerOf(partsOf(mapping, person(who)), desktop)).toBe(owner);
  });
});

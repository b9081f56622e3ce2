import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { awsWorld, people } from '../../../sandbox/world.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { keepingAudit } from '../audited.js';
import { type Story, startStory } from '../story.js';

const POLICY = `
version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com], table: { U0GINA: jane } } }
managers: { profile-field: Xf0MANAGER }
limits: { sources: { documentation: true }, networks: { Office: 198.51.100.0/24 } }
rules:
  - { name: production, target: { tags: { env: production } }, refuse: Production is opened on site only. }
  - { name: office, target: own, source: Office, up-to: 1h, approve: at-once }
  - { name: security, requester: '@security', target: { is: other, owner: U0MARIA }, ask: [admins] }
  - { name: own, target: own, ask: [manager] }
  - { name: gone, target: directory, requester: [U0NOBODY], ask: [admins, '@nobody'] }
`;

let story: Story;
let audited: AuditEntry[];
beforeAll(async () => {
  const world = awsWorld();
  const toms = world.workspaces.find(({ userName }) => userName === 'tom');
  if (toms) Object.assign(toms, { tags: { env: 'production' } });
  const marias = world.workspaces.find(({ userName }) => userName === 'maria');
  if (marias) Object.assign(marias, { publicIp: '198.51.100.11' });
  audited = [];
  story = await startStory({ policy: POLICY, world, wrap: keepingAudit(audited) });
  for (const { id } of story.town.aws.workspaces()) story.town.aws.setState(id, 'AVAILABLE');
});
afterAll(() => story.end());

test('a rule that approves at once opens access at once, within its conditions', async () => {
  const id = await story.asks('jane', '198.51.100.7 1h fixing the build');
  await story.sees(
    'jane',
    new RegExp(`Open until.*approved by the policy.*${id}|Open until[^]*${id}[^]*office`),
  );
});

test('outside of the conditions of a rule the next rule decides', async () => {
  const id = await story.asks('jane', '198.51.100.8 2h fixing the build');
  await story.sees('maria', id);
  await story.says('jane', `end ${id}`);
});

test('a rule that goes by a tag at AWS decides, and the requester reads the sentence of the rule', async () => {
  const id = await story.asks('tom', '203.0.113.25 1h fixing the build');
  const card = await story.sees('tom', new RegExp(`Not allowed.*${id}`));
  expect(card).toContain('Production is opened on site only.');
  expect(card).toContain('By rule `production` of the policy.');
});

test('members of a user group may ask for the WorkSpace of a person, and nobody else may', async () => {
  const id = await story.asks('sam', 'ws-mariaprv1 203.0.113.25 1h looking into it');
  expect(await story.sees('ada', id)).toContain('You are asked as an admin');
  const other = await story.asks('jane', 'ws-mariaprv1 203.0.113.25 1h looking into it');
  await story.sees('jane', new RegExp(`Not allowed.*${other}`));
});

test('a guest whom the policy names asks like a member', async () => {
  const id = await story.asks('gina', '198.51.100.9 1h fixing the build');
  await story.sees('gina', new RegExp(`Open until.*${id}`));
});

test('the audit record of a decision says by which rule, why by no rule before it, and under which policy', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  await story.sees('maria', id);
  const record = audited.find(({ requestId, what }) => requestId === id && what === 'pending');
  expect(record?.why).toBe(
    'rule "own": manager; not "production": it is for WorkSpaces with env = production, and this one has no tag env; not "office": 203.0.113.25 is not in Office; not "security": it is for somebody else\'s WorkSpace, and this is U0JANE\'s own',
  );
  expect(record?.ids).toEqual({ policy: story.config.policy.hash });
});

test('people and groups whom Slack does not know are told to the admins at start', async () => {
  const card = await story.sees('ada', 'The policy names somebody whom Slack does not know');
  expect(card).toContain('`@nobody`, `U0NOBODY`: no such active person or user group.');
});

test('another group that gets the handle that a rule names lets nobody in and nobody approve, and the admins are told', async () => {
  const { userGroups } = story.town.slack.world;
  const security = userGroups.find(({ handle }) => handle === 'security');
  Object.assign(security ?? {}, { handle: 'security-before' });
  userGroups.push({ id: 'S0OTHER', handle: 'security', name: 'Other', users: [people.jane] });
  story.passes(61_000); // The bot remembers a list of groups for a minute.
  const id = await story.asks('jane', 'ws-mariaprv1 203.0.113.25 1h looking into it');
  expect(await story.sees('jane', new RegExp(`Not allowed.*${id}`))).toContain(
    '@security is another user group in Slack than when I started',
  );
  expect(await story.sees('ada', 'A user group of the policy is another one now')).toContain('S0OTHER');
});

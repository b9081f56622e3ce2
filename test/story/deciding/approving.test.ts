import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { awsWorld, type PersonName, people } from '../../../sandbox/world.js';
import { type Story, startStory } from '../story.js';

const POLICY = `
version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
managers: { profile-field: Xf0MANAGER, table: { U0JANE: U0MARIA } }
limits: { sources: { documentation: true } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
  - { name: another one, target: any, ask: [{ any-of: [U0TOM, U0SAM, U0MARIA] }] }
`;
const OWN = '203.0.113.25 1h fixing the build';
const JANES = `ws-janedoe01 ${OWN}`;

let story: Story;
beforeAll(async () => {
  const world = awsWorld();
  const [own] = world.workspaces;
  if (!own) throw new Error('an empty world');
  world.workspaces.push({ ...own, id: 'ws-leesown01', userName: 'lee', ip: '10.20.1.40' });
  story = await startStory({ policy: POLICY, world });
  const { aws, slack } = story.town;
  const { users } = slack.world;
  const [jane] = users;
  if (!jane) throw new Error('nobody');
  users.push({ ...jane, id: 'U0GONE', name: 'gone', email: 'gone@example.com', deleted: true });
  for (const { id } of aws.workspaces()) aws.setState(id, 'AVAILABLE');
});
afterAll(() => story.end());

/** The profile field is read when somebody asks, and remembered: one manager for each person and story. */
function manager(name: PersonName, userId: string) {
  const user = story.town.slack.world.users.find(({ id }) => id === people[name]);
  if (user) user.fields = { Xf0MANAGER: userId };
}

test('the manager who is asked comes from the policy’s table, which counts before the profile', async () => {
  manager('jane', people.sam);
  const id = await story.asks('jane', OWN);
  expect(await story.sees('maria', id)).toMatch(/\[Approve/);
  expect(story.reads('sam').join()).not.toContain(id);
});

test('the manager who is asked comes from the profile field', async () => {
  manager('tom', people.sam);
  const id = await story.asks('tom', OWN);
  expect(await story.sees('sam', id)).toMatch(/\[Approve/);
});

test('somebody who is no longer the manager when they click decides nothing, and is told so', async () => {
  manager('lee', people.sam);
  story.town.aws.setState('ws-leesown01', 'AVAILABLE');
  const id = await story.asks('lee', OWN);
  await story.sees('sam', id);
  await story.stopBot();
  manager('lee', people.ada);
  await story.startBot();
  await story.presses('sam', id, 'Approve');
  await story.hears('sam', 'You are not among the people who may decide this now: @ada.');
  expect(story.rules()).toEqual([]);
});

test.each<[string, string | undefined]>([
  ['is missing', undefined],
  ['is deactivated', 'U0GONE'],
  ['is a bot', 'U0BOT'],
  ['is the requester', people.ada],
])('the requester and the admins are told of a manager who %s', async (_, userId) => {
  story = await again(userId);
  const id = await story.asks('ada', OWN);
  const card = await story.sees('ada', new RegExp(`Not allowed.*${id}`));
  expect(card).toContain('I found no manager of yours who may approve');
  await story.sees('ada', new RegExp(`A request could not be asked.*${id}`));
});

/** Starts a new bot, which remembers no manager. */
async function again(userId: string | undefined): Promise<Story> {
  await story.stopBot();
  const ada = story.town.slack.world.users.find(({ id }) => id === people.ada);
  if (ada) ada.fields = userId ? { Xf0MANAGER: userId } : {};
  await story.startBot();
  return story;
}

test('two people who may decide both get the card; the first click decides, and the other copy shows the decision', async () => {
  const id = await story.asks('lee', JANES);
  await story.sees('maria', id);
  await story.sees('tom', id);
  await story.presses('sam', id, 'Approve');
  const copy = await story.sees('maria', new RegExp(`${id}[\\s\\S]*Approved by @sam`));
  expect(copy).not.toContain('[Approve');
  await story.presses('lee', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
});

test('a requester whom the rule names too is not asked to decide their own request', async () => {
  const id = await story.asks('tom', JANES);
  // In the order of the rule: a card of tom's would have come before.
  await story.sees('sam', id);
  await story.sees('maria', id);
  expect(story.reads('tom').filter((text) => text.includes(id) && text.includes('[Approve'))).toEqual([]);
});

test('an approval and a take-back of one request at once have exactly one outcome', async () => {
  for (let round = 0; round < 3; round++) {
    const id = await story.asks('jane', OWN);
    await story.sees('maria', id);
    await story.sees('jane', new RegExp(`Waiting for.*${id}[\\s\\S]*Take back`));
    await Promise.all([
      story.presses('maria', id, 'Approve'),
      story.presses('jane', new RegExp(`Waiting for.*${id}[\\s\\S]*Take back`), 'Take back'),
    ]);
    const end = await story.sees('jane', new RegExp(`(Open until|Taken back|Ended).*${id}`));
    if (end.includes('Open until')) {
      await story.rulesBecome(1);
      await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
    }
    await story.rulesBecome(0);
    const authorized = story.town.aws.history.filter(
      (change) => change.kind === 'rule-added' && change.rule.description.includes(id),
    );
    // A request that was taken back before EC2 was asked has ended without a rule.
    const isWithout = end.includes('Taken back') || end.includes('had not been opened');
    expect(authorized.length).toBe(isWithout ? 0 : 1);
  }
});

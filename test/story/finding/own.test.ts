import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AwsWorld, WorkspaceSeed } from '../../../sandbox/aws/world.js';
import type { SlackUser } from '../../../sandbox/slack/world.js';
import { awsWorld, type PersonName, people } from '../../../sandbox/world.js';
import { type Story, startStory } from '../story.js';

const DIRECTORY_ID = 'd-90670a1b2c';
const BY_EMAIL = 'd-90670000e1';
const BY_FIELD = 'd-90670000f1';
const BY_TABLE = 'd-90670000aa';
const UNMAPPED = 'd-90670000bb';
const HIDDEN_JANE = 'ws-janehidden';
const POLICY = `
version: 1
admins: [U0ADA]
directories:
  ${DIRECTORY_ID}: { people: { from: email-local-part, domains: [example.com] } }
  ${BY_EMAIL}: { people: { from: email, domains: [example.com] } }
  ${BY_FIELD}: { people: { from: Xf0LOGIN } }
  ${BY_TABLE}: { people: { table: { U0ADA: a.novak } } }
  ${UNMAPPED}: {}
managers: { table: { U0JANE: U0MARIA, U0TOM: U0MARIA, U0SAM: U0MARIA, U0ADA: U0MARIA, U0LEE: U0MARIA, U0GINA: U0MARIA } }
limits: { sources: { documentation: true }, durations: { shortest: 5s } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
`;

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY, world: world() });
  Object.assign(user('sam'), { fields: { Xf0LOGIN: 'SOkafor' } });
  Object.assign(user('maria'), { email: 'maria@example.com.evil.org' });
  Object.assign(user('lee'), { email: 'jane@notexample.com' });
  Object.assign(user('gina'), { email: 'jane@example.com' });
});
afterAll(() => story.end());

function world(): AwsWorld {
  const base = awsWorld();
  const [corp] = base.directories;
  const [jane] = base.workspaces;
  if (!corp || !jane) throw new Error('an empty world');
  const seed = (id: string, directoryId: string, userName: string, last: number): WorkspaceSeed => {
    return { ...jane, id, directoryId, userName, ip: `10.20.1.${last}`, publicIp: `198.51.100.${last}` };
  };
  const others = [BY_EMAIL, BY_FIELD, BY_TABLE, UNMAPPED];
  return {
    ...base,
    directories: [corp, ...others.map((id) => ({ ...corp, id }))],
    workspaces: [
      seed('ws-janedoe01', DIRECTORY_ID, 'JANE', 21),
      seed('ws-tombecker1', BY_EMAIL, 'Tom@example.com', 22),
      seed('ws-samokafor', BY_FIELD, 'sokafor', 23),
      seed('ws-adanovak1', BY_TABLE, 'a.novak', 24),
      seed(HIDDEN_JANE, UNMAPPED, 'jane', 25),
      seed('ws-janetable', BY_TABLE, 'jane', 26),
    ],
  };
}

function user(name: PersonName): SlackUser {
  const found = story.town.slack.world.users.find(({ id }) => id === people[name]);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

const asksForOwn = async (name: PersonName) => {
  const id = await story.asks(name, '203.0.113.25 1h fixing the build');
  return story.sees(name, new RegExp(`(Waiting for @|Not allowed).*${id}`));
};

test.each<[PersonName, string, string]>([
  ['jane', 'the part of the e-mail before the @', 'ws-janedoe01'],
  ['tom', 'the whole e-mail', 'ws-tombecker1'],
  ['sam', 'a profile field', 'ws-samokafor'],
  ['ada', 'a table', 'ws-adanovak1'],
])('%s’s own WorkSpace is found by %s, whatever the case of the user name', async (name, _, workspaceId) => {
  expect(await asksForOwn(name)).toMatch(new RegExp(`Waiting for @maria[\\s\\S]*${workspaceId}`));
});

test.each<[PersonName, string]>([
  ['maria', 'has an address at a domain that only begins like ours'],
  ['lee', 'has an address at a domain that only ends like ours'],
  ['gina', 'is a guest, even with an address at our domain'],
])('%s, who %s, is no user of any directory', async (name) => {
  expect(await asksForOwn(name)).toMatch(/Not allowed[\s\S]*I do not know your user name in any directory/);
});

test('a directory without a mapping of people is never searched, and a jane of another directory is another person', async () => {
  await asksForOwn('jane');
  const searched = story.town.aws.journal
    .filter(({ action, request }) => action === 'DescribeWorkspaces' && 'DirectoryId' in request)
    .map(({ request }) => `${request.DirectoryId} ${request.UserName}`);
  expect(searched.filter((search) => search.startsWith(UNMAPPED))).toEqual([]);
  expect(searched.filter((search) => search.startsWith(BY_TABLE))).not.toContain(`${BY_TABLE} jane`);
  expect(searched).toContain(`${DIRECTORY_ID} jane`);
});

test('a person may not ask for the WorkSpace of a namesake in a directory without a mapping of people', async () => {
  const id = await story.asks('jane', `${HIDDEN_JANE} 203.0.113.25 1h fixing the build`);
  const card = await story.sees('jane', new RegExp(`Not allowed.*${id}`));
  expect(card).toMatch(new RegExp(`do not know your user name in directory ${UNMAPPED}`));
});

test('the WorkSpace of a namesake is somebody else’s in a directory that knows the person by another name', async () => {
  const id = await story.asks('ada', 'ws-janetable 203.0.113.25 1h fixing the build');
  expect(await story.sees('ada', new RegExp(`Not allowed.*${id}`))).toMatch(/somebody else's WorkSpace/);
});

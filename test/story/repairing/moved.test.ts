/** WorkSpaces that move or go, and people who leave, while access is open or waits. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { people, SHARED_GROUP } from '../../../sandbox/world.js';
import { createPeople } from '../../../src/slack/connection/people.js';
import { atFullDepth } from '../../depth.js';
import { existingGroups } from '../policies.js';
import { type Story, startStory } from '../story.js';

/** How far ahead the clock is set by which people are remembered. */
let aheadMs = 0;
let story: Story;
beforeEach(async () => {
  aheadMs = 0;
  story = await startStory({
    env: { TIME_SWEEP: '300ms', TIME_AWS: '2s' },
    wrap: (rooms) => ({
      ...rooms,
      parts: { ...rooms.parts, people: createPeople(rooms.slack.client, () => Date.now() + aheadMs) },
    }),
  });
});
afterEach(() => story.end());

async function opens(): Promise<string> {
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  return id;
}

test('the rule of a WorkSpace that was rebuilt is closed, and the requester asks again with one click', async () => {
  const id = await opens();
  story.town.aws.rebuild('ws-janedoe01');
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(ended).toContain('the WorkSpace has moved to another address');
  expect(ended).toContain('[Request again]');
  expect(story.rules()).toEqual([]);
  await story.presses('jane', new RegExp(`Ended.*${id}`), 'Request again');
  await story.until('the form is open', () => story.person('jane').views().length > 0);
});

atFullDepth(
  'the rule of a WorkSpace that was rebuilt is closed, and the rules of others in its group stay',
  async () => {
    const policy = existingGroups(SHARED_GROUP);
    await story.end();
    story = await startStory({ policy, env: { TIME_SWEEP: '300ms', TIME_AWS: '2s' } });
    const { aws } = story.town;
    const theirs = aws.addRule(SHARED_GROUP, { cidr: '198.51.100.9/32' });
    const id = await opens();
    aws.rebuild('ws-janedoe01');
    expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('has moved to another address');
    expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([theirs.ruleId]);
  },
);

test('access to a terminated WorkSpace is closed, and its requester told', async () => {
  const id = await opens();
  story.town.aws.terminate('ws-janedoe01');
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('no longer exists');
  expect(story.rules()).toEqual([]);
});

test('a WorkSpace that stops and gets another public address shows no old ssh line, and its requester is told', async () => {
  const { aws } = story.town;
  const id = await opens();
  const old = aws.interfaceOf('ws-janedoe01')?.publicIp ?? '';
  expect(story.reads('jane').join()).toContain(`@${old}`);
  aws.setState('ws-janedoe01', 'STOPPED');
  aws.setPublicIp('ws-janedoe01', undefined);
  await story.sees('jane', new RegExp(`Open until.*${id}\\n.*is stopped, so nothing can connect`));
  await story.until('no card shows the old line', () => !story.reads('jane').join().includes(`@${old}`));
  aws.setPublicIp('ws-janedoe01', '198.51.100.200');
  aws.setState('ws-janedoe01', 'AVAILABLE');
  const back = await story.sees('jane', new RegExp(`Open until.*${id}[^]*jane@198\\.51\\.100\\.200`));
  expect(back).toContain(`Use no older line: \`${old}\` may be somebody else’s by now.`);
  await story.until('no card shows the old line', () => !story.reads('jane').join().includes(`@${old}`));
  expect(story.rules()).toHaveLength(1);
});

test('the card of a WorkSpace that lost its public address while it runs shows no ssh line', async () => {
  const id = await opens();
  story.town.aws.setPublicIp('ws-janedoe01', undefined);
  const card = await story.sees(
    'jane',
    new RegExp(`Open until.*${id}\\n.*has no address that you can reach`),
  );
  expect(card).toContain('[End now]');
});

test('a WorkSpace that is terminated while the sweep looks is not told as moved', async () => {
  await story.end();
  let terminates = false;
  story = await startStory({
    env: { TIME_SWEEP: '300ms', TIME_AWS: '2s' },
    aws: { staleMs: 0 },
    wrap: (rooms) => {
      const { firewall } = rooms.parts;
      const interfacesById: typeof firewall.interfacesById = async (ids) => {
        if (terminates) story.town.aws.terminate('ws-janedoe01');
        terminates = false;
        return firewall.interfacesById(ids);
      };
      return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, interfacesById } } };
    },
  });
  const id = await opens();
  terminates = true;
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('no longer exists');
});

test('the open access of a requester who is deactivated in Slack ends, and their requests that wait are taken back', async () => {
  const open = await opens();
  const waiting = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h and another');
  await story.sees('maria', waiting);
  const jane = story.town.slack.world.users.find(({ id }) => id === people.jane);
  if (jane) jane.deleted = true;
  // The bot remembers people for half a minute, and detects no change before.
  aheadMs = 30_000;
  await story.rulesBecome(0);
  expect(await story.sees('maria', new RegExp(`${waiting}[\\s\\S]*Taken back`))).toContain(
    'the account was deactivated',
  );
  await story.sees('maria', new RegExp(`${open}[\\s\\S]*ended`));
});

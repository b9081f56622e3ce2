import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AwsWorld, WorkspaceSeed } from '../../../sandbox/aws/world.js';
import { awsWorld } from '../../../sandbox/world.js';
import { atFullDepth } from '../../depth.js';
import { type Story, startStory } from '../story.js';

const DIRECTORY = 'd-90670a1b2c';
const COUNT = 30;

let story: Story;
beforeAll(async () => {
  story = await startStory({ world: world(), env: { TIME_SWEEP: '1s' } });
  const { buckets } = story.town.aws.settings;
  // The documented sizes are for an account that others use as well, so little of them is left.
  Object.assign(buckets, { on: true, modifyInterface: { size: 8, refillPerSecond: 6 } });
  // A slow machine asks too slowly to empty it.
  story.town.aws.faults.add({ action: 'ModifyNetworkInterfaceAttribute', times: 3, kind: 'throttle' });
});
afterAll(() => story.end());

function world(): AwsWorld {
  const base = awsWorld();
  const [jane] = base.workspaces;
  if (!jane) throw new Error('an empty world');
  const seed = (index: number): WorkspaceSeed => ({
    ...jane,
    id: `ws-number${String(index).padStart(3, '0')}`,
    userName: `user${index}`,
    runningMode: 'AUTO_STOP',
    ip: `10.20.1.${index + 50}`,
    publicIp: `198.51.100.${index + 50}`,
  });
  const windows = { ...seed(40), os: 'WINDOWS_11' };
  return { ...base, workspaces: [...Array.from({ length: COUNT }, (_, i) => seed(i)), windows] };
}

test('a whole directory is approved by an admin, prepared while nothing is open, and opened by one rule', async () => {
  const id = await story.asks('jane', `${DIRECTORY} 203.0.113.25 1h patching all`);
  expect(await story.sees('ada', id)).toContain(`all ${COUNT} Linux WorkSpaces of ${DIRECTORY}`);
  expect(story.reads('maria').join()).not.toContain(id);
  const { confirmed } = await story.presses('ada', id, 'Approve');
  expect(confirmed?.text).toContain(`${COUNT} Linux WorkSpaces`);

  await story.sees('jane', new RegExp(`Opening.*${id}[\\s\\S]*20 of ${COUNT} prepared`));
  expect(story.rules()).toEqual([]);
  await story.sees('jane', new RegExp(`Open until.*${id}`));

  const { aws } = story.town;
  expect(story.rules()).toHaveLength(1);
  const open = aws.workspaces().filter((one) => aws.opens(one.id, '203.0.113.25').length > 0);
  expect(open).toHaveLength(COUNT);
  expect(open.every(({ os }) => !os.startsWith('WINDOWS'))).toBe(true);
  expect(aws.groups().filter(({ name }) => name.startsWith('workspace-ssh-'))).toHaveLength(1);
  expect(aws.journal.some(({ code }) => code === 'RequestLimitExceeded')).toBe(true);

  // Another address opens all of them by one rule, in the group that they carry already.
  await story.says('jane', `move ${id} 203.0.113.30`);
  const card = await story.sees('ada', new RegExp(`another address.*${id} → [2-9A-Z]{5}`));
  const move = new RegExp(`${id} → ([2-9A-Z]{5})`).exec(card)?.[1] ?? '';
  await story.presses('ada', move, 'Approve');
  await story.sees('jane', new RegExp(`Ended.*continued as ${move}, from 203.0.113.30.*${id}`));
  expect(aws.workspaces().filter((one) => aws.opens(one.id, '203.0.113.30').length > 0)).toHaveLength(COUNT);
  expect(aws.workspaces().filter((one) => aws.opens(one.id, '203.0.113.25').length > 0)).toEqual([]);

  // More time for all of them joins that rule.
  const [rule] = story.rules();
  await story.says('jane', `extend ${move} 30m`);
  const asks = await story.sees('ada', new RegExp(`30 minutes more.*${move} → [2-9A-Z]{5}`));
  const more = new RegExp(`${move} → ([2-9A-Z]{5})`).exec(asks)?.[1] ?? '';
  await story.presses('ada', more, 'Approve 30 min');
  await story.sees('jane', new RegExp(`Ended.*continued as ${more}.*${move}`));
  expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([rule?.ruleId]);
  expect(aws.workspaces().filter((one) => aws.opens(one.id, '203.0.113.30').length > 0)).toHaveLength(COUNT);
  expect(aws.groups().filter(({ name }) => name.startsWith('workspace-ssh-'))).toHaveLength(1);
});

test('access to some of a directory stays open when all of it is opened for somebody else', async () => {
  const { aws } = story.town;
  const opens = async (source: string, words: string): Promise<void> => {
    const id = await story.asks('jane', `${DIRECTORY} ${source} 1h patching some`);
    expect(await story.sees('ada', id)).toContain(`${words} Linux WorkSpaces of ${DIRECTORY}`);
    await story.presses('ada', id, 'Approve');
    await story.sees('jane', new RegExp(`Open until.*${id}`));
  };
  const openTo = (source: string) => aws.workspaces().filter((one) => aws.opens(one.id, source).length > 0);
  // At once, and not as late as AWS shows things.
  aws.settings.staleMs = 0;
  aws.setState('ws-number000', 'REBOOTING');
  await opens('203.0.113.26', `${COUNT - 1} of ${COUNT}`);
  aws.setState('ws-number000', 'AVAILABLE');
  await opens('203.0.113.27', `all ${COUNT}`);
  expect(openTo('203.0.113.26')).toHaveLength(COUNT - 1);
  expect(openTo('203.0.113.27')).toHaveLength(COUNT);
});

atFullDepth(
  'stopped WorkSpaces of a directory are told before the yes, started after it, and hold nothing up',
  async () => {
    const { aws } = story.town;
    aws.settings.startTakesMs = 3_600_000;
    const stopped = Array.from({ length: COUNT - 2 }, (_, n) => `ws-number${String(n + 2).padStart(3, '0')}`);
    for (const id of stopped) aws.setState(id, 'STOPPED');
    const starts = () => aws.journal.filter(({ action }) => action === 'StartWorkspaces');

    const id = await story.asks('jane', `${DIRECTORY} 203.0.113.28 1h patching all`);
    const asks = await story.sees('ada', id);
    expect(asks).toContain(`reaches ${COUNT} WorkSpaces, ${COUNT - 2} of them stopped: ws-number000`);
    expect(asks).toContain('Once it is approved I ask AWS to start them.');
    await story.sees('jane', new RegExp(`${id}[^]*${COUNT - 2} of these ${COUNT} WorkSpaces are stopped`));
    expect(starts()).toEqual([]);
    await story.presses('ada', id, 'Approve');
    const open = await story.sees('jane', new RegExp(`Open until.*${id}`));
    expect(open).toContain(`reaches 2 of ${COUNT} WorkSpaces now: ${COUNT - 2} are starting.`);
    expect(starts().map(({ code }) => code)).toEqual(['OK', 'OK']);

    for (const one of stopped) aws.setState(one, 'AVAILABLE');
    const all = await story.sees('jane', new RegExp(`Open until.*${id}[^]*reaches each of ${COUNT}`));
    // No line that was shown leads elsewhere.
    expect(all).not.toContain('Use no older line');
  },
);

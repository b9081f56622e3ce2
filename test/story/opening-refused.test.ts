import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nanoid } from 'nanoid';
import { awsWorld } from '../../sandbox/world.js';
import { type Story, startStory } from './story.js';

const INSTALLATION = `t-${nanoid(10).toLowerCase().replace(/_/g, '-')}`;
const TAKEN = `workspace-ssh-${INSTALLATION}-ws-tombecker1`;

let story: Story;
beforeAll(async () => {
  const world = awsWorld();
  const vpcId = world.vpcs[0]?.id ?? '';
  const taken = { id: 'sg-0cccccccccccccc01', name: TAKEN, vpcId, description: 'somebody else’s' };
  story = await startStory({
    world: { ...world, groups: [...world.groups, taken] },
    env: { INSTALLATION, TIME_AWS: '1s', TIME_ABSENT_AGAIN: '300ms' },
  });
  story.town.aws.setState('ws-tombecker1', 'AVAILABLE');
});
afterAll(() => story.end());
const usual = { rulesPerGroup: 60, groupsPerInterface: 5, groupsPerRegion: 2500 };
beforeEach(() => {
  story.town.aws.settings.quotas = { ...usual };
});

async function fails(name: 'jane' | 'tom'): Promise<string> {
  const id = await story.asks(name, '203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  const failed = await story.sees(name, new RegExp(`Failed.*${id}`));
  expect(await story.sees('ada', new RegExp(`could not be opened.*${id}`))).toBeDefined();
  expect(story.rules()).toEqual([]);
  return failed;
}

test('a group of our name without our signature is refused, and left alone', async () => {
  const failed = await fails('tom');
  expect(failed).toContain(`A security group named ${TAKEN} is there already and is not mine`);
  expect(story.town.aws.interfaceOf('ws-tombecker1')?.groups).not.toContain('sg-0cccccccccccccc01');
});

test('an interface that carries as many groups as AWS allows', async () => {
  story.town.aws.settings.quotas = { ...usual, groupsPerInterface: 2 };
  expect(await fails('jane')).toMatch(/ws-janedoe01 carries as many security groups as AWS allows/);
});

test('a group that holds as many rules as AWS allows', async () => {
  story.town.aws.settings.quotas = { ...usual, rulesPerGroup: 0 };
  expect(await fails('jane')).toMatch(/holds as many rules as AWS allows/);
});

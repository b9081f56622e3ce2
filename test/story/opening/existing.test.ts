import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AwsWorld } from '../../../sandbox/aws/world.js';
import { awsWorld, SHARED_GROUP } from '../../../sandbox/world.js';
import type { Rooms } from '../../../src/app.js';
import { ahead } from '../asking/asking.js';
import { existingGroups } from '../policies.js';
import { type Story, startStory } from '../story.js';

const MEMBERS = 'sg-0aaaaaaaaaaaaaa01';
const CONTROLLERS = 'sg-0aaaaaaaaaaaaaa02';
const FROM = '203.0.113.25 1h fixing the build';
const WHERE = 'ws-janedoe01';

/** Jane's WorkSpace carries the controllers' group first. */
function world(): AwsWorld {
  const base = awsWorld();
  const workspaces = base.workspaces.map((one) =>
    one.id === WHERE ? { ...one, groups: [CONTROLLERS, ...one.groups] } : one,
  );
  const directories = base.directories.map((one) => ({ ...one, customSecurityGroupId: SHARED_GROUP }));
  return { ...base, workspaces, directories };
}

/** After the first look one more WorkSpace carries the group. */
function growing(rooms: Rooms): Rooms {
  const { firewall } = rooms.parts;
  let looks = 0;
  const carriersOf: typeof firewall.carriersOf = async (...given) => {
    const carriers = await firewall.carriersOf(...given);
    return { ...carriers, reach: carriers.reach + (looks++ === 0 ? 0 : 1) };
  };
  return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, carriersOf } } };
}

let story: Story;
afterEach(() => story.end());
const opens = async (id: string) => {
  await story.presses('maria', id, 'Approve');
  return story.sees('jane', new RegExp(`Open until.*${id}`));
};

describe('a group that several WorkSpaces share', () => {
  beforeEach(async () => {
    // A manual change is seen at once, and not as late as AWS shows changes.
    const aws = { staleMs: 0 };
    const env = { TIME_SWEEP: '300ms' };
    story = await startStory({ policy: existingGroups(CONTROLLERS, SHARED_GROUP), world: world(), aws, env });
  });

  test('takes the rule, and the controllers’ group never does; the approver reads how many WorkSpaces open, and confirms', async () => {
    const id = await story.asks('jane', FROM);
    expect(await story.sees('maria', id)).toMatch(
      new RegExp(`Opens 3 WorkSpaces: they share .${SHARED_GROUP}`),
    );
    const { confirmed } = await story.presses('maria', id, 'Approve');
    expect(confirmed?.text).toContain('Opens 3 WorkSpaces');
    expect(await story.sees('jane', new RegExp(`Open until.*${id}`))).toContain('reaches 3 WorkSpaces');
    expect(story.rules().map(({ groupId }) => groupId)).toEqual([SHARED_GROUP]);
    // Another address goes into the same group, and attaches nothing either.
    await story.says('jane', `move ${id} 203.0.113.26`);
    const card = await story.sees('maria', new RegExp(`another address.*${id} → [2-9A-Z]{5}`));
    expect(card).toContain('Opens 3 WorkSpaces');
    const move = new RegExp(`${id} → ([2-9A-Z]{5})`).exec(card)?.[1] ?? '';
    await story.presses('maria', move, 'Approve');
    await story.sees('jane', new RegExp(`Ended.*continued as ${move}, from 203.0.113.26.*${id}`));
    expect(story.rules().map(({ groupId, cidr }) => [groupId, cidr])).toEqual([
      [SHARED_GROUP, '203.0.113.26/32'],
    ]);
    // More time joins the rule that is there.
    const [rule] = story.rules();
    await story.says('jane', `extend ${move} 30m`);
    const asks = await story.sees('maria', new RegExp(`30 minutes more.*${move} → [2-9A-Z]{5}`));
    const more = new RegExp(`${move} → ([2-9A-Z]{5})`).exec(asks)?.[1] ?? '';
    await story.presses('maria', more, 'Approve 30 min');
    await story.sees('jane', new RegExp(`Ended.*continued as ${more}.*${move}`));
    expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([rule?.ruleId]);
    await story.says('jane', `end ${more}`);
    await story.rulesBecome(0);

    // Access that is to open later opens there as well, at its time.
    const { typed, atMs } = ahead(story, 30);
    const later = await story.asks('jane', `at ${typed} ${FROM}`);
    await story.presses('maria', later, 'Approve');
    await story.sees('jane', new RegExp(`\\*Opens .*${later}`));
    expect(story.rules()).toEqual([]);
    story.passes(Math.max(0, atMs - story.now()));
    await story.sees('jane', new RegExp(`Open until.*${later}`));
    expect(story.rules().map(({ groupId }) => groupId)).toEqual([SHARED_GROUP]);
    expect(story.town.aws.history.filter(({ kind }) => kind === 'interface-changed')).toEqual([]);
  });

  test('opens no other WorkSpace where the approved WorkSpace no longer carries the group', async () => {
    const id = await story.asks('jane', FROM);
    await story.sees('maria', id);
    const { aws } = story.town;
    const at = aws.interfaceOf(WHERE);
    aws.setGroups(
      at?.id ?? '',
      (at?.groups ?? []).filter((one) => one !== SHARED_GROUP),
    );
    await story.presses('maria', id, 'Approve');
    expect(await story.sees('jane', new RegExp(`Failed.*${id}`))).toContain(
      `${WHERE} no longer carries ${SHARED_GROUP}`,
    );
    expect(story.rules()).toEqual([]);
  });

  test('has a foreign rule for this address already: the requester is told so, and that rule is never touched', async () => {
    const theirs = story.town.aws.addRule(SHARED_GROUP, { cidr: '203.0.113.25/32', description: 'by hand' });
    const id = await story.asks('jane', FROM);
    await story.presses('maria', id, 'Approve');
    expect(await story.sees('jane', new RegExp(`Already open.*${id}`))).toContain(
      'I will not close it either',
    );
    expect(await story.says('jane', `end ${id}`)).toContain('could connect already');
    expect(story.town.aws.rules(SHARED_GROUP).filter(({ isEgress }) => !isEgress)).toEqual([theirs]);
  });

  test('and that more WorkSpaces carry by now: who is asked for more time reads how many, and no more than that get it', async () => {
    const { aws } = story.town;
    const id = await story.asks('jane', FROM);
    await opens(id);
    aws.rebuild('ws-samwindow');
    await story.says('jane', `extend ${id} 30m`);
    const card = await story.sees('maria', new RegExp(`more.*${id} → [2-9A-Z]{5}`));
    expect(card).toContain('Opens 4 WorkSpaces');
    const more = new RegExp(`${id} → ([2-9A-Z]{5})`).exec(card)?.[1] ?? '';
    const at = aws.interfaceOf('ws-adanovak1');
    aws.setGroups(at?.id ?? '', [...(at?.groups ?? []), SHARED_GROUP]);
    await story.presses('maria', more, 'Approve');
    const failed = await story.sees('jane', new RegExp(`Failed.*${more}`));
    expect(failed).toContain('It would open 5 WorkSpaces now, and 4 were approved. No time was added.');
    expect(Object.keys(story.rules()[0]?.tags ?? {}).join()).not.toContain(more);
    await story.sees('jane', new RegExp(`Open until.*${id}[^]*\\[Extend`));
  });

  test('and that more WorkSpaces carry than were approved has the request go back for a new yes', async () => {
    const id = await story.asks('jane', FROM);
    await story.sees('maria', new RegExp(`${id}[\\s\\S]*Opens 3 WorkSpaces`));
    // The directory's default group reaches a WorkSpace when it is rebuilt.
    story.town.aws.rebuild('ws-samwindow');
    await story.presses('maria', id, 'Approve');
    const again = /approved for 3 WorkSpaces, but would open 4 now[\s\S]*\[Approve/;
    await story.sees('maria', again);
    expect(story.rules()).toEqual([]);
    await story.presses('maria', again, 'Approve');
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    expect(story.rules()).toHaveLength(1);
  });
});

test('an admin has to say yes where the policy approves at once and the reach of the group grows', async () => {
  story = await startStory({
    policy: existingGroups(SHARED_GROUP).replace('ask: [manager]', 'approve: at-once'),
    world: world(),
    wrap: growing,
  });
  const id = await story.asks('jane', FROM);
  await story.presses('ada', /approved for 3 WorkSpaces, but would open 4 now/, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
});

test.each([
  ['another admin says yes', 'admins: [U0JANE, U0ADA]', /Waiting for @ada\*/],
  ['nothing opens where there is no other', 'admins: [U0JANE]', /not 3\. You are the only admin/],
])(
  'where the reach of a group grows after a yes at once to an admin’s own request, %s',
  async (_, admins, card) => {
    story = await startStory({
      policy: existingGroups(SHARED_GROUP)
        .replace('ask: [manager]', 'approve: at-once')
        .replace('admins: [U0ADA]', admins),
      world: world(),
      wrap: growing,
    });
    await story.asks('jane', FROM);
    await story.sees('jane', card);
    expect(story.reads('jane').join()).not.toContain('You may approve this yourself');
    expect(story.rules()).toEqual([]);
  },
);

test('the directory’s members group takes the rule only where the policy names it outright', async () => {
  story = await startStory({ policy: existingGroups(CONTROLLERS), world: world() });
  const refused = await story.asks('jane', FROM);
  expect(await story.sees('jane', new RegExp(`Not allowed.*${refused}`))).toContain('carries none of');
  await story.end();

  story = await startStory({ policy: existingGroups(CONTROLLERS, MEMBERS), world: world() });
  const id = await story.asks('jane', FROM);
  await opens(id);
  expect(story.rules().map(({ groupId }) => groupId)).toEqual([MEMBERS]);
});

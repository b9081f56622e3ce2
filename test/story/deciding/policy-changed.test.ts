/**
 * The bot comes back with another policy, or an approver leaves, while requests wait: the policy in force decides at each
 * click, limits included, and once more right before a request that had to wait opens.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { awsWorld, people } from '../../../sandbox/world.js';
import { atFullDepth, firstOf } from '../../depth.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const BEFORE = policyWith(`
limits: { sources: { documentation: true }, networks: { Office: 198.51.0.0/16 } }
rules:
  - { name: own, target: own, ask: [{ any-of: [U0MARIA, U0SAM] }] }
`);
/** TIME_LATE_YES */
const LATE_MS = 600_000;
/** TIME_NUDGE */
const NUDGE_MS = 600_000;

/** Longer than people and groups are remembered, and than a yes counts unseen. */
const REMEMBERED_MS = 61_000;
const JANES = 'ws-janedoe01';

let story: Story;
beforeAll(async () => {
  const world = awsWorld();
  const janes = world.workspaces.find(({ userName }) => userName === 'jane');
  if (janes) Object.assign(janes, { tags: { env: 'production' } });
  const env = { TIME_LATE_YES: `${LATE_MS}ms` };
  // A WorkSpace that has just stopped is not read as running.
  story = await startStory({ policy: BEFORE, world, env, aws: { staleMs: 0 } });
});
beforeEach(() => restart(BEFORE));
afterAll(() => story.end());

async function restart(policy: string) {
  await story.stopBot();
  await story.startBot(policy);
}

const changed = (from: string, to: string) => {
  const policy = BEFORE.replace(from, to);
  if (policy === BEFORE) throw new Error(`the policy has no ${from}`);
  return policy;
};

const NEW_POLICIES: [string, string, string, string][] = [
  [
    'denies the address',
    '203.0.113.25 2h',
    changed('documentation: true', 'documentation: true, denied: [203.0.113.0/28, 203.0.113.16/28]'),
    '203.0.113.25 touches 203.0.113.16/28, which the policy refuses.',
  ],
  [
    'names that wide network no more',
    'Office 2h',
    changed('networks: { Office: 198.51.0.0/16 }', 'networks: { Office: 198.51.100.0/24 }'),
    '198.51.0.0/16 is 65,536 addresses; the policy allows at most /24',
  ],
  [
    'allows less time',
    '203.0.113.25 2h',
    changed('networks:', 'durations: { choices: [1h], longest: 1h }, networks:'),
    '2 hours is longer than the policy allows.',
  ],
  [
    'wants a ticket',
    '203.0.113.25 2h',
    changed('networks:', "reason: { pattern: 'OPS-[0-9]+', hint: Add the ticket. }, networks:"),
    'Add the ticket.',
  ],
  [
    'leaves out the directory',
    '203.0.113.25 2h',
    changed('d-90670a1b2c:', 'd-9067000000:'),
    'The policy does not name directory d-90670a1b2c.',
  ],
  [
    'goes by tags that nobody had to read before',
    '203.0.113.25 2h',
    changed(
      'rules:',
      'rules:\n  - { name: production, target: { tags: { env: production } }, refuse: Production stays shut. }',
    ),
    'Production stays shut.',
  ],
];

test.each(firstOf(2, NEW_POLICIES))(
  'a waiting request is refused at the click where the new policy %s',
  async (_, asked, policy, sentence) => {
    const id = await story.asks('jane', `${asked} fixing the build`);
    await story.sees('maria', id);
    await restart(policy);
    await story.presses('maria', id, 'Approve');
    expect(await story.hears('maria', `Not allowed any more: ${sentence}`)).not.toContain('reference');
    await story.sees('jane', new RegExp(`Not allowed.*${id}`));
    await story.sees('sam', new RegExp(`${id}[^]*Not allowed any more`));
    expect(story.rules()).toEqual([]);
  },
);

async function approvedLate(): Promise<string> {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.sees('sam', id);
  story.passes(LATE_MS);
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`Open now from 203.0.113.25\\?.*${id}`));
  return id;
}

test('a late yes is refused by the new policy when the requester confirms it', async () => {
  const id = await approvedLate();
  await restart(changed('documentation: true', 'documentation: true, denied: [203.0.113.0/24]'));
  await story.presses('jane', new RegExp(`Open now from.*${id}`), 'Open now');
  await story.hears('jane', 'Not allowed any more: 203.0.113.25 touches');
  expect(story.rules()).toEqual([]);
});

test('an approver whose click counts under another rule by now is told what changed', async () => {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.sees('maria', id);
  await restart(changed('[U0MARIA, U0SAM] }', '[U0MARIA, U0SAM], count: 2 }'));
  await story.presses('maria', id, 'Approve');
  await story.hears(
    'maria',
    'Your yes counts. What changed: the policy now needs 2 of U0MARIA, U0SAM (rule "own").',
  );
  await story.sees('jane', new RegExp(`Waiting for @sam.*${id}`));
  await story.says('jane', `end ${id}`);
});

test('a nudge says what the policy changed, and a click on an earlier card is not taken for a yes to the change', async () => {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.sees('maria', id);
  const { slack } = story.town;
  const [before] = slack.dm(people.maria).slice(-1);
  const old = structuredClone(before);
  await restart(changed('[U0MARIA, U0SAM] }', '[U0MARIA, U0SAM], count: 2 }'));
  story.passes(NUDGE_MS);
  await story.presses('jane', id, 'Nudge');
  const what = 'the policy now needs 2 of U0MARIA, U0SAM (rule "own")';
  await story.hears('jane', `I asked them again. What changed: ${what}.`);
  await story.sees('maria', new RegExp(`${id}[^]*nudges`));
  if (old) await slack.person(people.maria).press(old, 'Approve 2 h');
  await story.hears('maria', `${id} has changed since that message: ${what}.`);
  await story.says('jane', `end ${id}`);
});

/** Sam leaves the company while `work` goes on. */
async function withoutSam(work: () => Promise<void>): Promise<void> {
  const sam = story.town.slack.world.users.find(({ name }) => name === 'sam');
  Object.assign(sam ?? {}, { deleted: true });
  story.passes(REMEMBERED_MS);
  try {
    await work();
  } finally {
    Object.assign(sam ?? {}, { deleted: false });
  }
}

test('a late yes of somebody who may not decide any more opens nothing: the request waits for the people who may', async () => {
  const id = await approvedLate();
  await withoutSam(async () => {
    await story.presses('jane', new RegExp(`Open now from.*${id}`), 'Open now');
    await story.hears('jane', 'Not opened. @sam may not decide any more; it waits for @maria.');
    expect(story.rules()).toEqual([]);
    await story.presses('maria', new RegExp(`${id}[^]*\\[Approve`), 'Approve');
    await story.sees('jane', new RegExp(`Open until.*approved by @maria.*${id}`));
    await story.says('jane', `end ${id}`);
    await story.rulesBecome(0);
  });
});

/** The faults that hold up the opening of Jane's request, each with the way to end it. */
const HELD_UP: Record<string, { comes(): unknown; passes(): unknown; reads: string }> = {
  'a pause': {
    comes: () => story.says('ada', 'pause'),
    passes: () => story.says('ada', 'resume'),
    reads: 'Paused',
  },
  'its WorkSpace, which has stopped,': {
    comes: () => story.town.aws.setState(JANES, 'STOPPED'),
    passes: () => story.town.aws.setState(JANES, 'AVAILABLE'),
    reads: 'Waiting for AWS',
  },
  AWS: {
    comes: () => Object.assign(story.town.aws, { down: true }),
    passes: () => Object.assign(story.town.aws, { down: false }),
    reads: 'Waiting for AWS',
  },
};

/** Sam said yes, and the opening waits. */
async function heldUpBy(what: keyof typeof HELD_UP): Promise<string> {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.sees('sam', id);
  await HELD_UP[what]?.comes();
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`${HELD_UP[what]?.reads}.*${id}`));
  return id;
}

test.each(firstOf(1, Object.keys(HELD_UP)))(
  'a yes of somebody who left while %s held the opening up opens nothing: the people who may decide are asked anew',
  async (what) => {
    const id = await heldUpBy(what);
    await withoutSam(async () => {
      await HELD_UP[what]?.passes();
      const why = 'It was approved, but @sam may not decide any more: it needs a new yes.';
      await story.sees('maria', new RegExp(`${id}[^]*${why}[^]*\\[Approve`));
      await story.sees('jane', new RegExp(`Waiting for @maria.*${id}[^]*${why}`));
      expect(story.rules()).toEqual([]);
      await story.says('jane', `end ${id}`);
    });
  },
);

atFullDepth('a yes that stands opens what it was for, however long the opening was held up', async () => {
  const id = await heldUpBy('a pause');
  story.passes(REMEMBERED_MS);
  await HELD_UP['a pause']?.passes();
  await story.sees('jane', new RegExp(`Open until.*approved by @sam.*${id}`));
  await story.says('jane', `end ${id}`);
  await story.rulesBecome(0);
});

atFullDepth('what was held up while the policy changed opens nothing that it refuses by now', async () => {
  const id = await heldUpBy('a pause');
  await restart(changed('documentation: true', 'documentation: true, denied: [203.0.113.0/24]'));
  story.passes(REMEMBERED_MS);
  await HELD_UP['a pause']?.passes();
  await story.sees('jane', new RegExp(`Failed.*${id}\\s+Not allowed any more: 203.0.113.25 touches`));
  await story.sees('sam', new RegExp(`${id}[^]*not opened: Not allowed any more`));
  expect(story.rules()).toEqual([]);
});

test('a rule that AWS refused for a while is not added on the yes of somebody who left meanwhile', async () => {
  const { faults } = story.town.aws;
  const again = faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 'always', kind: 'throttle' });
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`Waiting for AWS.*${id}`));
  await withoutSam(async () => {
    again();
    const why = 'It was approved, but @sam may not decide any more. Nothing is open. Ask again.';
    await story.sees('jane', new RegExp(`Failed.*${id}\\s+${why}`));
    expect(story.rules()).toEqual([]);
  });
});

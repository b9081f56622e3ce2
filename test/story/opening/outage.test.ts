import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import type { Rooms } from '../../../src/app.js';
import type { FailureCause, Watched } from '../../../src/workflow/memory.js';
import { atFullDepth } from '../../depth.js';
import { type Story, startStory } from '../story.js';

/** The bot tries for this long to open. */
const OPEN_BY_MS = 1_200_000;

/** The figures that the bot shows. */
let failures: Watched['failures'] = [];
const timesOf = (cause: FailureCause) =>
  failures.find((one) => one.during === 'work' && one.cause === cause)?.times ?? 0;

/** While Slack is away, resolves once Slack is back. */
let back = Promise.resolve();

/**
 * A call to Slack gives up after 10 s. Here it goes on until Slack is back, so that nothing which waits for it can
 * pass.
 */
function patient(rooms: Rooms): Rooms {
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          try {
            return await Reflect.apply(value, target, given);
          } catch (error) {
            await back;
            throw error;
          }
        };
      },
    });
  const { people, messenger } = rooms.parts;
  failures = rooms.parts.memory.watched.failures;
  return { ...rooms, parts: { ...rooms.parts, people: wrap(people), messenger: wrap(messenger) } };
}

let story: Story;
beforeAll(async () => {
  story = await startStory({
    wrap: patient,
    env: { TIME_SWEEP: '500ms', TIME_OPEN_BY: `${OPEN_BY_MS}ms`, TIME_ALERT: '1s' },
  });
});
afterAll(() => story.end());

const asks = () => story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
const ends = async (id: string) => {
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
};

test('a requester reads that AWS is down, and the approver is asked when AWS is back', async () => {
  story.town.aws.down = true;
  const id = await asks();
  expect(await story.sees('jane', new RegExp(`Waiting for AWS.*${id}`))).toContain('nobody is asked yet');
  expect(timesOf('aws-away')).toBeGreaterThan(0);
  story.town.aws.down = false;
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await ends(id);
});

async function approvedInAnOutage(): Promise<string> {
  const id = await asks();
  await story.sees('maria', id);
  const before = timesOf('aws-away');
  story.town.aws.down = true;
  await story.presses('maria', id, 'Approve');
  expect(await story.sees('jane', new RegExp(`Waiting for AWS.*${id}`))).toContain('is not open yet');
  expect(timesOf('aws-away')).toBeGreaterThan(before);
  return id;
}

atFullDepth('AWS goes down before the approval: it opens when AWS is back', async () => {
  const id = await approvedInAnOutage();
  story.town.aws.down = false;
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await ends(id);
});

test('an opening that AWS does not allow in time fails, leaves nothing open and is told', async () => {
  const id = await approvedInAnOutage();
  story.passes(OPEN_BY_MS);
  const failed = await story.sees('jane', new RegExp(`Failed.*${id}`));
  expect(failed).toContain('AWS did not let me open it in time');
  story.town.aws.down = false;
  await story.sees('ada', new RegExp(`could not be opened.*${id}`));
  const later = await asks();
  await story.presses('maria', later, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${later}`));
  expect(story.rules().flatMap(({ tags }) => Object.keys(tags))).toContain(leaseTagKey(later));
  expect(JSON.stringify(story.rules())).not.toContain(id);
  await ends(later);
});

/** Longer than Slack's answers are remembered, and than a yes counts unseen. */
const REMEMBERED_MS = 61_000;

/** AWS is back, and Slack does not say whether the approvers who said yes still may decide. */
async function unjudged(): Promise<{ id: string; slackAnswers(): void }> {
  const { faults } = story.town.slack.settings;
  const id = await approvedInAnOutage();
  story.passes(REMEMBERED_MS);
  faults.push({ method: 'users.info', times: Number.POSITIVE_INFINITY, kind: 'api-error' });
  story.town.aws.down = false;
  // The group is attached, and only Slack's answer is missing.
  await story.sees('jane', new RegExp(`Opening.*${id}`));
  await story.sweeps(1);
  expect(story.rules()).toEqual([]);
  expect(timesOf('slack-refused')).toBeGreaterThan(0);
  return { id, slackAnswers: () => void faults.splice(0) };
}

test('access that AWS held up waits until Slack says that the yes still counts, and opens then', async () => {
  const { id, slackAnswers } = await unjudged();
  slackAnswers();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await ends(id);
});

atFullDepth(
  'what Slack does not answer for in time fails without blaming AWS, and leaves nothing open',
  async () => {
    const { id, slackAnswers } = await unjudged();
    story.passes(OPEN_BY_MS);
    await story.sees(
      'jane',
      new RegExp(`Failed.*${id}\\s+I could not open it in time. Nothing is open. Ask again.`),
    );
    slackAnswers();
    expect(story.rules()).toEqual([]);
  },
);

test('a rule that cannot be removed is told to the requester and the admins, and the cards are corrected when it is gone', async () => {
  const id = await asks();
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  story.town.aws.settings.denied = ['RevokeSecurityGroupIngress'];
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  expect(await story.sees('jane', new RegExp(`Not closed yet.*${id}`))).toContain('may still connect');
  await story.sees('ada', new RegExp(`Not closed yet.*${id}`));
  expect(story.rules()).toHaveLength(1);
  story.town.aws.settings.denied = [];
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  await story.sees('ada', new RegExp(`Closed after all.*${id}`));
  expect(story.rules()).toEqual([]);
});

atFullDepth(
  'an end waits for no answer of Slack while Slack hangs, and the cards follow when Slack is back',
  async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
    await story.presses('maria', id, 'Approve');
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    let isBack = () => {};
    back = new Promise((resolve) => {
      isBack = resolve;
    });
    story.town.slack.settings.down = 'hang';
    story.passes(3_600_000);
    try {
      await story.rulesBecome(0);
    } finally {
      story.town.slack.settings.down = 'no';
      isBack();
    }
    await story.sees('jane', new RegExp(`Ended.*${id}`));
    await story.sees('maria', new RegExp(`${id}[\\s\\S]*ended`));
  },
);

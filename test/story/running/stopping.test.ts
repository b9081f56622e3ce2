/** SIGTERM while work is under way: the work is finished, and the next start has nothing else to tell. */
import { afterEach, expect, test } from '@jest/globals';
import type { TownEvent } from '../../../sandbox/aws/state/journal.js';
import { people } from '../../../sandbox/world.js';
import { type BotProcess, startBotProcess } from '../bot-process.js';
import { SOURCE, type Story, startStory } from '../story.js';

/** A bot without work stops long before this, whatever else runs on the machine. */
const DRAIN_MS = 60_000;
const TIMES = {
  TIME_SWEEP: '500ms',
  TIME_STALLED: '1s',
  TIME_ABSENT_AGAIN: '300ms',
  TIME_DRAIN: `${DRAIN_MS}ms`,
};
/** How long each call takes, so that a signal finds something under way. */
const SLOW_MS = 250;

let story: Story;
let bot: BotProcess;
afterEach(async () => {
  await bot.stop('SIGKILL');
  await story.end();
});

async function startTown(
  times: Record<string, string> = TIMES,
  how: { unread?: boolean } = {},
): Promise<void> {
  story = await startStory({ env: times });
  // The story's own bot leaves at once: the process takes over its town.
  await story.stopBot();
  await start(times, how);
}

async function start(times: Record<string, string> = TIMES, how: { unread?: boolean } = {}): Promise<void> {
  bot = await startBotProcess({ ...story.town.env, ...times }, how);
  await story.town.slack.waitConnected(30_000);
}

async function approved(): Promise<string> {
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  return id;
}

async function opened(): Promise<string> {
  const id = await approved();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  return id;
}

/** SIGTERM at the first event at AWS that fits. Answers how the process ended. */
function stopsWhen(fits: (event: TownEvent) => boolean): Promise<{ code: number | null; tookMs: number }> {
  return new Promise((resolve, reject) => {
    const off = story.town.aws.onEvent((event) => {
      if (!fits(event)) return;
      off();
      bot.stop('SIGTERM').then(resolve, reject);
    });
  });
}

const calls = (event: TownEvent, action: string) => event.kind === 'call' && event.call.action === action;
/** The messages on one request that the requester's phone announced. */
const announced = (id: string, beginning: string) =>
  story.town.slack
    .notifications(people.jane)
    .filter(({ text }) => text.startsWith(beginning) && text.includes(id));
/** The messages that the requester reads. An end of their own is told by an edit, which no phone announces. */
const cardsThatSay = (words: RegExp) => story.reads('jane').filter((text) => words.test(text));
const changes = (kind: 'rule-added' | 'rule-removed') =>
  story.town.aws.history.filter((change) => change.kind === kind && change.rule.cidr === SOURCE);
const unfinished = () => bot.log.filter((line) => /still (running|at work)|did not stop in time/.test(line));

/** Ends access through the bot that runs now, and holds that the story was told once and without a contradiction. */
async function endsAsTold(id: string): Promise<void> {
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  await story.sweeps(2);
  expect(announced(id, 'SSH is open')).toHaveLength(1);
  expect(cardsThatSay(new RegExp(`Ended.*${id}`))).toHaveLength(1);
  expect(changes('rule-added')).toHaveLength(1);
  expect(story.rules()).toEqual([]);
}

test('a bot with nothing to do stops at once', async () => {
  await startTown();
  const { code, tookMs } = await bot.stop('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(DRAIN_MS);
});

test('a bot whose log nobody reads opens and ends access all the same, and stops in time', async () => {
  await startTown(TIMES, { unread: true });
  await endsAsTold(await opened());
  const { code, tookMs } = await bot.stop('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(DRAIN_MS);
});

test('an opening that is under way when the bot stops is finished, and told once', async () => {
  await startTown();
  story.town.aws.settings.latencyMs = SLOW_MS;
  const stopped = stopsWhen(
    ({ kind, ...event }) => kind === 'change' && 'change' in event && event.change.kind === 'group-made',
  );
  const id = await approved();
  expect((await stopped).code).toBe(0);
  expect(unfinished()).toEqual([]);
  expect(changes('rule-added')).toHaveLength(1);
  story.town.aws.settings.latencyMs = 0;
  await start();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await endsAsTold(id);
});

test('an end that is under way when the bot stops is finished: the rule is gone, and that is told once', async () => {
  await startTown();
  const id = await opened();
  story.town.aws.settings.latencyMs = SLOW_MS;
  const stopped = stopsWhen((event) => calls(event, 'RevokeSecurityGroupIngress'));
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  expect((await stopped).code).toBe(0);
  expect(unfinished()).toEqual([]);
  expect(story.rules()).toEqual([]);
  story.town.aws.settings.latencyMs = 0;
  await start();
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  await story.sweeps(2);
  expect(announced(id, 'SSH is open')).toHaveLength(1);
  expect(cardsThatSay(new RegExp(`Ended.*${id}`))).toHaveLength(1);
});

test('a card that is being posted when the bot stops is not posted a second time', async () => {
  await startTown();
  const { slack } = story.town;
  slack.settings.latencyMs = 600;
  const stopped = new Promise<{ code: number | null; tookMs: number }>((resolve, reject) => {
    const off = slack.onEvent((event) => {
      if (event.type !== 'message' || !event.message.text.startsWith('SSH is open')) return;
      off();
      bot.stop('SIGTERM').then(resolve, reject);
    });
  });
  const id = await approved();
  expect((await stopped).code).toBe(0);
  expect(unfinished()).toEqual([]);
  slack.settings.latencyMs = 0;
  expect(announced(id, 'SSH is open')).toHaveLength(1);
  await start();
  await story.sweeps(2);
  await endsAsTold(id);
});

test('work that does not fit into the time for stopping is finished by the next start', async () => {
  const times = { ...TIMES, TIME_DRAIN: '500ms', TIME_AWS: '2s' };
  await startTown(times);
  story.town.aws.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'slow', ms: 1500 });
  const stopped = stopsWhen(
    ({ kind, ...event }) =>
      kind === 'change' && 'change' in event && event.change.kind === 'interface-changed',
  );
  const id = await approved();
  await stopped;
  await start(times);
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await endsAsTold(id);
});

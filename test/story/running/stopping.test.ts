/**
 * SIGTERM while work is under way: the work is finished, and the next start has nothing else to tell. The tests share a
 * town, and each takes the bot that the test before left.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TownEvent } from '../../../sandbox/aws/state/journal.js';
import { type PersonName, people } from '../../../sandbox/world.js';
import { PATIENCE_MS } from '../../patience.js';
import { type BotProcess, startBotProcess } from '../bot-process.js';
import { type Story, startStory } from '../story.js';

/** A bot without work stops long before this, whatever else runs on the machine. */
const DRAIN_MS = 60_000;
const TIMES = {
  TIME_SWEEP: '500ms',
  TIME_STALLED: '1s',
  TIME_ABSENT_AGAIN: '300ms',
  TIME_DRAIN: `${DRAIN_MS}ms`,
};
/** How long each call takes, so that a signal finds something under way. */
const SLOW_MS = 100;

/** The request of a person, and its approver. No two tests share an address. */
interface Wish {
  person: PersonName;
  approver: PersonName;
  workspace: string;
  address: string;
}
const janes = (address: string): Wish => ({
  person: 'jane',
  approver: 'maria',
  workspace: 'ws-janedoe01',
  address,
});

let story: Story;
let bot: BotProcess | undefined;
beforeAll(async () => {
  story = await startStory({ env: TIMES, withoutBot: true });
});
afterAll(async () => {
  await bot?.stop('SIGKILL');
  await story.end();
});

/** Starts a bot, unless one runs already. */
async function running(): Promise<BotProcess> {
  return bot?.running ? bot : starts();
}

async function starts(times: Record<string, string> = TIMES, unread = false): Promise<BotProcess> {
  // A secret that stands in a line of each start.
  const secret = { AWS_SESSION_TOKEN: story.config.installation };
  bot = await startBotProcess({ ...story.town.env, ...secret, ...times }, { unread });
  await story.town.slack.waitConnected(PATIENCE_MS);
  return bot;
}

async function approved({ person, approver, workspace, address }: Wish): Promise<string> {
  const id = await story.asks(person, `${workspace} ${address} 1h fixing the build`);
  await story.presses(approver, id, 'Approve');
  return id;
}

async function opened(wish: Wish): Promise<string> {
  const id = await approved(wish);
  await story.sees(wish.person, new RegExp(`Open until.*${id}`));
  return id;
}

type Stopped = Awaited<ReturnType<BotProcess['stop']>>;

/** SIGTERM at the first event at AWS that fits. Answers how the process ended. */
function stopsWhen(stopping: BotProcess, fits: (event: TownEvent) => boolean): Promise<Stopped> {
  return new Promise((resolve, reject) => {
    const off = story.town.aws.onEvent((event) => {
      if (!fits(event)) return;
      off();
      stopping.stop('SIGTERM').then(resolve, reject);
    });
  });
}

const calls = (event: TownEvent, action: string) => event.kind === 'call' && event.call.action === action;
const changes = (event: TownEvent, kind: string) => event.kind === 'change' && event.change.kind === kind;
/** The messages on one request that the requester's phone announced. */
const announced = (person: PersonName, id: string, beginning: string) =>
  story.town.slack
    .notifications(people[person])
    .filter(({ text }) => text.startsWith(beginning) && text.includes(id));
/** The messages that the requester reads. */
const cardsThatSay = (person: PersonName, words: RegExp) =>
  story.reads(person).filter((text) => words.test(text));
const rulesAdded = ({ address }: Wish) =>
  story.town.aws.history.filter(
    (change) => change.kind === 'rule-added' && change.rule.cidr === `${address}/32`,
  );
const unfinished = ({ log }: BotProcess) =>
  log.filter((line) => /still (running|at work)|did not stop in time/.test(line));

/** Holds that an end was told once and without a contradiction, and that nothing is left open. */
async function isToldOnce(wish: Wish, id: string): Promise<void> {
  await story.sees(wish.person, new RegExp(`Ended.*${id}`));
  await story.sweeps(2);
  expect(announced(wish.person, id, 'SSH is open')).toHaveLength(1);
  expect(cardsThatSay(wish.person, new RegExp(`Ended.*${id}`))).toHaveLength(1);
  expect(rulesAdded(wish)).toHaveLength(1);
  expect(story.rules()).toEqual([]);
}

/** Ends access through the bot that runs now. */
async function endsAsTold(wish: Wish, id: string): Promise<void> {
  await story.presses(wish.person, new RegExp(`Open until.*${id}`), 'End now');
  await isToldOnce(wish, id);
}

test('an opening that is under way when the bot stops is finished, and the access is told as open once', async () => {
  const wish = janes('203.0.113.1');
  const first = await running();
  story.town.aws.settings.latencyMs = SLOW_MS;
  const stopped = stopsWhen(first, (event) => changes(event, 'group-made'));
  const id = await approved(wish);
  expect((await stopped).code).toBe(0);
  expect(unfinished(first)).toEqual([]);
  expect(rulesAdded(wish)).toHaveLength(1);
  story.town.aws.settings.latencyMs = 0;
  await starts();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await endsAsTold(wish, id);
});

test('an end that is under way when the bot stops is finished: the rule is removed, and the end is told once', async () => {
  const wish = janes('203.0.113.2');
  const first = await running();
  const id = await opened(wish);
  story.town.aws.settings.latencyMs = SLOW_MS;
  const stopped = stopsWhen(first, (event) => calls(event, 'RevokeSecurityGroupIngress'));
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  expect((await stopped).code).toBe(0);
  expect(unfinished(first)).toEqual([]);
  expect(story.rules()).toEqual([]);
  story.town.aws.settings.latencyMs = 0;
  await starts();
  await isToldOnce(wish, id);
});

test('a card that is being posted when the bot stops is not posted a second time', async () => {
  const wish = janes('203.0.113.3');
  const first = await running();
  const { slack } = story.town;
  slack.settings.latencyMs = 300;
  const stopped = new Promise<Stopped>((resolve, reject) => {
    const off = slack.onEvent((event) => {
      if (event.type !== 'message' || !event.message.text.startsWith('SSH is open')) return;
      off();
      first.stop('SIGTERM').then(resolve, reject);
    });
  });
  const id = await approved(wish);
  expect((await stopped).code).toBe(0);
  expect(unfinished(first)).toEqual([]);
  slack.settings.latencyMs = 0;
  expect(announced('jane', id, 'SSH is open')).toHaveLength(1);
  await starts();
  await story.sweeps(2);
  await endsAsTold(wish, id);
});

test('a bot with nothing to do stops at once, and its log holds no secret of its environment', async () => {
  const idle = await running();
  const { code, tookMs } = await idle.stop('SIGTERM');
  expect(idle.log.join()).toContain('"installation":"[redacted]"');
  expect(idle.log.join()).not.toContain(story.config.installation);
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(DRAIN_MS);
});

test('a bot whose log nobody reads opens and ends access all the same, and stops in time', async () => {
  const wish = janes('203.0.113.4');
  const unread = await starts(TIMES, true);
  await endsAsTold(wish, await opened(wish));
  const { code, tookMs } = await unread.stop('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(DRAIN_MS);
});

test('work that does not fit into the time for stopping is finished by the next start', async () => {
  const times = { ...TIMES, TIME_DRAIN: '500ms', TIME_AWS: '2s' };
  // The interface of this WorkSpace is new to the bot, and changes right before the rule is added.
  const wish: Wish = { person: 'maria', approver: 'ada', workspace: 'ws-mariaprv1', address: '10.8.0.5' };
  const first = await starts(times);
  story.town.aws.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'slow', ms: 1500 });
  const stopped = stopsWhen(first, (event) => changes(event, 'interface-changed'));
  const id = await approved(wish);
  await stopped;
  await starts(times);
  await story.sees('maria', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await endsAsTold(wish, id);
});

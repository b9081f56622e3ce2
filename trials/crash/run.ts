/**
 * Runs the story with one stop. A bot dies at one call, a fresh bot starts on the same Redis and AWS, and people finish
 * the requests that they began. The witness judges once all is over. Each stop has a town of its own.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { AwsWorld } from '../../sandbox/aws/world.js';
import { type Bot, startBot } from '../../sandbox/bot.js';
import { startTown, type Town } from '../../sandbox/town.js';
import { awsWorld, SHARED_GROUP } from '../../sandbox/world.js';
import type { Lateness } from '../witness/lateness.js';
import { type Witness, watch } from '../witness/witness.js';
import type { Stop } from './counted.js';
import { type LaterWish, peopleOf, Stuck, type Wish } from './people.js';

const DYING_BOT = fileURLToPath(new URL('../../bundled/dying-bot.js', import.meta.url));

export interface RunOptions {
  /** Where the bot dies; undefined for a run without a stop, which counts the calls. */
  stop: Stop | undefined;
  /** Which calls are counted. */
  which: 'changes' | 'every';
  redisUrl: string;
  /** How long the first grant lasts, so that the second one can come and go meanwhile. */
  seconds: number;
  /** Where the bots find their policy. */
  policyFile: string;
}

export interface Run {
  /** The names of the first bot's calls, in their order. */
  calls: string[];
  /** Whether the bot died at the stop. A story can have fewer calls than when they were counted. */
  stopped: boolean;
  /** From the opening of the first grant to the end of the second, milliseconds. */
  sharedMs: number;
  violations: string[];
  lateness: Lateness[];
  /** Warnings and errors that the bots logged, and the messages that people read. */
  log: string[];
}

const SOURCE = '203.0.113.25/32';
/** The request whose access runs out by itself, and whose rule the second request shares. */
const first = (seconds: number): Wish => ({
  requester: 'jane',
  approver: 'maria',
  text: `203.0.113.25 ${seconds}s one that runs out`,
});
const MOVED_TO = '203.0.113.26';
/** The request whose access is extended, then moved to another address, and which its requester ends there. */
const SECOND: Wish = {
  requester: 'tom',
  approver: 'sam',
  text: 'ws-janedoe01 203.0.113.25 1m one that is ended',
};
/** The request that is to open later, on a rule of its own beside the others. */
const LATER: LaterWish = {
  requester: 'jane',
  approver: 'maria',
  text: '',
  workspaceId: 'ws-janedoe01',
  source: '203.0.113.26',
  startsInMs: 2_000,
  reason: 'one that opens later',
};
/** Bounds for a busy machine: for a bot to start, and for the whole story. */
const START_MS = 120_000;
const STORY_MS = 120_000;
/** How far a bot's clock, which follows Redis' answers, may be from the sandbox's clock. */
const CLOCK_MS = 250;
/**
 * How late a rule may go, milliseconds: a dead bot's lock and a sweep, on a machine that runs many stops side by side.
 */
const LATE_MS = 5_000;

const TIMES = {
  // The same times for both bots, which share the stored records, and long enough for a machine that runs many stops
  // side by side.
  TIME_AWS: '3s',
  TIME_REDIS: '8s',
  TIME_STALLED: '2s',
  TIME_ABSENT_AGAIN: '300ms',
};

/** Runs one stop from the asking to the verdict. */
export async function run({ stop, which, seconds, redisUrl, policyFile }: RunOptions): Promise<Run> {
  const town = await startTown({
    installation: `crash-${randomBytes(6).toString('hex')}`,
    redisUrl,
    policyFile,
    world: stoppedWorld(),
    aws: { staleMs: 20, startTakesMs: 200 },
  });
  const { slack, aws } = town;
  slack.settings.rates.enabled = false;
  aws.addRule(SHARED_GROUP, { cidr: '198.51.100.1/32', description: 'by hand' });
  const witness = watch(town, { earlyMs: CLOCK_MS, lateMs: LATE_MS, lateAfterOutageMs: LATE_MS });
  const env = {
    ...town.env,
    ...TIMES,
    LOG_LEVEL: 'warn',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  // The sweep runs only once, so that the calls do not depend on how long the story takes.
  const crashAt = stop ? `${stop.call} ${stop.side}` : '';
  const dying = { ...env, TIME_SWEEP: '1d', CRASH_AT: crashAt, CRASH_CALLS: which };
  const dyingBot = startBot(dying, DYING_BOT);
  const bots: Bot[] = [dyingBot];
  const problems: string[] = [];
  let stopped = false;
  let sharedMs = 0;
  dyingBot.onCrash((code) => {
    // A bot that was killed has no exit code.
    if (code !== null) problems.push(`the first bot ended by itself with exit code ${code}`);
    stopped = true;
    const fresh = recover(town, { ...env, TIME_SWEEP: '1s' }, witness);
    fresh.onCrash((exit) => problems.push(`the fresh bot ended by itself with exit code ${exit}`));
    bots.push(fresh);
  });
  const deadline = { atMs: Date.now() + START_MS };
  const everybody = peopleOf(town, deadline);
  try {
    await slack.waitConnected(START_MS).catch((cause: unknown) => {
      throw new Stuck(`the first bot did not start: ${String(cause)}`);
    });
    deadline.atMs = Date.now() + STORY_MS;
    sharedMs = await story(everybody, witness, first(seconds));
    await untilNothingIsOwed(town, deadline.atMs);
  } catch (fault) {
    if (!(fault instanceof Stuck)) throw fault;
    problems.push(fault.message);
  } finally {
    await Promise.all(bots.map((bot) => bot.stop('SIGKILL')));
  }
  const verdict = await witness.finish(true);
  witness.close();
  await town.close();
  const callLine = /^call \d+ /;
  return {
    calls: dyingBot.log.flatMap((line) => (callLine.test(line) ? [line.replace(callLine, '')] : [])),
    stopped,
    sharedMs,
    violations: [...problems, ...verdict.violations],
    lateness: verdict.measured,
    log: [
      ...bots.flatMap(({ log }) => log.filter((line) => !callLine.test(line))),
      ...(['jane', 'tom', 'maria', 'sam', 'ada'] as const).flatMap((name) =>
        everybody.reads(name).map((text) => `${name} reads: ${text}`),
      ),
    ],
  };
}

/** The sandbox's account, in which the first request has to start its WorkSpace. */
function stoppedWorld(): AwsWorld {
  const { workspaces, ...others } = awsWorld();
  const stopped = { state: 'STOPPED', runningMode: 'AUTO_STOP' } as const;
  return {
    ...others,
    workspaces: workspaces.map((one) => (one.id === 'ws-janedoe01' ? { ...one, ...stopped } : one)),
  };
}

type Everybody = ReturnType<typeof peopleOf>;

async function story(everybody: Everybody, witness: Witness, one: Wish): Promise<number> {
  const open = async (wish: Wish): Promise<string> => {
    const id = await everybody.ask(wish);
    await everybody.approve(wish, id, () => witness.approved(id, SOURCE));
    await everybody.opens(wish, id);
    return id;
  };
  const runsOut = await open(one);
  const openedMs = Date.now();
  const isExtended = await open(SECOND);
  const isMoved = await everybody.follow(SECOND, isExtended, `extend ${isExtended} 2m`);
  await everybody.approve(SECOND, isMoved, () => witness.approved(isMoved, SOURCE));
  await everybody.opens(SECOND, isMoved);
  const isEnded = await everybody.follow(SECOND, isMoved, `move ${isMoved} ${MOVED_TO}`);
  await everybody.approve(SECOND, isEnded, () => witness.approved(isEnded, `${MOVED_TO}/32`));
  await everybody.opens(SECOND, isEnded);
  await everybody.end(SECOND, isEnded, () => witness.ended(isEnded));
  const sharedMs = Date.now() - openedMs;
  await opensLater(everybody, witness);
  await everybody.waitsForTheEnd(one, runsOut);
  return sharedMs;
}

/** Asks for access some seconds later, and ends it once it has opened. */
async function opensLater(everybody: Everybody, witness: Witness): Promise<void> {
  let soonestMs = Number.POSITIVE_INFINITY;
  const later = await everybody.askLater(LATER, (startsAtMs) => {
    soonestMs = Math.min(soonestMs, startsAtMs);
  });
  witness.later(later, soonestMs);
  await everybody.approve(LATER, later, () => witness.approved(later, `${LATER.source}/32`));
  await everybody.opens(LATER, later);
  await everybody.end(LATER, later, () => witness.ended(later));
}

/** Starts a fresh bot in the dead one's place, and reports an outage until it is connected. */
function recover(town: Town, env: Record<string, string>, witness: Witness): Bot {
  const diedMs = Date.now();
  const bot = startBot(env);
  void town.slack.waitConnected(START_MS).then(
    () => witness.outage(diedMs, Date.now()),
    () => {},
  );
  return bot;
}

/** Waits until the records owe no work and no message, so that nothing changes any more. */
async function untilNothingIsOwed(town: Town, deadlineMs: number): Promise<void> {
  const redis = new Redis(town.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const prefix = `{wssh:${town.env.INSTALLATION}}`;
  try {
    for (;;) {
      const owed = await Promise.all(['work', 'tell'].map((name) => redis.zcard(`${prefix}:owed:${name}`)));
      if (owed.every((count) => count === 0)) return;
      if (Date.now() > deadlineMs) throw new Stuck(`still owed: ${owed[0]} to do, ${owed[1]} to tell`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    redis.disconnect();
  }
}

/**
 * How long a person waits for their message once an approver clicks, where each call to AWS and Slack takes 100 ms:
 * beside a bare program that makes the calls which can't be left out, side by side where they can be. Each WorkSpace is
 * opened twice: first its group has to be made, then the group is there.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkspaceSeed } from '../sandbox/aws/world.js';
import { type Bot, startBot } from '../sandbox/bot.js';
import { freePort } from '../sandbox/free-port.js';
import { startTown, type Town } from '../sandbox/town.js';
import { awsWorld, people } from '../sandbox/world.js';
import { type Conditions, type Figure, medianOf } from './figures.js';
import { answers } from './processes.js';

const BARE_APPROVE = fileURLToPath(new URL('floors/bare-approve.js', import.meta.url));
const LATENCY_MS = 100;
/** How many WorkSpaces are opened in a round. The first warms both programs up and does not count. */
const WORKSPACES = 6;
/** A town in which nobody calls for so long is at rest. */
const QUIET_MS = 1_500;
const PATIENCE_MS = 30_000;
/** The bot remembers people for half a minute. */
const LATE_MS = 31_000;
const KINDS = ['made', 'there', 'late'] as const;
const GOAL = { op: '<=', value: 1.15 } as const;

/**
 * The milliseconds from a click to the message: with the group to be made, with the group there, and with the group
 * there after a late click.
 */
type Took = Record<(typeof KINDS)[number], number[]>;

export async function approve({ redisUrl, small }: Conditions): Promise<Figure[]> {
  const count = small ? 1 : WORKSPACES;
  const town = await openTown(redisUrl, count);
  const ours = startBot(town.env);
  const port = String(await freePort());
  const bare = startBot({ ...town.env, PORT: port, BENCH_CHANNEL: people.jane }, BARE_APPROVE);
  const [bot, floor]: [Took, Took] = [
    { made: [], there: [], late: [] },
    { made: [], there: [], late: [] },
  ];
  try {
    await answers(ours, `http://127.0.0.1:${town.env.PORT}/healthz`);
    await answers(bare, `http://127.0.0.1:${port}/healthz`);
    await quiet(town);
    town.aws.settings.latencyMs = LATENCY_MS;
    town.slack.settings.latencyMs = LATENCY_MS;
    for (let n = 0; n < count; n += 1) {
      for (const which of KINDS) {
        // A late click takes half a minute of waiting, and two of them show as much as many.
        if (which === 'late' && (small || n < count - 2)) continue;
        bot[which].push(await approved(town, ours, n, which === 'late' ? LATE_MS : 0));
        floor[which].push(await bareApproved(town, bare, `http://127.0.0.1:${port}`, n));
      }
    }
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
    await town.close();
  }
  const figure = (what: string, which: keyof Took, first: number): Figure => ({
    figure: `approve to message, ${what}`,
    unit: 'ms',
    ours: medianOf(bot[which].slice(first)),
    floor: medianOf(floor[which].slice(first)),
    goal: GOAL,
  });
  const first = small ? 0 : 1;
  return [
    figure('group there', 'there', first),
    ...(small ? [] : [figure('group there, people looked up anew', 'late', 0)]),
    figure('group made first', 'made', first),
  ];
}

/** One request for a WorkSpace of the requester's own: asked, approved by a click, told, and ended. */
async function approved(town: Town, bot: Bot, n: number, thinksMs: number): Promise<number> {
  const jane = town.slack.person(people.jane);
  const maria = town.slack.person(people.maria);
  const before = town.slack.dm(people.maria).length;
  await jane.command(`${workspaceOf(n).id} 203.0.113.25 1h measuring`);
  const card = await town.slack.until(() => town.slack.dm(people.maria).at(before), PATIENCE_MS);
  await quiet(town);
  await sleep(thinksMs);
  const clickedMs = Date.now();
  await maria.press(card, 'Approve 1 h');
  const toldMs = await told(town, bot, clickedMs, /ssh /);
  await quiet(town);
  await jane.command('end');
  await town.slack.until(() => town.aws.rules().every(({ cidr }) => cidr !== '203.0.113.25/32'), PATIENCE_MS);
  await quiet(town);
  return toldMs - clickedMs;
}

/** One request of the bare program, which is told which WorkSpace to open. */
async function bareApproved(town: Town, bot: Bot, url: string, n: number): Promise<number> {
  const { id: workspaceId } = workspaceOf(n);
  const at = town.aws.interfaceOf(workspaceId);
  const startedMs = Date.now();
  const asked = { workspaceId, interfaceId: at?.id, vpcId: at?.vpcId, groups: at?.groups, name: `bare-${n}` };
  await fetch(url, { method: 'POST', body: JSON.stringify(asked) });
  const toldMs = await told(town, bot, startedMs, /bare/);
  await quiet(town);
  return toldMs - startedMs;
}

/** The instant at which Slack answered the message that matches. */
async function told(town: Town, program: Bot, sinceMs: number, part: RegExp): Promise<number> {
  const found = await town.slack.until(() => {
    if (!program.running) throw new Error(`the program ended:\n${program.log.join('\n')}`);
    return town.slack.journal.find(
      (entry) =>
        entry.kind === 'api' &&
        entry.method === 'chat.postMessage' &&
        entry.at > sinceMs &&
        part.test(JSON.stringify(entry.request)),
    );
  }, PATIENCE_MS);
  return found.kind === 'api' ? found.at + found.ms : Number.NaN;
}

async function quiet({ aws, slack }: Town): Promise<void> {
  const calls = () => aws.journal.length + slack.journal.length;
  for (let [before, sinceMs] = [calls(), Date.now()]; Date.now() - sinceMs < QUIET_MS; ) {
    await sleep(20);
    if (calls() !== before) [before, sinceMs] = [calls(), Date.now()];
  }
}

async function openTown(redisUrl: string, count: number): Promise<Town> {
  const world = awsWorld();
  const town = await startTown({
    http: true,
    redisUrl,
    installation: randomBytes(6).toString('hex'),
    world: {
      ...world,
      workspaces: [...world.workspaces, ...Array.from({ length: count }, (_, n) => workspaceOf(n))],
    },
    aws: { staleMs: 0 },
  });
  town.slack.settings.rates.enabled = false;
  town.aws.settings.buckets.on = false;
  Object.assign(town.env, { TIME_SWEEP: '1h', EC2_RATE: '1000' });
  return town;
}

function workspaceOf(n: number): WorkspaceSeed {
  const world = awsWorld();
  return {
    id: `ws-bench${n.toString(36).padStart(4, '0')}`,
    directoryId: world.directories[0]?.id ?? '',
    userName: 'jane',
    state: 'AVAILABLE',
    os: 'UBUNTU_22_04',
    ip: `10.20.1.${100 + n}`,
    publicIp: `198.51.100.${100 + n}`,
    runningMode: 'ALWAYS_ON',
    groups: [world.groups[0]?.id ?? ''],
    computerName: `BENCH-${n}`,
  };
}

/** `npm run crash`: kills the bot at each call through its ports, before and after it, and says what broke. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MODES, type Mode } from '../firewall.js';
import { spread } from '../witness/lateness.js';
import type { Stop } from './counted.js';
import { policyFor } from './policy.js';
import type { Run } from './run.js';

const USAGE = `npm run crash -- [--mode ${MODES.join('|')}] [--stop N]… [--before|--after] [--every] [--share N] [--jobs N] [--json]
  --stop   the number of a call, or a name such as firewall.revoke: the first of that name
  --every  counts the calls that only read as well
  --share  only each N-th call, beginning with another one each time
  --jobs   so many at once`;

const { mode, stop: stops = [], before, after, every, share, jobs, json } = readArguments();
// The town takes a second to load, so it is loaded only once the arguments are known to be right.
const { run } = await import('./run.js');
/** With --share: the index of the first call that is tried. */
const first = Math.floor(Math.random() * share);
const sides = (['before', 'after'] as const).filter((side) => before === after || { before, after }[side]);
const which = every ? 'every' : 'changes';
const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
process.removeAllListeners('warning');
// The bots end together with this process.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const redisUrl = process.env.TRIAL_REDIS_URL ?? '';
/** How long the first grant lasts, in seconds: without a measurement, at least, and at most. */
const SECONDS = { usual: 8, least: 4, most: 30 };

/** A story with fewer calls lacks a part of what the trial is about. */
const FEWEST_CALLS = 60;

const startedMs = Date.now();
const elapsed = () => Math.round((Date.now() - startedMs) / 1000);
const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-crash-'));
const violations: string[] = [];
const latenessMs: number[] = [];
const missed: string[] = [];
let done = 0;

const work = await Promise.all(
  MODES.filter((one) => mode === undefined || mode === one).map(async (one) => {
    const policyFile = join(folder, `${one}.yml`);
    writeFileSync(policyFile, policyFor(one));
    const { calls, seconds } =
      stops.length > 0 ? { calls: stops, seconds: SECONDS.usual } : await rehearse(one, policyFile);
    return calls.flatMap((call) =>
      sides.map((side) => ({ mode: one, policyFile, seconds, stop: { call, side } })),
    );
  }),
);
const waiting = work.flat();
const all = waiting.length;
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { mode: one, ...about } = next;
      note(one, about.stop, await run({ ...about, which, redisUrl }));
      done += 1;
      if (done % 20 === 0) say(`${done} of ${all} stops, ${elapsed()} s`);
    }
  }),
);
rmSync(folder, { recursive: true, force: true });

if (missed.length === all) violations.push('no stop was reached: nothing was tried');
say(`${all - missed.length} stops in ${elapsed()} s, ${violations.length} violations`);
if (missed.length > 0) {
  say(`not reached, since the story had fewer calls than when they were counted: ${missed.join(', ')}`);
}
console.log(
  JSON.stringify({ stops: all - missed.length, seed: 0, violations, lateness: spread(latenessMs) }),
);
process.exit(violations.length > 0 ? 1 : 0);

/** Runs the story without a stop, to count its calls and measure its time, and to see that nothing breaks by itself. */
async function rehearse(one: Mode, policyFile: string): Promise<{ calls: string[]; seconds: number }> {
  const whole = await run({ stop: undefined, which, seconds: SECONDS.most, redisUrl, policyFile });
  note(one, undefined, whole);
  // The runs with a stop go side by side, which is slower.
  const wanted = Math.ceil((2 * whole.sharedMs) / 1000) + 1;
  const seconds = Math.min(SECONDS.most, Math.max(SECONDS.least, wanted));
  say(`${one}: ${whole.calls.length} calls; the grant that runs out lasts ${seconds} s`);
  if (whole.calls.length < FEWEST_CALLS)
    violations.push(`${one}: only ${whole.calls.length} calls were counted`);
  if (share > 1) say(`${one}: every ${share}th of them, from the ${first + 1}th`);
  const calls = whole.calls.map((_, index) => `${index + 1}`);
  return { calls: calls.filter((_, index) => index % share === first), seconds };
}

function note(one: Mode, stop: Stop | undefined, { calls, stopped, lateness, log, ...ran }: Run): void {
  latenessMs.push(...lateness.map(({ lateMs }) => lateMs));
  const where = stop ? `--mode ${one} --stop ${stop.call} --${stop.side}` : `--mode ${one}`;
  if (stop && !stopped) missed.push(where);
  for (const violation of ran.violations) {
    const said = `${where}${every ? ' --every' : ''}: ${violation}`;
    violations.push(said);
    say(`✗ ${said}${stop && stopped ? `, killed ${stop.side} ${calls.at(-1)}` : ''}`);
  }
  // The bots' logs and the messages that people read help to find the cause.
  if (ran.violations.length > 0 || (stops.length > 0 && all === 1))
    for (const line of log) say(`    ${line.replaceAll('\n', '\n    ')}`);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        mode: { type: 'string' },
        stop: { type: 'string', multiple: true },
        before: { type: 'boolean', default: false },
        after: { type: 'boolean', default: false },
        every: { type: 'boolean', default: false },
        share: { type: 'string', default: '1' },
        jobs: { type: 'string', default: `${3 * availableParallelism()}` },
        json: { type: 'boolean', default: false },
      },
    });
    const { mode: named, jobs: wanted, share: nth, ...others } = values;
    const share = Math.floor(Number(nth));
    const known = MODES.find((one) => one === named);
    if ((named === undefined || known) && Number(wanted) >= 1 && share >= 1)
      return { ...others, mode: known, share, jobs: Math.floor(Number(wanted)) };
  } catch {
    // An unknown option is answered with the usage below.
  }
  console.error(USAGE);
  process.exit(2);
}

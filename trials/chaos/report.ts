/** Prints a run: its parameters before it begins, the bounds by which it is judged, and the result. */
import { readFileSync } from 'node:fs';
import type { Spread } from '../witness/lateness.js';
import type { Bounds, Verdict } from '../witness/witness.js';
import type { Schedule } from './drawn/schedule.js';
import type { Replica } from './machines/replicas.js';
import type { Pace } from './pace.js';
import type { People } from './people.js';
import { storyOf } from './story.js';
import type { Trace } from './trace.js';
import { RAISED_AWS, RAISED_SLACK } from './world.js';

/** How often the bots of a run sweep (TIME_SWEEP). */
export const SWEEP_MS = 5_000;
const SLACKNESS_MS = 5_000;
/** The number of violations that are printed with their story, since a run elsewhere takes its files along. */
const MOST_STORIES = 5;

/** The bounds on a machine that is fast enough; see {@link boundsFor}. */
const BOUNDS: Required<Bounds> = {
  lateMs: SLACKNESS_MS,
  lateAfterOutageMs: SWEEP_MS + SLACKNESS_MS,
  earlyMs: 100,
  onItsWayMs: 3_000,
  detectMs: 30_000,
  // After a loss the next sweep finds the rules, and adopting them takes a while.
  recoveryMs: SWEEP_MS + SLACKNESS_MS,
};

/** Up to this slowness bounds stay as they are, and no slowness stretches bounds by more than the second factor. */
const FINE_SLOWNESS = 2;
const MOST_STRETCH = 3;

/**
 * The bounds for this machine: longer by as much as a slow processor and EC2's rates explain.
 * @param slowness see {@link Pace.slowness}
 * @param mostOpen how many rules were open at once, all of which may have to go at once
 */
export function boundsFor(slowness = 1, mostOpen = 0): Required<Bounds> {
  const stretch = Math.min(MOST_STRETCH, Math.max(1, slowness / FINE_SLOWNESS));
  const { size, refillPerSecond } = RAISED_AWS.mutate;
  const queuedMs = (Math.max(0, mostOpen - size) / refillPerSecond) * 1_000;
  const late = (ms: number) => Math.round(ms * stretch + queuedMs);
  const { lateMs, lateAfterOutageMs, recoveryMs } = BOUNDS;
  return {
    ...BOUNDS,
    lateMs: late(lateMs),
    lateAfterOutageMs: late(lateAfterOutageMs),
    recoveryMs: Math.round(recoveryMs * stretch),
  };
}

/** @param redis the name of the Redis, such as `redis-server 7.0.15` */
export function announce(schedule: Schedule, redis: string, print: (line: string) => void): void {
  const { seed, asks, faults, hash, people, firewall, shiftsMs } = schedule;
  const { mutate, describe } = RAISED_AWS;
  print(
    `Chaos, seed ${seed}: ${asks.length} asks by ${people} people, ${faults.length} faults, schedule ${hash.slice(0, 16)}`,
  );
  print(
    `  ${shiftsMs.length} replicas, clocks wrong by ${shiftsMs.join(', ')} ms; ${redis}; firewall mode ${firewall}`,
  );
  print(
    `  Rates raised: EC2 changes ${mutate.size}, then ${mutate.refillPerSecond}/s (documented: 50, then 5/s), reads ${describe.size}, then ${describe.refillPerSecond}/s (100, then 20/s); Slack ${RAISED_SLACK.postPerSecond} posts a second and channel (1)`,
  );
  print(
    `  Bounds: a rule goes at most ${BOUNDS.earlyMs} ms early and ${BOUNDS.lateMs} ms late, ${BOUNDS.lateAfterOutageMs} ms after an outage (one sweep of ${SWEEP_MS} ms more)`,
  );
}

/** The parts that a report is made from. */
export interface Findings {
  verdict: Verdict;
  people: People;
  pace: Pace;
  bounds: Bounds;
  replicas: Replica[];
  folder: string;
  trace: Trace;
}

export function report(found: Findings, print: (line: string) => void): void {
  const { verdict, people, pace, bounds, replicas, folder, trace } = found;
  const { added, removed, outside, after, violations } = verdict;
  const adopted = countAudited(replicas, 'adopted');
  const { asked, sent, givenUp, clicks, again } = people.counts;
  const late = ({ p50, p99, max }: Spread) => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
  print(
    `  People: ${asked} asked, ${sent} were answered, ${clicks} clicks, ${again} tried again, ${givenUp} gave up`,
  );
  print(
    `  This machine: work took ${pace.slowness().toFixed(1)} times as long as the processor needed for it (fine up to ${FINE_SLOWNESS}); so late is more than ${bounds.lateMs} ms, after outages ${bounds.lateAfterOutageMs} ms; asks were held back ${Math.round(pace.heldMs / 1000)} s in all`,
  );
  print(`  Rules: ${added} opened, ${removed} closed, ${adopted} requests adopted`);
  print(`  Late outside outages: ${late(outside)}`);
  print(`  Late after outages:   ${late(after)}`);
  print(`  Trace ${trace.file}; logs in ${folder}`);
  const logFiles = replicas.map(({ logFile }) => logFile);
  for (const [index, violation] of violations.entries()) {
    print(`  ✗ ${violation}`);
    if (index >= MOST_STORIES) continue;
    for (const line of storyOf(violation, trace.file, logFiles)) print(`      ${line}`);
  }
  print(violations.length === 0 ? '  ✓ nothing broken' : `  ✗ ${violations.length} violations`);
}

/** Counts in the bots' logs, which are the durable copy of the audit: Redis may have lost its own. */
function countAudited(replicas: Replica[], what: string): number {
  const lines = replicas.flatMap(({ logFile }) => readFileSync(logFile, 'utf8').split('\n'));
  return lines.filter((line) => line.includes(`"what":"${what}"`)).length;
}

/** `npm run chaos`: reads the options, runs one chaos trial, and prints its figures and its verdict. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './run.js';

const USAGE = `npm run chaos -- [--seed N] [--grants N] [--replicas N] [--rolling] [--http] [--json] [--trace FILE]

  --seed N      the schedule of actions and faults; a fresh one when left out, printed
  --grants N    how many people ask (default 300)
  --replicas N  how many bots run (default 3, at most 8)
  --rolling     no faults, but replicas that are restarted one after the other while people ask: no request may be lost
  --http        Slack sends over signed HTTP, to a proxy before the replicas, instead of over Socket Mode
  --trace FILE  where the trace goes (default: a new folder, with the bots' logs)
  --json        the last line alone on standard output`;

const EXIT_USAGE = 2;
const MOST = { seed: 2 ** 32 - 1, grants: 10_000, replicas: 8 };

function read() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      grants: { type: 'string', default: '300' },
      replicas: { type: 'string', default: '3' },
      rolling: { type: 'boolean', default: false },
      http: { type: 'boolean', default: false },
      trace: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const whole = (name: keyof typeof MOST, text: string, least: number) => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= MOST[name]) return number;
    throw new Error(`--${name} is "${text}": a whole number from ${least} to ${MOST[name]}.`);
  };
  return {
    seed: whole('seed', values.seed ?? String(Math.floor(Math.random() * MOST.seed)), 0),
    grants: whole('grants', values.grants, 1),
    // With one replica alone nobody is there to answer while it restarts.
    replicas: whole('replicas', values.replicas, values.rolling ? 2 : 1),
    rolling: values.rolling,
    http: values.http,
    json: values.json,
    trace: values.trace,
  };
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof read>;
  try {
    asked = read();
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  const { seed, grants, replicas, rolling, http, json } = asked;
  const folder = mkdtempSync(join(tmpdir(), `workspace-ssh-chaos-${seed}-`));
  const traceFile = asked.trace === undefined ? join(folder, 'trace.jsonl') : resolve(asked.trace);
  const print = json ? console.error : console.log;
  const { violations, lateness } = await runChaos({
    ...{ seed, grants, replicas, rolling, http },
    ...{ folder, traceFile, print },
  });
  console.log(JSON.stringify({ grants, seed, violations, lateness }));
  return violations.length === 0 ? 0 : 1;
}

process.removeAllListeners('warning');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit(await main());

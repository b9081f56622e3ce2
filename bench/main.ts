/** `npm run bench`: measures the bot beside the floor under it. `npm run bench -- ack` runs one bench. */
import { parseArgs } from 'node:util';
import { ack } from './ack.js';
import { approve } from './approve.js';
import { ends } from './ends.js';
import { type Bench, type Conditions, type Figure, type Result, resultsOf } from './figures.js';
import { flood } from './flood.js';
import { idle } from './idle.js';
import { soak } from './soak.js';
import { start } from './start.js';
import { sweep } from './sweep.js';
import { throttled } from './throttled.js';

const BENCHES: Readonly<Record<string, Bench>> = {
  ack,
  approve,
  ends,
  flood,
  idle,
  soak,
  start,
  sweep,
  throttled,
};

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join('|')}]… [--json] [--small] [--rounds N] [--grants N] [--groups N] [--profile FOLDER]
            without a name all but soak, which takes long and wants --rounds 1
  --json    a line of JSON for each figure
  --small   only enough work to see that each bench runs
  --rounds  how often each bench and its floor run, by turns; the medians count (3)
  --grants  how many grants end at once (1000), are open (10000), are asked for (2000), or live (20000)
  --groups  over how many groups they are spread (once as many as grants, once a fiftieth)
  --profile where the bot of ack, ends, flood, idle and start writes a profile of its processor time`;

const { names, json, rounds, ...sizes } = readArguments();
process.removeAllListeners('warning');
const conditions = { redisUrl: process.env.BENCH_REDIS_URL ?? '', ...sizes };
for (const name of names) {
  const bench = BENCHES[name];
  if (!bench) continue;
  const measured: Figure[][] = [];
  for (let round = 0; round < rounds; round++) measured.push(await bench(conditions));
  for (const result of resultsOf(name, measured)) console.log(json ? JSON.stringify(result) : lineOf(result));
}
process.exit();

function lineOf({ bench, figure, unit, ours, floor, ratio, goal, met }: Result): string {
  const value = (number: number) => number.toLocaleString('en', { maximumSignificantDigits: 3 });
  const judged = goal
    ? `goal ${goal.op} ${goal.value}${goal.of ? ` ${unit}` : ''}: ${met ? 'met' : 'not met'}`
    : '';
  const columns = [`${bench}: ${figure}`.padEnd(36), `${value(ours)} ${unit}`.padEnd(20)];
  return [...columns, `floor ${value(floor)}`.padEnd(16), `ratio ${value(ratio)}`.padEnd(14), judged]
    .join(' ')
    .trimEnd();
}

interface Arguments extends Pick<Conditions, 'small' | 'grants' | 'groups' | 'profile'> {
  names: string[];
  json: boolean;
  rounds: number;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        small: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '3' },
        grants: { type: 'string' },
        groups: { type: 'string' },
        profile: { type: 'string' },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
    const { json, small, rounds, profile, ...sizes } = values;
    const counts = Object.entries({ rounds, ...sizes }).map(([name, text]) => [name, Number(text)] as const);
    if (unknown === undefined && counts.every(([, count]) => Number.isInteger(count) && count > 0)) {
      // A soak takes many times as long as all other benches together.
      const usual = Object.keys(BENCHES).filter((name) => small || name !== 'soak');
      const names = positionals.length > 0 ? positionals : usual;
      const one = { names, json, small, ...(profile ? { profile } : {}) };
      return { ...one, ...Object.fromEntries(counts), rounds: small ? 1 : Number(rounds) };
    }
  } catch {
    // An unknown option is answered with the usage.
  }
  console.error(USAGE);
  process.exit(2);
}

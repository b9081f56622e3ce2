/** `npm run bench`: measures the bot beside the floor under it. `npm run bench -- ack` runs one bench. */
import { parseArgs } from 'node:util';
import { ack } from './ack.js';
import { ends } from './ends.js';
import { type Bench, type Figure, type Result, resultsOf } from './figures.js';
import { idle } from './idle.js';
import { start } from './start.js';

const BENCHES: Readonly<Record<string, Bench>> = { ack, ends, idle, start };

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join('|')}]… [--json] [--small] [--rounds N]
  --json    a line of JSON for each figure
  --small   only enough work to see that each bench runs
  --rounds  how often each bench and its floor run, by turns; the medians count (3)`;

const { names, json, small, rounds } = readArguments();
process.removeAllListeners('warning');
const conditions = { redisUrl: process.env.BENCH_REDIS_URL ?? '', small };
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
  const judged = goal ? `goal ${goal.op} ${goal.value}: ${met ? 'met' : 'not met'}` : '';
  const columns = [`${bench}: ${figure}`.padEnd(36), `${value(ours)} ${unit}`.padEnd(20)];
  return [...columns, `floor ${value(floor)}`.padEnd(16), `ratio ${value(ratio)}`.padEnd(14), judged]
    .join(' ')
    .trimEnd();
}

function readArguments(): { names: string[]; json: boolean; small: boolean; rounds: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        small: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '3' },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
    const count = Number(values.rounds);
    if (unknown === undefined && Number.isInteger(count) && count > 0) {
      const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHES);
      return { names: chosen, json: values.json, small: values.small, rounds: values.small ? 1 : count };
    }
  } catch {
    // An option that does not exist: the usage says which do.
  }
  console.error(USAGE);
  process.exit(2);
}

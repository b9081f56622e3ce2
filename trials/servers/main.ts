/**
 * `npm run servers`: runs the bot on a Redis alone over TLS, on one that Sentinels watch, and on a Redis Cluster over
 * TLS, each with a user who has the documented rights alone, and says what broke when Redis failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { spread } from '../witness/lateness.js';
import { KINDS, type Kind } from './kinds.js';

const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word);
const ALL: readonly Kind[] = Object.keys(KINDS).filter(isKind);
const USAGE = `npm run servers -- [--kind ${ALL.join('|')}]… [--json]
  --json  the last line alone on standard output`;

const { kinds, json } = readArguments();
// The town takes a second to load, so it is loaded only once the arguments are known to be right.
const { run } = await import('./run.js');
const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
process.removeAllListeners('warning');
// Bots and servers end together with this process.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-servers-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const violations: string[] = [];
const latenessMs: number[] = [];
let failures = 0;
await Promise.all(
  kinds.map(async (kind) => {
    const { away, lateMs, violations: broken, log } = await run(kind, mkdtempSync(join(folder, `${kind}-`)));
    failures += away.length;
    latenessMs.push(...lateMs);
    violations.push(...broken.map((violation) => `${kind}: ${violation}`));
    say(
      `${broken.length === 0 ? '✓' : '✗'} ${kind}: ${lateMs.length} rules, at most ${seconds(Math.max(0, ...lateMs))} late`,
    );
    for (const { name, ms } of away) say(`    ${name}: away for ${seconds(ms)}`);
    for (const violation of broken) say(`  ✗ ${violation}`);
    if (broken.length > 0) for (const line of log) say(`    ${line.replaceAll('\n', '\n    ')}`);
  }),
);
console.log(JSON.stringify({ failures, violations, lateness: spread(latenessMs) }));
process.exit(violations.length > 0 ? 1 : 0);

function readArguments(): { kinds: readonly Kind[]; json: boolean } {
  try {
    const { values } = parseArgs({
      options: { kind: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
    });
    const named = (values.kind ?? ALL).filter(isKind);
    if (named.length === (values.kind ?? ALL).length) return { kinds: named, json: values.json };
  } catch {
    // An unknown option is answered with the usage below.
  }
  console.error(USAGE);
  process.exit(2);
}

/** Each alert fires for the figures of a bot that is in trouble, and not for the figures of a bot that is well. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENDING_ACTIONS } from '../../src/aws/clients.js';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.js';
import { createMemory, type Memory } from '../../src/workflow/memory.js';
import type { Store } from '../../src/workflow/ports-store.js';
import { fakeParts } from '../slack/parts.js';
import { NOW, phases, requestIn } from '../slack/requests.js';
import { evaluate, samplesIn } from './promql.js';

const Alert = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.literal('critical') }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
const File = z.strictObject({
  groups: z.tuple([z.strictObject({ name: z.string(), rules: z.array(Alert.strict()) })]),
});
const { rules } = File.parse(parse(readFileSync('deploy/alerts.yml', 'utf8'))).groups[0];

interface Bot {
  metrics: Metrics;
  memory: Memory;
  store: Store;
  passes(ms: number): void;
}

/** A bot that has swept once and found nothing wrong. */
function startBot(): Bot {
  let nowMs = NOW;
  const memory = createMemory();
  memory.watched.found = found();
  const metrics = createMetrics({ memory, times: { sweepMs: 60_000 }, now: () => nowMs });
  const { store } = fakeParts().parts;
  const taking: Store = { ...store, change: async () => ({ outcome: 'done' }), audit: async () => {} };
  memory.watched.passes.set('rules', { doneAtMs: NOW, tookMs: 300 });
  return {
    ...{ metrics, memory, store: metrics.watched(taking) },
    passes(ms) {
      nowMs += ms;
    },
  };
}

function found({ overdueMs = 0, forged = 0 } = {}) {
  const none = { expired: 0, orphaned: 0, drifted: 0 };
  return { openGrants: 1, rules: { ...none, owned: 1, forged }, overdueMs };
}

const entry = (what: string) => ({ atMs: NOW, who: 'sweep', what });

async function ends({ store }: Bot, lateMs: number): Promise<void> {
  const phase = phases()['ended: expired'];
  if (phase?.state !== 'ended') throw new Error('no phase of an end');
  const request = requestIn({ ...phase, endedAtMs: phase.grant.endsAtMs + lateMs });
  await store.change({ request, audit: [{ ...entry('ended'), requestId: request.id }] });
}

function revokes({ metrics }: Bot, outcome: Parameters<Metrics['calledAws']>[1], times: number): void {
  for (let n = 0; n < times; n += 1) metrics.calledAws('RevokeSecurityGroupIngress', outcome);
}

/** The alerts that fire once something has happened to the second of two replicas. */
async function firing(happens: (bot: Bot) => unknown): Promise<string[]> {
  const bots = [startBot(), startBot()];
  const look = async () => {
    const texts = await Promise.all(bots.map(({ metrics }) => metrics.text()));
    return texts.flatMap((text, n) => samplesIn(text, `replica-${n}`));
  };
  const before = await look();
  for (const bot of bots.slice(1)) await happens(bot);
  const looks = { before, now: await look() };
  return rules
    .filter(({ expr }) => evaluate(expr, looks).length > 0)
    .map(({ alert }) => alert.replace('WorkspaceSsh', ''));
}

test.each<[string, (bot: Bot) => unknown, string[]]>([
  ['nothing happens', () => {}, []],
  ['access ends 59 s late', (bot) => ends(bot, 59_000), []],
  ['access ends 61 s late', (bot) => ends(bot, 61_000), ['EndsLate']],
  ['access is 60 s overdue', (bot) => (bot.memory.watched.found = found({ overdueMs: 60_000 })), []],
  [
    'access is 61 s overdue',
    (bot) => (bot.memory.watched.found = found({ overdueMs: 61_000 })),
    ['EndsLate'],
  ],
  ['many rules are revoked', (bot) => revokes(bot, 'answered', 100), []],
  ['EC2 throttles revokes', (bot) => revokes(bot, 'throttled', 100), []],
  ['AWS refuses a few revokes', (bot) => revokes(bot, 'refused', 5), []],
  ['AWS refuses every revoke', (bot) => revokes(bot, 'refused', 6), ['RevokeFailing']],
  ['AWS answers no revoke', (bot) => revokes(bot, 'unanswered', 6), ['RevokeFailing']],
  ['a sweep is due', (bot) => bot.passes(180_000), []],
  ['no sweep is done', (bot) => bot.passes(181_000), ['SweepStale']],
  ['the store loses what it held', (bot) => bot.store.audit([entry('store-lost')]), ['StoreLost']],
  ['a forged rule stands there', (bot) => (bot.memory.watched.found = found({ forged: 1 })), ['ForgedRule']],
  ['a forged rule was removed', (bot) => bot.store.audit([entry('noticed-stray-rule')]), ['ForgedRule']],
  ['a forged rule was told', (bot) => bot.store.audit([entry('noticed-unverified-rule')]), ['ForgedRule']],
  ['a rule of somebody else was told', (bot) => bot.store.audit([entry('noticed-foreign-rule')]), []],
])('the right alerts fire where %s', async (_, happens, alerts) => {
  expect(await firing(happens)).toEqual(alerts);
});

test.each(ENDING_ACTIONS)('AWS that refuses every %s, which ends access, fires an alert', async (action) => {
  const refuses = ({ metrics }: Bot) => {
    for (let n = 0; n < 6; n += 1) metrics.calledAws(action, 'refused');
  };
  expect(await firing(refuses)).toEqual(['RevokeFailing']);
});

test('an alert names only figures that the bot shows', async () => {
  const text = await startBot().metrics.text();
  const names = rules.flatMap(({ expr }) => expr.match(/workspace_ssh_\w+/g) ?? []);
  const known = new Set(samplesIn(text, 'replica').map(({ labels }) => labels.__name__));
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

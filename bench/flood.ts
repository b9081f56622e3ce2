/**
 * Measures the cost of very many people who ask at one time, from their forms until their approver and they have the
 * cards,
 * beside a bare Bolt app that stores a key for each form. Reads /proc, so only on Linux.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions, Figure } from './figures.js';
import { formOf, startAmong } from './loads/askers.js';
import { send } from './loads/send.js';
import { type Program, startBareForm, usageOf } from './processes.js';

const CONNECTIONS = 32;

export async function flood(conditions: Conditions): Promise<Figure[]> {
  const { small, grants: asks = small ? 20 : 2_000 } = conditions;
  const ours = await startAmong(asks, conditions);
  const { slack, aws } = ours.town;
  const cards = () =>
    slack.journal.filter(({ kind, method }) => kind === 'api' && method === 'chat.postMessage').length;
  const bodies = Array.from({ length: asks }, (_, n) => formOf(ours.town, n));
  // Each asker is told who decides, and the approver gets a card.
  const measured = await flooded(ours, bodies, () => cards() >= 2 * asks);
  const floor = await flooded(await startBareForm(conditions), bodies, () => true);
  const lookUps = aws.journal.filter(({ action }) => action === 'DescribeDirectories').length;
  const of = `${asks} asks`;
  return [
    {
      figure: `${of}: processor`,
      unit: 'ms an ask',
      ours: measured.cpuMs / asks,
      floor: floor.cpuMs / asks,
      goal: { op: '<=', value: 4, of: 'ours' },
    },
    { figure: `${of}: first form to last card`, unit: 'ms', ours: measured.tookMs, floor: floor.tookMs },
    {
      figure: `${of}: DescribeDirectories`,
      unit: 'calls',
      ours: lookUps,
      floor: 1,
      goal: { op: '<=', value: 1 },
    },
  ];
}

async function flooded(program: Program, bodies: readonly string[], isDone: () => boolean) {
  const { eventsUrl: url, signingSecret, bot } = program;
  const before = usageOf(bot.pid).cpuMs;
  const startedMs = performance.now();
  try {
    await send({
      ...{ url, signingSecret, connections: CONNECTIONS },
      ...{ count: bodies.length, bodyOf: (n: number) => bodies[n] ?? '' },
    });
    while (!isDone()) {
      if (!bot.running) throw new Error('the program ended before its work was done');
      await sleep(50);
    }
    return { cpuMs: usageOf(bot.pid).cpuMs - before, tookMs: performance.now() - startedMs };
  } finally {
    await program.close();
  }
}

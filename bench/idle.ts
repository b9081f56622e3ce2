/**
 * Measures the memory, and the share of one processor, of a program that has nothing to do. Reads /proc, so only on
 * Linux.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions, Figure } from './figures.js';
import { type Program, startBareBolt, startOurs, usageOf } from './processes.js';

export async function idle(conditions: Conditions): Promise<Figure[]> {
  const seconds = conditions.small ? 1 : 20;
  const ours = await watched(await startOurs(conditions), seconds);
  const floor = await watched(await startBareBolt(), seconds);
  return [
    { figure: 'memory', unit: 'MB', ours: ours.megabytes, floor: floor.megabytes },
    { figure: 'processor', unit: 'ms a minute', ours: ours.cpuMs, floor: Math.max(1, floor.cpuMs) },
  ];
}

async function watched(program: Program, seconds: number): Promise<{ megabytes: number; cpuMs: number }> {
  const { pid } = program.bot;
  const before = usageOf(pid).cpuMs;
  await sleep(seconds * 1_000);
  const { cpuMs, megabytes } = usageOf(pid);
  await program.close();
  return { megabytes, cpuMs: ((cpuMs - before) / seconds) * 60 };
}

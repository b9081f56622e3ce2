/** What a program costs that has nothing to do: memory, and share of one processor. Reads /proc, so only on Linux. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Conditions, Figure } from './figures.js';
import { type Program, startBareBolt, startOurs } from './processes.js';

/** The unit of the times in /proc/PID/stat, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

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
  const before = ticksOf(program.bot.pid);
  await sleep(seconds * 1_000);
  const ticks = ticksOf(program.bot.pid) - before;
  const status = readFileSync(`/proc/${program.bot.pid}/status`, 'utf8');
  const megabytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  await program.close();
  return { megabytes, cpuMs: (ticks / TICKS_A_SECOND / seconds) * 60_000 };
}

function ticksOf(pid: number): number {
  // The name of the program may hold spaces and brackets, so the fields are counted from its end.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

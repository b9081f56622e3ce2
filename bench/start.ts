/** How long a start takes, from the process to the first answer, beside a bare Bolt app. */
import type { Conditions, Figure } from './figures.js';
import { type Program, startBareBolt, startOurs } from './processes.js';

export async function start(conditions: Conditions): Promise<Figure[]> {
  const ours = await timed(() => startOurs(conditions));
  const floor = await timed(startBareBolt);
  return [{ figure: 'start to first answer', unit: 'ms', ours, floor }];
}

async function timed(begin: () => Promise<Program>): Promise<number> {
  const startedMs = performance.now();
  const program = await begin();
  const tookMs = performance.now() - startedMs;
  await program.close();
  return tookMs;
}

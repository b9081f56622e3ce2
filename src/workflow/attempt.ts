/** One piece of a pass: what fails waits for the next pass and keeps nothing else from being done. */
import type { Parts } from './ports.js';

export async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
  }
}

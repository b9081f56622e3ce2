/** Takes the next planned misfortune, so that every place where one can strike asks the same way. */
import type { SlackFault, SlackSettings } from './types.js';

/** @returns the fault that strikes now, already counted down; undefined when all goes well */
export function strike(
  settings: SlackSettings,
  names: string[],
  kinds: readonly SlackFault['kind'][],
): SlackFault | undefined {
  const fault = settings.faults.find(
    (f) => f.times > 0 && names.includes(f.method) && kinds.includes(f.kind),
  );
  if (fault) fault.times -= 1;
  return fault;
}

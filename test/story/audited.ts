/** The audit records of a story's bot, as they were stored. */
import type { Rooms } from '../../src/app.js';
import type { AuditEntry } from '../../src/workflow/ports-store.js';

/** Wraps a bot so that each record is put into `records` as well, once it was stored. */
export function keepingAudit(records: AuditEntry[]): (rooms: Rooms) => Rooms {
  return (rooms) => {
    const { store } = rooms.parts;
    const change: typeof store.change = async (step) => {
      const outcome = await store.change(step);
      if (outcome.outcome === 'done') records.push(...step.audit);
      return outcome;
    };
    return { ...rooms, parts: { ...rooms.parts, store: { ...store, change } } };
  };
}

/** The store as the metrics see it: each change and each audit record says what happened, once. */
import type { Request } from '../access/request/request.js';
import type { AuditEntry, Store } from '../workflow/ports-store.js';

/** Who hears of what was recorded. */
export interface Hearers {
  /** An audit record of something that happened. */
  recorded(entry: AuditEntry): void;
  /** Access whose time was over ended so long after that time, in milliseconds. */
  endedLate(ms: number): void;
}

/** Asks nothing of the store that would not be asked without it. */
export function watchedStore(store: Store, { recorded, endedLate }: Hearers): Store {
  return {
    ...store,
    async change(step) {
      const changed = await store.change(step);
      if (changed.outcome !== 'done') return changed;
      step.audit.forEach(recorded);
      for (const request of [...(step.request ? [step.request] : []), ...(step.also ?? [])]) {
        const lateMs = latenessOf(request, step.audit);
        if (lateMs !== undefined) endedLate(lateMs);
      }
      return changed;
    },
    async audit(entries) {
      try {
        await store.audit(entries);
      } catch (cause) {
        // A change of a rule at AWS has happened, whether or not the store takes its record; other records are written again.
        entries.filter(({ what }) => what.startsWith('rule-')).forEach(recorded);
        throw cause;
      }
      entries.forEach(recorded);
    },
  };
}

/** Only time says when access has to end: whoever ends it sooner is not late. */
function latenessOf({ id, phase }: Request, audit: readonly AuditEntry[]): number | undefined {
  if (phase.state !== 'ended' || phase.cause.kind !== 'expired') return undefined;
  // What else lets the source in may be written down after the end: a second change to a request that is ended already.
  const hasEnded = audit.some(({ requestId, what }) => requestId === id && what === 'ended');
  return hasEnded ? Math.max(0, phase.endedAtMs - phase.grant.endsAtMs) : undefined;
}

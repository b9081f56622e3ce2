/** The store as the metrics see it: each change and each audit record says what happened, once. */
import { END_TRAITS, type Request } from '../access/request/request.js';
import type { AuditEntry, Store } from '../workflow/ports-store.js';

/** Who hears of what was recorded. */
export interface Hearers {
  /** An audit record of something that happened. */
  recorded(entry: AuditEntry): void;
  /** Access ended by time. `ms` is how long after its time that was. */
  endedLate(ms: number): void;
}

/** Wraps the store. No call of the store is made more often than without the metrics. */
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
        // A rule has changed at AWS whether or not the store takes the record of that. Other records are written once more.
        entries.filter(({ what }) => what.startsWith('rule-')).forEach(recorded);
        throw cause;
      }
      entries.forEach(recorded);
    },
  };
}

/** How late access ended, where its time was over. An end by a person has no time at which it was due. */
function latenessOf({ id, phase }: Request, audit: readonly AuditEntry[]): number | undefined {
  if (phase.state !== 'ended' || !END_TRAITS[phase.cause.kind].isOfItsTime) return undefined;
  // After its end a request may change once more, to say what else lets its source in. That is no second end.
  const hasEnded = audit.some(({ requestId, what }) => requestId === id && what === 'ended');
  return hasEnded ? Math.max(0, phase.endedAtMs - phase.grant.endsAtMs) : undefined;
}

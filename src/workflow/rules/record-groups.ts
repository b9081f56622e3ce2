/** The audit records of calls to AWS that changed a group, or what carries it. */
import type { GroupChange, Parts, Witness } from '../ports.js';
import type { AuditEntry } from '../ports-store.js';

/** Writes one audit record for each such call. Where the store is away the line that it logs itself is the only copy. */
export function recordGroups(parts: Parts, because: { who: string; requestId?: string }): Witness {
  return async (change) => {
    const entry = { atMs: parts.now(), ...because, ...said(change) };
    try {
      await parts.store.audit([entry]);
    } catch (err) {
      // It has happened at AWS: whoever called goes on.
      parts.log.error({ err, what: entry.what }, 'audit: not recorded in the store');
    }
  };
}

function said({ what, ids, unanswered }: GroupChange): Pick<AuditEntry, 'what' | 'why' | 'ids'> {
  const known = Object.entries(ids).filter(([, id]) => id !== undefined);
  return {
    what: unanswered ? `${what}-unanswered` : what,
    ids: Object.fromEntries(known),
    ...(unanswered ? { why: 'AWS did not answer; it may have happened' } : {}),
  };
}

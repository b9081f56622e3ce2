/** Audit records of calls to AWS that changed a group, or the interfaces that carry it. */
import type { Parts } from '../ports.js';
import type { GroupChange, Witness } from '../ports-firewall.js';
import type { AuditEntry } from '../ports-store.js';

/** Writes one audit record for each call. Where the store is away, the line that it logs is the only copy. */
export function recordGroups(parts: Parts, because: { who: string; requestId?: string }): Witness {
  return async (change) => {
    const entry = { atMs: parts.now(), ...because, ...said(change) };
    try {
      await parts.store.audit([entry]);
    } catch (err) {
      // The change has happened at AWS: the caller goes on.
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

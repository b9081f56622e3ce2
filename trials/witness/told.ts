/** Keeps what a run reports to the witness beside its own observations: approvals, ends and losses. */
import type { Memory } from './rule-lives.js';

/** Redis lost all of its data, or the newest writes since the instant of an older copy. Epoch milliseconds. */
interface Loss {
  what: 'all' | 'newest';
  sinceMs: number;
  atMs: number;
}

export interface Told {
  /** By request id: the sources that were approved, as CIDR blocks, and since when each was. */
  approvals: Map<string, { source: string; atMs: number }[]>;
  /** When a request is to open that opens later, by its id. */
  starts: Map<string, number>;
  /** When somebody first let a request end before its time, by its id. */
  endings: Map<string, number>;
  losses: Loss[];
}

/** How long a call to AWS takes at most: a call on its way may take effect so long after a loss. */
const CALL_MS = 3_000;

/** The writes that Redis may have lost, by the losses that are reported to the witness until now and later. */
export function memoryOf({ approvals, endings, losses }: Told): Memory {
  const isLost = (atMs: number) => losses.filter((loss) => loss.sinceMs <= atMs && atMs <= loss.atMs);
  return {
    isForgotten: (atMs) => isLost(atMs).length > 0,
    isEndForgotten: (id, wentAtMs) =>
      isLost(endings.get(id) ?? Number.POSITIVE_INFINITY).some(({ atMs }) => wentAtMs <= atMs + CALL_MS),
    wentBack: (atMs) => isLost(atMs).some(({ what }) => what === 'newest'),
    isShared: (cidr, requestId) =>
      [...approvals].some(([id, all]) => id !== requestId && all.some(({ source }) => source === cidr)),
  };
}

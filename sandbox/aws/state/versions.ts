/** Keeps old versions of things, because AWS answers reads from a copy that lags behind the truth. */

/** How long the versions of a deleted thing are kept, which is longer than any sensible `staleMs`. */
const KEPT_MS = 10 * 60_000;

interface Version<T> {
  at: number;
  /** The part of `staleMs` that passes before reads show this version, 0 to 1. */
  lag: number;
  /** Undefined from the deletion of the thing on. */
  value: T | undefined;
}

export interface Clock {
  now(): number;
  staleMs(): number;
  lag(): number;
}

/** Things by id, as they are and as Describe calls see them. Values are replaced, never changed in place. */
export interface Versions<T> {
  get(id: string): T | undefined;
  all(): T[];
  put(id: string, value: T, at?: number): void;
  drop(id: string): void;
  /** The version that Describe calls see now. */
  seen(id: string): T | undefined;
  allSeen(): T[];
  /** The things of one owner, without a look at any other thing. */
  of(owner: string): T[];
  seenOf(owner: string): T[];
}

/** @param ownerOf the owner of a thing, which never changes */
export function versions<T>(clock: Clock, ownerOf: (thing: T) => string = () => ''): Versions<T> {
  const kept = new Map<string, Version<T>[]>();
  const owned = new Map<string, Set<string>>();

  const append = (id: string, value: T | undefined, at: number): void => {
    const versionsOfIt = (kept.get(id) ?? []).slice(-20);
    versionsOfIt.push({ at, lag: clock.lag(), value });
    kept.set(id, versionsOfIt);
    if (value === undefined) return;
    const owner = ownerOf(value);
    owned.set(owner, (owned.get(owner) ?? new Set<string>()).add(id));
  };
  const forget = (id: string): void => {
    for (const { value } of kept.get(id) ?? [])
      if (value !== undefined) owned.get(ownerOf(value))?.delete(id);
    kept.delete(id);
  };
  const newest = (id: string): T | undefined => kept.get(id)?.at(-1)?.value;
  const visible = (ofOne: Version<T>[], now: number, staleMs: number): T | undefined =>
    ofOne.findLast((version) => version.at + version.lag * staleMs <= now)?.value;

  const seen = (id: string): T | undefined => visible(kept.get(id) ?? [], clock.now(), clock.staleMs());

  return {
    get: newest,
    all: () => [...kept.keys()].flatMap((id) => present(newest(id))),
    put: (id, value, at = clock.now()) => append(id, value, at),
    drop: (id) => append(id, undefined, clock.now()),
    seen,
    allSeen() {
      const now = clock.now();
      const staleMs = clock.staleMs();
      const found: T[] = [];
      for (const [id, ofOne] of kept) {
        const last = ofOne.at(-1);
        found.push(...present(visible(ofOne, now, staleMs)));
        if (last?.value === undefined && (last?.at ?? 0) < now - KEPT_MS) forget(id);
      }
      return found;
    },
    of: (owner) => [...(owned.get(owner) ?? [])].flatMap((id) => present(newest(id))),
    seenOf: (owner) => [...(owned.get(owner) ?? [])].flatMap((id) => present(seen(id))),
  };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

/** The n-th number, 0 to 1, of the random sequence that belongs to `seed` (mulberry32). */
export function drawn(seed: number, n: number): number {
  let x = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  x = Math.imul(x ^ (x >>> 15), x | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
}

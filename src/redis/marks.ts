/**
 * Small keys that all replicas share, of two kinds: turns (who does a piece of work) and the mark whose absence shows
 * that Redis lost its data.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Coordination } from '../workflow/ports-store.js';
import { change, OPERATION_S, read, run, script } from './script.js';

/** What a mark begins with whose replica took the store for a new one. */
const NEW = 'new ';
/** How many changes are looked for again, and for how long. */
const MOST = 200;
const LOOKED_FOR_MS = (OPERATION_S * 1000) / 2;

/** One replica replaces the mark that was found: that replica says what was lost. The script may be sent twice. */
const REPLACE = script(`
local found = redis.call('GET', KEYS[1]) or ''
if found == ARGV[2] then return 1 end
if found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`);

/**
 * Takes a turn that nobody has. Sent once more, since its answer was lost, the script knows its own by the token: a click
 * whose turn were taken for somebody else's would be left out as a copy.
 */
const TURN = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
`);

/** What a process knows of the store when it looks at the mark there. */
export interface MarkKnowledge {
  /** The mark that it saw or left there last. */
  known?: string | undefined;
  /** The mark that it began to put there, where the answer to that was lost. */
  pending?: string | undefined;
  /** The marks that it knew before. */
  earlier: ReadonlySet<string>;
  /** Records that it wrote are gone, or the store has shown an earlier mark. */
  isRewound: boolean;
  /** The store cannot be a new one: access was open before. */
  isOld: boolean;
}

/**
 * What a mark tells. `kept`: nothing was lost. `said`: something was, and the replica that put the mark there has said
 * it. `lost` and `fresh`: this process puts its own mark there, and the replica that succeeds says it.
 */
export type MarkVerdict = 'kept' | 'said' | 'lost' | 'fresh';

/** Judges the mark that was `found`; none is the empty string. */
export function judgeMark(found: string, knowledge: MarkKnowledge): MarkVerdict {
  const { known, pending, earlier, isRewound, isOld } = knowledge;
  const isOfNewStore = found.startsWith(NEW);
  if (found === '') return known === undefined && !isOld ? 'fresh' : 'lost';
  if (found === pending) return isOfNewStore ? 'fresh' : 'lost';
  if (earlier.has(found)) return 'lost';
  if (known === undefined) return isRewound || (isOfNewStore && isOld) ? 'lost' : 'kept';
  if (found === known) return isRewound ? 'lost' : 'kept';
  // A replica that took the store for a new one has said nothing; any other put its mark there on a loss.
  return isOfNewStore ? 'lost' : 'said';
}

export interface Marks extends Pick<Coordination, 'mark' | 'turn' | 'hold' | 'taken'> {
  /** The key that exists while the turn lasts. */
  keyOfTurn(name: string): string;
  /**
   * Watches a change that is sent now; the answer takes what became of the change: the number of the first of its audit
   * `records`. Where that is no higher than what was written before, the store has lost its newest records, as after a
   * failover to a replica that lagged; so it has where the key that remembers the change is missing later.
   */
  watch(operationKey: string): (firstSeq: number, records: number) => void;
}

/**
 * The marks of one installation; one a process, since it remembers what it saw.
 * @param now epoch milliseconds
 */
export function createMarks(redis: Redis, prefix: string, now: () => number): Marks {
  const key = `${prefix}:mark`;
  const turnKey = (name: string) => `${prefix}:turn:${name}`;
  let known: string | undefined;
  let pending: string | undefined;
  let isRewound = false;
  /** Kept until the next verdict, also where the store did not answer just then. */
  let wasOld = false;
  const earlier = new Set<string>();
  let written: { operationKey: string; atMs: number }[] = [];
  let newestSeq = 0;
  /** A change that was sent before a loss was said tells of that loss alone. */
  let losses = 0;

  /** Others may have written as many records since as were lost, so numbers alone do not tell. */
  async function lookForWritten(): Promise<void> {
    written = written.filter(({ atMs }) => now() - atMs < LOOKED_FOR_MS).slice(-MOST);
    const keys = written.map(({ operationKey }) => operationKey);
    if (keys.length === 0) return;
    const there = await read(() => redis.exists(...keys));
    if (there < keys.length) isRewound = true;
  }

  function keep(mark: string): void {
    known = mark;
    pending = undefined;
    wasOld = false;
  }

  /** After a loss was said, by whomever: what was written before is looked for no longer. */
  function beginAnew(mark: string | undefined): void {
    if (known !== undefined && known !== mark) earlier.add(known);
    known = mark;
    pending = undefined;
    isRewound = false;
    wasOld = false;
    written = [];
    newestSeq = 0;
    losses += 1;
  }

  /** Puts this process' mark in the place of the one that was found. False where another replica came first. */
  async function replace(found: string, mine: string): Promise<boolean> {
    const isReplaced = (await change(redis, () => run(redis, REPLACE, [key], [found, mine]))) === 1;
    beginAnew(isReplaced ? mine : ((await read(() => redis.get(key))) ?? undefined));
    return isReplaced;
  }

  return {
    keyOfTurn: turnKey,

    async turn(name, forMs) {
      const args = [nanoid(), Math.ceil(forMs)];
      return (await change(redis, () => run(redis, TURN, [turnKey(name)], args))) === 1;
    },
    async hold(name, forMs) {
      await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs)));
    },
    taken: async (name) => (await read(() => redis.exists(turnKey(name)))) === 1,

    watch(operationKey) {
      const [seqBefore, lossesBefore] = [newestSeq, losses];
      return (firstSeq, records) => {
        if (losses !== lossesBefore) return;
        written.push({ operationKey, atMs: now() });
        if (records === 0) return;
        isRewound ||= firstSeq <= seqBefore;
        newestSeq = firstSeq + records - 1;
      };
    },

    async mark(isOld) {
      wasOld ||= isOld;
      await lookForWritten();
      const found = (await read(() => redis.get(key))) ?? '';
      isRewound ||= earlier.has(found);
      const verdict = judgeMark(found, { known, pending, earlier, isRewound, isOld: wasOld });
      switch (verdict) {
        case 'kept':
          keep(found);
          return 'kept';
        case 'said':
          beginAnew(found);
          return 'kept';
        case 'fresh':
        case 'lost': {
          // The same mark at each try: an earlier try whose answer was lost may still take effect.
          pending ??= `${verdict === 'fresh' ? NEW : ''}${nanoid()}`;
          const mine = pending;
          if (!(await replace(found, mine))) return 'kept';
          return mine.startsWith(NEW) ? 'fresh' : 'lost';
        }
      }
    },
  };
}

/**
 * Small keys that all replicas share, of two kinds: turns (who does a piece of work) and the mark whose absence shows
 * that Redis lost its data.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Coordination } from '../workflow/ports-store.js';
import { change, OPERATION_S, read, run, script } from './script.js';

/** A mark begins with this where the replica that left it took the store for a new one. */
const NEW = 'new ';
/** How many of the newest changes are looked for again, and until how long after they were sent. */
const MOST = 200;
const LOOKED_FOR_MS = (OPERATION_S * 1000) / 2;

/** Only one replica succeeds in replacing the mark that all found, and tells of the loss. The script may be sent twice. */
const REPLACE = script(`
local found = redis.call('GET', KEYS[1]) or ''
if found == ARGV[2] then return 1 end
if found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`);

/**
 * Takes a turn that nobody has. The script is sent once more where its answer was lost, and then knows its own turn by
 * the token: otherwise it would take the turn of a click for somebody else's, and the click would be left out as a copy.
 */
const TURN = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
`);

/** What a process knows of the store when it looks at the mark there. */
export interface MarkKnowledge {
  /** The mark that this process saw or left in the store last. */
  known?: string | undefined;
  /** The mark that this process sent to the store, while the answer of the store is missing. */
  pending?: string | undefined;
  /** The marks that this process knew before `known`. */
  earlier: ReadonlySet<string>;
  /** Records that this process wrote are gone, or the store has shown an earlier mark. */
  isRewound: boolean;
  /** The store cannot be a new one: access was open before. */
  isOld: boolean;
}

/**
 * What a mark tells. `kept`: nothing was lost. `said`: records were lost, and the replica that left the mark has told of
 * the loss. `lost` and `fresh`: this process tries to leave a mark of its own, and tells of the loss where it succeeds.
 */
export type MarkVerdict = 'kept' | 'said' | 'lost' | 'fresh';

/** Judges the mark that was `found` in the store; the empty string where there was none. */
export function judgeMark(found: string, knowledge: MarkKnowledge): MarkVerdict {
  const { known, pending, earlier, isRewound, isOld } = knowledge;
  const isOfNewStore = found.startsWith(NEW);
  if (found === '') return known === undefined && !isOld ? 'fresh' : 'lost';
  if (found === pending) return isOfNewStore ? 'fresh' : 'lost';
  if (earlier.has(found)) return 'lost';
  if (known === undefined) return isRewound || (isOfNewStore && isOld) ? 'lost' : 'kept';
  if (found === known) return isRewound ? 'lost' : 'kept';
  // A replica that took the store for a new one told of no loss. Every other replica leaves a new mark only after a loss.
  return isOfNewStore ? 'lost' : 'said';
}

export interface Marks extends Pick<Coordination, 'mark' | 'turn' | 'hold' | 'taken'> {
  /** The key that exists while the turn lasts. */
  keyOfTurn(name: string): string;
  /**
   * Watches a change that is sent now. The function that comes back takes the number of the first audit record that the
   * store gave the change, and how many `records` there were. The store has lost its newest records, as after a failover
   * to a replica that lagged, where that number is no higher than those before, and where the key that remembers the
   * change is missing later.
   */
  watch(operationKey: string): (firstSeq: number, records: number) => void;
}

/**
 * The marks of one installation. A process makes them once, since they remember what the process saw in the store.
 * @param now epoch milliseconds
 */
export function createMarks(redis: Redis, prefix: string, now: () => number): Marks {
  const key = `${prefix}:mark`;
  const turnKey = (name: string) => `${prefix}:turn:${name}`;
  let known: string | undefined;
  let pending: string | undefined;
  let isRewound = false;
  /** What the last caller knew of the store's age: kept until a verdict, which an outage of the store may put off. */
  let wasOld = false;
  const earlier = new Set<string>();
  let written: { operationKey: string; atMs: number }[] = [];
  let newestSeq = 0;
  /** How many losses were told of: the answer to a change that was sent before the last of them shows no new loss. */
  let losses = 0;

  /** Looks for the newest changes: their numbers alone show no loss where others have written as many records since. */
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

  /** Forgets, after some replica has told of a loss, what was written before that loss. */
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

  /** Replaces the mark that was found by one of this process. False where another replica came first. */
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

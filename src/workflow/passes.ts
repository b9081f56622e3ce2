/**
 * Runs many pieces of work, several at a time, so that one that hangs does not hold up the others. Where a pass can look at
 * some of many alone, each pass looks at the next of them, and none is left out for long.
 */
import pMap from 'p-map';
import { type Doing, type FailureCause, type Memory, remember } from './memory.js';
import { AwsRefused, AwsUnavailable, type Parts, SlackFailed } from './ports.js';
import { NewerRecord, StoreUnreachable } from './ports-store.js';

const AT_ONCE = 20;

/**
 * Does `work` for every item in their order, at most twenty at a time, and begins none once `stopping` is aborted.
 * @throws what failed first, once all that was begun is done
 */
export async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  stopping?: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const begin = async (item: T) => {
    if (stopping?.aborted) return;
    await work(item).catch((cause: unknown) => failures.push(cause));
  };
  await pMap(items, begin, { concurrency: AT_ONCE });
  if (failures.length > 0) throw failures[0];
}

/** Does `work` of a pass of the sweep. A failure is logged, and waits for the next pass. */
export async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
    noteFailure(parts, 'sweep', cause);
  }
}

/** Counts a failure for whoever watches, by its cause alone. What is thrown on is counted where it ends up. */
export function countFailure(memory: Memory, during: Doing, fault: unknown): void {
  countCause(memory, during, causeOf(fault));
}

/** {@link countFailure} for what was not thrown. */
export function countCause({ watched: { failures } }: Memory, during: Doing, cause: FailureCause): void {
  const known = failures.find((one) => one.during === during && one.cause === cause);
  if (known) known.times += 1;
  else failures.push({ during, cause, times: 1 });
}

/** The same work, whose failures are counted and thrown on. */
export function counting<Asked, Done>(
  memory: Memory,
  during: Doing,
  work: (asked: Asked) => Promise<Done>,
): (asked: Asked) => Promise<Done> {
  return async (asked) => {
    try {
      return await work(asked);
    } catch (fault) {
      countFailure(memory, during, fault);
      throw fault;
    }
  };
}

function causeOf(fault: unknown): FailureCause {
  if (fault instanceof AwsRefused) return 'aws-refused';
  if (fault instanceof AwsUnavailable) return 'aws-away';
  if (fault instanceof StoreUnreachable) return 'store-away';
  if (fault instanceof NewerRecord) return 'newer-record';
  return fault instanceof SlackFailed ? `slack-${fault.why}` : 'other';
}

/** Counts a failure. A call that AWS refused is remembered, for the admins to be told at the next pass. */
export function noteFailure({ memory }: Parts, during: Doing, cause: unknown): void {
  countFailure(memory, during, cause);
  const { notices } = memory;
  if (!(cause instanceof AwsRefused)) return;
  const { action, code } = cause;
  // The sweep asks again at each pass, and for each group.
  if (notices.some((one) => one.kind === 'aws-refused' && one.action === action)) return;
  remember(notices, { kind: 'aws-refused', action, code });
}

/**
 * The next share of `items` by the order of their keys: it begins behind the share before, and after the last item with the
 * first again. A restart begins with the first.
 * @param most how much the items of a share weigh together; a single item may weigh more
 */
export function nextShare<T>(
  { memory: { shares } }: Pick<Parts, 'memory'>,
  what: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  most: number,
  weightOf: (item: T) => number = () => 1,
): T[] {
  const sorted = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const before = shares.get(what) ?? '';
  const next = sorted.findIndex(({ key }) => key > before);
  const turned = next < 0 ? sorted : [...sorted.slice(next), ...sorted.slice(0, next)];
  const share: T[] = [];
  let weight = 0;
  for (const { item, key } of turned) {
    weight += weightOf(item);
    if (weight > most && share.length > 0) break;
    share.push(item);
    shares.set(what, key);
  }
  return share;
}

/**
 * EC2 counts the calls of an account in a Region in a bucket for each action, and refuses a call that finds its bucket
 * empty. Calls wait for their turn instead: a refused call is lost for the bot and for every other program of the account.
 */

/** A bucket of calls, as EC2 has one for each action. */
interface Bucket {
  /** How many calls may come at once. */
  size: number;
  perSecond: number;
}

/** The buckets that EC2 documents for reads and for changes (EC2 developer guide, "Request throttling"). */
const READS: Bucket = { size: 100, perSecond: 20 };
const CHANGES: Bucket = { size: 50, perSecond: 5 };
const CHANGES_OF_INTERFACES: Bucket = { size: 100, perSecond: 5 };

/** The share of a bucket that a replica uses without asking the store. The calls of one grant's whole life are far fewer. */
const UNASKED = 0.2;
/** The share of a bucket that work which can wait leaves to ends. */
const SPARED = 0.5;
const SPARED_AT_MOST_MS = 5_000;
/** A store that has not answered after this time is taken for away, so that no end waits for the store. */
const STORE_MS = 250;
const STORE_AGAIN_MS = 10_000;
/**
 * A store that has let no call of an action through for this time is taken for away as well. Somebody who can write to the
 * store may say there again and again that all calls are used up, and must not keep access open by that.
 */
const DENIED_MS = 30_000;
/** Each refusal in a row doubles the wait for the next call, up to this many times the time of one call. */
const SLOWEST = 8;

/** What a call takes out of the bucket that all replicas share. Times are milliseconds. */
export interface Taking {
  /** How long the bucket takes to get one call back. */
  callMs: number;
  size: number;
  /** How many calls this process made since it last asked the store. */
  before: number;
  /** Set where EC2 has refused a call since: how long the bucket, which is empty, takes to hold a call again. */
  emptyForMs?: number;
}

/** Takes one call out of a shared bucket where it holds one. @returns in how many milliseconds the bucket is full again */
export type TakeShared = (action: string, taking: Taking) => Promise<{ taken: boolean; fullInMs: number }>;

export interface Pacer {
  /**
   * Resolves once the bucket holds a call for the caller.
   * @param how.withinMs the call is given up at once where its turn comes later than that
   * @param how.heldUp is called again and again while the bucket keeps the caller waiting
   * @param how.isFirst goes before all who wait, since EC2 has refused this call before
   * @throws Paced where the turn comes too late, or the bot stops
   */
  turn(action: string, how?: Waits): Promise<void>;
  /** Makes the call, and learns from its answer whether the bucket was empty. */
  watch<T>(action: string, call: () => Promise<T>): Promise<T>;
  /** Resolves once the bucket holds enough calls for ends, or after {@link SPARED_AT_MOST_MS}. */
  spare(action: string): Promise<void>;
  /** Ends all waiting: whoever waits, or would have to from now on, gets {@link Paced} at once. */
  stop(): void;
}

export interface Waits {
  withinMs?: number;
  heldUp?: () => void;
  isFirst?: boolean;
}

/** The call was not made: its turn would have come too late, or the bot stops. */
export class Paced extends Error {
  override name = 'Paced';
}

/** What is known of the bucket of one action. */
interface Lane {
  callMs: number;
  size: number;
  /** When the bucket is full again, as far as this process knows. */
  fullAtMs: number;
  /** Calls that were made since the store was asked last. */
  unshared: number;
  waiting: { go: () => void; fail: (cause: Paced) => void; heldUp?: (() => void) | undefined }[];
  isServed: boolean;
  refusals: number;
  refusedAtMs: number;
  /** Since when the store has let no call of the action through. */
  deniedSinceMs?: number | undefined;
  /** Set where EC2 has refused a call and the store was not told yet: {@link Taking.emptyForMs}. */
  emptyForMs?: number | undefined;
}

/** @param options.rate how many times the documented rates the account has */
export function createPacer(options: {
  time: { now(): number; sleep(ms: number): Promise<void> };
  rate?: number;
  takeShared?: TakeShared | undefined;
}): Pacer {
  const { time, rate = 1, takeShared } = options;
  const lanes = new Map<string, Lane>();
  let askAgainAtMs = Number.NEGATIVE_INFINITY;
  let isStopped = false;

  function laneOf(action: string): Lane {
    const known = lanes.get(action);
    if (known) return known;
    const { size, perSecond } = bucketOf(action);
    const lane: Lane = {
      callMs: 1_000 / (perSecond * rate),
      // The bot's bucket holds one call less than EC2's: answers and clocks are never exact.
      size: Math.floor(size * rate) - 1,
      ...{ fullAtMs: 0, unshared: 0, waiting: [], isServed: false, refusals: 0 },
      refusedAtMs: Number.NEGATIVE_INFINITY,
    };
    lanes.set(action, lane);
    return lane;
  }

  /**
   * How long the bucket takes to be full again. A time that lies too far ahead was noted before the clock was set back, which
   * must not stop ends.
   */
  function missingMs(lane: Lane): number {
    const nowMs = time.now();
    if (lane.fullAtMs > nowMs + 2 * lane.size * lane.callMs) lane.fullAtMs = nowMs + lane.size * lane.callMs;
    return Math.max(0, lane.fullAtMs - nowMs);
  }

  /** How long the bucket takes to hold this many calls. */
  function readyInMs(lane: Lane, calls: number): number {
    return missingMs(lane) + (calls - lane.size) * lane.callMs;
  }

  function isUnasked(lane: Lane): boolean {
    return !takeShared || missingMs(lane) < UNASKED * lane.size * lane.callMs || time.now() < askAgainAtMs;
  }

  function takeOwn(lane: Lane): true {
    const missing = missingMs(lane);
    lane.unshared = missing > 0 ? lane.unshared + 1 : 1;
    lane.fullAtMs = time.now() + missing + lane.callMs;
    return true;
  }

  /** Takes a call out of the bucket; false where other replicas have emptied the bucket meanwhile. */
  async function take(action: string, lane: Lane): Promise<boolean> {
    if (isUnasked(lane) || !takeShared) return takeOwn(lane);
    const { callMs, size, unshared: before, emptyForMs } = lane;
    const askedAtMs = time.now();
    Object.assign(lane, { unshared: 0, emptyForMs: undefined });
    const taking = { callMs, size, before, ...(emptyForMs === undefined ? {} : { emptyForMs }) };
    const late = time.sleep(STORE_MS).then(() => undefined);
    const answer = await Promise.race([takeShared(action, taking).catch(() => undefined), late]);
    lane.deniedSinceMs = answer?.taken ? undefined : (lane.deniedSinceMs ?? askedAtMs);
    if (!answer || time.now() - (lane.deniedSinceMs ?? askedAtMs) > DENIED_MS) {
      lane.deniedSinceMs = undefined;
      askAgainAtMs = time.now() + STORE_AGAIN_MS;
      lane.unshared += before;
      return takeOwn(lane);
    }
    if (lane.refusedAtMs < askedAtMs) lane.fullAtMs = time.now() + answer.fullInMs;
    return answer.taken;
  }

  async function serve(action: string, lane: Lane): Promise<void> {
    if (lane.isServed) return;
    lane.isServed = true;
    for (let [first] = lane.waiting; first; [first] = lane.waiting) {
      const waitMs = readyInMs(lane, 1);
      if (waitMs > 0) {
        first.heldUp?.();
        await time.sleep(Math.ceil(waitMs));
      } else if (await take(action, lane)) lane.waiting.shift()?.go();
    }
    lane.isServed = false;
  }

  /** Notes a refusal. Of several calls that were under way together only the first refusal counts. */
  function refused(lane: Lane, calledAtMs: number): void {
    if (calledAtMs <= lane.refusedAtMs) return;
    lane.refusedAtMs = time.now();
    lane.emptyForMs = lane.callMs * (Math.min(SLOWEST, 2 ** lane.refusals) + 0.5);
    lane.refusals += 1;
    const fullAtMs = time.now() + (lane.size - 1) * lane.callMs + lane.emptyForMs;
    lane.fullAtMs = Math.max(time.now() + missingMs(lane), fullAtMs);
  }

  return {
    async turn(action, { withinMs = Number.POSITIVE_INFINITY, heldUp, isFirst = false } = {}) {
      const lane = laneOf(action);
      if (!lane.isServed && isUnasked(lane) && readyInMs(lane, 1) <= 0) {
        takeOwn(lane);
        return;
      }
      const waitMs = readyInMs(lane, lane.waiting.length + 1);
      if (waitMs > (isStopped ? 0 : withinMs))
        throw new Paced(`EC2's rate leaves no ${action} for ${Math.ceil(waitMs)} ms`);
      await new Promise<void>((go, fail) => {
        lane.waiting[isFirst ? 'unshift' : 'push']({ go, fail, heldUp });
        void serve(action, lane);
      });
    },

    async watch(action, call) {
      const lane = laneOf(action);
      const calledAtMs = time.now();
      try {
        const answer = await call();
        lane.refusals = 0;
        return answer;
      } catch (error) {
        if (isRateExceeded(error)) refused(lane, calledAtMs);
        throw error;
      }
    },

    async spare(action) {
      const lane = laneOf(action);
      const untilMs = time.now() + SPARED_AT_MOST_MS;
      const waitMs = () => readyInMs(lane, SPARED * lane.size);
      while (time.now() < untilMs && !isStopped && waitMs() > 0)
        await time.sleep(Math.min(waitMs(), untilMs - time.now()));
    },

    stop() {
      isStopped = true;
      for (const { waiting } of lanes.values())
        for (const { fail } of waiting.splice(0)) fail(new Paced('the bot stops'));
    },
  };
}

function bucketOf(action: string): Bucket {
  if (action === 'ModifyNetworkInterfaceAttribute') return CHANGES_OF_INTERFACES;
  return /^(Describe|Get)/.test(action) ? READS : CHANGES;
}

/** True for the error by which EC2 refuses a call for its rate; the call has had no effect. */
export function isRateExceeded(error: unknown): boolean {
  return error instanceof Error && error.name === 'RequestLimitExceeded';
}

/**
 * Ends that are due are taken up together. A timer only wakes: whoever comes first takes all that the store says is due,
 * and an end that comes alone is a batch of one.
 */
import { isOver } from '../../access/request/duties.js';
import { isIn, type RequestId, type RequestIn } from '../../access/request/request.js';
import type { Progress } from '../outcomes.js';
import { attempt, each } from '../passes.js';
import type { Parts } from '../ports.js';
import { ENDS_AT_ONCE, type HeldRequests, NewerRecord } from '../ports-store.js';
import { takePlace } from '../rules/revoke-line.js';
import { inTurn } from '../rules/turns.js';
import { byGroup, byRule, closeTogether } from './begin-closing.js';
import { endNewer } from './end-newer-record.js';
import { finishTogether, raise } from './finish-closing.js';

/** What becomes of each request of a batch. */
type Begun = Map<RequestId, Promise<Progress>>;
/** Does what a request owes that has nothing to end yet, for the holder of its lock. */
type Advance = (parts: Parts, id: RequestId) => Promise<Progress>;

/** The lock of whoever works on a request. */
export function lockOf(id: RequestId): string {
  return `request:${id}`;
}

/** Does what this request owes, and ends whatever else is due. @returns what became of this request */
export async function endDue(parts: Parts, id: RequestId, advance: Advance): Promise<Progress> {
  return (await takeUp(parts, [id], advance)).get(id) ?? 'done';
}

/** Ends all that is due, also what failed before. @returns what becomes of each */
export async function endAllDue(
  parts: Parts,
  advance: Advance,
): Promise<ReadonlyMap<RequestId, Promise<Progress>>> {
  parts.memory.ends.failed.clear();
  const all: Begun = new Map();
  for (;;) {
    const some = await takeUp(parts, [], advance);
    if ([...some.keys()].every((id) => all.has(id))) return all;
    for (const [id, progress] of some) all.set(id, progress);
  }
}

/** Raises ends that wait for EC2's rate for long: their own try is not over, so they don't say so themselves. */
export async function raiseWaiting(parts: Parts): Promise<void> {
  const running = [...parts.memory.ends.running.keys()];
  if (running.length === 0) return;
  for (const request of (await parts.store.lookAll(running)).values())
    if (request && request !== 'newer' && isIn(request, 'closing'))
      await attempt(parts, request.id, () => raise(parts, request));
}

/** Takes up what is due. Callers that wake at one moment, or while others are being taken up, share a batch. */
function takeUp(
  parts: Parts,
  asked: readonly RequestId[],
  advance: Advance,
): Promise<ReadonlyMap<RequestId, Promise<Progress>>> {
  const { turns } = parts.memory.ends;
  // Ends that are taken up now revoke soon: whoever tells of other revokes waits for them too.
  const place = takePlace(parts);
  const begun = inTurn(turns, 'ends', asked, (together) => begin(parts, together, advance));
  const leave = () => parts.sleep(0).then(place.leave);
  begun.then(leave, leave);
  return begun;
}

/** Resolves once everything that is due is closing in the store: the next batch need not wait for AWS. */
async function begin(parts: Parts, asked: readonly RequestId[], advance: Advance): Promise<Begun> {
  const { running, failed } = parts.memory.ends;
  const due = await parts.store.endsDue(parts.now());
  if (due.length < ENDS_AT_ONCE) forget(failed, new Set(due));
  const others = due.filter((id) => !failed.has(id) && !running.has(id));
  const wanted = new Set([...asked, ...others]);
  // An end that runs may fail while others are taken up, and whoever asked for that end has to hear of it.
  const all: Begun = new Map([...running].filter(([id]) => wanted.has(id)));
  const idle = [...wanted].filter((id) => !all.has(id));
  for (const [id, progress] of await hold(parts, idle, advance)) {
    keep(parts, id, progress);
    all.set(id, progress);
  }
  // The rest is taken up next. Where that fails nobody is told: each of the rest has a timer of its own.
  if (due.length === ENDS_AT_ONCE && others.length > 0) takeUp(parts, [], advance).catch(() => undefined);
  return all;
}

/** Forgets the failures of ends that are not due any more. */
function forget(failed: Set<RequestId>, due: ReadonlySet<RequestId>): void {
  for (const id of failed) if (!due.has(id)) failed.delete(id);
}

/** Remembers an end while it runs, and a failed end until it is done: that one waits for its own timer. */
function keep({ memory: { ends } }: Parts, id: RequestId, progress: Promise<Progress>): void {
  const { running, failed } = ends;
  running.set(id, progress);
  const leave = (isDone: boolean) => {
    running.delete(id);
    if (isDone) failed.delete(id);
    else failed.add(id);
  };
  progress.then(
    (what) => leave(what === 'done'),
    () => leave(false),
  );
}

/**
 * Begins those that no other replica is at, and holds their locks until the last of them is done. What has failed is let go
 * at once: its next try waits for none of the others.
 */
function hold(parts: Parts, ids: readonly RequestId[], advance: Advance): Promise<Begun> {
  return new Promise((resolve, reject) => {
    const work = async (held: HeldRequests): Promise<void> => {
      const begun = await closeDue(parts, held, advance);
      const letGo = [...begun].map(([id, progress]) =>
        progress.then(
          (what) => (what === 'done' ? undefined : held.release(id)),
          () => held.release(id),
        ),
      );
      const mine = new Set(held.ids);
      for (const id of ids) if (!mine.has(id)) begun.set(id, Promise.resolve('busy'));
      resolve(begun);
      await Promise.all(letGo);
    };
    parts.store.atRequests(ids, lockOf, work).catch(reject);
  });
}

/**
 * Moves what is due to `closing`, one step a rule, and begins to finish a group once all of it is stored: one revoke takes
 * all rules that leave the group. Other requests do what they owe.
 */
async function closeDue(parts: Parts, { ids, look: read }: HeldRequests, advance: Advance): Promise<Begun> {
  const begun: Begun = new Map();
  const begin = (id: RequestId, progress: Promise<Progress>) => {
    // Nobody may wait for a request that the index named: what became of it is remembered all the same.
    progress.catch(() => undefined);
    begun.set(id, progress);
  };
  const due: RequestIn<'open'>[] = [];
  const closing: RequestIn<'closing'>[] = [];
  const over: RequestId[] = [];
  const nowMs = parts.now();
  const look = async (id: RequestId): Promise<void> => {
    const request = await read(id);
    if (request === 'newer') begin(id, endNewer(parts, id));
    else if (!request || isOver(request)) over.push(id);
    else if (isIn(request, 'closing')) closing.push(request);
    else if (isIn(request, 'open') && nowMs >= request.phase.grant.endsAtMs) due.push(request);
    else begin(id, advance(parts, id));
  };
  await Promise.all(ids.map((id) => look(id).catch((cause: unknown) => begin(id, Promise.reject(cause)))));
  for (const id of over) begin(id, Promise.resolve('done'));
  // Where the store does not take this, the next batch looks at them once more.
  const forgotten = parts.store.forgetEnds(over).catch(() => undefined);

  const close = async (requests: readonly RequestIn<'open'>[]): Promise<RequestIn<'closing'>[]> => {
    try {
      return await closeTogether(parts, requests, { kind: 'expired' }, { who: 'time' });
    } catch (cause) {
      if (requests.length > 1) return (await Promise.all(requests.map((one) => close([one])))).flat();
      for (const { id } of requests) begin(id, failedToClose(parts, id, cause));
      return [];
    }
  };
  const endGroup = async (leaving: readonly (RequestIn<'open'> | RequestIn<'closing'>)[]): Promise<void> => {
    const closed = await Promise.all(byRule(leaving.filter((one) => isIn(one, 'open'))).map(close));
    const all = [...leaving.filter((one) => isIn(one, 'closing')), ...closed.flat()];
    for (const [id, progress] of finishTogether(parts, all)) begin(id, progress);
  };
  // A few at a time: the first revokes wait for the records of no other group, and little has to be kept in memory.
  await each(byGroup([...due, ...closing]), endGroup);
  for (const { id } of due) begun.get(id)?.then(tellUnlessDone(parts, id), tellUnlessDone(parts, id));
  // A request that neither closes nor failed was changed by somebody else again and again.
  for (const { id } of due) if (!begun.has(id)) begin(id, Promise.resolve('again'));
  await forgotten;
  return begun;
}

/** Only an end that takes its time is told before it is done. The sweep tells of it where this fails. */
function tellUnlessDone(parts: Parts, id: RequestId): (progress?: unknown) => Promise<void> {
  return (progress) =>
    progress === 'done' ? Promise.resolve() : parts.timers.tell(id).catch(() => undefined);
}

async function failedToClose(parts: Parts, id: RequestId, cause: unknown): Promise<Progress> {
  if (cause instanceof NewerRecord) return endNewer(parts, id);
  throw cause;
}

/**
 * Ends come first: EC2 counts calls for the whole account, so no opening calls it while an end waits for its turn. Nor
 * does this process decide much and write many cards while it has rules to revoke, or Slack to answer.
 */

import type { Pause } from '../access/request/pause.js';
import type { Request, RequestIn } from '../access/request/request.js';
import type { RuleRecord } from '../access/rules/rule.js';
import type { Beside } from './memory.js';
import type { Parts } from './ports.js';

const ENDS_HELD_UP = 'ends-held-up';
const HELD_UP_MS = 5_000;
const LONGEST_HELD_UP_MS = 30_000;
/** How many pieces of other work go on while somebody may still revoke: more than one, since a call to Slack may hang. */
const BESIDE_REVOKES = 2;
/** How many go on while Slack waits for an acknowledgement. Many who ask at one moment do so for some seconds. */
const BESIDE_ANSWERS = 1;

/** Keeps openings of every replica waiting, until an end that has failed since `closingAtMs` was tried once more. */
export async function holdOpenings(parts: Parts, closingAtMs: number): Promise<void> {
  await parts.store.hold(ENDS_HELD_UP, heldUpMs(parts.now() - closingAtMs));
}

/** {@link holdOpenings}, where EC2's rate keeps an end waiting. Many ends may wait at once: one of them says so now and then. */
export function endsWait(parts: Parts): void {
  const { memory, now } = parts;
  if (now() < memory.revokes.heldUntilMs - HELD_UP_MS / 2) return;
  memory.revokes.heldUntilMs = now() + HELD_UP_MS;
  // Where the store does not take this, an opening may take a call that an end could have had: no more than that.
  holdOpenings(parts, now()).catch(() => undefined);
}

/** Lets openings go on soon, once an end that has failed for long is done: they wait no longer for its next try. */
export async function letOpeningsGo(parts: Parts, closingAtMs: number): Promise<void> {
  const wasLong = heldUpMs(parts.now() - closingAtMs) > HELD_UP_MS;
  if (wasLong && (await endsAreHeldUp(parts))) await parts.store.hold(ENDS_HELD_UP, HELD_UP_MS);
}

/** Whether AWS kept an end of any replica waiting just now. */
export function endsAreHeldUp(parts: Parts): Promise<boolean> {
  return parts.store.taken(ENDS_HELD_UP);
}

/** What an opening depends on. */
export interface OpeningNow {
  pause: Pause | undefined;
  /** Undefined where it was lost. */
  request: Request | undefined;
  rule: RuleRecord | undefined;
  endsAreHeldUp: boolean;
}

/** Looks at all that an opening depends on, in one trip to the store. @param groupId of the rule to look at */
export async function lookAtOpening(
  { store }: Parts,
  { id, ask }: RequestIn<'opening'>,
  groupId: string | undefined,
): Promise<OpeningNow> {
  const place = { groupId, source: ask.source.cidr };
  const { taken, ...found } = await store.lookAtOpening(id, place, ENDS_HELD_UP);
  return { ...found, endsAreHeldUp: taken };
}

/** The longer an end has failed, the longer its next try takes to come. */
function heldUpMs(failingForMs: number): number {
  return Math.max(HELD_UP_MS, Math.min(LONGEST_HELD_UP_MS, 2 * failingForMs));
}

/**
 * Counts a payload of Slack that waits for its acknowledgement.
 * @returns to be called once Slack was answered, or somewhat later; a second call does nothing
 */
export function acknowledging(beside: Beside): () => void {
  let isAnswered = false;
  beside.unacknowledged += 1;
  return () => {
    if (isAnswered) return;
    isAnswered = true;
    beside.unacknowledged -= 1;
    if (beside.unacknowledged === 0) lookAgain(beside);
  };
}

/**
 * Runs work that no end and no acknowledgement depends on, such as writing cards. Little of it runs at once while somebody
 * may still revoke, or while Slack waits for an acknowledgement, which has to come within three seconds.
 */
export async function besideUrgent<T>(
  { memory: { revokes, beside } }: Parts,
  work: () => Promise<T>,
): Promise<T> {
  const isFull = () =>
    (revokes.places > 0 && beside.running >= BESIDE_REVOKES) ||
    (beside.unacknowledged > 0 && beside.running >= BESIDE_ANSWERS);
  while (isFull()) {
    await new Promise<void>((resolve) => {
      beside.waiting.push(resolve);
      if (revokes.places > 0) revokes.onEmpty.push(resolve);
    });
  }
  beside.running += 1;
  try {
    return await work();
  } finally {
    beside.running -= 1;
    lookAgain(beside);
  }
}

/** Each who waits looks again whether there is room. Some may have been woken before, by the end of the line of revokes. */
function lookAgain({ waiting }: Beside): void {
  for (const look of waiting.splice(0)) look();
}

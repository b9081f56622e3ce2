/**
 * The sweep of rules: rules that nothing keeps go, also while the store is away, and orphaned leases become grants
 * again.
 */
import { isOver } from '../../access/request/duties.js';
import { isForged, isOwned, nothingKeeps, type SeenRule } from '../../access/rules/seen-rule.js';
import { lockOf } from '../ending/end-due.js';
import { endsAreHeldUp } from '../ends-first.js';
import type { Listing } from '../memory.js';
import { attempt, countFailure, each } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { converge } from '../rules/converge.js';
import { noteLoss } from '../telling/losses.js';
import { adoptOrphans, tellClosed } from './adopt-orphans.js';
import { closeByTags, revokeByTags } from './close-by-tags.js';
import { countFound } from './count-found.js';
import { byGroup, idsOn, isOrphaned, readTagged, shareTagged } from './read-tagged.js';

/** One pass over every rule with a tag of ours. @throws AwsUnavailable where EC2 does not answer */
export async function sweepRules(parts: Parts): Promise<void> {
  if (!(await storeAnswers(parts))) return closeByTags(parts);
  await tellClosed(parts);
  const read = await shareTagged(parts);
  // One instant for the whole pass: a lease that ends while the pass goes on must not be left to the next.
  const nowMs = parts.now();
  parts.memory.watched.found = countFound(read, nowMs);
  // An orphaned lease that has to end is adopted first, so that its requester is told. It waits for no look-up in Slack.
  const due = await adoptOrphans(parts, read, ({ endsAtMs }) => endsAtMs <= nowMs);
  await closeUnkept(parts, read);
  // Rules may have gone that expired only since they were read.
  await tellClosed(parts);
  const running = await adoptOrphans(parts, read, ({ endsAtMs }) => endsAtMs > nowMs);
  await detectLoss(parts, read, due + running);
}

async function storeAnswers(parts: Parts): Promise<boolean> {
  try {
    await parts.store.owed(parts.now());
    return true;
  } catch (err) {
    parts.log.warn({ err }, 'sweep: the store does not answer; rules are judged by their tags');
    countFailure(parts.memory, 'sweep', err);
    return false;
  }
}

/** Converges each group with a rule that is expired, forged, or drifted without a record. */
async function closeUnkept(parts: Parts, read: Listing): Promise<void> {
  const drifted = driftedOrphans(read);
  const ending = [...idsOver(read), ...idsOnlyOn(drifted, read)];
  const unkept = read.tagged.filter(
    (rule) => nothingKeeps(rule, parts.now(), ending) || (drifted.includes(rule) && isForged(rule)),
  );
  const mine = await withoutWaiting(parts, unkept);
  await each([...byGroup(mine)], ([groupId, rules]) =>
    attempt(parts, groupId, () => closeGroup(parts, groupId, rules, ending)),
  );
}

/**
 * Where EC2's rate keeps ends waiting, the sweep leaves out rules whose end a job is working at: a second call for one rule
 * would make the ends of all others wait longer. It leaves them out for a while only, since the store alone knows of the job.
 */
async function withoutWaiting(parts: Parts, rules: readonly SeenRule[]): Promise<readonly SeenRule[]> {
  const sinceMs = parts.now() - parts.times.alertMs;
  const recent = rules.filter(({ leases }) => leases.some(({ endsAtMs }) => endsAtMs > sinceMs));
  if (recent.length === 0 || !(await endsAreHeldUp(parts))) return rules;
  const held = await parts.store.heldAmong(idsOn(recent).map(lockOf));
  const waiting = new Set(recent.filter((rule) => idsOn([rule]).every((id) => held.has(lockOf(id)))));
  return rules.filter((rule) => !waiting.has(rule));
}

function idsOver({ requests }: Listing): string[] {
  return [...requests].flatMap(([id, request]) => (request && isOver(request) ? [id] : []));
}

/** Orphaned rules that drifted at AWS: nobody approved whom they let in now. */
function driftedOrphans(read: Listing): SeenRule[] {
  const isWithoutRecord = (rule: SeenRule) => idsOn([rule]).some((id) => isOrphaned(read, id));
  return read.tagged.filter((rule) => !rule.plain && isOwned(rule) && isWithoutRecord(rule));
}

/** Orphaned leases on these rules. A lease that was copied to them stands for the rule that it came from. */
function idsOnlyOn(drifted: readonly SeenRule[], read: Listing): string[] {
  const elsewhere = new Set(idsOn(read.tagged.filter(({ plain }) => plain)));
  return idsOn(drifted).filter((id) => isOrphaned(read, id) && !elsewhere.has(id));
}

/** A group of whose records the store cannot tell, since somebody broke them, must not keep an expired rule. */
async function closeGroup(parts: Parts, groupId: string, rules: SeenRule[], ending: string[]): Promise<void> {
  try {
    await converge(parts, groupId, ending);
  } catch (err) {
    if (err instanceof AwsUnavailable) throw err;
    countFailure(parts.memory, 'sweep', err);
    parts.log.warn(
      { err, groupId },
      'sweep: the store does not answer for a group; its rules are judged by their tags',
    );
    const passed = rules.filter((rule) => nothingKeeps(rule, parts.now()));
    if (passed.length > 0) await revokeByTags(parts, groupId, passed);
  }
}

/**
 * Records that the store lost something, with the number of grants that were found again: this comes after the adoption.
 * A store without a mark is a new one, unless access was open already.
 */
async function detectLoss(parts: Parts, read: Listing, adopted: number): Promise<void> {
  const orphans = orphanedIds(read);
  const isOld = adopted > 0 || orphans.size > 0;
  const mark = await parts.store.mark(isOld);
  if (mark === 'kept') return;
  // The loss may have come after the requests were read.
  const again = await readTagged(parts);
  const more = await adoptOrphans(parts, again, () => true);
  // Another replica may have adopted some of the orphans: then fewer were adopted here than were found.
  const found = Math.max(adopted + more, new Set([...orphans, ...orphanedIds(again)]).size);
  if (mark === 'lost' || found > 0) await noteLoss(parts, found);
}

function orphanedIds(read: Listing): Set<string> {
  const ids = idsOn(read.tagged.filter(({ plain }) => plain));
  return new Set(ids.filter((id) => isOrphaned(read, id)));
}

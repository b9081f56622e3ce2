/**
 * Drift: rules of open grants that somebody removed, changed or stripped of their tags at AWS. A removed rule stays
 * removed; a rule that lets in somebody else now is removed at once; tags are written again.
 */

import { type EndCause, isIn, type RequestIn } from '../../../access/request/request.js';
import { type Drift, driftOf } from '../../../access/rules/drift.js';
import type { RuleRecord } from '../../../access/rules/rule.js';
import { isForged, isUnrecorded } from '../../../access/rules/seen-rule.js';
import { beginClosing } from '../../ending/begin-closing.js';
import { noteFailure } from '../../passes.js';
import type { Parts } from '../../ports.js';
import { converge } from '../../rules/converge.js';
import type { GroupRules } from '../../rules/read-group.js';
import { notifyAdmins } from '../../telling/notify-admins.js';
import { tellLater } from '../../telling/tell-later.js';

/** Compares the rules of one group with the records of its open grants, and answers each drift. */
export async function detectDrift(
  parts: Parts,
  { groupId, seen, records }: GroupRules,
  open: readonly RequestIn<'open'>[],
): Promise<void> {
  const unrecorded = seen.filter((rule) => isUnrecorded(rule, records));
  for (const { inAccessGroup, tagged, ruleId, source } of unrecorded) {
    if (!inAccessGroup || tagged) continue;
    await notifyAdmins(parts, { kind: 'foreign-rule', ruleId, groupId, source });
  }
  if (unrecorded.some(isForged)) await converge(parts, groupId);
  for (const record of records) {
    const holders = open.filter((request) => holds(record, request));
    if (holders.length > 0) await answer(parts, record, holders, driftOf(record, seen));
  }
}

function holds(record: RuleRecord, request: RequestIn<'open'>): boolean {
  return record.leases.some(({ requestId }) => requestId === request.id);
}

async function answer(
  parts: Parts,
  record: RuleRecord,
  holders: readonly RequestIn<'open'>[],
  found: Drift,
): Promise<void> {
  const { groupId, source } = record;
  if (record.stage.state !== 'open') return;
  const { ruleId, absentSinceMs, ...rest } = record.stage;
  const version = record.version + 1;
  const nowMs = parts.now();
  // Right after opening EC2's reads still lag: a rule or a tag that they lack may be there.
  const settled = holders.filter(({ phase }) => nowMs >= phase.openedAtMs + parts.times.absentFirstMs);
  switch (found.kind) {
    case 'absent': {
      if (settled.length === 0) return;
      if (absentSinceMs === undefined) {
        const stage = { ...record.stage, absentSinceMs: nowMs };
        await parts.store.change({ rule: { ...record, version, stage }, audit: [] });
      } else if (nowMs - absentSinceMs >= parts.times.absentAgainMs) {
        await endAll(parts, holders, { kind: 'removed-outside' }, 'the rule was removed by hand');
      }
      return;
    }
    case 'changed': {
      // The notice first: once the rule's grants are ending no later pass sees the drift.
      tellLater(parts, {
        kind: 'changed-rule',
        ruleId,
        groupId,
        source,
        requestIds: holders.map(({ id }) => id),
      });
      const cause = { kind: 'removed-outside', changed: true } as const;
      await endAll(parts, holders, cause, 'the rule was changed by hand');
      return;
    }
    case 'untagged': {
      // The lease of access that is opening is written by its opening, once that has seen that it may.
      const requestIds = found.requestIds.filter((id) => holders.some((holder) => holder.id === id));
      if (requestIds.length === 0) break;
      // Right after opening a read may lag, but hardly two reads. The tags do not wait longer: a rule without them would be
      // lost with the store.
      const isYoung = !requestIds.some((id) => settled.some((holder) => holder.id === id));
      if (isYoung && !(await isStillUntagged(parts, record))) break;
      const { seen, fault } = await converge(parts, groupId);
      if (fault) parts.log.warn({ err: fault, ruleId }, 'the tags of a rule could not be written again');
      noteFailure(parts, 'sweep', fault);
      const restored = driftOf(record, seen).kind === 'none';
      await notifyAdmins(parts, { kind: 'changed-tags', ruleId, groupId, source, requestIds, restored });
      break;
    }
    case 'none':
      break;
  }
  // The rule was seen after all.
  if (absentSinceMs !== undefined) {
    await parts.store.change({ rule: { ...record, version, stage: { ...rest, ruleId } }, audit: [] });
  }
}

const READ_AGAIN_MS = 1_000;

async function isStillUntagged(parts: Parts, record: RuleRecord): Promise<boolean> {
  await parts.sleep(READ_AGAIN_MS);
  return driftOf(record, await parts.firewall.rules(record.groupId)).kind === 'untagged';
}

async function endAll(
  parts: Parts,
  holders: readonly RequestIn<'open'>[],
  cause: EndCause,
  why: string,
): Promise<void> {
  for (const holder of holders) {
    const request = await parts.store.load(holder.id);
    if (!request || !isIn(request, 'open')) continue;
    await beginClosing(parts, request, cause, { who: 'sweep', why });
  }
}

/**
 * The periodic pass that repairs what a crash, an outage or a hand left behind. A timer of the process, not a job:
 * it goes on when the queues are empty or gone.
 */
import { isLeftover, type SeenRule } from '../access/ingress.js';
import { isOver, type Request } from '../access/request.js';
import { adopt } from './adopt.js';
import { advance } from './advance.js';
import { ruleEntry } from './audit-rule.js';
import { converge } from './converge.js';
import { each } from './each.js';
import { notice } from './notice.js';
import { notifyAdmins } from './notify-admins.js';
import type { Parts } from './ports.js';
import { tell } from './tell.js';
import { tidyGroups } from './tidy-groups.js';

/**
 * Does all that is owed now, and removes our rules whose time is over and that no record ends. Once `stopping` is
 * aborted it finishes what it has begun, and leaves the rest to the next start or to another replica.
 */
export async function sweep(parts: Parts, stopping?: AbortSignal): Promise<void> {
  const owed = await whatIsOwed(parts);
  await Promise.all([
    attempt(parts, 'rules', () => (owed ? lookAtRules(parts) : closeByTags(parts))),
    owed && attempt(parts, 'audit log', () => parts.store.trimAudit(parts.policy.audit)),
    // Each replica remembers a pause that it saw, and puts it back where it was lost.
    owed && attempt(parts, 'pause', () => parts.store.loadPause()),
    each(owed?.work ?? [], (id) => attempt(parts, id, () => advance(parts, id)), stopping),
  ]);
  if (owed && !stopping?.aborted) await attempt(parts, 'noticing', () => notice(parts));
  // Last: Slack may hang, and nothing that closes waits for it.
  await each(owed?.telling ?? [], (id) => attempt(parts, id, () => tell(parts, id)), stopping);
  if (owed && !stopping?.aborted) await attempt(parts, 'tidying', () => tidyGroups(parts));
}

/** Undefined where the store is of no use now: rules are then judged by their signed tags alone. */
async function whatIsOwed(parts: Parts): Promise<{ work: string[]; telling: string[] } | undefined> {
  try {
    return await parts.store.owed(parts.now());
  } catch (err) {
    parts.log.warn({ err }, 'sweep: the store does not answer; rules are judged by their tags');
    return undefined;
  }
}

/** With the store: leases that it knows nothing of are adopted, and rules that nothing keeps are removed. */
async function lookAtRules(parts: Parts): Promise<void> {
  const tagged = await parts.firewall.tagged();
  const mark = await parts.store.mark();
  const records = await recordsOf(parts, tagged);
  const adopted = await adoptAll(parts, tagged, records);
  // A store without a mark is a new one, unless access was open already.
  if (mark === 'lost' || (mark === 'fresh' && adopted > 0)) await recordLoss(parts, adopted);
  const strange = await strangers(parts, tagged);
  for (const { ruleId, groupId, source } of strange)
    await notifyAdmins(parts, { kind: 'unverified-rule', ruleId, groupId, source });

  const over = [...records].flatMap(([id, request]) => (request && isOver(request) ? [id] : []));
  // A rule that was widened and that no record knows: nobody approved what it lets in now.
  const widened = tagged.filter(({ changed }) => changed).flatMap(({ leases }) => leases);
  over.push(...widened.flatMap(({ requestId: id }) => (records.has(id) && !records.get(id) ? [id] : [])));
  const leftovers = tagged.filter((rule) => !strange.includes(rule) && isLeftover(rule, parts.now(), over));
  await each([...byGroup(leftovers).keys()], (groupId) =>
    attempt(parts, groupId, () => converge(parts, groupId, over)),
  );
}

/** The request of each lease; undefined where there is none. One that cannot be read is left out. */
async function recordsOf(
  parts: Parts,
  rules: readonly SeenRule[],
): Promise<Map<string, Request | undefined>> {
  const ids = new Set(rules.flatMap(({ leases }) => leases.map(({ requestId }) => requestId)));
  const records = new Map<string, Request | undefined>();
  await each([...ids], (id) => attempt(parts, id, async () => records.set(id, await parts.store.load(id))));
  return records;
}

async function adoptAll(
  parts: Parts,
  tagged: readonly SeenRule[],
  records: ReadonlyMap<string, Request | undefined>,
): Promise<number> {
  const nowMs = parts.now();
  let adopted = 0;
  await each(tagged, async (rule) => {
    // One after the other: the leases of a rule share its record.
    for (const lease of rule.leases) {
      const { requestId, endsAtMs } = lease;
      if (rule.changed || endsAtMs <= nowMs || !records.has(requestId) || records.get(requestId)) continue;
      await attempt(parts, requestId, async () => {
        if (await adopt(parts, rule, lease)) adopted += 1;
      });
    }
  });
  return adopted;
}

async function recordLoss(parts: Parts, adopted: number): Promise<void> {
  const why = `what it held, or the newest of it, is gone; ${adopted} grants were found again by their signed tags`;
  await parts.store.audit([{ atMs: parts.now(), who: 'sweep', what: 'store-lost', why, ids: { adopted } }]);
  await notifyAdmins(parts, { kind: 'store-lost', adopted });
}

/** Rules with a tag of ours that is no claim on them: without a signature, or copied. Reported, never obeyed. */
async function strangers(parts: Parts, tagged: readonly SeenRule[]): Promise<SeenRule[]> {
  const strange: SeenRule[] = [];
  for (const rule of tagged) {
    if (rule.inAccessGroup || (rule.leases.length > 0 && !rule.changed)) continue;
    const records = await parts.store.rulesOf(rule.groupId);
    const isOurs = records.some((record) => 'ruleId' in record.rule && record.rule.ruleId === rule.ruleId);
    const isElsewhere = records.some(
      (record) => record.source === rule.source && record.rule.state === 'open',
    );
    if (!isOurs && (rule.leases.length === 0 || isElsewhere)) strange.push(rule);
  }
  return strange;
}

/** Without the store: every lease on these rules has passed, and a tag never shows a later end than the record. */
async function closeByTags(parts: Parts): Promise<void> {
  const tagged = await parts.firewall.tagged();
  const leftovers = tagged.filter((rule) => isLeftover(rule, parts.now()));
  await each([...byGroup(leftovers)], ([groupId, rules]) =>
    attempt(parts, groupId, async () => {
      const ruleIds = rules.map(({ ruleId }) => ruleId);
      const revoked = await parts.firewall.revoke(groupId, ruleIds);
      for (const rule of rules.filter(({ ruleId }) => revoked.includes(ruleId))) {
        const requestIds = rule.leases.map(({ requestId }) => requestId);
        const audit = ruleEntry(parts, 'rule-revoked', { ...rule, requestIds });
        // The store takes no record now: the log's line is the only one.
        parts.log.warn({ audit: { ...audit, who: 'sweep' }, recorded: 'no' }, 'audit');
      }
    }),
  );
}

function byGroup(rules: readonly SeenRule[]): Map<string, SeenRule[]> {
  const groups = new Map<string, SeenRule[]>();
  for (const rule of rules) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  return groups;
}

async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
  }
}

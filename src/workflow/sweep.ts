/**
 * The periodic pass that repairs what a crash, an outage or a hand left behind. A timer of the process, not a job:
 * it goes on when the queues are empty or gone.
 */
import { isLeftover, type SeenRule } from '../access/ingress.js';
import { isOver } from '../access/request.js';
import { advance } from './advance.js';
import { converge } from './converge.js';
import type { Parts } from './ports.js';
import { tell } from './tell.js';

/** How many at once: one that hangs must not hold up the rest. */
const AT_ONCE = 20;

/** Does all that is owed now, and removes our rules whose time is over and that no record ends. */
export async function sweep(parts: Parts): Promise<void> {
  const owed = await whatIsOwed(parts);
  await Promise.all([
    attempt(parts, 'leftovers', () => closeLeftovers(parts, owed !== undefined)),
    owed && attempt(parts, 'audit log', () => parts.store.trimAudit(parts.policy.audit)),
    // Each replica remembers a pause that it saw, and puts it back where it was lost.
    owed && attempt(parts, 'pause', () => parts.store.loadPause()),
    each(owed?.work ?? [], (id) => attempt(parts, id, () => advance(parts, id))),
  ]);
  // Last: Slack may hang, and nothing that closes waits for it.
  await each(owed?.telling ?? [], (id) => attempt(parts, id, () => tell(parts, id)));
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

async function closeLeftovers(parts: Parts, storeUp: boolean): Promise<void> {
  const tagged = await parts.firewall.tagged();
  const over = storeUp ? await thoseOver(parts, tagged) : [];
  const leftovers = tagged.filter((rule) => isLeftover(rule, parts.now(), over));
  const groups = new Map<string, SeenRule[]>();
  for (const rule of leftovers) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  await each([...groups], ([groupId, rules]) =>
    attempt(parts, groupId, async () => {
      if (storeUp) await converge(parts, groupId, over);
      else await revokeByTags(parts, groupId, rules);
    }),
  );
}

/** Leases whose request has ended: an authorize that took effect after that left their rule behind. */
async function thoseOver(parts: Parts, rules: SeenRule[]): Promise<string[]> {
  const ids = new Set(rules.flatMap(({ leases }) => leases.map(({ requestId }) => requestId)));
  const over: string[] = [];
  await each([...ids], async (id) => {
    const request = await parts.store.load(id).catch(() => undefined);
    if (request && isOver(request)) over.push(id);
  });
  return over;
}

/** Without the store: every lease on these rules has passed, and a tag never shows a later end than the record. */
async function revokeByTags(parts: Parts, groupId: string, rules: SeenRule[]): Promise<void> {
  const revoked = await parts.firewall.revoke(
    groupId,
    rules.map(({ ruleId }) => ruleId),
  );
  parts.log.warn({ groupId, revoked }, 'sweep: revoked rules whose time is over, without the store');
}

async function each<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}

async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
  }
}

/**
 * The periodic pass that repairs what a crash, an outage or a hand left behind. A timer of the process, not a job:
 * it goes on when the queues are empty or gone.
 */
import { isLeftover, type SeenRule } from '../access/ingress.js';
import { advance } from './advance.js';
import { converge } from './converge.js';
import { type Parts, StoreUnreachable } from './ports.js';
import { tell } from './tell.js';

/** Does all that is owed now, then removes our rules whose time is over and that no record ends. */
export async function sweep(parts: Parts): Promise<void> {
  const storeUp = await advanceWhatIsOwed(parts);
  await closeLeftovers(parts, storeUp);
}

/** False where the store did not answer: rules are then judged by their signed tags alone. */
async function advanceWhatIsOwed(parts: Parts): Promise<boolean> {
  try {
    const owed = await parts.store.owed(parts.now());
    for (const id of owed.work) await attempt(parts, id, () => advance(parts, id));
    for (const id of owed.telling) await attempt(parts, id, () => tell(parts, id));
    return true;
  } catch (cause) {
    if (!(cause instanceof StoreUnreachable)) throw cause;
    parts.log.warn({ err: cause }, 'sweep: the store does not answer; rules are judged by their tags');
    return false;
  }
}

async function closeLeftovers(parts: Parts, storeUp: boolean): Promise<void> {
  const leftovers = (await parts.firewall.tagged()).filter((rule) => isLeftover(rule, parts.now()));
  const groups = new Map<string, SeenRule[]>();
  for (const rule of leftovers) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  for (const [groupId, rules] of groups) {
    await attempt(parts, groupId, async () => {
      if (storeUp) await converge(parts, groupId);
      else await revokeByTags(parts, groupId, rules);
    });
  }
}

/** Without the store: every lease on these rules has passed, and a tag never shows a later end than the record. */
async function revokeByTags(parts: Parts, groupId: string, rules: SeenRule[]): Promise<void> {
  const revoked = await parts.firewall.revoke(
    groupId,
    rules.map(({ ruleId }) => ruleId),
  );
  parts.log.warn({ groupId, revoked }, 'sweep: revoked rules whose time is over, without the store');
}

async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
  }
}

/** Nobody tells the bot what changes around open access: each pass looks, in one replica at a time. */
import { isIn, type RequestIn } from '../../access/request/request.js';
import { each, rememberRefused } from '../passes.js';
import type { Parts } from '../ports.js';
import { notifyAdmins } from '../telling/notify-admins.js';
import { detectDrift } from './detect-drift.js';
import { detectLeavers } from './detect-leavers.js';
import { detectLostApprovers } from './detect-lost-approvers.js';
import { detectMoved } from './detect-moved.js';
import { forgedRules } from './forged-rules.js';

/** Looks for drift, forged rules, moved WorkSpaces and people who left. A look that fails keeps no other from being made. */
export async function detect(parts: Parts): Promise<void> {
  // A little less than the interval, or this replica's own next pass would come too early.
  if (!(await parts.store.turn('notice', parts.times.sweepMs * 0.9))) return;
  const { requests: live } = await parts.store.live();
  const open = live.filter((request): request is RequestIn<'open'> => isIn(request, 'open'));
  const groups = new Map<string, RequestIn<'open'>[]>();
  for (const request of open) {
    const { groupId } = request.phase.grant;
    groups.set(groupId, [...(groups.get(groupId) ?? []), request]);
  }
  for (const groupId of await groupsWithRules(parts)) if (!groups.has(groupId)) groups.set(groupId, []);
  const pass = Math.floor(parts.now() / parts.times.sweepMs);
  await each(
    [
      ...[...groups].map(
        ([groupId, requests]) =>
          () =>
            detectDrift(parts, groupId, requests),
      ),
      () => detectForged(parts),
      () => detectMoved(parts, open),
      () => detectLeavers(parts, live, pass),
      () => detectLostApprovers(parts, live, pass),
    ],
    async (look) => {
      await look().catch((err: unknown) => {
        parts.log.warn({ err }, 'sweep: a look waits for the next pass');
        rememberRefused(parts, err);
      });
    },
  );
}

async function detectForged(parts: Parts): Promise<void> {
  for (const rule of await forgedRules(parts, await parts.firewall.tagged())) {
    const { ruleId, groupId, source } = rule;
    await notifyAdmins(parts, { kind: 'unverified-rule', ruleId, groupId, source });
  }
}

/** Our groups that show a rule, also where no grant uses them: a foreign rule there opens the WorkSpaces that carry them. */
async function groupsWithRules(parts: Parts): Promise<string[]> {
  const own = await parts.firewall.ownGroups().catch((err: unknown) => {
    parts.log.warn({ err }, 'sweep: the groups wait for the next pass');
    rememberRefused(parts, err);
    return [];
  });
  return own.filter(({ ingress }) => ingress > 0).map(({ groupId }) => groupId);
}

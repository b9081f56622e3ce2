/** Tags of open access that a hand took off: the admins are told, whoever's job it was that wrote them again. */
import type { Untagged } from '../access/ingress.js';
import { isIn } from '../access/request.js';
import { notifyAdmins } from './notify-admins.js';
import type { Parts } from './ports.js';

/** To be said once the tags are written. Nothing is thrown: whoever wrote them had another task. */
export async function noticeRestored(parts: Parts, { seen, requestIds }: Untagged): Promise<void> {
  try {
    const requests = await Promise.all(requestIds.map((id) => parts.store.load(id)));
    const lost = requests.flatMap((request) => {
      if (!request || !isIn(request, 'open')) return [];
      // What opened just now had none to lose, and EC2's reads may not show yet what it has.
      return parts.now() >= request.phase.openedAtMs + parts.times.absentFirstMs ? [request.id] : [];
    });
    if (lost.length === 0) return;
    const { ruleId, groupId, source } = seen;
    await notifyAdmins(parts, {
      kind: 'changed-tags',
      ruleId,
      groupId,
      source,
      requestIds: lost,
      restored: true,
    });
  } catch (error) {
    parts.log.warn({ err: error, ruleId: seen.ruleId }, 'nobody was told that tags were written again');
  }
}

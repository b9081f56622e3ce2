/** Admins are told once of each thing that belongs to no request, whichever replicas detected it. */
import type { AdminNotice } from '../admin-notice.js';
import { countFailure } from '../passes.js';
import type { Parts } from '../ports.js';

/** A notice that still holds after this time is told again. */
const AGAIN_MS = 7 * 86_400_000;
/** Long enough to post to every admin. If this process dies meanwhile, another one tells them after that. */
const TELLING_MS = 60_000;

/**
 * Tells every admin. An admin who cannot be reached now is left out: the audit record and the log have the notice too.
 * @returns false where nobody has been reached yet, so that the notice has to be told again
 */
export async function notifyAdmins(parts: Parts, notice: AdminNotice): Promise<boolean> {
  const name = nameOf(notice);
  if (await parts.store.taken(`told:${name}`)) return true;
  if (!(await parts.store.turn(`telling:${name}`, TELLING_MS))) return false;
  parts.log.warn({ notice }, 'the admins have to know this');
  const results = await Promise.allSettled(
    parts.policy.admins.map((admin) => parts.messenger.notify(admin, notice)),
  );
  const failed = results.filter((result) => result.status === 'rejected');
  for (const { reason } of failed) {
    parts.log.warn({ err: reason, notice }, 'an admin was not told');
    countFailure(parts.memory, 'tell', reason);
  }
  // Nobody was reached: the next pass tries again.
  if (failed.length > 0 && failed.length === results.length) return false;
  // Admins who have read the notice must not read it again because the store does not take the record.
  await recordPosted(parts, name, notice).catch((err: unknown) => {
    parts.log.warn({ err, notice }, 'the admins were told, and that is not recorded');
  });
  return true;
}

async function recordPosted(parts: Parts, name: string, { kind, ...about }: AdminNotice): Promise<void> {
  await parts.store.turn(`told:${name}`, AGAIN_MS);
  const said = Object.entries(about).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.join(' ') : typeof value === 'boolean' ? String(value) : value,
  ]);
  const entry = { atMs: parts.now(), who: 'sweep', what: `noticed-${kind}`, ids: Object.fromEntries(said) };
  await parts.store.audit([entry]);
}

function nameOf(notice: AdminNotice): string {
  // One replica detects a loss, so each one is told.
  if (notice.kind === 'store-lost') return `${notice.kind}:${notice.atMs}`;
  if (notice.kind === 'aws-refused') return `${notice.kind}:${notice.action} ${notice.code}`;
  if (notice.kind === 'unknown-names') return `${notice.kind}:${notice.policy}`;
  if (notice.kind === 'moved-handle') return `${notice.kind}:${notice.group}:${notice.isId}`;
  if (notice.kind === 'refusing-channel') return `${notice.kind}:${notice.channel}`;
  const again = notice.kind === 'changed-tags' && !notice.restored ? ' not yet' : '';
  return `${notice.kind}:${notice.ruleId}${again}`;
}

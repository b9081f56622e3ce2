/** Telling the admins what belongs to no request: once for each thing, whichever replica noticed it. */
import type { AdminNotice } from '../admin-notice.js';
import type { Parts } from '../ports.js';

/** What is still so after this time is said again. */
const AGAIN_MS = 7 * 86_400_000;
/** Long enough to post to every admin; if this process dies meanwhile another says it after that. */
const TELLING_MS = 60_000;

/**
 * Tells every admin. Who cannot be reached now is not told: the audit record and the log have it too.
 * @returns false where nobody has been reached yet, so that it has to be said again
 */
export async function notifyAdmins(parts: Parts, notice: AdminNotice): Promise<boolean> {
  const name = nameOf(notice);
  if (await parts.store.taken(`told:${name}`)) return true;
  if (!(await parts.store.turn(`telling:${name}`, TELLING_MS))) return false;
  parts.log.warn({ notice }, 'the admins have to know this');
  const results = await Promise.allSettled(
    parts.policy.admins.map((admin) => parts.messenger.notify(admin, notice)),
  );
  const failed = results.filter(({ status }) => status === 'rejected');
  for (const result of failed) parts.log.warn({ err: result, notice }, 'an admin was not told');
  // Nobody was reached: the next pass tries again.
  if (failed.length > 0 && failed.length === results.length) return false;
  // Whoever read it must not read it again because the store does not take that.
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
  // Each loss is told: whoever noticed it was alone in that.
  if (notice.kind === 'store-lost') return `${notice.kind}:${notice.atMs}`;
  if (notice.kind === 'unknown-names') return `${notice.kind}:${notice.policy}`;
  const again = notice.kind === 'changed-tags' && !notice.restored ? ' not yet' : '';
  return `${notice.kind}:${notice.ruleId}${again}`;
}

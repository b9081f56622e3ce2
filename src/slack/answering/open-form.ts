/** Opens the request form at once, since Slack's trigger lives three seconds, and fills it in when AWS answers. */
import { WebAPIPlatformError } from '@slack/web-api';
import { ownDesktops } from '../../workflow/finding/find-target.js';
import { requestForm } from '../forms/request-form.js';
import type { Prefill } from '../words/values.js';
import type { Desk } from './desk.js';

/**
 * Slack's errors where the person has closed, sent or changed the form meanwhile, so that nothing is left to fill in.
 */
const TOO_LATE = new Set(['not_found', 'hash_conflict', 'view_not_found', 'view_closed']);

export async function openForm(
  { parts, client }: Desk,
  { by, triggerId, filled }: { by: string; triggerId: string; filled: Prefill },
): Promise<void> {
  const { policy, log } = parts;
  const { view } = await client.views.open({
    trigger_id: triggerId,
    view: requestForm(policy, filled, 'looking'),
  });
  if (!view?.id) return;
  const [own, pause] = await Promise.all([
    ownDesktops(parts, by).catch((cause: unknown) => {
      log.warn({ err: cause, user: by }, 'the form could not be filled in');
      return {
        sentence:
          'I can’t look up your WorkSpaces now. Send the request all the same; I go on when AWS answers.',
        none: false,
      };
    }),
    // Where this is not known, whoever sends the form is told.
    parts.store.loadPause().catch(() => undefined),
  ]);
  await client.views
    .update({
      view_id: view.id,
      ...(view.hash ? { hash: view.hash } : {}),
      view: requestForm(policy, filled, own, pause),
    })
    .catch((cause: unknown) => {
      if (!(cause instanceof WebAPIPlatformError && TOO_LATE.has(cause.data.error))) throw cause;
    });
}

/**
 * Fills in the request form as a person does, for access at a time: the picker takes seconds, and a command only
 * minutes.
 */

import type { SlackTown } from '../sandbox/slack/slack-town.js';
import type { OpenView } from '../sandbox/slack/state/board.js';
import type { Delivery } from '../sandbox/slack/state/mail.js';
import { VIEW } from '../src/slack/words/ids.js';

/** The fields that a person fills in. */
export interface Filled {
  workspaceId: string;
  source: string;
  startsAtMs: number;
  reason: string;
}

/** How long somebody waits for a field that appears. */
const PATIENCE_MS = 10_000;

/** The person's newest request form, where one is open. */
export function requestFormOf(slack: SlackTown, userId: string): OpenView | undefined {
  const isOfRequest = ({ view }: OpenView) => view.callback_id === VIEW.request;
  return slack.person(userId).views().findLast(isOfRequest);
}

/** @throws where a field does not appear in time */
export async function fillRequestForm(slack: SlackTown, view: OpenView, filled: Filled): Promise<void> {
  const person = slack.person(view.userId);
  const appears = (field: string) =>
    slack.until(() => field in view.values, PATIENCE_MS, `the field ${field}`);
  // A person who has connected before chooses the address used then, or "Another address".
  if ('network' in view.values) {
    await person.fill(view, { network: 'Another address' });
    await appears('source');
  }
  await person.fill(view, {
    source: filled.source,
    'workspace-id': filled.workspaceId,
    reason: filled.reason,
  });
  await person.fill(view, { when: 'At a date and time' });
  await appears('starts-at');
  await person.fill(view, { 'starts-at': Math.ceil(filled.startsAtMs / 1000) });
}

/** Sends the form. An error under a field counts as an answer that says no. */
export async function sendRequestForm(slack: SlackTown, view: OpenView): Promise<Delivery> {
  const { errors, ...sent } = await slack.person(view.userId).submit(view);
  return errors ? { ...sent, ephemeral: Object.values(errors).join(' ') } : sent;
}

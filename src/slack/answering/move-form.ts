/** "My address changed": opens the form that asks for the new address, and asks for it. */

import { isWaiting } from '../../access/request/duties.js';
import { whyNotFollowed } from '../../access/request/others/follows.js';
import { isIn } from '../../access/request/request.js';
import { askFollowUp } from '../../workflow/asking/ask-follow-up.js';
import { readWhere } from '../../workflow/asking/check-ask.js';
import { askToFollow } from '../../workflow/asking/check-follow-up.js';
import { stopRequest, unknownRequest } from '../../workflow/ending/end-access.js';
import { knownFrom } from '../forms/known-requests.js';
import { faultUnderSource, moveForm, readMoveForm } from '../forms/move-form.js';
import { plain, sentence } from '../words/mrkdwn.js';
import { notTakenPlainly } from '../words/pause-words.js';
import { readReference } from '../words/values.js';
import { type Click, type Desk, type Submission, tellRefusal } from './desk.js';
import { knownWithin, whoIsAskedToFollow } from './open-form.js';

/** Opens the form. @returns why it is not opened, as mrkdwn */
export async function openMoveForm(
  desk: Desk,
  {
    id,
    by,
    triggerId,
    insteadOf,
  }: { id: string; by: string; triggerId: string; insteadOf?: string | undefined },
): Promise<string | undefined> {
  const { parts, client } = desk;
  const [request, instead, requests = []] = await Promise.all([
    parts.store.load(id),
    insteadOf === undefined ? undefined : parts.store.load(insteadOf),
    knownWithin(desk, by),
  ]);
  if (!request) return sentence(unknownRequest(id));
  const whyNot = whyNotFollowed(request, by, { what: 'moves' });
  if (whyNot !== undefined || !isIn(request, 'open')) return whyNot && sentence(whyNot);
  // The address that was used last is the one that changed: only another one is worth a choice.
  const elsewhere = requests.filter(({ ask }) => ask.source.cidr !== request.ask.source.cidr);
  const known = knownFrom(parts.policy, elsewhere, parts.now());
  const { ask, phase } = request;
  const move = askToFollow(request, { what: 'moves', source: ask.source }, { atMs: parts.now() });
  const asked = await whoIsAskedToFollow(desk, [move], phase.facts);
  const takenBack = instead && isWaiting(instead) ? instead : undefined;
  const view = moveForm(parts.policy, request, { known, asked, instead: takenBack });
  await client.views.open({ trigger_id: triggerId, view });
  return undefined;
}

export async function askWhereNow(click: Click, desk: Desk): Promise<void> {
  const { id, insteadOf } = readReference(click.value);
  const whyNot = await openMoveForm(desk, { id, by: click.by, triggerId: click.triggerId, insteadOf });
  if (whyNot) await click.tell(whyNot);
}

/** Asks, and then closes the form, or shows why not under the field. Nothing here waits for AWS or Slack. */
export async function sendMove(submission: Submission, { parts }: Desk): Promise<void> {
  const { by, view } = submission;
  const { request, sourceText } = readMoveForm(view);
  const where = readWhere(parts.policy, sourceText);
  if (!where.ok) return submission.refuse(faultUnderSource(view, where.sentence));
  const wanted = { what: 'moves' as const, ...where.from };
  const answer = await askFollowUp(parts, { id: request.id, by, wanted });
  if (answer.ok) {
    await submission.close();
    const { insteadOf } = request;
    if (insteadOf) await tellRefusal(submission, await stopRequest(parts, { id: insteadOf, by }));
    return;
  }
  const said = 'pause' in answer ? notTakenPlainly(answer.pause) : plain(answer.sentence);
  return submission.refuse(faultUnderSource(view, said));
}

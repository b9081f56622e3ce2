/**
 * The functions of buttons and forms. Each reads the value back, calls one verb of the workflow and says a refusal to
 * the person who clicked.
 */

import { isGranted } from '../../access/request/duties.js';
import { isIn } from '../../access/request/request.js';
import { standing } from '../../workflow/answer.js';
import { askFollowUp } from '../../workflow/asking/ask-follow-up.js';
import { checkAsk } from '../../workflow/asking/check-ask.js';
import { requestAccess } from '../../workflow/asking/request-access.js';
import { handOver } from '../../workflow/deciding/hand-over.js';
import { confirmOpening, reviewRequest } from '../../workflow/deciding/review-request.js';
import { stopRequest, unknownRequest } from '../../workflow/ending/end-access.js';
import { denyForm, endForm, readReasonForm } from '../forms/reason-forms.js';
import { errorsOf, faultUnderReason, readRequestForm } from '../forms/request-form.js';
import { plain, sentence } from '../words/mrkdwn.js';
import { notTakenPlainly } from '../words/pause-words.js';
import { readPrefill, readReference } from '../words/values.js';
import { notAsked } from './commands/replies.js';
import type { Click, Desk, Submission } from './desk.js';
import { tellRefusal } from './desk.js';
import { redrawHome } from './home-and-hi.js';
import { openForm } from './open-form.js';

/** Approves, for the time that was asked for, or for a shorter one from the menu beside the button. */
export async function approve(click: Click, { parts }: Desk): Promise<void> {
  const reference = readReference(click.value);
  await tellRefusal(click, await reviewRequest(parts, { ...reference, by: click.by, decision: 'approve' }));
}

/**
 * Opens the form that asks for a reason, unless the request is decided already. The denial is judged when the form
 * comes back.
 */
export async function askWhyNot(click: Click, { parts, client }: Desk): Promise<void> {
  const reference = readReference(click.value);
  const request = await parts.store.load(reference.id);
  if (request && !isIn(request, 'pending')) return click.tell(sentence(standing(request)));
  const { onHome: home } = click;
  await client.views.open({
    trigger_id: click.triggerId,
    view: denyForm({ ...reference, ...(home ? { home } : {}) }),
  });
}

/** Hands a request over to whoever else may decide. */
export async function notMe(click: Click, { parts }: Desk): Promise<void> {
  const { id } = readReference(click.value);
  await tellRefusal(click, await handOver(parts, { id, by: click.by }));
}

export async function deny(submission: Submission, desk: Desk): Promise<void> {
  const { request, reason } = readReasonForm(submission.view);
  // The form is closed first: it has three seconds, and looking up at Slack whether this person may decide can take
  // longer.
  await submission.close();
  const { id, version } = request;
  const review = { id, version, by: submission.by, decision: 'deny' as const, ...(reason ? { reason } : {}) };
  await tellRefusal(submission, await reviewRequest(desk.parts, review));
  await redrawHome(submission.by, desk, request.home);
}

/**
 * Ends access, or takes a request back that is not open yet. Both buttons share a verb: access may open before the
 * click arrives.
 */
export async function end(click: Click, { parts }: Desk): Promise<void> {
  const { id } = readReference(click.value);
  await tellRefusal(click, await stopRequest(parts, { id, by: click.by }));
}

/** Opens the form that asks why somebody else's access ends. Who may end it is judged when the form comes back. */
export async function askWhyEnd(click: Click, { parts, client }: Desk): Promise<void> {
  const reference = readReference(click.value);
  const request = await parts.store.load(reference.id);
  if (!request) return click.tell(sentence(unknownRequest(reference.id)));
  if (!isGranted(request)) return click.tell(sentence(standing(request)));
  const { onHome: home } = click;
  const form = endForm({ ...reference, ...(home ? { home } : {}) }, request.ask.requester);
  await client.views.open({ trigger_id: click.triggerId, view: form });
}

export async function endOther(submission: Submission, desk: Desk): Promise<void> {
  const { request, reason } = readReasonForm(submission.view);
  // The form is closed first: it has three seconds, and closing may have to look at AWS.
  await submission.close();
  const click = { id: request.id, by: submission.by, reason };
  await tellRefusal(submission, await stopRequest(desk.parts, click));
  await redrawHome(submission.by, desk, request.home);
}

/** Asks for as much more time as the button says; the card says what came of it. */
export async function extend(click: Click, { parts }: Desk): Promise<void> {
  const { id, durationMs, insteadOf } = readReference(click.value);
  const { defaultMs } = parts.policy.limits.durations;
  const wanted = { what: 'extends' as const, durationMs: durationMs ?? defaultMs };
  const answer = await askFollowUp(parts, { id, by: click.by, wanted });
  if (!answer.ok) return click.tell(notAsked(answer));
  if (insteadOf) await tellRefusal(click, await stopRequest(parts, { id: insteadOf, by: click.by }));
}

export async function openNow(click: Click, { parts }: Desk): Promise<void> {
  const { id } = readReference(click.value);
  await tellRefusal(click, await confirmOpening(parts, { id, by: click.by, open: true }));
}

export async function notAnyMore(click: Click, { parts }: Desk): Promise<void> {
  const { id } = readReference(click.value);
  await tellRefusal(click, await confirmOpening(parts, { id, by: click.by, open: false }));
}

/** Opens the form, filled in with the button's value. */
export async function openFilledForm(click: Click, desk: Desk): Promise<void> {
  await openForm(desk, { by: click.by, triggerId: click.triggerId, filled: readPrefill(click.value) });
}

/**
 * Stores the request and then closes the form, or shows each problem under its field. The acknowledgement has three
 * seconds, so nothing here waits for AWS or Slack.
 */
export async function sendRequest(submission: Submission, { parts }: Desk): Promise<void> {
  const { by, view } = submission;
  const { typed, command = parts.command } = readRequestForm(view);
  const checked = checkAsk(parts.policy, typed, { requester: by, atMs: parts.now() });
  if (!checked.ok) return submission.refuse(errorsOf(view, checked.problems));
  const stored = await requestAccess(parts, { ...checked.ask, requester: by, command }, view.id);
  if (stored.outcome === 'paused')
    return submission.refuse(faultUnderReason(notTakenPlainly(stored.pause, { orLater: true })));
  if (stored.outcome === 'too-many')
    return submission.refuse(faultUnderReason(`Not sent. ${plain(stored.sentence)}`));
  await submission.close();
}

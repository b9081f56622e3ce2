/** The requester's own buttons while nobody answers: remind the approvers, or ask someone else. */
import { WebAPIPlatformError } from '@slack/web-api';
import { askSomeoneElse, nudge, whoElse } from '../../workflow/deciding/ask-around.js';
import { askElseForm, readAskElseForm } from '../forms/ask-else-form.js';
import { sentence } from '../words/mrkdwn.js';
import { readReference } from '../words/values.js';
import { type Click, type Desk, type Submission, tellRefusal } from './desk.js';

export async function remindThem(click: Click, { parts }: Desk): Promise<void> {
  const { id } = readReference(click.value);
  const answer = await nudge(parts, { id, by: click.by });
  if (answer.ok) await click.tell(['I asked them again.', sentence(answer.note ?? '')].join(' ').trim());
  else await tellRefusal(click, answer);
}

/** Opens the form at once, since Slack's trigger lives three seconds, and fills it in once people were looked up. */
export async function chooseSomeoneElse(click: Click, { parts, client }: Desk): Promise<void> {
  const reference = readReference(click.value);
  const { view } = await client.views.open({
    trigger_id: click.triggerId,
    view: askElseForm(reference, 'looking'),
  });
  if (!view?.id) return;
  const found = await whoElse(parts, { id: reference.id, by: click.by });
  await client.views
    .update({ view_id: view.id, view: askElseForm(reference, found) })
    .catch((cause: unknown) => {
      // The person has closed the form meanwhile.
      if (!(cause instanceof WebAPIPlatformError && cause.data.error === 'not_found')) throw cause;
    });
}

export async function askChosen(submission: Submission, { parts }: Desk): Promise<void> {
  const { request, whom } = readAskElseForm(submission.view);
  // The form is closed first: it has three seconds, and looking up at Slack who may decide can take longer.
  await submission.close();
  if (!whom) return;
  await tellRefusal(submission, await askSomeoneElse(parts, { id: request.id, by: submission.by, whom }));
}

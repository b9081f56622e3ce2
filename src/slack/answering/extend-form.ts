/** "Extend…": opens the form that asks for another time than the policy's step, and asks for that time. */

import { parseDuration } from '../../access/reading/duration.js';
import { whyNotFollowed } from '../../access/request/others/follows.js';
import { isIn } from '../../access/request/request.js';
import { askFollowUp } from '../../workflow/asking/ask-follow-up.js';
import { readWhy } from '../../workflow/asking/check-ask.js';
import { askToFollow, choicesToExtend, whyNeverFollowed } from '../../workflow/asking/check-follow-up.js';
import { unknownRequest } from '../../workflow/ending/end-access.js';
import { extendForm, faultUnder, readExtendForm } from '../forms/extend-form.js';
import { plain, sentence } from '../words/mrkdwn.js';
import { notTakenPlainly } from '../words/pause-words.js';
import { readReference } from '../words/values.js';
import type { Click, Desk, Submission } from './desk.js';
import { whoIsAskedToFollow } from './open-form.js';

/** Opens the form, or says why nothing can be asked. */
export async function askHowMuchMore(click: Click, desk: Desk): Promise<void> {
  const { parts, client } = desk;
  const { policy } = parts;
  const { by, triggerId } = click;
  const { id } = readReference(click.value);
  const request = await parts.store.load(id);
  if (!request) return click.tell(sentence(unknownRequest(id)));
  const whyNot = whyNotFollowed(request, by, { what: 'extends' });
  if (whyNot !== undefined || !isIn(request, 'open')) return click.tell(sentence(whyNot ?? ''));
  const nowMs = parts.now();
  const asking = (durationMs: number) =>
    askToFollow(request, { what: 'extends', durationMs }, { atMs: nowMs });
  const choicesMs = choicesToExtend(policy, request, nowMs);
  const chosenMs = choicesMs.find((ms) => ms === request.phase.stepMs) ?? choicesMs[0];
  if (chosenMs === undefined) {
    const never = whyNeverFollowed(policy, asking(policy.limits.durations.shortestMs), request.phase.facts);
    return click.tell(
      sentence(never ?? 'The policy lets nobody extend this. Ask for new access when it ends.'),
    );
  }
  const asked = await whoIsAskedToFollow(desk, [chosenMs, ...choicesMs].map(asking), request.phase.facts);
  const view = extendForm(policy, request, { choicesMs, chosenMs, asked });
  await client.views.open({ trigger_id: triggerId, view });
}

/** Asks, and then closes the form, or shows why not under a field. Nothing here waits for AWS or Slack. */
export async function sendExtension(submission: Submission, { parts }: Desk): Promise<void> {
  const { by, view } = submission;
  const { id, durationText = '', reason } = readExtendForm(view);
  const durationMs = parseDuration(durationText);
  if (durationMs === undefined) return submission.refuse(faultUnder('duration', 'Choose how much more.'));
  const said = readWhy(parts.policy, reason);
  if (!said.ok) return submission.refuse(faultUnder('reason', said.sentence));
  const wanted = { what: 'extends' as const, durationMs, why: said.why };
  const answer = await askFollowUp(parts, { id, by, wanted });
  if (answer.ok) return submission.close();
  const whyNot = 'pause' in answer ? notTakenPlainly(answer.pause) : plain(answer.sentence);
  return submission.refuse(faultUnder('duration', whyNot));
}

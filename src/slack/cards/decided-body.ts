/** The body of the approver's card once its request is decided or over. */
import type { Request, RequestIn } from '../../access/request/request.js';
import { actions, type Block, button, context, quote } from '../words/blocks.js';
import { approvedBy, time } from '../words/card-words.js';
import { because, takenBack, whySaid } from '../words/end-words.js';
import { goesOnByItsRule } from '../words/follow-words.js';
import { ACTION } from '../words/ids.js';
import { opensThen } from '../words/later-words.js';
import { code, mention, sentence } from '../words/mrkdwn.js';
import { mayEnd } from '../words/review-words.js';
import { notRunning } from '../words/stopped-words.js';
import { referenceToAny } from '../words/values.js';

/**
 * What became of the request, on every approver's copy. Only those who may end the access get the button: approvers and
 * admins.
 */
export function decidedBody(request: Request, viewer: string): Block[] {
  const { phase } = request;
  const when = (ms: number): string => time(request, ms);
  const yes =
    'review' in phase && phase.review
      ? `${capitalised(approvedBy(phase.review, phase.need))} ${when(phase.review.atMs)}`
      : undefined;
  const end = actions(
    ...('review' in phase && mayEnd(phase.need, phase.review, viewer)
      ? [button(ACTION.endOther, 'End access', referenceToAny(request), { style: 'danger' })]
      : []),
  );
  switch (phase.state) {
    case 'pending':
    case 'submitted':
      return [context('Being checked again')];
    case 'approved':
      return [context(`${yes} · ${waitsFor(request, phase)}`)];
    case 'opening':
      return [
        context(
          `${yes} · ${phase.waitsForAws ? 'not open yet: AWS does not answer or asks me to slow down' : 'opening'}`,
        ),
      ];
    case 'open':
      return [context(`${yes} · open until ${when(phase.grant.endsAtMs)}`), ...end];
    case 'closing':
      if (goesOnByItsRule(phase)) return [context(`${yes} · ${because(phase.cause)}`)];
      return [context(`${yes} · ${phase.troubleAtMs === undefined ? 'closing' : 'not closed yet: I retry'}`)];
    case 'ended':
      if (phase.cause.kind === 'continued') return [context(`${yes} · ${because(phase.cause)}`)];
      return [
        context(`${yes} · ended ${when(phase.endedAtMs)}: ${because(phase.cause)}`),
        ...whySaid(phase.cause),
      ];
    case 'denied': {
      const { by, atMs, reason } = phase.review;
      return [context(`Denied by ${mention(by)} ${when(atMs)}`), ...(reason ? [quote(reason)] : [])];
    }
    case 'cancelled':
      return [context(`${takenBack(phase)} ${when(phase.atMs)}`), ...whySaid(phase)];
    case 'lapsed':
      return [context(yes ? `${yes} · not opened in time` : `Closed unanswered ${when(phase.atMs)}`)];
    case 'refused':
      return [context(`Not allowed any more: ${sentence(phase.refusal.sentence)}`)];
    case 'failed':
      return [context(`${yes ?? 'Closed'} · not opened: ${sentence(phase.refusal.sentence)}`)];
    case 'already-open':
      return [context(`${yes} · it was open already, by somebody else's rule in ${code(phase.groupId)}`)];
  }
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function waitsFor(
  request: Request,
  { waitsFor: what, waitsForAws, facts }: RequestIn<'approved'>['phase'],
): string {
  switch (what) {
    case 'time': {
      const opens = opensThen(request);
      return waitsForAws
        ? 'not open yet: AWS does not answer or asks me to slow down'
        : opens.charAt(0).toLowerCase() + opens.slice(1);
    }
    case 'confirmation':
      return 'waits for the requester';
    case 'resume':
      return 'not open yet: new access is paused';
    case 'workspace': {
      const { desktops } = facts;
      const stands = notRunning(desktops);
      return stands
        ? `not open yet: ${desktops.length === 1 ? 'the WorkSpace ' : ''}${stands}`
        : 'not open yet';
    }
    case 'nothing':
      return 'not open yet';
  }
}

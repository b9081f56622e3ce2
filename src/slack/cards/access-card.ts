/** The requester's card: one message a request, from "Checking" to the end, in their direct messages. */
import { spellDuration } from '../../access/reading/duration.js';
import { canAskElse } from '../../access/request/needs.js';
import { factsOf, type Request } from '../../access/request/request.js';
import { actions, button, context, LIMITS, quote, type Rendered, section } from '../words/blocks.js';
import {
  from,
  fromWhere,
  leftOut,
  nextSteps,
  ownersOnly,
  rangeNote,
  reachGrew,
  takenBack,
  time,
  wanted,
  width,
} from '../words/card-words.js';
import { ACTION } from '../words/ids.js';
import { code, cut, cutMarkup, mention, mentions, plain, sentence } from '../words/mrkdwn.js';
import { awayNote, progress, shortened, waitedFor } from '../words/review-words.js';
import { referenceTo } from '../words/values.js';
import {
  again,
  approved,
  closing,
  ended,
  type Face,
  face,
  open,
  opening,
  takeBack,
} from './access-states.js';
import { connectionBlocks } from './connection-blocks.js';

/** @param folded the one line that an older message becomes once a newer one stands below it */
export function accessCard(request: Request, folded: boolean): Rendered {
  const face = faceOf(request);
  const text = cut(`${face.notification} · ${request.id}`, LIMITS.notification);
  const heading = `${face.heading} · ${request.id}`;
  if (folded) return { text, blocks: [context(`${heading} · see below`)] };
  return { text, blocks: [section(heading), ...face.body] };
}

function faceOf(request: Request): Face {
  const { phase, ask } = request;
  const what = `${wanted(ask.target, factsOf(request))}, from ${fromWhere(request)} (${width(request)}), for ${spellDuration(ask.durationMs)}`;
  const note = rangeNote(request);
  const range = note ? [context(note)] : [];
  switch (phase.state) {
    case 'submitted':
      if (!phase.waitsForAws)
        return face('*Checking*', 'Checking', [context(what), ...range, ...takeBack(request)]);
      return face('*Waiting for AWS*', 'Waiting for AWS', [
        section(
          `AWS does not answer or asks me to slow down. Your request is saved; nothing is open and nobody is asked yet. I keep trying until ${time(request, phase.giveUpAtMs)}, then tell you.`,
        ),
        context(what),
        ...range,
        ...takeBack(request),
      ]);
    case 'pending': {
      const who = mentions(waitedFor(phase.need));
      const said = [progress(phase.need), shortened(request), awayNote(phase.need)];
      const notes = said.filter((note) => note !== undefined);
      const less = leftOut(request, phase.facts);
      const owners = ownersOnly(phase.facts);
      return face(`*Waiting for ${who}*`, `Waiting for ${who}`, [
        ...(phase.reachWas === undefined ? [] : [section(reachGrew(phase.reachWas, phase.facts.reach))]),
        context(`${what}. Nothing is open. ${nextSteps(request, phase, request.ask.requester)}`),
        ...(notes.length > 0 ? [context(notes.join(' · '))] : []),
        ...(less ? [context(`${less}.`)] : []),
        ...(owners ? [context(owners)] : []),
        ...range,
        ...actions(
          button(ACTION.takeBack, 'Take back', referenceTo(request)),
          button(ACTION.nudge, 'Nudge', referenceTo(request)),
          ...(canAskElse(phase.need)
            ? [button(ACTION.askElse, 'Ask someone else', referenceTo(request))]
            : []),
        ),
      ]);
    }
    case 'approved':
      return approved(request, phase);
    case 'opening':
      return opening(request, phase);
    case 'open':
      return open(request, phase);
    case 'closing':
      return closing(request, phase);
    case 'ended':
      return ended(request, phase);
    case 'denied': {
      const { by, reason } = phase.review;
      return face(`*Denied by ${mention(by)}*`, `Denied by ${mention(by)}`, [
        ...(reason ? [quote(reason)] : []),
        context('Nothing was opened.'),
        ...again(request, 'Ask again'),
      ]);
    }
    case 'refused':
      return face('*Not allowed*', `Not allowed: ${notified(phase.refusal.sentence)}`, [
        section(sentence(phase.refusal.sentence)),
        ...(phase.refusal.rule === undefined
          ? []
          : [context(`By rule ${code(phase.refusal.rule)} of the policy.`)]),
        ...(phase.refusal.retry ? again(request) : []),
      ]);
    case 'cancelled': {
      const heading = phase.by === ask.requester ? 'Taken back' : takenBack(phase);
      return face(`*${heading}*`, heading, [
        context('Nothing was opened.'),
        ...again(request, 'Request again'),
      ]);
    }
    case 'lapsed': {
      const said = phase.review
        ? `It was approved by ${mention(phase.review.by)}, but did not open in time.`
        : `${phase.need ? mentions(waitedFor(phase.need)) : 'Nobody'} did not answer in time.`;
      const heading = phase.review ? 'Not opened in time' : 'No answer';
      return face(`*${heading}*`, heading, [
        section(`${said} Closed ${time(request, phase.atMs)}; nothing was opened.`),
        ...again(request, 'Request again'),
      ]);
    }
    case 'failed':
      return face('*Failed*', `Failed: ${notified(phase.refusal.sentence)}`, [
        section(sentence(phase.refusal.sentence)),
        ...(phase.refusal.admins ? [context('The admins know.')] : []),
        ...(phase.refusal.retry ? again(request) : []),
      ]);
    case 'already-open':
      return face('*Already open*', 'Already open', [
        section(
          `Somebody else's rule in ${code(phase.groupId)} lets ${from(request)} in already. I added nothing, so I will not close it either.`,
        ),
        ...connectionBlocks(phase.facts),
      ]);
  }
}

/** A sentence for the line that a phone announces. */
function notified(text: string): string {
  return cutMarkup(sentence(plain(text)), 200);
}

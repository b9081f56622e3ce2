/**
 * The requester's card: one message a request, from "Checking" to the end, in their direct messages. What it says from
 * `approved` to `ended`, the open port included, is in `granted-body.ts`.
 */
import { spellDuration } from '../../access/reading/duration.js';
import { canAskElse, waitedFor } from '../../access/request/needs.js';
import { isMove } from '../../access/request/others/follows.js';
import { factsOf, type Request } from '../../access/request/request.js';
import { hasOpenBeside, insteadOf, sameBeside } from '../words/besides-words.js';
import {
  actions,
  type Block,
  button,
  context,
  LIMITS,
  quote,
  type Rendered,
  section,
} from '../words/blocks.js';
import {
  askedAnew,
  from,
  fromWhere,
  leftOut,
  nextSteps,
  ownersOnly,
  rangeNote,
  time,
  wanted,
  width,
} from '../words/card-words.js';
import { whySaid } from '../words/end-words.js';
import {
  nothingCame,
  nothingCameOf,
  staysUnless,
  untouched,
  wantedOfFollowed,
} from '../words/follow-words.js';
import { ACTION } from '../words/ids.js';
import { takenOfTwo, toOpen } from '../words/later-words.js';
import { code, cut, mention, mentions, sentence } from '../words/mrkdwn.js';
import { awayNote, handedNote, progress, shortened } from '../words/review-words.js';
import { wordsOf } from '../words/states.js';
import { stoppedYet } from '../words/stopped-words.js';
import { referenceTo, referenceToAny } from '../words/values.js';
import { connectionBlocks } from './connection-blocks.js';
import { askAnew } from './follow-buttons.js';
import { again, approved, closing, ended, open, opening, takeBack } from './granted-body.js';

const FILLED_IN = 'Open the form, filled in';

export function accessCard(request: Request): Rendered {
  const words = wordsOf(request);
  const text = cut(`${words.announced} · ${request.id}`, LIMITS.notification);
  const heading = `${words.heading} · ${request.id}`;
  return { text, blocks: [section(heading), ...bodyOf(request)] };
}

function bodyOf(request: Request): Block[] {
  const { phase, ask } = request;
  const long = wantedOfFollowed(request) ?? `for ${spellDuration(ask.durationMs)}`;
  const what = `${wanted(ask.target, factsOf(request))}, from ${fromWhere(request)} (${width(request)}), ${long}${toOpen(request)}`;
  const note = rangeNote(request);
  const range = note ? [context(note)] : [];
  switch (phase.state) {
    case 'submitted': {
      if (!phase.waitsForAws) return [context(what), ...range, ...takeBack(request)];
      const stays = staysUnless(request);
      return [
        section(
          `AWS does not answer or asks me to slow down. Your request is saved; ${stays ? `nobody is asked yet. ${stays}` : 'nothing is open and nobody is asked yet.'} I keep trying until ${time(request, phase.giveUpAtMs)}, then tell you.`,
        ),
        context(what),
        ...range,
        ...takeBack(request),
      ];
    }
    case 'pending': {
      const said = [progress(phase.need), handedNote(phase.need), shortened(request), awayNote(phase.need)];
      const notes = said.filter((note) => note !== undefined);
      const before = sameBeside(request);
      const taken = takenOfTwo(request);
      const less = leftOut(request, phase.facts);
      const owners = ownersOnly(phase.facts);
      const stopped = stoppedYet(phase.facts, 'You');
      const anew = askedAnew(phase);
      return [
        ...(anew ? [section(anew)] : []),
        context(
          `${what}. ${staysUnless(request) ?? `Nothing ${hasOpenBeside(request) ? 'more ' : ''}is open.`} ${nextSteps(request, phase, request.ask.requester)}`,
        ),
        ...(notes.length > 0 ? [context(notes.join(' · '))] : []),
        ...(before ? [section(before)] : []),
        ...(less ? [context(`${less}.`)] : []),
        ...(stopped ? [context(stopped)] : []),
        ...(taken ? [context(taken)] : []),
        ...(owners ? [context(owners)] : []),
        ...range,
        ...actions(
          button(ACTION.takeBack, 'Take back', referenceToAny(request)),
          ...insteadOf(request),
          button(ACTION.nudge, 'Nudge', referenceToAny(request)),
          ...(canAskElse(phase.need)
            ? [button(ACTION.askElse, 'Ask someone else', referenceTo(request))]
            : []),
        ),
      ];
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
      const { reason } = phase.review;
      return [
        ...(reason ? [quote(reason)] : []),
        context(nothingCame(request)),
        ...onceMore(request, 'Ask again', phase.review.atMs),
      ];
    }
    case 'refused':
      return [
        section(sentence(phase.refusal.sentence)),
        ...(phase.refusal.rule === undefined
          ? []
          : [context(`By rule ${code(phase.refusal.rule)} of the policy.`)]),
        ...unchanged(request),
        ...(phase.refusal.retry ? onceMore(request, 'Ask again', phase.atMs, FILLED_IN) : []),
      ];
    case 'cancelled':
      return [
        ...whySaid(phase),
        context(`${nothingCameOf(request)}.`),
        ...onceMore(request, 'Request again', phase.atMs),
      ];
    case 'lapsed': {
      const said = phase.review
        ? `It was approved by ${mention(phase.review.by)}, but did not open in time.`
        : `${phase.need ? mentions(waitedFor(phase.need)) : 'Nobody'} did not answer in time.`;
      return [
        section(`${said} Closed ${time(request, phase.atMs)}. ${nothingCame(request)}`),
        ...onceMore(request, 'Request again', phase.atMs),
      ];
    }
    case 'failed':
      return [
        section(sentence(phase.refusal.sentence)),
        ...(phase.refusal.admins ? [context('The admins know.')] : []),
        ...unchanged(request),
        ...(phase.refusal.retry ? again(request, FILLED_IN) : []),
      ];
    case 'already-open':
      return [
        section(
          `Somebody else's rule in ${code(phase.groupId)} lets ${from(request)} in already. I added nothing, so I will not close it either.`,
        ),
        ...(isMove(request) ? [context(nothingCame(request))] : []),
        ...connectionBlocks(phase.facts),
      ];
  }
}

/** The button that asks once more: for a follow-up where the access that it was to follow is open, or for a new request. */
function onceMore(request: Request, text: string, overAtMs: number, newText = text): Block[] {
  const anew = askAnew(request, text, overAtMs);
  return anew ? actions(anew) : again(request, newText);
}

function unchanged(request: Request): Block[] {
  const said = untouched(request);
  return said ? [context(said)] : [];
}

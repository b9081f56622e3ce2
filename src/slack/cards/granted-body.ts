/** The body of the requester's card from `approved` to `ended`. */
import { spellDuration } from '../../access/reading/duration.js';
import { wasWarned } from '../../access/request/duties.js';
import { END_TRAITS, type Request, type RequestIn } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import { sameBeside } from '../words/besides-words.js';
import { actions, type Block, button, context, section } from '../words/blocks.js';
import { approvedBy, atTime, from, fromWhere, leftOut, time, wanted } from '../words/card-words.js';
import { whatStays, whySaid } from '../words/end-words.js';
import { goesOnByItsRule, isAskedFor, movedFrom } from '../words/follow-words.js';
import { ACTION } from '../words/ids.js';
import { takenOfTwo, untilThen } from '../words/later-words.js';
import { code, sentence } from '../words/mrkdwn.js';
import { shortened } from '../words/review-words.js';
import { waitsToRun } from '../words/stopped-words.js';
import { prefillOf, referenceToAny, writePrefill } from '../words/values.js';
import { connectionBlocks, sshBlocks } from './connection-blocks.js';
import { followButtons } from './follow-buttons.js';

type In<S extends Request['phase']['state']> = RequestIn<S>['phase'];

export function approved(request: Request, phase: In<'approved'>): Block[] {
  const made = shortened(request);
  const body = approvedBody(request, phase);
  return made && phase.waitsFor !== 'nothing' ? [...body, context(made)] : body;
}

function approvedBody(request: Request, phase: In<'approved'>): Block[] {
  const by = approvedBy(phase.review, phase.need);
  switch (phase.waitsFor) {
    case 'nothing':
      return takeBack(request);
    case 'confirmation':
      return [
        section(
          `It was ${by}, ${sinceWhen(request)}. It lasts ${spellDuration(request.ask.durationMs)} from when you open it. The offer stands until ${time(request, phase.lapsesAtMs)}.`,
        ),
        ...actions(
          button(ACTION.openNow, 'Open now', referenceToAny(request), { style: 'primary' }),
          button(ACTION.notAnyMore, 'Not any more', referenceToAny(request)),
        ),
      ];
    case 'time': {
      const taken = takenOfTwo(request);
      return [
        section(untilThen({ ...request, phase }, by)),
        ...(taken ? [context(taken)] : []),
        ...takeBack(request),
      ];
    }
    case 'resume':
      return [
        section(
          `It was ${by}, but an admin has paused new access. It opens as soon as that is over. I give up ${atTime(request, phase.lapsesAtMs)} and tell you.`,
        ),
        ...takeBack(request),
      ];
    case 'workspace': {
      const it = phase.facts.desktops.length === 1 ? 'it' : 'one of them';
      return [
        section(
          `${waitsToRun(phase, by)} It opens as soon as AWS says that ${it} is available. I give up ${atTime(request, phase.lapsesAtMs)} and tell you.`,
        ),
        ...takeBack(request),
      ];
    }
  }
}

function sinceWhen({ ask: { follows } }: Request): string {
  return follows ? `after ${follows.id} had ended` : 'a while after you asked';
}

export function opening(request: Request, phase: In<'opening'>): Block[] {
  const by = approvedBy(phase.review, phase.need);
  if (phase.waitsForAws) {
    const until = `until ${time(request, phase.grant.endsAtMs)} at the latest`;
    return [
      section(
        `It was ${by}, but is not open yet: AWS does not answer or asks me to slow down. It opens as soon as AWS lets me, ${until}. I give up ${atTime(request, phase.grant.openByMs)} and tell you.`,
      ),
      ...actions(button(ACTION.end, 'End now', referenceToAny(request))),
    ];
  }
  const total = phase.facts.desktops.length;
  const progress =
    isMany(request.ask.target) && phase.attached > 0
      ? [context(`${phase.attached} of ${total} prepared`)]
      : [];
  return progress;
}

export function open(request: Request, phase: In<'open'>): Block[] {
  const more = isAskedFor({ ...request, phase });
  const endNow = [
    ...(more ? [context(more)] : []),
    ...actions(
      ...followButtons({ ...request, phase }),
      button(ACTION.end, 'End now', referenceToAny(request), { style: 'danger' }),
    ),
  ];
  if (wasWarned({ ...request, phase })) {
    return [
      ...anotherAddress(phase),
      ...sshBlocks(phase.facts),
      section(
        'Then I close the access and tell you whether new connections are blocked. A session that is open may go on, so save your work.',
      ),
      ...endNow,
    ];
  }
  const { reach } = phase.facts;
  const less = leftOut(request, phase.facts);
  const to = `${wanted(request.ask.target, phase.facts)}${less ? `; ${less}` : ''}`;
  const only =
    reach > phase.facts.desktops.length
      ? `Only from ${fromWhere(request)}. The rule reaches ${reach} WorkSpaces that share ${code(phase.grant.groupId)}.`
      : `Only from ${fromWhere(request)}, only to ${to}.`;
  const before = sameBeside(request);
  const moved = movedFrom(request);
  return [
    ...(phase.adopted
      ? [section('My storage was lost; I found this access by the signed tag of its rule.')]
      : []),
    ...anotherAddress(phase),
    ...connectionBlocks(phase.facts, section(only)),
    ...(moved ? [context(moved)] : []),
    ...(before ? [context(before)] : []),
    ...endNow,
  ];
}

/** The warning not to use an older ssh line: a password typed at an address that somebody else has by now would be theirs. */
function anotherAddress({ readdressed, facts: { desktops, address } }: In<'open'>): Block[] {
  if (!readdressed || desktops.some(({ away }) => away && desktops.length === 1)) return [];
  const { was } = readdressed;
  if (desktops.length === 1 && (was === undefined || was === address)) return [];
  const which = was === undefined ? 'Addresses below have' : 'The address has';
  const old = was === undefined ? 'an older address' : code(was);
  return [section(`:warning: ${which} changed. Use no older line: ${old} may be somebody else’s by now.`)];
}

export function closing(request: Request, phase: In<'closing'>): Block[] {
  if (goesOnByItsRule(phase)) return [];
  if (phase.troubleAtMs === undefined) {
    return phase.cause.kind === 'not-opened'
      ? [section(sentence(phase.cause.refusal.sentence)), context('I look whether anything of it is at AWS.')]
      : [context('I am removing the rule, and tell you once I saw that it is gone.')];
  }
  return [
    section(
      `I could not remove the rule so far: ${from(request)} may still connect. I retry until it is gone; the admins know.`,
    ),
  ];
}

export function ended(request: Request, phase: In<'ended'>): Block[] {
  if (goesOnByItsRule(phase)) return [];
  const maySession = phase.openedAtMs !== undefined && END_TRAITS[phase.cause.kind].leavesSessions;
  const session = maySession ? ' Close any SSH session that is still open; I can’t.' : '';
  return [
    ...whySaid(phase.cause),
    section(`${whatStays(phase, from(request))}${session}`),
    ...(phase.cause.kind === 'continued' ? [] : again(request, 'Request again')),
  ];
}

export function takeBack(request: Request): Block[] {
  return actions(button(ACTION.takeBack, 'Take back', referenceToAny(request)));
}

/** The button to the form, filled in with the request. */
export function again(request: Request, text: string): Block[] {
  return actions(button(ACTION.form, text, writePrefill(prefillOf(request))));
}

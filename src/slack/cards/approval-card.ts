/** The approver's card: all that a careful person wants to know before saying yes, and the buttons to decide. */

import { shortDuration, spellDuration } from '../../access/reading/duration.js';
import { isUserId } from '../../access/reading/ids.js';
import type { Facts } from '../../access/request/facts.js';
import type { Need } from '../../access/request/need.js';
import { canHandOver, hasFallbackLeft, progressOf } from '../../access/request/needs.js';
import { followUpOf, isMove } from '../../access/request/others/follows.js';
import { factsOf, type Request, type RequestIn } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import { openBeside } from '../words/besides-words.js';
import {
  actions,
  type Block,
  button,
  confirmLines,
  context,
  LIMITS,
  quote,
  type Rendered,
  section,
} from '../words/blocks.js';
import {
  askedAnew,
  fromWhere,
  leftOut,
  nextSteps,
  ownersOnly,
  ticketLink,
  wanted,
  width,
} from '../words/card-words.js';
import { asksShortly, asksToFollow, unlessInTime } from '../words/follow-words.js';
import { ACTION } from '../words/ids.js';
import { toOpen } from '../words/later-words.js';
import { code, cutMarkup, escaped, mention, oneLine } from '../words/mrkdwn.js';
import { awayNote, progress, reminderOf, shortened, shorterMenu, whyAsked } from '../words/review-words.js';
import { reaches, stoppedYet } from '../words/stopped-words.js';
import { referenceTo } from '../words/values.js';
import { decidedBody } from './decided-body.js';

/** @param viewer the approver who gets this copy */
export function approvalCard(request: Request, viewer: string): Rendered {
  const { ask } = request;
  const jane = mention(ask.requester);
  const asked = shortDuration(ask.durationMs);
  const asks = `${ask.emergency ? 'Emergency: ' : ''}${asksShortly(request, jane) ?? `${jane} asks for SSH, ${asked}${ask.later ? ', later' : ''}`}: `;
  const text = cutMarkup(`${asks}${escaped(oneLine(ask.reason))}`, LIMITS.notification);
  const heading =
    asksToFollow(request) ??
    `${ask.emergency ? emergency(request.phase, viewer) : ''}*${jane} asks for SSH to ${whose(request)} for ${spellDuration(ask.durationMs)}*${toOpen(request)} · ${request.id}`;
  const ticket = ticketLink(request);
  const body =
    request.phase.state === 'pending'
      ? undecided(request, request.phase, viewer)
      : decidedBody(request, viewer);
  return {
    text,
    blocks: [section(heading), quote(ask.reason), ...(ticket ? [context(ticket)] : []), ...body],
  };
}

/**
 * The first words of an emergency's card. The viewer is mentioned so that Slack notifies them: nobody is asked before
 * access opens.
 */
function emergency(phase: Request['phase'], viewer: string): string {
  return `:rotating_light: *Emergency* ${mention(viewer)}${withoutAsking(phase)}\n`;
}

function withoutAsking(phase: Request['phase']): string {
  switch (phase.state) {
    case 'approved':
    case 'opening':
      return ': it opens without asking.';
    case 'open':
      return ': opened without asking. Press End access if it should not be.';
    case 'closing':
    case 'ended':
      return phase.openedAtMs === undefined ? '' : ': opened without asking.';
    case 'submitted':
    case 'pending':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return '';
  }
}

function undecided(request: Request, phase: RequestIn<'pending'>['phase'], viewer: string): Block[] {
  const warnings = worthASecondLook(request, phase);
  const owners = ownersOnly(phase.facts);
  const byHand = request.ask.network?.whole ? '' : ', typed by hand';
  const how = followUpOf(request.ask) === 'extends' ? ', as before' : byHand;
  const reminder = reminderOf(request, phase.need, viewer);
  const away = awayNote(phase.need);
  const stopped = stoppedYet(phase.facts, mention(request.ask.requester));
  const notes = [
    unlessInTime(request),
    stopped,
    openBeside(request),
    progress(phase.need),
    shortened(request),
  ];
  return [
    ...(reminder ? [section(reminder)] : []),
    section(`From ${fromWhere(request)} (${width(request)}${how}) · ${reaches(phase.facts)}`),
    ...(warnings.length > 0 ? [section(warnings.map((warning) => `:warning: ${warning}`).join('\n'))] : []),
    ...(owners ? [context(owners)] : []),
    ...notes.flatMap((note) => (note ? [section(note)] : [])),
    context(`${whyAsked(request, phase.need, viewer)} ${nextSteps(request, phase, viewer)}`),
    ...(away ? [context(away)] : []),
    ...waysToDecide(request, phase.need, viewer, warnings),
  ];
}

/**
 * The buttons, none of which would be refused to the viewer: a person whose yes counted already can still deny. Buttons in a
 * channel are for everybody there.
 */
function waysToDecide(request: Request, need: Need, viewer: string, warnings: string[]): Block[] {
  const inChannel = !isUserId(viewer);
  const yes = isMove(request) ? 'Approve' : `Approve ${shortDuration(request.ask.durationMs)}`;
  const confirm = { title: 'Look twice', text: confirmLines(warnings), yes };
  const approve = button(ACTION.approve, yes, referenceTo(request), {
    style: 'primary',
    ...(warnings.length > 0 ? { confirm } : {}),
  });
  const deny = button(ACTION.deny, 'Deny', referenceTo(request));
  const helps = inChannel || progressOf(need).waitsFor.includes(viewer);
  const handsOver = inChannel ? hasFallbackLeft(need) : canHandOver(need, viewer);
  const may = inChannel || need.asks.approvers.includes(viewer);
  return actions(
    ...(helps ? [approve] : []),
    ...(may ? [deny] : []),
    ...(handsOver ? [button(ACTION.notMe, 'Not me', referenceTo(request))] : []),
    ...(helps ? shorterMenu(request, need, warnings) : []),
  );
}

/** The warnings that hold for this request. Slack asks about them again before an approval counts. */
function worthASecondLook(request: Request, phase: RequestIn<'pending'>['phase']): string[] {
  const { facts } = phase;
  const { target, source, network, requester } = request.ask;
  const warnings: string[] = [];
  const anew = askedAnew(phase);
  if (anew) warnings.push(anew);
  if (isMany(target)) {
    const less = leftOut(request, facts);
    warnings.push(`Opens ${wanted(target, facts)}${less ? `; ${less}` : ''}.`);
  } else {
    if (facts.reach > 1) warnings.push(`Opens ${facts.reach} WorkSpaces${sharedGroup(phase)}.`);
    const owner = ownerOf(facts);
    if (!facts.own) {
      warnings.push(`Not ${mention(requester)}'s own WorkSpace${owner ? ` (it is ${owner}'s)` : ''}.`);
    }
  }
  if (!source.isSingle)
    warnings.push(`${source.addresses} addresses${network?.whole ? `: all of ${network.name}` : ''}.`);
  return warnings;
}

function sharedGroup({ facts: { group } }: RequestIn<'pending'>['phase']): string {
  switch (group.kind) {
    case 'existing':
      return `: they share ${code(group.groupId)}`;
    case 'access':
      return '';
  }
}

function whose(request: Request): string {
  const facts = factsOf(request);
  if (isMany(request.ask.target)) return wanted(request.ask.target, facts);
  if (!facts) return 'a WorkSpace';
  if (facts.own) return 'their WorkSpace';
  return `${ownerOf(facts) ?? 'somebody else'}'s WorkSpace, ${wanted(request.ask.target, facts)},`;
}

/** The owner of a single WorkSpace: as a person of Slack, or by the name in the directory. */
function ownerOf({ owner, desktops: [desktop] }: Facts): string | undefined {
  if (owner !== undefined) return mention(owner);
  return desktop?.userName ? code(desktop.userName) : undefined;
}

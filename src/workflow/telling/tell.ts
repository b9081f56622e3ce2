/**
 * Telling is owed too: every card of a request is brought to the request's version. Where a person must act or know,
 * a card is posted anew, since Slack announces no edit, and the older card folds to one line. However a request is over,
 * its requester gets a message that is newer than every other.
 */

import { duties } from '../../access/request/duties.js';
import type { NeedDue } from '../../access/request/need.js';
import { waitedFor } from '../../access/request/needs.js';
import { isIn, type PhaseIn, type Request, type RequestIn } from '../../access/request/request.js';
import type { Progress } from '../outcomes.js';
import type { Card, Parts } from '../ports.js';
import { NewerRecord, type Posted, type Shown } from '../ports-store.js';
import { CHECKING_MS } from '../settling.js';
import { lookedAround } from './look-around.js';
import { tellLater } from './tell-later.js';
import { channelRefuses, UNREACHABLE } from './unreached.js';

interface Audience {
  key: string;
  userId: string;
  surface: Card['surface'];
}

/** Shows the request's newest version to everybody who sees it. */
export async function tell(parts: Parts, id: string): Promise<Progress> {
  try {
    const held = await parts.store.telling(id, (request, posted) => tellAll(parts, request, posted));
    return held.ran ? held.result : 'again';
  } catch (cause) {
    // A replica of the newer version brings the cards up to date.
    if (cause instanceof NewerRecord) return 'newer';
    throw cause;
  }
}

async function tellAll(parts: Parts, found: Request | undefined, before: Posted): Promise<Progress> {
  if (!found) return 'done';
  const request = isIn(found, 'ended') ? await lookedAround(hereAlready(parts), found) : found;
  if (!request) return 'again';
  if (isPast(parts, request)) return endFirst(parts, request);
  if (isJustAsked(parts, request)) return 'again';
  let posted = before;
  const leftOf = (one: Posted) =>
    audiences(parts, request, one).filter(({ key }) => one.surfaces[key]?.version !== request.version);
  let isCurrent = true;
  let failure: unknown;
  /** After each post, so that a crash repeats at most the post that was under way. */
  const save = async (surfaces: Posted['surfaces']) => {
    const next = { ...posted, version: posted.version + 1, surfaces };
    isCurrent = await parts.store.savePosted(next, request.version, leftOf(next).length === 0);
    posted = next;
  };
  const due = leftOf(posted);
  for (const audience of due) {
    // The card before may have taken its time: a state that has passed meanwhile is not told.
    if (isPast(parts, request)) return endFirst(parts, request);
    if (!isCurrent) break;
    try {
      const shown = await show(parts, request, audience, posted.surfaces[audience.key]);
      await save({ ...posted.surfaces, [audience.key]: shown });
    } catch (cause) {
      failure ??= cause; // the others are told all the same
    }
  }
  if (due.length === 0) await save(posted.surfaces);
  if (failure) throw failure;
  // Somebody may have to be told because somebody else could not be.
  return isCurrent && leftOf(posted).length === 0 ? 'done' : 'again';
}

/** Whoever tells already goes on with what has changed: nobody has to be woken for the telling. */
function hereAlready(parts: Parts): Parts {
  return { ...parts, timers: { ...parts.timers, tell: async () => {} } };
}

/** True for open access whose time is over: "open" is not said any more, however late its end comes. */
function isPast(parts: Parts, { phase }: Request): boolean {
  return phase.state === 'open' && parts.now() >= phase.grant.endsAtMs;
}

function isJustAsked(parts: Parts, { phase, ask }: Request): boolean {
  return phase.state === 'submitted' && !phase.waitsForAws && parts.now() < ask.askedAtMs + CHECKING_MS;
}

async function endFirst(parts: Parts, request: Request): Promise<Progress> {
  await parts.timers.set(request.id, duties(request));
  return 'again';
}

async function show(
  parts: Parts,
  request: Request,
  audience: Audience,
  shown: Shown | undefined,
): Promise<Shown> {
  const { surface, userId } = audience;
  const card: Card = { surface, request, folded: false, viewer: userId };
  const { stage, isNews } = stageOf(surface, request, userId);
  const { version } = request;
  const there = shown && shown.stage !== UNREACHABLE ? shown : undefined;
  // An approver who has said yes gets no reminder: the card goes back to the stage before it, which is no news to them.
  const calmer = surface === 'approval' && there?.stage.startsWith(stage) === true;
  if (there && (there.stage === stage || calmer || !isNews)) {
    if ((await parts.messenger.edit(there, card)) === 'edited') return { ...there, version };
  }
  const posted = await parts.messenger.post(userId, card);
  if ('unreachable' in posted) {
    const why = posted.unreachable;
    parts.log.warn(
      { id: request.id, user: userId, why },
      'Slack does not let me write to this person or channel',
    );
    if (audience.key.startsWith('channel:'))
      tellLater(parts, { kind: 'refusing-channel', channel: userId, why });
    return { channel: '', ts: '', version, stage: UNREACHABLE };
  }
  if (there) {
    await parts.messenger.edit(there, { ...card, folded: true }).catch((cause: unknown) => {
      parts.log.warn({ err: cause, id: request.id }, 'an older card was not folded');
    });
  }
  return { ...posted, version, stage };
}

/** Everybody who sees a request now. A person who has seen it once also sees how it went on. */
function audiences(parts: Parts, request: Request, posted: Posted): Audience[] {
  const { phase } = request;
  const list: Audience[] = [{ key: 'requester', userId: request.ask.requester, surface: 'access' }];
  const seen = Object.keys(posted.surfaces);
  const need = isIn(request, 'pending') ? request.phase.need : undefined;
  const channel = need?.hears.channel;
  // A channel that cannot be written to must not hide that somebody is asked.
  const asked =
    channel === undefined || channelRefuses(channel, posted)
      ? (need?.asks.approvers ?? [])
      : (need?.hears.alsoAsked ?? []);
  const channels = new Set([
    ...(channel === undefined ? [] : [channel]),
    ...seen.flatMap((key) => (key.startsWith('channel:') ? [key.slice('channel:'.length)] : [])),
  ]);
  for (const id of channels) list.push({ key: `channel:${id}`, userId: id, surface: 'approval' });
  const hears = 'need' in phase ? (phase.need?.hears.told ?? []) : [];
  const approvers = new Set([
    ...asked,
    ...hears,
    ...seen.flatMap((key) => (key.startsWith('approver:') ? [key.slice(9)] : [])),
  ]);
  for (const userId of approvers) list.push({ key: `approver:${userId}`, userId, surface: 'approval' });

  const owner = ownerToTell(request, seen);
  if (owner) list.push({ key: `owner:${owner}`, userId: owner, surface: 'owner' });

  const refusal = 'refusal' in phase ? phase.refusal : undefined;
  const trouble = phase.state === 'closing' && phase.troubleAtMs !== undefined;
  const alerted = refusal?.admins === true || trouble || seen.some((key) => key.startsWith('admin:'));
  if (alerted) {
    for (const userId of parts.policy.admins) list.push({ key: `admin:${userId}`, userId, surface: 'alert' });
  }
  return list;
}

/** The owner of somebody else's WorkSpace, once access to it opens and from then on. */
function ownerToTell({ ask, phase }: Request, seen: readonly string[]): string | undefined {
  const owner = 'facts' in phase ? phase.facts?.owner : undefined;
  if (owner === undefined || owner === ask.requester) return undefined;
  return phase.state === 'open' || seen.includes(`owner:${owner}`) ? owner : undefined;
}

/** The stage of a card: one that is news is posted anew, so that a phone announces it; the rest are edits. */
interface Stage {
  stage: string;
  isNews: boolean;
}

const news = (stage: string): Stage => ({ stage, isNews: true });
const edited = (stage: string): Stage => ({ stage, isNews: false });

function stageOf(surface: Card['surface'], request: Request, userId: string): Stage {
  switch (surface) {
    case 'owner':
      return news('owner');
    case 'approval':
      return isIn(request, 'pending') ? news(pendingStage(request, userId)) : edited('decided');
    case 'access':
    case 'alert':
      return stageOfState(request);
  }
}

function stageOfState({ phase }: Request): Stage {
  switch (phase.state) {
    case 'pending':
      // Approved access that needs another yes: whoever counts on the first one has to know.
      return phase.changed?.anew ? news(`pending ${phase.pendingAtMs}`) : edited(phase.state);
    case 'submitted':
    case 'opening':
      return edited(phase.state);
    case 'approved':
      return approvedStage(phase.waitsFor);
    case 'open':
      return news(`${phase.warned ? 'warning' : 'open'}${againAt(phase.readdressed?.atMs)}`);
    case 'closing':
      return phase.troubleAtMs === undefined ? edited('closing') : news('trouble');
    // However it is over is posted anew, also for whoever did it: a crash may have left a second card that nobody edits,
    // and that one goes on saying Open, or Waiting.
    case 'ended':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return news(phase.state);
  }
}

/** A card with another way to the WorkSpace is posted anew: an older one shows an address that may be somebody else's. */
function againAt(atMs: number | undefined): string {
  return atMs === undefined ? '' : ` ${atMs}`;
}

function approvedStage(waitsFor: PhaseIn<'approved'>['waitsFor']): Stage {
  switch (waitsFor) {
    case 'resume':
      return news('paused');
    case 'confirmation':
      return news('confirmation');
    case 'nothing':
    case 'workspace':
      return edited('approved');
  }
}

/** Reminders and nudges are for those who are waited for; approvers who have said yes are left in peace. */
function pendingStage({ phase: { need, pendingAtMs } }: RequestIn<'pending'>, userId: string): string {
  const waited = userId === need.hears.channel || waitedFor(need).includes(userId);
  const { remind, nudgedAtMs } = need.due;
  const reminded = waited && remind?.done;
  const nudged = waited && nudgedAtMs !== undefined ? ` nudged ${nudgedAtMs}` : '';
  const handed = waited && need.hears.handedOver.length > 0 ? ' handed' : '';
  // An approver who is asked later gets a card of their own; the members of a channel read of it in the channel only.
  const more = userId === need.hears.channel ? askedLater(need.due) : '';
  return `pending ${pendingAtMs}${more}${handed}${nudged}${reminded ? ' reminded' : ''}`;
}

function askedLater({ fallback, askedAgainAtMs }: NeedDue): string {
  const again = askedAgainAtMs === undefined ? '' : ` again ${askedAgainAtMs}`;
  return `${fallback?.done ? ' fallback' : ''}${again}`;
}

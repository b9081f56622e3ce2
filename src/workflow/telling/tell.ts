/**
 * Telling is owed too: every card of a request is brought to the request's version. Where a person must act or know,
 * a card is posted anew, since Slack announces no edit, and the older card folds to one line. However a request is over,
 * its requester gets a message that is newer than every other.
 */

import { duties } from '../../access/request/duties.js';
import { isIn, type Request } from '../../access/request/request.js';
import { besideUrgent } from '../ends-first.js';
import type { Progress } from '../outcomes.js';
import { countCause, each } from '../passes.js';
import type { Card, Messenger, Parts } from '../ports.js';
import { NewerRecord, type Posted, type Shown } from '../ports-store.js';
import { CHECKING_MS } from '../settling.js';
import { type Audience, audiences } from './audiences.js';
import { lookedAround } from './look-around.js';
import { type Stage, stageOf } from './stages.js';
import { tellLater } from './tell-later.js';
import { UNREACHABLE } from './unreached.js';

/** Shows the request's newest version to everybody who sees it. */
export async function tell(parts: Parts, id: string): Promise<Progress> {
  try {
    const held = await besideUrgent(parts, () =>
      parts.store.telling(id, (request, posted) => tellAll(parts, request, posted)),
    );
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
    audiences(parts, request, one).filter(({ key }) => isLeft(one.surfaces[key], request));
  let isCurrent = true;
  let failure: unknown;
  /** Shows the request to some side by side, and stores that at once: a crash repeats at most the post under way. */
  const showAll = async (some: readonly Audience[]) => {
    const surfaces = { ...posted.surfaces };
    let isNew = some.length === 0;
    await each(some, async (audience) => {
      const shown = await show(parts, request, audience, surfaces[audience.key]);
      surfaces[audience.key] = shown;
      isNew = true;
      surfaces[audience.key] = await foldOlder(parts, request, audience, shown);
    }).catch((cause: unknown) => {
      failure ??= cause; // the others are told all the same
    });
    if (!isNew) return;
    const next = { ...posted, version: posted.version + 1, surfaces };
    isCurrent = await parts.store.savePosted(next, request.version, leftOf(next).length === 0);
    posted = next;
  };
  const isPost = ({ key, surface, userId }: Audience) =>
    !isEdit(posted.surfaces[key], stageOf(surface, request, userId), surface);
  const due = leftOf(posted);
  const [first, ...posts] = due.filter(isPost);
  // Edits announce nothing and may be repeated, so they go with the first post: the same request, at the same moment.
  await showAll([...(first ? [first] : []), ...due.filter((one) => !isPost(one))]);
  for (const audience of posts) {
    // The card before may have taken its time: a state that has passed meanwhile is not told.
    if (isPast(parts, request)) return endFirst(parts, request);
    if (!isCurrent) break;
    await showAll([audience]);
  }
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

/** True for somebody who does not see the newest version yet, or who sees an older card beside it. */
function isLeft(shown: Shown | undefined, { version }: Request): boolean {
  return shown?.version !== version || (shown.older ?? []).length > 0;
}

async function show(
  parts: Parts,
  request: Request,
  audience: Audience,
  shown: Shown | undefined,
): Promise<Shown> {
  const { surface, userId } = audience;
  const card: Card = { surface, request, folded: false, viewer: userId };
  const now = stageOf(surface, request, userId);
  const { stage } = now;
  const { version } = request;
  if (shown?.version === version) return shown;
  const there = standing(shown);
  if (there && isEdit(there, now, surface)) {
    const edit = await parts.messenger.edit(placeOf(there), card);
    if (edit !== 'lost') return { ...there, version, drawn: { look: edit.look, version } };
  }
  const posted = await parts.messenger.post(userId, card);
  if ('unreachable' in posted) {
    const why = posted.unreachable;
    parts.log.warn(
      { id: request.id, user: userId, why },
      'Slack does not let me write to this person or channel',
    );
    countCause(parts.memory, 'tell', 'slack-refused');
    if (audience.key.startsWith('channel:'))
      tellLater(parts, { kind: 'refusing-channel', channel: userId, why });
    return { channel: '', ts: '', version, stage: UNREACHABLE };
  }
  const { channel, ts, look } = posted;
  const older = there ? [...(there.older ?? []), { channel: there.channel, ts: there.ts }] : [];
  return { channel, ts, version, stage, drawn: { look, version }, older };
}

/** Folds the cards above the newest. What Slack does not take now is owed on: those cards say what is untrue by now. */
async function foldOlder(
  parts: Parts,
  request: Request,
  { surface, userId: viewer }: Audience,
  { older = [], ...shown }: Shown,
): Promise<Shown> {
  for (const place of older) await parts.messenger.edit(place, { surface, request, folded: true, viewer });
  return shown;
}

/** A card that can be edited. */
function standing(shown: Shown | undefined): Shown | undefined {
  return shown && shown.stage !== UNREACHABLE ? shown : undefined;
}

function isEdit(shown: Shown | undefined, { stage, isNews }: Stage, surface: Card['surface']): boolean {
  const there = standing(shown);
  if (!there) return false;
  // An approver who has said yes gets no reminder: the card goes back to the stage before it, which is no news to them.
  const isCalmer = surface === 'approval' && there.stage.startsWith(stage);
  return there.stage === stage || isCalmer || !isNews;
}

/** Where a card stands, and how it looks; a replica that knew nothing of looks may have edited it since. */
function placeOf({ channel, ts, version, drawn }: Shown): Parameters<Messenger['edit']>[0] {
  return { channel, ts, ...(drawn?.version === version ? { look: drawn.look } : {}) };
}

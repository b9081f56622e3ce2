/**
 * The people of a run. They ask, decide, end and take back as the schedule says, in answer to the cards that they see.
 * An action that fails is tried again a few times and then given up, as people do.
 */

import type { Message } from '../../sandbox/slack/state/conversations.js';
import type { Delivery } from '../../sandbox/slack/state/mail.js';
import type { Town } from '../../sandbox/town.js';
import { VIEW } from '../../src/slack/words/ids.js';
import type { Recorded } from '../witness/records.js';
import type { Witness } from '../witness/witness.js';
import { askByForm, oneAtATime } from './ask-by-form.js';
import { type Button, type CardRead, followedIn, idIn, placeOf, readCard, reasonOf } from './cards.js';
import type { Ask } from './drawn/asks.js';
import type { ManualChanges } from './manual-changes.js';
import type { Pace } from './pace.js';
import type { Trace } from './trace.js';
import type { Company } from './world.js';

export interface People {
  /** Types the command; resolves when the person has an answer or gave up. */
  ask(ask: Ask): Promise<void>;
  /** When anybody last did or saw something, or what they asked for is to open, epoch milliseconds. */
  lastMs(): number;
  /** `again`: how often somebody had to type or click a second time. */
  readonly counts: { asked: number; sent: number; givenUp: number; clicks: number; again: number };
  /**
   * What was asked and came to nothing, where nothing but the bot's own restarts was in the way.
   * @param recorded every request that Redis holds
   */
  lost(recorded: readonly Recorded[]): string[];
  stop(): void;
}

/** An ask and the requests that came of it: a command that is typed again can become a second request. */
interface Asked {
  ask: Ask;
  userId: string;
  cidr: string;
  ids: Set<string>;
  /** When access is to open, where that is not at once. */
  startsAtMs?: number;
}

const TRIES = 4;
const TRY_AGAIN_MS = 1_500;
const FORM_MS = 300;
/** The words by which a person sees that the bot could not do what they clicked. */
const TRY_LATER =
  /Not sent|Not done|could not confirm|storage is unreachable|went wrong|slow down|three seconds/;

export function createPeople(
  town: Town,
  run: { company: Company; witness: Witness; manualChanges: ManualChanges; trace: Trace; pace: Pace },
): People {
  const { slack } = town;
  const { company, witness, manualChanges, trace, pace } = run;
  const all = new Map<number, Asked>();
  const byId = new Map<string, Asked>();
  /** The source of each request: what follows a moved one has its new source. */
  const cidrs = new Map<string, string>();
  const byUser = new Map<string, Asked[]>();
  const done = new Set<string>();
  const lastClick = new Map<string, { click: () => Promise<Delivery>; left: number }>();
  const counts = { asked: 0, sent: 0, givenUp: 0, clicks: 0, again: 0 };
  let lastMs = Date.now();
  let lastStartMs = 0;
  let over = false;

  const later = (ms: number, act: () => unknown) =>
    setTimeout(() => {
      if (!over) act();
    }, ms).unref();
  const inTurn = oneAtATime();
  const once = (key: string) => !done.has(key) && done.add(key) !== undefined;

  /** @param anew the bot gave the id to this ask just now, even if another ask had the id before Redis lost its data */
  function knows(id: string, asked: Asked, { anew = false, cidr = asked.cidr } = {}): void {
    if (anew ? byId.get(id) === asked : byId.has(id)) return;
    byId.set(id, asked);
    cidrs.set(id, cidr);
    asked.ids.add(id);
    // The policy approves at once where somebody asks for their own WorkSpace.
    const { target, requester } = asked.ask;
    if (target.kind === 'own' || (target.kind === 'other' && target.owner === requester))
      witness.approved(id, cidr, 0);
    if (asked.startsAtMs !== undefined) witness.later(id, asked.startsAtMs);
    trace.note('request', { id, n: asked.ask.n });
  }

  async function insist(
    what: string,
    by: string,
    act: () => Promise<Delivery>,
  ): Promise<Delivery | undefined> {
    for (let left = TRIES; left > 0 && !over; left--) {
      let delivery: Delivery;
      try {
        delivery = await act();
      } catch (cause) {
        // A person cannot press a button that is gone.
        trace.note('cannot', { what, by, why: String(cause).slice(0, 200) });
        return undefined;
      }
      lastMs = Date.now();
      const failed = delivery.failure ?? (TRY_LATER.test(delivery.ephemeral ?? '') ? 'not now' : undefined);
      trace.note(what, { by, ...(failed ? { failed } : {}) });
      // Only successes say how fast the bot is: a failure may have waited for AWS, Slack or Redis to come back.
      if (!failed) {
        pace.acknowledged(delivery.ackMs);
        return delivery;
      }
      counts.again += 1;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
    counts.givenUp += 1;
    return undefined;
  }

  function click(message: Message, viewer: string, button: Button, actionId: string, id: string): void {
    counts.clicks += 1;
    const press = () => {
      if (button === 'approve') {
        const cidr = cidrs.get(id);
        if (cidr) witness.approved(id, cidr);
      } else if (!['deny', 'extend', 'openNow'].includes(button)) witness.ended(id);
      return slack.person(viewer).press(message, actionId);
    };
    lastClick.set(viewer, { click: press, left: 2 });
    void insist(`click ${button} ${id}`, viewer, press);
  }

  /** The ask that a card is about. If the answer with the request's id was lost, person and address lead to the ask. */
  function askedFor(card: CardRead): Asked | undefined {
    const known =
      byId.get(card.id) ??
      (card.ask === undefined ? undefined : all.get(card.ask)) ??
      byId.get(followedIn(card) ?? '');
    if (known) return known;
    // A card names its own address first, and that of other requests of the person further below.
    const named = byUser.get(card.viewer)?.flatMap((asked) => {
      const at = placeOf(card, asked.ask.source);
      return at === undefined ? [] : [{ asked, at }];
    });
    return named?.toSorted((a, b) => b.at - a.at).at(-1)?.asked;
  }

  function sees(message: Message): void {
    const card = readCard(message);
    if (!card) return;
    lastMs = Date.now();
    const asked = askedFor(card);
    if (!asked) return;
    const { later: wanted } = asked.ask;
    const isMoved = wanted.kind === 'move' && placeOf(card, wanted.to) !== undefined;
    knows(card.id, asked, isMoved ? { cidr: cidrOf(wanted.to) } : {});
    // A copy keeps today's blocks, since an edit replaces the blocks of the message itself.
    const seen: Message = { ...message };
    const { viewer, id, buttons, version } = card;
    const { answer, later: wish } = asked.ask;
    if (buttons.approve && answer.kind !== 'nothing' && once(`${viewer} decides ${id} ${version}`)) {
      const button = answer.kind === 'approve' ? 'approve' : 'deny';
      later(answer.afterMs, () => click(seen, viewer, button, buttons[button] ?? '', id));
    }
    const isRequester = viewer === asked.userId;
    const { end, endOther, takeBack, extend, move, openNow } = buttons;
    // More time that is approved when the access is over waits for its requester.
    if (openNow && isRequester && once(`opens late ${id}`))
      later(FORM_MS, () => click(seen, viewer, 'openNow', openNow, id));
    const { manual } = asked.ask;
    if (manual.kind === 'remove' && end && isRequester && once(`removes ${id}`))
      later(manual.afterMs, () => manualChanges.removeRuleOf(id));
    if (wish.kind === 'nothing') return;
    if (wish.kind === 'take-back' && takeBack && once(`takes back ${id}`))
      later(wish.afterMs, () => click(seen, viewer, 'takeBack', takeBack, id));
    if (end && isRequester && wish.kind === 'end' && once(`ends ${id}`))
      later(wish.afterMs, () => click(seen, viewer, 'end', end, id));
    // Once for each ask: what was extended is not extended again and again.
    if (extend && isRequester && wish.kind === 'extend' && once(`extends #${asked.ask.n}`))
      later(wish.afterMs, () => click(seen, viewer, 'extend', extend, id));
    if (move && isRequester && wish.kind === 'move' && once(`moves #${asked.ask.n}`))
      later(wish.afterMs, () =>
        insist(`move ${id}`, viewer, () => slack.person(viewer).command(`move ${id} ${wish.to}`)),
      );
    if (endOther && !isRequester && wish.kind === 'end-by-approver' && once(`ends ${id}`))
      later(wish.afterMs, () => click(seen, viewer, 'endOther', endOther, id));
  }

  /** The requester's card says which request came of the form. */
  async function askLater(asked: Asked, startsInMs: number): Promise<void> {
    const { ask, userId } = asked;
    const workspaceId = targetOf(company, ask) || (company.requesters[ask.requester]?.workspaceId ?? '');
    const typed = { n: ask.n, userId, startsInMs, workspaceId, source: ask.source, reason: reasonOf(ask.n) };
    counts.asked += 1;
    const chosen = (startsAtMs: number) => {
      asked.startsAtMs = startsAtMs;
      lastStartMs = Math.max(lastStartMs, startsAtMs);
    };
    const sent = await inTurn(userId, () => askByForm(slack, typed, insist, chosen)).catch(String);
    const isSent = typeof sent === 'object' && sent.ephemeral === undefined;
    if (isSent) counts.sent += 1;
    else
      trace.note('not asked', { n: ask.n, answer: String(typeof sent === 'object' ? sent.ephemeral : sent) });
  }

  const stopSlack = slack.onEvent((event) => {
    if (event.type === 'message' && event.message.user === slack.world.app.botUserId) sees(event.message);
    if (event.type === 'view' && event.view.open && event.view.view.type === 'modal') {
      const { view } = event;
      const sent = [VIEW.deny, VIEW.end].find((form) => form === view.view.callback_id);
      if (!sent || !once(`sends ${view.id}`)) return;
      later(FORM_MS, () => insist(sent, view.userId, () => slack.person(view.userId).submit(view)));
    }
    if (event.type === 'ephemeral' && TRY_LATER.test(event.message.text)) {
      const user = event.message.ephemeralTo ?? '';
      const last = lastClick.get(user);
      if (!last || last.left-- <= 0) return;
      later(TRY_AGAIN_MS, () => insist('click again', user, last.click));
    }
  });

  return {
    counts,
    lastMs: () => Math.max(lastMs, lastStartMs),
    async ask(ask) {
      const { userId, workspaceId } = requesterOf(company, ask);
      const cidr = cidrOf(ask.source);
      const asked: Asked = { ask, userId, cidr, ids: new Set() };
      all.set(ask.n, asked);
      byUser.set(userId, [...(byUser.get(userId) ?? []), asked]);
      if (ask.manual.kind === 'twin' && workspaceId) manualChanges.addTwin(workspaceId, cidr);
      if (ask.startsInMs !== undefined) return askLater(asked, ask.startsInMs);
      const target = targetOf(company, ask);
      const line = `${target} ${ask.source} ${ask.durationMs / 1000}s ${reasonOf(ask.n)}`.trim();
      counts.asked += 1;
      const answer = await insist(`ask #${ask.n}`, userId, () => slack.person(userId).command(line));
      const id = idIn(answer?.ephemeral ?? '');
      if (id) {
        counts.sent += 1;
        knows(id, asked, { anew: true });
      } else trace.note('not asked', { n: ask.n, answer: answer?.ephemeral ?? 'none' });
    },
    lost(recorded) {
      const kept = new Map(recorded.map((request) => [request.id, request]));
      const problems = [...all.values()].flatMap(({ ask, ids }) => [
        ...(ids.size === 0 ? [`ask #${ask.n} became no request`] : []),
        ...[...ids].filter((id) => !kept.has(id)).map((id) => `${id} is in no record`),
        ...[...ids]
          .filter((id) => ask.answer.kind !== 'nothing' && isUnanswered(kept.get(id)))
          .map((id) => `${id} lapsed, though somebody was there to answer`),
      ]);
      return counts.givenUp > 0 ? [...problems, `${counts.givenUp} times somebody gave up`] : problems;
    },
    stop() {
      over = true;
      stopSlack();
    },
  };
}

/** A source as the schedule draws it, as a CIDR block. */
function cidrOf(source: string): string {
  return source.includes('/') ? source : `${source}/32`;
}

/** A request that follows another one lapses with that one, whoever is there to answer. */
function isUnanswered(request: Recorded | undefined): boolean {
  return request?.phase.state === 'lapsed' && !request.ask.follows;
}

function requesterOf(company: Company, { requester, target }: Ask): { userId: string; workspaceId?: string } {
  const workspace =
    target.kind === 'other' ? company.requesters[target.owner] : company.requesters[requester];
  const userId = company.requesters[requester]?.userId ?? '';
  if (target.kind === 'directory' || !workspace) return { userId };
  return { userId, workspaceId: workspace.workspaceId };
}

/** The target as a person types it: nothing for their own WorkSpace. */
function targetOf(company: Company, { target }: Ask): string {
  switch (target.kind) {
    case 'own':
      return '';
    case 'other':
      return company.requesters[target.owner]?.workspaceId ?? '';
    case 'directory':
      return company.smallDirectoryId;
  }
}

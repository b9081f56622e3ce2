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
import { type Button, type CardRead, idIn, placeOf, readCard, reasonOf } from './cards.js';
import type { Ask } from './drawn/asks.js';
import { type Asked, blockOf, knownAsks } from './known-asks.js';
import type { ManualChanges } from './manual-changes.js';
import type { Pace } from './pace.js';
import type { Trace } from './trace.js';
import { type Company, requesterOf, targetOf } from './world.js';

export interface People {
  /** Types the command; resolves when the person has an answer or gave up. */
  ask(ask: Ask): Promise<void>;
  /** How many asks nobody has seen a card of yet that says more than that the request is checked. */
  unseen(): number;
  /** When anybody last did or saw something, or the latest time at which access is to open; epoch milliseconds. */
  lastMs(): number;
  /** `again`: how often somebody had to type or click a second time. */
  readonly counts: { asked: number; sent: number; givenUp: number; clicks: number; again: number };
  /**
   * A sentence for each ask that came to nothing, though nothing but the bot's own restarts was in the way.
   * @param recorded every request that Redis holds
   */
  lost(recorded: readonly Recorded[]): string[];
  stop(): void;
}

const TRIES = 4;
const TRY_AGAIN_MS = 1_500;
const FORM_MS = 300;
/** After how many milliseconds somebody presses a button again whose card still asks. */
const STILL_ASKS_MS = 4_000;
/** The words by which a person sees that the bot could not do what they clicked. */
const TRY_LATER =
  /Not sent|Not done|could not confirm|storage is unreachable|went wrong|slow down|three seconds/;

export function createPeople(
  town: Town,
  run: { company: Company; witness: Witness; manualChanges: ManualChanges; trace: Trace; pace: Pace },
): People {
  const { slack } = town;
  const { company, witness, manualChanges, trace, pace } = run;
  const known = knownAsks(witness, trace);
  const done = new Set<string>();
  const unseen = new Set<number>();
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
        const cidr = known.cidrOf(id);
        if (cidr) witness.approved(id, cidr);
      } else if (!['deny', 'extend', 'openNow'].includes(button)) witness.ended(id);
      return slack.person(viewer).press(message, actionId);
    };
    lastClick.set(viewer, { click: press, left: 2 });
    void insist(`click ${button} ${id}`, viewer, press);
  }

  /** Presses again while the card asks: a click that was acknowledged is lost where Redis is away or the replica dies. */
  function pressWhileAsked(
    { ts }: Message,
    { viewer, id }: Pick<CardRead, 'viewer' | 'id'>,
    button: Button,
    left = TRIES,
  ): void {
    later(STILL_ASKS_MS, () => {
      const card = slack.dm(viewer).find((message) => message.ts === ts);
      const actionId = card && readCard(card)?.buttons[button];
      if (!card || !actionId || left === 0) return;
      click({ ...card }, viewer, button, actionId, id);
      pressWhileAsked(card, { viewer, id }, button, left - 1);
    });
  }

  function sees(message: Message): void {
    const card = readCard(message);
    if (!card) return;
    lastMs = Date.now();
    const asked = known.askedFor(card);
    if (!asked) return;
    if (!message.text.startsWith('Checking')) unseen.delete(asked.ask.n);
    const { answer, later: wish, manual } = asked.ask;
    const isMoved = wish.kind === 'move' && placeOf(card, wish.to) !== undefined;
    known.learn(card.id, asked, isMoved ? { cidr: blockOf(wish.to) } : {});
    // A copy keeps today's blocks, since an edit replaces the blocks of the message itself.
    const seen: Message = { ...message };
    const { viewer, id, buttons, version } = card;
    if (buttons.approve && answer.kind !== 'nothing' && once(`${viewer} decides ${id} ${version}`)) {
      const button = answer.kind === 'approve' ? 'approve' : 'deny';
      later(answer.afterMs, () => {
        click(seen, viewer, button, buttons[button] ?? '', id);
        pressWhileAsked(seen, card, button);
      });
    }
    const isRequester = viewer === asked.userId;
    const { end, endOther, takeBack, extend, move, openNow } = buttons;
    // More time that is approved when the access is over waits for its requester.
    if (openNow && isRequester && once(`opens late ${id}`))
      later(FORM_MS, () => {
        click(seen, viewer, 'openNow', openNow, id);
        pressWhileAsked(seen, card, 'openNow');
      });
    if (manual.kind === 'remove' && end && isRequester && once(`removes ${id}`))
      later(manual.afterMs, () => manualChanges.removeRuleOf(id));
    if (wish.kind === 'nothing') return;
    if (wish.kind === 'take-back' && takeBack && once(`takes back ${id}`))
      later(wish.afterMs, () => click(seen, viewer, 'takeBack', takeBack, id));
    if (end && isRequester && wish.kind === 'end' && once(`ends ${id}`))
      later(wish.afterMs, () => click(seen, viewer, 'end', end, id));
    // Once for each ask: access that was extended is not extended again and again.
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
    for (let left = TRIES; left > 0 && !over; left--) {
      const sent = await inTurn(userId, () => askByForm(slack, typed, insist, chosen)).catch(String);
      const answer = typeof sent === 'object' ? sent.ephemeral : String(sent);
      if (answer === undefined) {
        counts.sent += 1;
        return;
      }
      trace.note('not asked', { n: ask.n, answer });
      // A form that did not come whole on a slow machine was not sent, nor was one whose time had passed by then.
      if (!/not seen within|has passed/.test(answer)) break;
      counts.again += 1;
    }
    unseen.delete(ask.n);
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
    unseen: () => unseen.size,
    lastMs: () => Math.max(lastMs, lastStartMs),
    async ask(ask) {
      const { userId, workspaceId } = requesterOf(company, ask);
      const asked = known.add(ask, userId);
      unseen.add(ask.n);
      if (ask.manual.kind === 'twin' && workspaceId) manualChanges.addTwin(workspaceId, asked.cidr);
      if (ask.startsInMs !== undefined) return askLater(asked, ask.startsInMs);
      const target = targetOf(company, ask);
      const line = `${target} ${ask.source} ${ask.durationMs / 1000}s ${reasonOf(ask.n)}`.trim();
      counts.asked += 1;
      const answer = await insist(`ask #${ask.n}`, userId, () => slack.person(userId).command(line));
      const id = idIn(answer?.ephemeral ?? '');
      if (id) {
        counts.sent += 1;
        known.learn(id, asked, { anew: true });
        return;
      }
      unseen.delete(ask.n);
      trace.note('not asked', { n: ask.n, answer: answer?.ephemeral ?? 'none' });
    },
    lost(recorded) {
      const problems = known.lost(recorded);
      return counts.givenUp > 0 ? [...problems, `${counts.givenUp} times somebody gave up`] : problems;
    },
    stop() {
      over = true;
      stopSlack();
    },
  };
}

/**
 * The people of the trials with few people. Each person acts, looks for the result, and acts again if the bot died
 * meanwhile and nothing shows that the action was heard.
 */
import { answerTo } from '../../sandbox/slack/people/answer.js';
import { plain } from '../../sandbox/slack/reading/plain.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import type { Town } from '../../sandbox/town.js';
import { type PersonName, people } from '../../sandbox/world.js';
import { fillRequestForm, requestFormOf, sendRequestForm } from '../request-form.js';
import { claimOf } from '../witness/posted.js';

/** Thrown when an awaited result does not show before the deadline. */
export class Stuck extends Error {}

const ID = /\b[2-9A-HJ-NP-Z]{5}\b/;
const APPROVE = /^Approve/;
/** How long somebody waits for a result before they look again or act again. */
const PATIENCE_MS = 1_200;

/** One person's request and its approver. */
export interface Wish {
  requester: PersonName;
  approver: PersonName;
  /** The text after the slash command. */
  text: string;
}

/** A request for access some seconds later, from an address of its own. */
export interface LaterWish extends Wish {
  workspaceId: string;
  source: string;
  startsInMs: number;
  reason: string;
}

/** @param deadline when everybody gives up */
export function peopleOf({ slack }: Pick<Town, 'slack'>, deadline: { atMs: number }) {
  const read = (message: Message, name: PersonName) => plain(message, slack.world, people[name]);
  const cards = (name: PersonName, id: string) =>
    slack
      .dm(people[name])
      .map((message) => ({ message, text: read(message, name) }))
      .filter(({ text }) => new RegExp(` [·→] ${id}`).test(text.split('\n')[0] ?? ''));

  /** Looks after each event. @returns false if `look` sees nothing within `ms` milliseconds */
  async function shows(look: () => boolean, ms = PATIENCE_MS): Promise<boolean> {
    const seen = await slack
      .until(look, Math.max(1, Math.min(ms, deadline.atMs - Date.now())))
      .catch(() => false);
    return seen !== false;
  }

  async function untilSo(what: string, isSo: () => boolean, act: () => Promise<unknown>): Promise<void> {
    while (!isSo()) {
      if (Date.now() > deadline.atMs) throw new Stuck(`never: ${what}`);
      await shows(() => slack.connected() > 0, 30_000);
      if (!isSo()) await act();
      await shows(isSo);
    }
  }

  function button(text: string, label: RegExp): string | undefined {
    return [...text.matchAll(/\[([^\]\n]+)\]/g)]
      .map(([, shown = '']) => shown)
      .find((one) => label.test(one));
  }

  /** Presses the button on the newest card that has one with such a label; does nothing without such a card. */
  async function press(name: PersonName, id: string, label: RegExp): Promise<void> {
    const card = cards(name, id).findLast(({ text }) => button(text, label));
    const shown = card && button(card.text, label);
    if (card && shown) await slack.person(people[name]).press(card.message, shown);
  }

  const isOver = (name: PersonName, id: string) => {
    const newest = cards(name, id).at(-1);
    const claims = newest && claimOf(newest.text)?.claims;
    return claims === 'gone' || claims === 'over';
  };
  const isOpen = (name: PersonName, id: string) => {
    const newest = cards(name, id).at(-1);
    return newest !== undefined && claimOf(newest.text)?.claims === 'open';
  };

  /** The person pressed a button, and was told that Redis has lost the request. */
  const isLost = (name: PersonName, id: string) =>
    slack
      .ephemerals(people[name])
      .some((message) => read(message, name).includes(`${id} was lost with my storage`));

  return {
    isLost,

    /** Sends the command. Without an answer, looks at the list, and asks again if the request is not on it. */
    async ask({ requester, text }: Wish): Promise<string> {
      let id: string | undefined;
      let inDoubt = false;
      await untilSo(
        `${requester}'s request is recorded`,
        () => id !== undefined,
        async () => {
          const said = answerTo(slack, people[requester], inDoubt ? 'list' : text, PATIENCE_MS);
          const answer = await said.catch(() => undefined);
          const isHeard = answer !== undefined && answer.delivery.failure === undefined;
          id = isHeard ? read(answer.message, requester).match(ID)?.[0] : undefined;
          // A person looks at their list before they ask again, since the first ask may have arrived.
          inDoubt = !isHeard;
        },
      );
      return id ?? '';
    },

    /**
     * Asks for access some seconds later, by the form. A person who sees no answer looks at the list before they ask
     * again.
     * @param before runs just before the form is sent, with the time that was chosen
     */
    async askLater(wish: LaterWish, before: (startsAtMs: number) => void): Promise<string> {
      const { requester, source, startsInMs, ...filled } = wish;
      const userId = people[requester];
      let id: string | undefined;
      let inDoubt = false;
      const isListed = async (): Promise<void> => {
        const answer = await answerTo(slack, userId, 'list', PATIENCE_MS);
        const line = new RegExp(`(${ID.source}) · [^\\n]* from ${source}`);
        id = line.exec(read(answer.message, requester))?.[1];
        inDoubt = answer.delivery.failure !== undefined;
      };
      const send = async (): Promise<void> => {
        // A form that a bot left behind when it died is in the way.
        for (const view of slack.person(userId).views()) await slack.person(userId).close(view);
        await slack.person(userId).command('');
        const view = await slack.until(() => requestFormOf(slack, userId), PATIENCE_MS);
        const startsAtMs = 1000 * Math.ceil((Date.now() + startsInMs) / 1000);
        await fillRequestForm(slack, view, { ...filled, source, startsAtMs });
        before(startsAtMs);
        inDoubt = true;
        await sendRequestForm(slack, view);
      };
      await untilSo(
        `${requester}'s request for later is recorded`,
        () => id !== undefined,
        // A form that does not come, or comes with parts missing, is opened again.
        () => (inDoubt ? isListed() : send()).catch(() => undefined),
      );
      return id ?? '';
    },

    /** Asks for more time or another address, again and again until there is an answer that names another request. */
    async follow({ requester }: Wish, id: string, typed: string): Promise<string> {
      let next: string | undefined;
      await untilSo(
        `what follows ${id} is recorded`,
        () => next !== undefined || isOver(requester, id),
        async () => {
          const said = answerTo(slack, people[requester], typed, PATIENCE_MS);
          const answer = await said.catch(() => undefined);
          const text = answer ? read(answer.message, requester) : '';
          next = [...text.matchAll(new RegExp(ID, 'g'))].map(([one]) => one).find((one) => one !== id);
        },
      );
      return next ?? '';
    },

    /** Waits until the approver has a card with Approve on it. */
    async isAsked({ approver }: Wish, id: string): Promise<void> {
      await untilSo(
        `${approver} is asked about ${id}`,
        () => newestWaits(approver, id),
        async () => {},
      );
    },

    /**
     * Presses Approve until the card shows the decision, or until the request turns out to be lost. `before` runs just
     * before each press.
     */
    async approve({ requester, approver }: Wish, id: string, before: () => void): Promise<void> {
      let pressed = false;
      const waits = () => cards(approver, id).some(({ text }) => button(text, APPROVE));
      await untilSo(
        `${approver} decides ${id}`,
        () =>
          (pressed && !newestWaits(approver, id)) ||
          isOver(requester, id) ||
          isOpen(requester, id) ||
          isLost(approver, id),
        async () => {
          if (!waits() && !(await shows(waits))) return;
          before();
          pressed = true;
          await press(approver, id, APPROVE);
        },
      );
    },

    /** Waits until the request has opened or is over. */
    async opens({ requester }: Wish, id: string): Promise<'open' | 'over'> {
      await untilSo(
        `${id} is open or over`,
        () => isOpen(requester, id) || isOver(requester, id),
        async () => {},
      );
      return isOpen(requester, id) ? 'open' : 'over';
    },

    /** Presses End now until the request is over. `before` runs just before each press. */
    async end({ requester }: Wish, id: string, before: () => void): Promise<void> {
      await untilSo(
        `${id} ends`,
        () => isOver(requester, id),
        async () => {
          before();
          await press(requester, id, /^End now/);
        },
      );
    },

    async waitsForTheEnd({ requester }: Wish, id: string): Promise<void> {
      await untilSo(
        `${id} is over`,
        () => isOver(requester, id),
        async () => {},
      );
    },

    /** The messages in a person's conversation with the bot, for a report. */
    reads: (name: PersonName) => slack.dm(people[name]).map((message) => read(message, name)),
  };

  function newestWaits(name: PersonName, id: string): boolean {
    const newest = cards(name, id).at(-1);
    return newest !== undefined && button(newest.text, APPROVE) !== undefined;
  }
}

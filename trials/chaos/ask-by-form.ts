/** Asks by the form, for access some seconds later: a command's time has whole minutes. */

import type { SlackTown } from '../../sandbox/slack/slack-town.js';
import type { Delivery } from '../../sandbox/slack/state/mail.js';
import { type Filled, fillRequestForm, requestFormOf, sendRequestForm } from '../request-form.js';

/** How long somebody waits for the form: Slack lets the bot open it for three seconds after the command. */
const FORM_MS = 3_000;

/** Does something as a person does, who tries again a few times. Answers undefined where the person gave up. */
export type Insist = (
  what: string,
  by: string,
  act: () => Promise<Delivery>,
) => Promise<Delivery | undefined>;

/** Lets each person do one thing after the other, since two open forms of one person would be taken for each other. */
export function oneAtATime(): <T>(userId: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (userId, act) => {
    const turn = (last.get(userId) ?? Promise.resolve()).then(act);
    last.set(
      userId,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

/**
 * Opens the form, fills it in and sends it. The requester's card says later which request came of the form.
 * @param chosen is called with the time that was chosen, before the form is sent
 * @throws where the form does not come, or comes with parts missing: nothing was sent then, and people ask again
 */
export async function askByForm(
  slack: SlackTown,
  ask: Omit<Filled, 'startsAtMs'> & { n: number; userId: string; startsInMs: number },
  insist: Insist,
  chosen: (startsAtMs: number) => void,
): Promise<Delivery | undefined> {
  const { n, userId, startsInMs, ...filled } = ask;
  const before = requestFormOf(slack, userId);
  await insist(`ask #${n} by the form`, userId, () => slack.person(userId).command(''));
  const another = () => {
    const view = requestFormOf(slack, userId);
    return view?.id !== before?.id && view;
  };
  const view = await slack.until(another, FORM_MS, 'the form');
  const startsAtMs = 1000 * Math.ceil((Date.now() + startsInMs) / 1000);
  chosen(startsAtMs);
  await fillRequestForm(slack, view, { ...filled, startsAtMs });
  return insist(`ask #${n}`, userId, () => sendRequestForm(slack, view));
}

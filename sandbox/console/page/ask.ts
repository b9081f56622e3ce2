/** Asks the sandbox to do something, and shows Slack's warning or the reason of a refusal for a moment. */
import type { Answer } from '../shown/shapes.js';
import type { Act } from '../web/acts.js';
import { byId, h } from './dom.js';

type Wish = { id: string; on: boolean; target?: string; source?: string };

export const act = (done: Act): Promise<Answer> => post('/act', done);
export const weather = (wish: Wish): Promise<Answer> => post('/weather', wish);

async function post(path: string, body: unknown): Promise<Answer> {
  const answer = await sent(path, body);
  if (!answer.ok) toast(answer.sentence);
  return answer;
}

async function sent(path: string, body: unknown): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: Answer = await response.json();
    return answer;
  } catch {
    return { ok: false, sentence: 'The sandbox does not answer. Is npm run sandbox still running?' };
  }
}

const TOAST_MS = 7_000;

export function toast(sentence: string): void {
  const shown = h('div', { class: 'toast' }, sentence);
  byId('toasts').append(shown);
  setTimeout(() => shown.remove(), TOAST_MS);
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * Starts work once the work before is done, so that a form's actions arrive in the order in which somebody did them.
 */
export function inOrder<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work, work);
  turn = done;
  return done;
}

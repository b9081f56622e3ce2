/** Shows the guided tour: each step gives way to the next once it is done, and a visitor can leave at any time. */
import { putClearOf } from './beside.js';
import { byId, h, keepFocus } from './dom.js';
import { become } from './slack/people.js';
import { on, type Store, type Topic } from './store.js';
import { STEPS, type Step } from './tour-steps.js';

const LEFT = 'workspace-ssh sandbox: tour left';
/** The key in the session storage for the step on the screen, so that a reload in the middle goes on there. */
const WHERE = 'workspace-ssh sandbox: tour';
const WATCHED: Topic[] = ['me', 'messages', 'aws', 'weather', 'views', 'bot', 'unread'];

export function showTour(store: () => Store, composer: { put(text: string): void }): void {
  const box = byId('tour');
  const again = byId('tour-again');
  const newest = (): number =>
    Math.max(0, ...[...store().messages.values()].flat().map(({ ts }) => Number(ts)));
  const { startedAtMs } = store().town;
  const [town, ...where] = sessionStorage.getItem(WHERE)?.split(' ').map(Number) ?? [];
  const isUnderWay = town === startedAtMs;
  let [at = 0, sinceTs = newest()] = isUnderWay ? where : [];
  const wish = new URLSearchParams(location.search).get('tour');
  // The tour begins as Jane, so it does not start in a window that was opened as somebody else.
  const isFor = wish === 'on' || isUnderWay || store().me.name === 'jane';
  let isOn = isFor && wish !== 'off' && localStorage.getItem(LEFT) === null;

  const leave = (): void => {
    isOn = false;
    localStorage.setItem(LEFT, 'yes');
    sessionStorage.removeItem(WHERE);
    // The focus moves only if it was in the tour.
    const hadFocus = box.contains(document.activeElement);
    draw();
    if (hadFocus) again.focus();
  };
  const go = (step: number): void => {
    at = step;
    turnTo(STEPS[at]);
    if (at >= STEPS.length) leave();
    else draw();
  };
  again.addEventListener('click', () => {
    localStorage.removeItem(LEFT);
    isOn = true;
    sinceTs = newest();
    const jane = store().town.people.find(({ name }) => name === 'jane');
    if (jane) become(store(), jane);
    go(0);
  });
  const draw = (): void => {
    const step = isOn ? STEPS[at] : undefined;
    for (const marked of document.querySelectorAll('.is-pointed')) marked.classList.remove('is-pointed');
    box.hidden = step === undefined;
    again.hidden = step !== undefined;
    if (!step) return;
    sessionStorage.setItem(WHERE, `${startedAtMs} ${at} ${sinceTs}`);
    const pointed = step.points === undefined ? null : document.querySelector(step.points);
    pointed?.classList.add('is-pointed');
    const nodes = card(step, at, step.types?.(store()), {
      leave,
      next: () => go(at + 1),
      put: composer.put,
    });
    keepFocus(() => box.replaceChildren(...nodes));
    putClearOf(box, pointed);
  };
  window.addEventListener('resize', draw);
  on(WATCHED, () => {
    if (!isOn) return;
    const wasAt = at;
    while (STEPS[at]?.isDone(store(), sinceTs)) at += 1;
    if (at >= STEPS.length) return leave();
    if (at !== wasAt) turnTo(STEPS[at]);
    // The outlined element may have been made anew, without its outline.
    if (at !== wasAt || !document.querySelector('.is-pointed')) draw();
  });
  draw();
}

/** Shows the tab with the element that a step points at. */
function turnTo(step: Step | undefined): void {
  const panel = document.querySelector(step?.points ?? 'body')?.closest('[role=tabpanel][hidden]');
  const tab = panel?.getAttribute('aria-labelledby');
  if (tab) byId(tab).click();
}

function card(
  step: Step,
  at: number,
  line: string | undefined,
  on: { leave(): void; next(): void; put(text: string): void },
): HTMLElement[] {
  const isLast = at === STEPS.length - 1;
  return [
    h('p', { class: 'tour-count' }, `Step ${at + 1} of ${STEPS.length}`),
    h('h2', {}, step.title),
    h('p', {}, step.text),
    ...(line === undefined ? [] : [h('p', {}, h('code', {}, line))]),
    h(
      'footer',
      {},
      button('leave', 'link', on.leave, 'Leave the tour'),
      line !== undefined && button('put', 'button', () => on.put(line), 'Type it for me'),
      button('next', isLast ? 'button primary' : 'button', on.next, isLast ? 'Done' : 'Next'),
    ),
  ];
}

function button(spot: string, look: string, onclick: () => void, words: string): HTMLElement {
  return h('button', { type: 'button', class: look, 'data-spot': `tour ${spot}`, onclick }, words);
}

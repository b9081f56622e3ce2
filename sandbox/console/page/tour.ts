/** The guided tour: six steps, each of which goes on by itself once it is done. It can be left at any time. */
import { byId, h } from './dom.js';
import { become } from './slack/people.js';
import { on, type Store, type Topic } from './store.js';
import { STEPS, type Step } from './tour-steps.js';

const LEFT = 'workspace-ssh sandbox: tour left';
/** Where one was, for a reload in the middle. */
const WHERE = 'workspace-ssh sandbox: tour';
const WATCHED: Topic[] = ['me', 'messages', 'aws', 'weather', 'views', 'bot'];

export function showTour(store: () => Store, composer: { put(text: string): void }): void {
  const box = byId('tour');
  const again = byId('tour-again');
  const newest = (): number =>
    Math.max(0, ...[...store().messages.values()].flat().map(({ ts }) => Number(ts)));
  const before = sessionStorage.getItem(WHERE)?.split(' ').map(Number);
  let [at = 0, sinceTs = newest()] = before ?? [];
  let isOn =
    new URLSearchParams(location.search).get('tour') !== 'off' && localStorage.getItem(LEFT) === null;

  const leave = (): void => {
    isOn = false;
    localStorage.setItem(LEFT, 'yes');
    sessionStorage.removeItem(WHERE);
    draw();
    again.focus();
  };
  const go = (step: number): void => {
    at = step;
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
    sessionStorage.setItem(WHERE, `${at} ${sinceTs}`);
    if (step.points) document.querySelector(step.points)?.classList.add('is-pointed');
    box.replaceChildren(
      ...card(step, at, step.types?.(store()), { leave, next: () => go(at + 1), put: composer.put }),
    );
  };
  on(WATCHED, () => {
    if (!isOn) return;
    const wasAt = at;
    while (STEPS[at]?.isDone(store(), sinceTs)) at += 1;
    if (at >= STEPS.length) return leave();
    // What it points at may have been made anew.
    if (at !== wasAt || !document.querySelector('.is-pointed')) draw();
  });
  draw();
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
      h('button', { type: 'button', class: 'link', onclick: on.leave }, 'Leave the tour'),
      line !== undefined &&
        h('button', { type: 'button', class: 'button', onclick: () => on.put(line) }, 'Type it for me'),
      h(
        'button',
        { type: 'button', class: isLast ? 'button primary' : 'button', onclick: on.next },
        isLast ? 'Done' : 'Next',
      ),
    ),
  ];
}

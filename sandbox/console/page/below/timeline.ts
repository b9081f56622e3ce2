/** Shows what happened between the bot, Slack, AWS and Redis, newest first. A line opens to show what was sent. */
import type { Lane, Line } from '../../shown/shapes.js';
import { clockTime } from '../clock.js';
import { byId, h, reconcile } from '../dom.js';
import { on, type Store } from '../store.js';
import { WORDS } from '../weather-words.js';

const LANES: [Lane, string][] = [
  ['slack', 'Slack'],
  ['aws', 'AWS'],
  ['redis', 'Redis'],
  ['bot', 'Bot'],
  ['visitor', 'You'],
];
const SHOWN = 250;

export function showTimeline(store: () => Store): void {
  const list = byId('lines');
  const wanted = new Set<Lane>(['slack', 'aws', 'bot', 'visitor']);
  let withRoutine = false;
  let words = '';
  const draw = (): void => {
    const { lines } = store();
    const found: Line[] = [];
    for (let index = lines.length - 1; index >= 0 && found.length < SHOWN; index--) {
      const line = lines[index];
      if (line && isWanted(line)) found.push(line);
    }
    reconcile(list, found, ({ id }) => String(id), lineNode);
    byId('no-lines').hidden = found.length > 0;
  };
  const isWanted = (line: Line): boolean => {
    const { lane, routine, way } = line;
    if (!wanted.has(lane) || (routine && !withRoutine)) return false;
    const { what, detail } = inWords(line);
    return words === '' || `${way} ${what} ${detail}`.toLowerCase().includes(words);
  };

  const toggle = (name: string, isOn: boolean, turn: (isOn: boolean) => void): HTMLElement => {
    const button = h('button', { type: 'button', class: 'filter', 'aria-pressed': String(isOn) }, name);
    button.addEventListener('click', () => {
      const next = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(next));
      turn(next);
      draw();
    });
    return button;
  };
  const search = h('input', {
    type: 'search',
    placeholder: 'Filter',
    'aria-label': 'Filter the time line',
    class: 'filter-text',
  });
  search.addEventListener('input', () => {
    words = search.value.trim().toLowerCase();
    draw();
  });
  byId('filters').append(
    ...LANES.map(([lane, name]) =>
      toggle(name, wanted.has(lane), (isOn) => {
        if (isOn) wanted.add(lane);
        else wanted.delete(lane);
      }),
    ),
    toggle('Routine', withRoutine, (isOn) => {
      withRoutine = isOn;
    }),
    search,
  );
  on(['lines'], draw);
}

function lineNode(line: Line): HTMLElement {
  const { id, at, lane, way, ms, outcome } = line;
  const { what, detail } = inWords(line);
  const payload = h('pre', { class: 'payload' });
  let isThere = false;
  const node = h(
    'details',
    {},
    h(
      'summary',
      {},
      h('time', { datetime: new Date(at).toISOString() }, stamp(at)),
      h('span', { class: 'way' }, way),
      h('strong', {}, what),
      h('span', { class: 'detail', title: detail }, detail),
      h('span', { class: 'ms' }, ms === undefined ? '' : `${ms} ms`),
      h(
        'span',
        { class: 'outcome', ...(outcome === 'bad' ? { role: 'img', 'aria-label': 'failed' } : {}) },
        { ok: '✓', bad: '✗', none: '' }[outcome],
      ),
    ),
    payload,
  );
  node.addEventListener('toggle', () => {
    if (!node.open || isThere) return;
    isThere = true;
    payload.textContent = '…';
    fetch(`/lines/${id}`)
      .then((response) => response.json())
      .then((content: unknown) => {
        payload.textContent = JSON.stringify(content, null, 2);
      })
      .catch(() => {
        isThere = false;
        payload.textContent = 'The sandbox does not answer.';
      });
  });
  return h('li', { class: `line lane-${lane} outcome-${outcome}`, 'data-what': what }, node);
}

/** The words of a line. A line about the visitor has the words on the weather's card. */
function inWords({ lane, what, detail }: Line): Pick<Line, 'what' | 'detail'> {
  const words = lane === 'visitor' ? WORDS.find(({ id }) => id === what) : undefined;
  if (!words) return { what, detail };
  const verb = detail === 'on' ? words.verbs[0] : detail === 'off' ? words.verbs[1] : detail;
  return { what: words.name, detail: verb };
}

/** A time with milliseconds: `14:05:09.123`. */
const stamp = (at: number): string => `${clockTime(at, true)}.${String(at % 1000).padStart(3, '0')}`;

/** Shows a card for each weather: the visitor makes it, and the card says whether the bot kept its promise. */
import type { Verdict, WeatherShown } from '../shown/shapes.js';
import { weather } from './ask.js';
import { byId, h, keepFocus } from './dom.js';
import { on, type Store } from './store.js';
import { type WeatherWords, WORDS } from './weather-words.js';

const VERDICTS: Record<Verdict['state'], string> = {
  watching: 'Watching',
  held: 'Held',
  broken: 'Not held',
  idle: 'Nothing to judge',
};

export function showWeather(store: () => Store): void {
  const list = byId('weather-list');
  const cards = new Map(WORDS.map((words) => [words.id, card(words, store)]));
  list.append(...[...cards.values()].map(({ node }) => node));
  const { sweepMs, workMs } = store().town;
  byId('sweep-words').textContent =
    `The bot looks at all rules every ${sweepMs / 1000} s here (a sweep; every 60 s usually), and ${workMs / 1000} s more are allowed for its work. A missing rule is noticed sooner here as well.`;
  on(['weather'], () => {
    const all = store().weather;
    for (const state of all) cards.get(state.id)?.show(state);
    drawStrip(store);
  });
  on(['aws'], () => {
    for (const { offer } of cards.values()) offer();
  });
  on(['bot'], () => drawStrip(store));
}

function card(words: WeatherWords, store: () => Store) {
  const verdict = h('p', { class: 'verdict' });
  const button = h(
    'button',
    { type: 'button', class: 'button', 'data-spot': `weather ${words.id}` },
    words.verbs[0],
  );
  const target =
    words.asks === undefined
      ? undefined
      : h('select', {
          'aria-label': { rule: 'Which rule', group: 'Into which group', workspace: 'Which WorkSpace' }[
            words.asks
          ],
        });
  const source =
    words.asks === 'group'
      ? h('input', { type: 'text', value: '203.0.113.99/32', 'aria-label': 'From which address' })
      : undefined;
  let isOn = false;
  let judged: Verdict['state'] | undefined;
  button.addEventListener('click', () => {
    button.disabled = true;
    const wish = {
      id: words.id,
      on: words.kind === 'deed' || !isOn,
      ...(target?.value ? { target: target.value } : {}),
      ...(source?.value ? { source: source.value } : {}),
    };
    void weather(wish).finally(() => {
      button.disabled = false;
      // A disabled button loses the focus, and takes it back unless the visitor went on elsewhere.
      if (document.activeElement === null || document.activeElement === document.body) button.focus();
    });
  });
  const fields = [target, source].filter((field) => field !== undefined);
  const node = h(
    'li',
    { class: 'weather', 'data-weather': words.id },
    h('div', { class: 'weather-head' }, h('h3', {}, words.name), ...(fields.length === 0 ? [button] : [])),
    h('p', { class: 'promise' }, words.promise),
    fields.length > 0 && h('div', { class: 'weather-fields' }, ...fields, button),
    verdict,
  );
  return {
    node,
    show(state: WeatherShown) {
      isOn = state.on;
      // Screen readers get only new verdicts: the words under a verdict change every second.
      if (state.verdict && state.verdict.state !== judged)
        byId('weather-news').textContent =
          `${words.name}: ${VERDICTS[state.verdict.state]}. ${state.verdict.text}`;
      judged = state.verdict?.state;
      node.classList.toggle('is-on', isOn);
      if (words.kind === 'switch') {
        button.textContent = words.verbs[isOn ? 1 : 0];
        button.setAttribute('aria-label', `${button.textContent}: ${words.name}`);
      }
      verdict.className = `verdict ${state.verdict ? `verdict-${state.verdict.state}` : ''}`;
      verdict.replaceChildren(
        ...(state.verdict ? [h('strong', {}, VERDICTS[state.verdict.state]), ` ${state.verdict.text}`] : []),
      );
    },
    offer() {
      if (!target || words.asks === undefined) return;
      const options = offered(words.asks, store());
      const now = target.value;
      const before = [...target.options].map(({ value }) => value).join();
      if (before === options.map(([value]) => value).join()) return;
      keepFocus(() =>
        target.replaceChildren(...options.map(([value, text]) => h('option', { value }, text))),
      );
      if (options.some(([value]) => value === now)) target.value = now;
    },
  };
}

function offered(
  what: NonNullable<WeatherWords['asks']>,
  { rules, groups, workspaces }: Store,
): [string, string][] {
  switch (what) {
    case 'rule':
      return rules.size === 0
        ? [['', 'no rule is there']]
        : [...rules.values()].map(({ ruleId, cidr }) => [ruleId, `${cidr} · ${ruleId}`]);
    case 'group':
      return [...groups.values()].reverse().map(({ id, name }) => [id, `${name} · ${id}`]);
    case 'workspace':
      return [...workspaces.values()].map(({ id, userName }) => [id, `${id} · ${userName}`]);
  }
}

/** The ids of weather that is being switched off, since the strip may be drawn again before the switching is done. */
const ending = new Set<string>();

/** Shows the weather that is on above everything else, so that nobody wonders why nothing works. */
function drawStrip(store: () => Store): void {
  const { weather: all, bot } = store();
  const strip = byId('weather-strip');
  const active = all.filter((state) => state.on);
  strip.hidden = active.length === 0;
  byId('weather-count').textContent = active.length > 0 ? String(active.length) : '';
  const pill = byId('bot-state');
  pill.textContent = { starting: 'Bot is starting…', running: 'Bot is running', gone: 'Bot is gone' }[
    bot.state
  ];
  pill.className = `pill pill-${bot.state}`;
  keepFocus(() =>
    strip.replaceChildren(
      ...active.map((state) => {
        const words = WORDS.find(({ id }) => id === state.id);
        const end = h(
          'button',
          {
            type: 'button',
            class: 'strip-button',
            'data-spot': `strip ${state.id}`,
            disabled: ending.has(state.id),
          },
          words?.verbs[1] ?? 'Stop',
        );
        end.addEventListener('click', () => {
          ending.add(state.id);
          end.disabled = true;
          void weather({ id: state.id, on: false }).finally(() => {
            ending.delete(state.id);
            drawStrip(store);
            if (document.activeElement === null || document.activeElement === document.body)
              byId('weather-tab').focus();
          });
        });
        return h(
          'div',
          { class: 'strip' },
          h('strong', {}, words?.name ?? state.id),
          h('span', {}, state.verdict?.text ?? ''),
          end,
        );
      }),
    ),
  );
}

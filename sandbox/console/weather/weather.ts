/** Switches weather on and off, does deeds, and asks the judges again and again whether the promises hold. */
import type { WeatherShown } from '../shown/shapes.js';
import { DEEDS } from './deeds.js';
import type { Judge, Sky, Span, Wish } from './kinds.js';
import { SWITCHES } from './switches.js';

export interface Weather {
  shown(): WeatherShown[];
  /** Switches weather on or off, or does a deed. @returns what was done, in words. @throws an Error with a sentence */
  make(id: string, on: boolean, wish: Wish): Promise<string>;
  close(): void;
}

interface Going {
  shown: WeatherShown;
  span?: Span;
  judge?: Judge;
}

const LOOK_MS = 250;
const BOT_GONE = 'bot-killed';

export function createWeather(sky: Sky, changed: (weather: WeatherShown[]) => void): Weather {
  const going = new Map<string, Going>(
    [...SWITCHES, ...DEEDS].map(({ id }) => [id, { shown: { id, on: false } }]),
  );
  const shown = (): WeatherShown[] => [...going.values()].map((one) => one.shown);
  const look = (): void => {
    let news = false;
    for (const one of going.values()) {
      const { judge, shown: before } = one;
      if (!judge) continue;
      const verdict = judge(sky.now());
      // A verdict on weather that is over stays.
      if (!before.on && verdict.state !== 'watching') delete one.judge;
      if (verdict.text === before.verdict?.text && verdict.state === before.verdict.state) continue;
      one.shown = { ...before, verdict };
      news = true;
    }
    if (news) changed(shown());
  };
  const timer = setInterval(look, LOOK_MS);

  // A bot that ended by itself is judged like a killed bot, and the same switch starts it again.
  sky.keeper.onChange(({ state }) => {
    const isOn = going.get(BOT_GONE)?.shown.on === true;
    if (state === 'gone' && !isOn) begun(BOT_GONE);
    else if (state === 'running' && isOn) over(BOT_GONE);
    else return;
    changed(shown());
  });

  function begun(id: string): void {
    const span: Span = { fromMs: sky.now() };
    const judge = SWITCHES.find((one) => one.id === id)?.judge(sky, span);
    going.set(id, { span, ...(judge ? { judge } : {}), shown: { id, on: true, atMs: span.fromMs } });
  }

  function over(id: string): void {
    const state = going.get(id);
    if (!state?.shown.on) return;
    const toMs = sky.now();
    if (state.span) state.span.toMs = toMs;
    state.shown = { ...state.shown, on: false, atMs: toMs };
  }

  async function turn(id: string, on: boolean): Promise<string> {
    const found = SWITCHES.find((one) => one.id === id);
    const state = going.get(id);
    if (!found || !state) throw new Error(`There is no weather called ${id}.`);
    if (state.shown.on === on) throw new Error(on ? 'This is on already.' : 'This is off already.');
    if (on) {
      await found.begin(sky);
      if (!going.get(id)?.shown.on) begun(id);
    } else {
      await found.end(sky);
      over(id);
    }
    return on ? 'on' : 'off';
  }

  return {
    shown,
    async make(id, on, wish) {
      const deed = DEEDS.find((one) => one.id === id);
      let did: string;
      if (deed) {
        const done = deed.act(sky, wish);
        did = done.did;
        going.set(id, { judge: done.judge, shown: { id, on: false, atMs: sky.now() } });
      } else did = await turn(id, on);
      changed(shown());
      look();
      return did;
    },
    close: () => clearInterval(timer),
  };
}

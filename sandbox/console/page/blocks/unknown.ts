/** Draws what the page does not know instead of leaving it out, so that people and a test see it. */
import { h } from '../dom.js';

export function unknown(type: string, what: unknown): HTMLElement {
  return h(
    'div',
    { class: 'unknown', 'data-unknown': type },
    `The page does not know “${type}” yet: `,
    h('code', {}, JSON.stringify(what).slice(0, 300)),
  );
}

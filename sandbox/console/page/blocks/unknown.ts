/** What the page has no picture of is shown as such, and never left out: a test fails on it. */
import { h } from '../dom.js';

export function unknown(type: string, what: unknown): HTMLElement {
  return h(
    'div',
    { class: 'unknown', 'data-unknown': type },
    `The page does not know “${type}” yet: `,
    h('code', {}, JSON.stringify(what).slice(0, 300)),
  );
}

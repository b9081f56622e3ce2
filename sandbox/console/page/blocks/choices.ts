/** Draws radio buttons and checkboxes. */
import type { Element } from '../../../slack/block-kit/blocks.js';
import { h } from '../dom.js';
import { textNode } from './mrkdwn.js';
import type { Spot } from './spot.js';

export function choices(
  element: Extract<Element, { type: 'radio_buttons' | 'checkboxes' }>,
  spot: Spot,
): HTMLElement {
  const isRadio = element.type === 'radio_buttons';
  const { held, on, marks } = spot;
  const chosen = [held?.selected_option ?? [], held?.selected_options ?? []].flat().map(({ value }) => value);
  const name = marks['data-spot'];
  const boxes = element.options.map((option) => {
    const box = h('input', {
      type: isRadio ? 'radio' : 'checkbox',
      name,
      value: option.value,
      checked: chosen.includes(option.value),
      'data-spot': `${name} ${option.value}`,
    });
    const words = h(
      'span',
      {},
      textNode(option.text, on),
      option.description && h('small', {}, textNode(option.description, on)),
    );
    return { box, node: h('label', { class: 'choice' }, box, words) };
  });
  const group = h(
    'div',
    {
      role: isRadio ? 'radiogroup' : 'group',
      class: 'choices',
      ...(spot.isLabelled ? {} : { 'aria-label': isRadio ? 'Choose one' : 'Choose any' }),
    },
    ...boxes.map(({ node }) => node),
  );
  group.addEventListener('change', () => {
    const now = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    spot.chosen(isRadio ? (now[0] ?? null) : now);
  });
  return group;
}

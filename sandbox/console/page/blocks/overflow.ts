/** Draws an overflow menu: three dots that open a list of actions. */
import type { Element } from '../../../slack/block-kit/blocks.js';
import { putAt } from '../beside.js';
import { h } from '../dom.js';
import { confirmed } from './confirm.js';
import { follow } from './mrkdwn.js';
import type { Spot } from './spot.js';

export function overflow(element: Extract<Element, { type: 'overflow' }>, spot: Spot): HTMLElement {
  const { blockId, actionId, on, marks } = spot;
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'button dots',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'aria-label': 'More actions',
      ...marks,
    },
    '⋯',
  );
  const items = element.options.map((option) => {
    const item = h(
      'button',
      { type: 'button', role: 'menuitem', class: 'menu-item' },
      option.text.text,
      option.description && h('small', {}, option.description.text),
    );
    item.addEventListener('click', () => {
      close();
      // The focused menu is gone, so the focus goes to the three dots, where a confirmation later returns it.
      toggle.focus();
      void confirmed(element.confirm, on).then((yes) => {
        if (!yes) return;
        on.press(blockId, actionId, option.value);
        follow(option.url);
      });
    });
    return item;
  });
  const menu = h('div', { class: 'menu', role: 'menu', hidden: true }, ...items);
  const box = h('span', { class: 'overflow' }, toggle, menu);
  const close = (): void => {
    menu.hidden = true;
    toggle.setAttribute('aria-expanded', 'false');
    document.removeEventListener('click', closeOutside);
    document.removeEventListener('scroll', closeMoved, true);
  };
  // The menu floats over the page, and would stay where its message no longer is.
  const closeMoved = (event: Event): void => {
    if (event.target instanceof Node && event.target.contains(box)) close();
  };
  const closeOutside = (event: Event): void => {
    if (!(event.target instanceof Node) || !box.contains(event.target)) close();
  };
  toggle.addEventListener('click', () => {
    if (!menu.hidden) return close();
    menu.hidden = false;
    toggle.setAttribute('aria-expanded', 'true');
    document.addEventListener('click', closeOutside);
    document.addEventListener('scroll', closeMoved, true);
    putAt(menu, toggle);
    items[0]?.focus();
  });
  box.addEventListener('keydown', (event) => {
    if (menu.hidden) return;
    const at = items.findIndex((item) => item.matches(':focus'));
    if (event.key === 'Escape') {
      close();
      toggle.focus();
      event.stopPropagation();
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  });
  return box;
}

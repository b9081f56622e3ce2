/** Shows the dialog by which Slack confirms a button's action, where the app asks for one. */
import type { Confirmation } from '../../../slack/block-kit/blocks.js';
import { byId, h, stillThere } from '../dom.js';
import { on, type Store } from '../store.js';
import { type Reader, textNode } from './mrkdwn.js';

let dismiss: (() => void) | undefined;

/** Dismisses an open dialog when the page shows another person's Slack, or another place. */
export function showConfirm(store: () => Store): void {
  const where = (): string => `${store().me.id} ${store().place}`;
  let shownFor = where();
  on(['me'], () => {
    if (shownFor === where()) return;
    shownFor = where();
    dismiss?.();
  });
}

/** Resolves with whether the person confirmed the dialog; at once with true where there is no dialog. */
export function confirmed(dialog: Confirmation | undefined, reader: Reader): Promise<boolean> {
  if (!dialog) return Promise.resolve(true);
  const before = document.activeElement;
  return new Promise((resolve) => {
    const finish = (yes: boolean, isHere = true): void => {
      dismiss = undefined;
      layer.remove();
      if (isHere) stillThere(before)?.focus();
      resolve(yes);
    };
    const no = h(
      'button',
      { type: 'button', class: 'button', onclick: () => finish(false) },
      dialog.deny.text,
    );
    const look = dialog.style === 'danger' ? 'button danger' : 'button primary';
    const yes = h(
      'button',
      { type: 'button', class: look, onclick: () => finish(true) },
      dialog.confirm.text,
    );
    const layer = h(
      'div',
      { class: 'layer confirm-layer' },
      h(
        'div',
        {
          class: 'modal confirm',
          role: 'alertdialog',
          'aria-modal': 'true',
          'aria-labelledby': 'confirm-title',
          'aria-describedby': 'confirm-text',
        },
        h('h2', { id: 'confirm-title' }, dialog.title.text),
        h('p', { id: 'confirm-text' }, textNode(dialog.text, reader)),
        h('footer', {}, no, yes),
      ),
    );
    layer.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') finish(false);
      if (event.key !== 'Tab') return;
      event.preventDefault();
      (document.activeElement === no ? yes : no).focus();
    });
    dismiss?.();
    dismiss = () => finish(false, false);
    byId('slack').append(layer);
    yes.focus();
  });
}

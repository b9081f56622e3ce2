/** Draws elements of every kind that Slack has: buttons here, all others by the files beside this one. */
import type { Element } from '../../../slack/block-kit/blocks.js';
import { h } from '../dom.js';
import { choices } from './choices.js';
import { confirmed } from './confirm.js';
import { follow } from './mrkdwn.js';
import { overflow } from './overflow.js';
import { conversationSelect, externalSelect, staticSelect, userSelect } from './selects.js';
import type { Spot } from './spot.js';
import type { Surface } from './surface.js';
import { typedField } from './typed.js';
import { unknown } from './unknown.js';

interface InForm {
  isInput: boolean;
  dispatches: boolean;
}

export function elementNode(element: Element, blockId: string, on: Surface, form?: InForm): HTMLElement {
  const actionId = element.action_id ?? '';
  const key = `${on.name} ${blockId} ${actionId} ${element.type}`;
  const spot: Spot = {
    blockId,
    actionId,
    on,
    held: on.values[blockId]?.[actionId],
    marks: { 'data-spot': key },
    isLabelled: form !== undefined,
    chosen(value) {
      if (form) return on.entered(blockId, value);
      const asked = 'confirm' in element ? element.confirm : undefined;
      void confirmed(asked, on).then((yes) => yes && on.press(blockId, actionId, value));
    },
  };
  // The key spells the element and its place, so that an unchanged element keeps its control.
  return form?.isInput
    ? on.keep(`${key} ${JSON.stringify(element)}`, () => made(element, spot))
    : made(element, spot);
}

function made(element: Element, spot: Spot): HTMLElement {
  switch (element.type) {
    case 'button':
      return button(element, spot);
    case 'overflow':
      return overflow(element, spot);
    case 'static_select':
    case 'multi_static_select':
      return staticSelect(element, spot);
    case 'external_select':
    case 'multi_external_select':
      return externalSelect(element, spot);
    case 'users_select':
    case 'multi_users_select':
      return userSelect(element, spot);
    case 'conversations_select':
    case 'multi_conversations_select':
    case 'channels_select':
    case 'multi_channels_select':
      return conversationSelect(element, spot);
    case 'radio_buttons':
    case 'checkboxes':
      return choices(element, spot);
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return typedField(element, spot);
    default:
      return unknownElement(element);
  }
}

function unknownElement(element: never): HTMLElement {
  const { type }: { type?: unknown } = element;
  return unknown(String(type), element);
}

function button(
  element: Extract<Element, { type: 'button' }>,
  { blockId, actionId, on, marks }: Spot,
): HTMLElement {
  const look = element.style === undefined ? 'button' : `button ${element.style}`;
  const label = element.accessibility_label;
  const node = h(
    'button',
    { type: 'button', class: look, ...marks, ...(label ? { 'aria-label': label } : {}) },
    element.text.text,
  );
  node.addEventListener('click', () => {
    void confirmed(element.confirm, on).then((yes) => {
      if (!yes) return;
      on.press(blockId, actionId);
      follow(element.url);
    });
  });
  return node;
}

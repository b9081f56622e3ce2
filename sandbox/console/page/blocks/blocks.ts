/** Draws blocks of every kind that Slack has. */
import type { Block, InputBlock } from '../../../slack/block-kit/blocks.js';
import { type Child, h } from '../dom.js';
import { elementNode } from './elements.js';
import { textNode } from './mrkdwn.js';
import { richText } from './rich-text.js';
import type { Surface } from './surface.js';
import { unknown } from './unknown.js';

export const blockNodes = (blocks: readonly Block[], on: Surface): HTMLElement[] =>
  blocks.map((block) => blockNode(block, on));

function blockNode(block: Block, on: Surface): HTMLElement {
  switch (block.type) {
    case 'section':
      return section(block, on);
    case 'divider':
      return h('hr');
    case 'header':
      return h('h3', { class: 'block-header' }, textNode(block.text, on));
    case 'context':
      return h(
        'div',
        { class: 'block-context' },
        ...block.elements.map((one) =>
          one.type === 'image' ? image(one) : h('span', {}, textNode(one, on)),
        ),
      );
    case 'actions':
      return h(
        'div',
        { class: 'block-actions' },
        ...block.elements.map((element) => elementNode(element, block.block_id ?? '', on)),
      );
    case 'input':
      return input(block, on);
    case 'image':
      return h('figure', {}, block.title && h('figcaption', {}, textNode(block.title, on)), image(block));
    case 'rich_text':
      return richText(block.elements, on);
    default:
      return unknownBlock(block);
  }
}

/** Draws a block of an unknown kind. The compiler holds that no kind known to the pretend Slack gets here. */
function unknownBlock(block: never): HTMLElement {
  const { type }: { type?: unknown } = block;
  return unknown(String(type), block);
}

function section(block: Extract<Block, { type: 'section' }>, on: Surface): HTMLElement {
  const { accessory, block_id: id = '' } = block;
  const beside: Child =
    accessory && (accessory.type === 'image' ? image(accessory) : elementNode(accessory, id, on));
  const fields = block.fields?.map((field) => h('div', {}, textNode(field, on))) ?? [];
  return h(
    'div',
    { class: 'block-section' },
    h(
      'div',
      { class: 'section-text' },
      block.text && h('div', {}, textNode(block.text, on)),
      fields.length > 0 && h('div', { class: 'section-fields' }, ...fields),
    ),
    beside && h('div', { class: 'section-accessory' }, beside),
  );
}

/** Draws a picture's words only, since the sandbox fetches nothing from other machines. */
const image = ({ alt_text }: { alt_text: string }): HTMLElement =>
  h('span', { class: 'picture', role: 'img', 'aria-label': alt_text }, `[picture: ${alt_text}]`);

function input(block: InputBlock, on: Surface): HTMLElement {
  const id = block.block_id ?? '';
  const fieldId = `${on.name}-${id}`;
  const error = on.errors[id];
  const control = elementNode(block.element, id, on, {
    isInput: true,
    dispatches: block.dispatch_action === true,
  });
  const inner = control.matches('input, textarea, select')
    ? control
    : control.querySelector('input, textarea, select');
  const isGroup = control.getAttribute('role') === 'group' || control.getAttribute('role') === 'radiogroup';
  const described = [block.hint && `${fieldId}-hint`, error && `${fieldId}-error`].filter(Boolean).join(' ');
  const labelled = isGroup ? control : inner;
  if (isGroup) control.setAttribute('aria-labelledby', `${fieldId}-label`);
  else if (inner) inner.id = fieldId;
  labelled?.setAttribute('aria-describedby', described);
  labelled?.setAttribute('aria-invalid', String(error !== undefined));
  return h(
    'div',
    { class: error === undefined ? 'block-input' : 'block-input has-error', 'data-block': id },
    h(
      'label',
      { id: `${fieldId}-label`, ...(isGroup ? {} : { for: fieldId }) },
      block.label.text,
      block.optional ? h('span', { class: 'optional' }, ' (optional)') : undefined,
    ),
    control,
    error !== undefined && h('p', { class: 'field-error', id: `${fieldId}-error`, role: 'alert' }, error),
    block.hint && h('p', { class: 'field-hint', id: `${fieldId}-hint` }, textNode(block.hint, on)),
  );
}

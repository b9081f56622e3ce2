/** Describes Block Kit's blocks and views as Slack accepts them, and finds elements and options in them. */
import { z } from 'zod';
import { anyText, identifier, type Option, plainText, words } from './composition.js';
import { accessory, actionsElement, type Element, imageElement, inputElement } from './elements.js';

export type { Confirmation, Option, Text } from './composition.js';
export type { Element } from './elements.js';

const block = { block_id: identifier.optional() };

const section = z.strictObject({
  type: z.literal('section'),
  ...block,
  text: anyText(3000).optional(),
  fields: z.array(anyText(2000)).min(1).max(10).optional(),
  accessory: accessory.optional(),
  expand: z.boolean().optional(),
});
const contextElement = z.discriminatedUnion('type', [
  imageElement,
  ...anyText(3000).options, // Slack gives no smaller length for a context's text than for a section's
]);
const input = z.strictObject({
  type: z.literal('input'),
  ...block,
  label: plainText(2000),
  element: inputElement,
  dispatch_action: z.boolean().optional(),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
});

const anyBlock = z.discriminatedUnion('type', [
  section,
  z.strictObject({ type: z.literal('divider'), ...block }),
  z.strictObject({ type: z.literal('header'), ...block, text: plainText(150) }),
  z.strictObject({ type: z.literal('context'), ...block, elements: z.array(contextElement).min(1).max(10) }),
  z.strictObject({ type: z.literal('actions'), ...block, elements: z.array(actionsElement).min(1).max(25) }),
  input,
  imageElement.extend({ ...block, title: plainText(2000).optional() }),
  z.strictObject({
    type: z.literal('rich_text'),
    ...block,
    elements: z.array(z.looseObject({ type: words(255) })).min(1),
  }),
]);

export const messageBlocks = z.array(anyBlock).max(50);

const shared = {
  blocks: z.array(anyBlock).max(100),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};
const modal = z.strictObject({
  type: z.literal('modal'),
  ...shared,
  title: plainText(24),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  submit_disabled: z.boolean().optional(),
});
export const anyView = z.discriminatedUnion('type', [
  modal,
  z.strictObject({ type: z.literal('home'), ...shared }),
]);

export type Block = z.infer<typeof anyBlock>;
export type InputBlock = z.infer<typeof input>;
export type View = z.infer<typeof anyView>;

/** Names exactly one element on the screen, which an action_id alone does not: rows of a list share theirs. */
export interface Spot {
  blockId: string;
  actionId: string;
}

/** The elements of a block that a person can press, pick or type into. */
export function elementsOf(item: Block): Element[] {
  switch (item.type) {
    case 'actions':
      return item.elements;
    case 'input':
      return [item.element];
    case 'section':
      return item.accessory && item.accessory.type !== 'image' ? [item.accessory] : [];
    default:
      return [];
  }
}

/** Every option that an element lists in the block, groups included; none for options that the app is asked for. */
export function optionsOf(element: Element): Option[] {
  switch (element.type) {
    case 'static_select':
    case 'multi_static_select':
      return element.options ?? element.option_groups?.flatMap((group) => group.options) ?? [];
    case 'radio_buttons':
    case 'checkboxes':
    case 'overflow':
      return element.options;
    default:
      return [];
  }
}

/** Fills in the block_ids and action_ids that an app left out, as Slack does. */
export function withIds(blocks: Block[], newId: () => string): Block[] {
  const copies = structuredClone(blocks);
  for (const item of copies) {
    item.block_id ??= newId();
    for (const element of elementsOf(item)) element.action_id ??= newId();
  }
  return copies;
}

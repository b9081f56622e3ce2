/** Finds the element that a person means (by a button's words, a field's label) in the blocks on their screen. */
import {
  type Block,
  type Confirmation,
  type Element,
  elementsOf,
  type Option,
  optionsOf,
  type Spot,
} from '../block-kit/blocks.js';
import { plainOf } from '../reading/plain.js';
import type { FieldInput } from '../slack-town.js';
import type { Delivery } from '../state/mail.js';
import type { StateValue } from '../state/values.js';
import type { SlackWorld } from '../world.js';
import { enteredValue } from './entered-value.js';

export interface Found {
  block: Block;
  element: Element;
  /** The option whose text was named. */
  option?: Option;
}

/**
 * @param what an action_id, the words on a button, the text of an option, or the block_id or label of an input
 * @throws where nothing on the screen has that name, with a list of the names that there are
 */
export function findElement(blocks: Block[], what: string | Spot, world: SlackWorld): Found {
  const all = blocks.flatMap((block) => elementsOf(block).map((element) => ({ block, element })));
  if (typeof what !== 'string') {
    const there = all.find(
      ({ block, element }) => block.block_id === what.blockId && element.action_id === what.actionId,
    );
    if (there) return there;
    throw new Error('This is not there any more: the message or form has changed.');
  }
  const word = (text: { type: 'plain_text' | 'mrkdwn'; text: string }): string => plainOf(text, world);
  const byId = all.find(({ element }) => element.action_id === what);
  if (byId) return byId;
  const byWords = all.find(({ element }) => element.type === 'button' && word(element.text) === what);
  if (byWords) return byWords;
  for (const found of all) {
    const option = optionsOf(found.element).find((o) => word(o.text) === what);
    if (option) return { ...found, option };
  }
  const byBlock = all.find(
    ({ block }) => block.block_id === what || (block.type === 'input' && word(block.label) === what),
  );
  if (byBlock) return byBlock;
  const names = all.flatMap(({ block, element }) => [
    element.type === 'button' ? `[${word(element.text)}]` : (element.action_id ?? element.type),
    ...optionsOf(element).map((o) => word(o.text)),
    ...(block.type === 'input' ? [word(block.label)] : []),
  ]);
  throw new Error(`nothing here is called "${what}"; there is: ${names.join(', ') || 'nothing to press'}`);
}

/** The value that a press chooses: none for a button, and a choice for every other element. */
export function chosenIn(
  found: Found,
  choice: FieldInput | undefined,
  world: SlackWorld,
): Partial<StateValue> {
  const { element } = found;
  if (element.type === 'button') return {};
  const option = found.option ?? optionsOf(element).find(({ value }) => value === choice);
  if (element.type === 'overflow' && option) return { selected_option: option };
  const wanted = choice ?? option?.value;
  if (wanted === undefined || element.type === 'overflow')
    throw new Error(`say what to choose in the ${element.type}`);
  return enteredValue(element, wanted, world);
}

/** The words of the confirmation dialog that an element shows before its action. */
export function confirmationOf(element: Element, world: SlackWorld): Pick<Delivery, 'confirmed'> {
  const dialog: Confirmation | undefined = 'confirm' in element ? element.confirm : undefined;
  if (!dialog) return {};
  return {
    confirmed: {
      title: plainOf(dialog.title, world),
      text: plainOf(dialog.text, world),
      confirm: plainOf(dialog.confirm, world),
      deny: plainOf(dialog.deny, world),
    },
  };
}

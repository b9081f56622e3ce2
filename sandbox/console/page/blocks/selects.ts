/** Draws lists to choose from as the browser's own select, which works with the keyboard and with screen readers. */
import type { Element, Option } from '../../../slack/block-kit/blocks.js';
import { h } from '../dom.js';
import type { Spot } from './spot.js';

type Of<T extends Element['type']> = Extract<Element, { type: T }>;

interface Choice {
  value: string;
  text: string;
}

interface Group {
  label?: string;
  choices: Choice[];
}

const asChoice = ({ text, value }: Option): Choice => ({ text: text.text, value });

export function staticSelect(element: Of<'static_select' | 'multi_static_select'>, spot: Spot): HTMLElement {
  const groups = element.option_groups?.map(({ label, options }) => ({
    label: label.text,
    choices: options.map(asChoice),
  }));
  const held = [spot.held?.selected_option ?? [], spot.held?.selected_options ?? []]
    .flat()
    .map(({ value }) => value);
  return select(
    element.type,
    groups ?? [{ choices: (element.options ?? []).map(asChoice) }],
    held,
    element.placeholder?.text,
    spot,
  );
}

export function userSelect(element: Of<'users_select' | 'multi_users_select'>, spot: Spot): HTMLElement {
  const people = spot.on.town.people.filter(({ isBot }) => !isBot);
  const choices = people.map(({ id, realName, name }) => ({ value: id, text: `${realName} (@${name})` }));
  const initial =
    element.type === 'users_select' ? [element.initial_user ?? []].flat() : (element.initial_users ?? []);
  const { held } = spot;
  const now = held ? [held.selected_user ?? [], held.selected_users ?? []].flat() : initial;
  return select(element.type, [{ choices }], now, element.placeholder?.text ?? 'Select a person', spot);
}

export function conversationSelect(
  element: Of<
    'conversations_select' | 'multi_conversations_select' | 'channels_select' | 'multi_channels_select'
  >,
  spot: Spot,
): HTMLElement {
  const choices = spot.on.town.channels.map(({ id, name }) => ({ value: id, text: `#${name}` }));
  const { held } = spot;
  const now = [
    held?.selected_conversation ?? [],
    held?.selected_conversations ?? [],
    held?.selected_channel ?? [],
    held?.selected_channels ?? [],
  ].flat();
  return select(element.type, [{ choices }], now, element.placeholder?.text ?? 'Select a channel', spot);
}

function select(
  type: string,
  groups: Group[],
  held: readonly string[],
  placeholder: string | undefined,
  spot: Spot,
): HTMLElement {
  const isMulti = type.startsWith('multi_');
  const options = groups.flatMap(({ label, choices }) => {
    const nodes = choices.map(({ value, text }) =>
      h('option', { value, selected: held.includes(value) }, text),
    );
    return label === undefined ? nodes : [h('optgroup', { label }, ...nodes)];
  });
  const empty = isMulti ? [] : [h('option', { value: '' }, placeholder ?? 'Choose an option')];
  const node = h(
    'select',
    {
      multiple: isMulti,
      ...(spot.isLabelled ? {} : { 'aria-label': placeholder ?? 'Choose an option' }),
      ...spot.marks,
    },
    ...empty,
    ...options,
  );
  if (isMulti) node.size = Math.min(6, Math.max(2, options.length));
  node.addEventListener('change', () => {
    const chosen = [...node.selectedOptions].map(({ value }) => value).filter((value) => value !== '');
    spot.chosen(isMulti ? chosen : (chosen[0] ?? null));
  });
  return node;
}

/** Draws a select whose options the app offers while somebody types. */
export function externalSelect(
  element: Of<'external_select' | 'multi_external_select'>,
  spot: Spot,
): HTMLElement {
  const isMulti = element.type === 'multi_external_select';
  const listId = `offers-${spot.marks['data-spot'].replaceAll(' ', '-')}`;
  const list = h('datalist', { id: listId });
  const held = [spot.held?.selected_option ?? [], spot.held?.selected_options ?? []].flat();
  const node = h('input', {
    type: 'text',
    list: listId,
    autocomplete: 'off',
    value: held.map(({ text }) => text.text).join(', '),
    placeholder: element.placeholder?.text ?? 'Type to search',
    ...(spot.isLabelled ? {} : { 'aria-label': element.placeholder?.text ?? 'Type to search' }),
    ...spot.marks,
  });
  let offered: Choice[] = [];
  const taken = (): void => {
    const found = offered.find(({ text }) => text === node.value);
    if (found) spot.chosen(isMulti ? [found.text] : found.text);
    else if (node.value === '') spot.chosen(isMulti ? [] : null);
  };
  node.addEventListener('input', () => {
    if (offered.some(({ text }) => text === node.value)) return taken();
    const query = node.value;
    void spot.on.suggest(spot.blockId, query).then((options) => {
      if (node.value !== query) return;
      offered = options;
      list.replaceChildren(...options.map(({ text }) => h('option', { value: text })));
    });
  });
  node.addEventListener('change', taken);
  return h('span', { class: 'external' }, node, list);
}

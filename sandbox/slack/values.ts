/** What one element of a form holds at first, after somebody typed into it, and what Slack itself says against it before the app hears of it. */
import type { Element, InputBlock, Option } from './block-kit.js';
import { optionsOf } from './check-blocks.js';
import { plainOf } from './plain.js';
import type { FieldInput, SlackWorld, StateValue } from './types.js';

/** @returns undefined for what holds no value: buttons and overflow menus. */
export function initialValue(element: Element): StateValue | undefined {
  const { type } = element;
  switch (element.type) {
    case 'button':
    case 'overflow':
      return undefined;
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: element.initial_option ?? null };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: element.initial_options ?? [] };
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null };
    case 'multi_users_select':
      return { type, selected_users: element.initial_users ?? [] };
    case 'conversations_select':
      return { type, selected_conversation: element.initial_conversation ?? null };
    case 'multi_conversations_select':
      return { type, selected_conversations: element.initial_conversations ?? [] };
    case 'channels_select':
      return { type, selected_channel: element.initial_channel ?? null };
    case 'multi_channels_select':
      return { type, selected_channels: element.initial_channels ?? [] };
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null };
    case 'timepicker':
      return { type, selected_time: element.initial_time ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: element.initial_date_time ?? null };
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return { type, value: element.initial_value ?? null };
  }
}

/**
 * What the element holds after a person typed or chose `input`.
 * @param offered the options of an external select, which the app gave for what was typed
 * @throws when the screen offers no such thing: a person cannot choose it either
 */
export function enteredValue(
  element: Element,
  input: FieldInput,
  world: SlackWorld,
  offered: Option[] = optionsOf(element),
): StateValue {
  const { type } = element;
  const all = input === null ? [] : Array.isArray(input) ? input : [String(input)];
  const [first] = all;
  const option = (wanted: string): Option => {
    const found = offered.find((o) => o.value === wanted || plainOf(o.text, world) === wanted);
    if (found) return found;
    const texts = offered.map((o) => plainOf(o.text, world)).join(' | ');
    throw new Error(`no option "${wanted}" is offered, only: ${texts || 'nothing'}`);
  };
  const user = (wanted: string): string => {
    const handle = wanted.replace(/^@/, '');
    const found = world.users.find((u) => u.id === wanted || u.name === handle || u.realName === wanted);
    if (!found || found.deleted) throw new Error(`nobody to choose is called "${wanted}"`);
    return found.id;
  };
  const channel = (wanted: string): string => {
    const found = world.channels.find((c) => c.id === wanted || c.name === wanted.replace(/^#/, ''));
    if (!found) throw new Error(`no channel is called "${wanted}"`);
    return found.id;
  };
  const one = <T>(pick: (wanted: string) => T): T | null => (first === undefined ? null : pick(first));
  switch (element.type) {
    case 'button':
    case 'overflow':
      throw new Error(`a ${type} cannot be filled in: press it`);
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: one(option) };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: all.map(option) };
    case 'users_select':
      return { type, selected_user: one(user) };
    case 'multi_users_select':
      return { type, selected_users: all.map(user) };
    case 'conversations_select':
      return { type, selected_conversation: one(channel) };
    case 'multi_conversations_select':
      return { type, selected_conversations: all.map(channel) };
    case 'channels_select':
      return { type, selected_channel: one(channel) };
    case 'multi_channels_select':
      return { type, selected_channels: all.map(channel) };
    case 'datepicker':
      return { type, selected_date: first ?? null };
    case 'timepicker':
      return { type, selected_time: first ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: first === undefined ? null : Number(first) };
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return { type, value: first === undefined || first === '' ? null : first };
  }
}

const REQUIRED = 'Please complete this required field.';

/** What Slack's own form says on Submit, before anything is sent; undefined when it is content. */
export function fieldProblem(block: InputBlock, held: StateValue | undefined): string | undefined {
  const { type: _, ...rest } = held ?? { type: '' };
  const contents = Object.values(rest).filter((v) => v !== null && !(Array.isArray(v) && v.length === 0));
  if (contents.length === 0) return block.optional ? undefined : REQUIRED;
  const { element } = block;
  const text = held?.value ?? '';
  switch (element.type) {
    case 'plain_text_input':
      if (!block.optional && text.trim() === '') return REQUIRED;
      if (text.length > (element.max_length ?? 3000)) {
        return `Please shorten this to ${element.max_length ?? 3000} characters or less.`;
      }
      return text.length < (element.min_length ?? 0)
        ? `Please lengthen this to ${element.min_length} characters or more.`
        : undefined;
    case 'number_input':
      if (!(element.is_decimal_allowed ? /^-?\d*\.?\d+$/ : /^-?\d+$/).test(text))
        return 'Please enter a number.';
      if (Number(text) < Number(element.min_value ?? '-Infinity'))
        return `Must be at least ${element.min_value}.`;
      return Number(text) > Number(element.max_value ?? 'Infinity')
        ? `Must be at most ${element.max_value}.`
        : undefined;
    case 'email_text_input':
      return /^\S+@\S+\.\S+$/.test(text) ? undefined : 'Please enter a valid email address.';
    case 'url_text_input':
      return /^https?:\/\/\S+$/.test(text) ? undefined : 'Please enter a valid URL.';
    default:
      return undefined;
  }
}

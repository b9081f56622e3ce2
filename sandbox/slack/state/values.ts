/** Finds the values in the fields of a form: at first, and after the app changed the form while somebody fills it in. */
import { type Block, type Element, elementsOf, type Option } from '../block-kit/blocks.js';

/** The value of one field, in the shape of Slack's own `view.state.values`. */
export interface StateValue {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  selected_user?: string | null;
  selected_users?: string[];
  selected_conversation?: string | null;
  selected_conversations?: string[];
  selected_channel?: string | null;
  selected_channels?: string[];
  selected_date?: string | null;
  selected_time?: string | null;
  selected_date_time?: number | null;
}
/** The values of a form, by block_id and then by action_id. */
export type StateValues = Record<string, Record<string, StateValue>>;

/**
 * The values of a set of blocks.
 * @param before the form that the blocks replace: a value stays where block_id, action_id and type stay the same
 */
export function valuesOf(blocks: Block[], before?: { values: StateValues; blocks: Block[] }): StateValues {
  const values: StateValues = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const initial = initialValue(element);
      if (initial === undefined) continue; // A button and an overflow menu hold no value.
      const [blockId, actionId] = [block.block_id ?? '', element.action_id ?? ''];
      const kept = before?.values[blockId]?.[actionId];
      const value = kept?.type === element.type && stillOffered(element, kept) ? kept : initial;
      values[blockId] = { ...values[blockId], [actionId]: value };
    }
  }
  return values;
}

/** Whether the new form still offers the chosen option: an option that is gone cannot stay chosen. */
function stillOffered(element: Element, kept: StateValue): boolean {
  if (!('options' in element) || element.options === undefined) return true;
  const offered = new Set(element.options.map((option) => option.value));
  const chosen = [kept.selected_option ?? [], kept.selected_options ?? []].flat();
  return chosen.every((option) => offered.has(option.value));
}

/** @returns undefined for buttons and overflow menus, which hold no value */
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

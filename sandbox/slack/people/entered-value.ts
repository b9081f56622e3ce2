/** Turns what a person typed or chose in a form into the value that the field then holds. */
import { type Element, type Option, optionsOf } from '../block-kit/blocks.js';
import { plainOf } from '../reading/plain.js';
import type { FieldInput } from '../slack-town.js';
import type { StateValue } from '../state/values.js';
import type { SlackWorld } from '../world.js';

/**
 * The value of an element after a person typed or chose `input`.
 * @param offered the options that the element offers; for an external select those that the app gave for a query
 * @throws where the screen does not offer `input`, so that a person could not choose it
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

/** Describes Block Kit's elements strictly: a property that Slack would refuse is refused in the sandbox too. */
import { z } from 'zod';
import {
  choiceOption,
  confirmation,
  dispatchConfig,
  identifier,
  menuOption,
  overflowOption,
  plainText,
  words,
} from './composition.js';

const interactive = { action_id: identifier.optional(), confirm: confirmation.optional() };
const focusable = { ...interactive, focus_on_load: z.boolean().optional() };
const picker = { ...focusable, placeholder: plainText(150).optional() };
const several = { ...picker, max_selected_items: z.int().min(1).optional() };
const typed = {
  action_id: identifier.optional(),
  placeholder: plainText(150).optional(),
  focus_on_load: z.boolean().optional(),
  dispatch_action_config: dispatchConfig.optional(),
};
const options = z.array(menuOption).min(1).max(100).optional();
const optionGroups = z
  .array(z.strictObject({ label: plainText(75), options: z.array(menuOption).min(1).max(100) }))
  .min(1)
  .max(100)
  .optional();
const conversationFilter = z
  .strictObject({
    include: z.array(z.enum(['im', 'mpim', 'private', 'public'])).optional(),
    exclude_external_shared_channels: z.boolean().optional(),
    exclude_bot_users: z.boolean().optional(),
  })
  .optional();

const button = z.strictObject({
  type: z.literal('button'),
  ...interactive,
  text: plainText(75),
  value: words(2000).optional(),
  url: z.url().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: words(75).optional(),
});
const overflow = z.strictObject({
  type: z.literal('overflow'),
  ...interactive,
  options: z.array(overflowOption).min(1).max(5),
});

const oneOf = [
  z.strictObject({
    type: z.literal('static_select'),
    ...picker,
    options,
    option_groups: optionGroups,
    initial_option: menuOption.optional(),
  }),
  z.strictObject({
    type: z.literal('external_select'),
    ...picker,
    initial_option: menuOption.optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal('users_select'), ...picker, initial_user: words(255).optional() }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...picker,
    initial_conversation: words(255).optional(),
    default_to_current_conversation: z.boolean().optional(),
    response_url_enabled: z.boolean().optional(),
    filter: conversationFilter,
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...picker,
    initial_channel: words(255).optional(),
    response_url_enabled: z.boolean().optional(),
  }),
] as const;

const manyOf = [
  z.strictObject({
    type: z.literal('multi_static_select'),
    ...several,
    options,
    option_groups: optionGroups,
    initial_options: z.array(menuOption).min(1).max(100).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_external_select'),
    ...several,
    initial_options: z.array(menuOption).min(1).max(100).optional(),
    min_query_length: z.int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...several,
    initial_users: z.array(words(255)).min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    ...several,
    initial_conversations: z.array(words(255)).min(1).optional(),
    default_to_current_conversation: z.boolean().optional(),
    filter: conversationFilter,
  }),
  z.strictObject({
    type: z.literal('multi_channels_select'),
    ...several,
    initial_channels: z.array(words(255)).min(1).optional(),
  }),
] as const;

const choices = [
  z.strictObject({
    type: z.literal('radio_buttons'),
    ...focusable,
    options: z.array(choiceOption).min(1).max(10),
    initial_option: choiceOption.optional(),
  }),
  z.strictObject({
    type: z.literal('checkboxes'),
    ...focusable,
    options: z.array(choiceOption).min(1).max(10),
    initial_options: z.array(choiceOption).min(1).max(10).optional(),
  }),
] as const;

const days = [
  z.strictObject({ type: z.literal('datepicker'), ...picker, initial_date: z.iso.date().optional() }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...picker,
    initial_time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .optional(),
    timezone: words(255).optional(),
  }),
] as const;
const moment = z.strictObject({
  type: z.literal('datetimepicker'),
  ...focusable,
  initial_date_time: z.int().min(1_000_000_000).max(9_999_999_999).optional(),
});

const inputs = [
  z.strictObject({
    type: z.literal('plain_text_input'),
    ...typed,
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
  }),
  z.strictObject({
    type: z.literal('number_input'),
    ...typed,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('email_text_input'), ...typed, initial_value: z.string().optional() }),
  z.strictObject({ type: z.literal('url_text_input'), ...typed, initial_value: z.string().optional() }),
] as const;

/** An image, which is an element in a section or a context and a block elsewhere. */
export const imageElement = z.strictObject({
  type: z.literal('image'),
  image_url: z.url().max(3000).optional(),
  slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  alt_text: words(2000),
});

export const accessory = z.discriminatedUnion('type', [
  button,
  overflow,
  ...oneOf,
  ...manyOf,
  ...choices,
  ...days,
  imageElement,
]);
/** The elements of an actions block. Multi-selects are refused: Slack's page on them leaves the actions block out. */
export const actionsElement = z.discriminatedUnion('type', [
  button,
  overflow,
  ...oneOf,
  ...choices,
  ...days,
  moment,
]);
export const inputElement = z.discriminatedUnion('type', [
  ...inputs,
  ...oneOf,
  ...manyOf,
  ...choices,
  ...days,
  moment,
]);

export type Element =
  | Exclude<z.infer<typeof accessory>, { type: 'image' }>
  | z.infer<typeof actionsElement>
  | z.infer<typeof inputElement>;

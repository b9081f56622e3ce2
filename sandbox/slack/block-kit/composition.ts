/** Describes the small objects that every block is made of (texts, options, confirmations), with Slack's lengths. */
import { z } from 'zod';

/** A string that Slack accepts from 1 to `max` characters long. */
export const words = (max: number) => z.string().min(1).max(max);
/** The form of a `block_id`, an `action_id` and a `callback_id`. */
export const identifier = words(255);

export const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: words(max), emoji: z.boolean().optional() });

const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: words(max), verbatim: z.boolean().optional() });

export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

/** An option of a menu, whose text is plain. */
export const menuOption = z.strictObject({
  text: plainText(75),
  value: words(75),
  description: plainText(75).optional(),
});
/** An option of radio buttons or checkboxes, whose text may be formatted. */
export const choiceOption = z.strictObject({
  text: anyText(75),
  value: words(75),
  description: anyText(75).optional(),
});
/** An option of an overflow menu, the only kind of option that may link. */
export const overflowOption = menuOption.extend({ url: z.url().max(3000).optional() });

export const confirmation = z.strictObject({
  title: plainText(100),
  text: anyText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

export const dispatchConfig = z.strictObject({
  trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1),
});

export type Text = z.infer<ReturnType<typeof anyText>>;
export type Option = z.infer<typeof choiceOption> | z.infer<typeof overflowOption>;
export type Confirmation = z.infer<typeof confirmation>;

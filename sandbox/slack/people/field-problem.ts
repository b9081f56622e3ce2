/** Checks a field as Slack does when somebody presses Submit, before the app hears of the form. */
import type { InputBlock } from '../block-kit/blocks.js';
import type { StateValue } from '../state/values.js';

const REQUIRED = 'Please complete this required field.';

/** @returns the sentence that Slack shows under the field; undefined for a field that may be sent */
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

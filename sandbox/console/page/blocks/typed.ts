/** Draws fields to type into: text, numbers, addresses, dates and times. */
import type { Element } from '../../../slack/block-kit/blocks.js';
import { h } from '../dom.js';
import type { Spot } from './spot.js';

type Typed = Extract<
  Element,
  {
    type:
      | 'plain_text_input'
      | 'number_input'
      | 'email_text_input'
      | 'url_text_input'
      | 'datepicker'
      | 'timepicker'
      | 'datetimepicker';
  }
>;

const KIND: Record<Typed['type'], string> = {
  plain_text_input: 'text',
  // Slack takes any text, and says under the field what is wrong with it.
  number_input: 'text',
  email_text_input: 'text',
  url_text_input: 'text',
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
};

/** The names of fields to which the app gives no label. */
const NAME: Record<Typed['type'], string> = {
  plain_text_input: 'Text',
  number_input: 'Number',
  email_text_input: 'E-mail address',
  url_text_input: 'Address of a page',
  datepicker: 'Date',
  timepicker: 'Time',
  datetimepicker: 'Date and time',
};

/**
 * How long typing must rest: so long that a word is one change, and so short that a press right after it comes later.
 */
const REST_MS = 150;

export function typedField(element: Typed, spot: Spot): HTMLElement {
  const { held, marks } = spot;
  const moment = held?.selected_date_time;
  const value =
    held?.value ?? held?.selected_date ?? held?.selected_time ?? (moment ? localMoment(moment) : '');
  const isLong = element.type === 'plain_text_input' && element.multiline === true;
  const shared = {
    ...marks,
    'data-typed': true,
    autocomplete: 'off',
    ...(spot.isLabelled ? {} : { 'aria-label': NAME[element.type] }),
    ...('placeholder' in element && element.placeholder ? { placeholder: element.placeholder.text } : {}),
    ...(element.focus_on_load ? { autofocus: true } : {}),
  };
  const node = isLong
    ? h('textarea', { rows: 3, ...shared })
    : h('input', { type: KIND[element.type], ...shared });
  node.value = value;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    clearTimeout(timer);
    timer = undefined;
    spot.chosen(
      element.type === 'datetimepicker' ? epochOf(node.value) : node.value === '' ? null : node.value,
    );
  };
  node.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A field without its form reports nothing: the form was closed meanwhile.
      if (node.isConnected || node.closest('.layer') === null) tell();
    }, REST_MS);
  });
  node.addEventListener('change', tell);
  return node;
}

const epochOf = (text: string): number | null =>
  text === '' ? null : Math.floor(new Date(text).getTime() / 1000);

function localMoment(seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * The fields of the request form that say when access is to open: now, or at a time, for which a field appears. Slack's
 * picker goes by the clock of whoever chooses, so what comes back is an instant.
 */
import type { Block } from '../words/blocks.js';
import type { Prefill, Values } from '../words/values.js';
import { choiceIn, FIELD, type FieldShown, withField } from './request-fields.js';

const NOW = 'now';
/** The value of the choice that shows the field for a time. */
const LATER = 'later';

/** @param timeIs the field for a time, as chosen since the form opened; undefined where nothing was chosen */
export function timeFields(filled: Prefill, timeIs?: FieldShown): Block[] {
  const options = [
    { text: plainText('Now, as soon as it is approved'), value: NOW },
    { text: plainText('At a date and time'), value: LATER },
  ] as const;
  const choice: Block = {
    type: 'input',
    block_id: FIELD.when,
    dispatch_action: true,
    label: plainText('When?'),
    element: {
      type: 'static_select',
      action_id: FIELD.when,
      options: [...options],
      initial_option: options[isLater(filled) ? 1 : 0],
    },
  };
  const shown = timeIs ?? (isLater(filled) ? 'shown' : 'hidden');
  return shown === 'shown' ? [choice, timeField(filled.startsAtMs)] : [choice];
}

function isLater({ start, startsAtMs }: Prefill): boolean {
  return start !== undefined || startsAtMs !== undefined;
}

function plainText(text: string): { type: 'plain_text'; text: string } {
  return { type: 'plain_text', text };
}

function timeField(startsAtMs: number | undefined): Block {
  return {
    type: 'input',
    block_id: FIELD.startsAt,
    label: plainText('Opens at'),
    hint: plainText('On your own clock. Until then nothing is open, and you can take it back.'),
    element: {
      type: 'datetimepicker',
      action_id: FIELD.startsAt,
      ...(startsAtMs === undefined ? {} : { initial_date_time: Math.floor(startsAtMs / 1000) }),
    },
  };
}

/**
 * A form's blocks with the field for a time below the choice where a time is chosen, and without it where now is. Where
 * Slack says no choice, the blocks stay as they are.
 */
export function withTime<B extends { block_id?: string }>(
  blocks: readonly (B | Block)[],
  values: Values,
): (B | Block)[] {
  const chosen = choiceIn(values, FIELD.when);
  if (chosen === undefined) return [...blocks];
  const field = chosen === LATER ? timeField(undefined) : undefined;
  return withField(blocks, { below: FIELD.when, id: FIELD.startsAt }, field);
}

/** The time that was chosen; neither key where access is to open now. `noTime`: a time was chosen, and none is given. */
export function readTime(values: Values): { later?: { startsAtMs: number }; noTime?: true } {
  if (choiceIn(values, FIELD.when) !== LATER) return {};
  const seconds = values[FIELD.startsAt]?.[FIELD.startsAt]?.selected_date_time;
  return typeof seconds === 'number' ? { later: { startsAtMs: seconds * 1000 } } : { noTime: true };
}

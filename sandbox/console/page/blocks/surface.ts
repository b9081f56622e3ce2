/** Describes a place that shows blocks: a message, a form or the Home tab, with what presses and choices do there. */
import type { FieldInput } from '../../../slack/slack-town.js';
import type { StateValues } from '../../../slack/state/values.js';
import type { Reader } from './mrkdwn.js';

export interface Surface extends Reader {
  /** The name of the surface in `data-spot`, by which a control that is made anew gets its focus back. */
  name: string;
  /** Sends a press to the app: on a button, an overflow option, or a choice outside of an input. */
  press(blockId: string, actionId: string, choice?: FieldInput): void;
  /** The values of the fields; empty for a message. */
  values: StateValues;
  errors: Record<string, string>;
  /** Reports that a field of a form was changed. */
  entered(blockId: string, value: FieldInput): void;
  /** The options of an external select for a typed query. */
  suggest(field: string, query: string): Promise<{ text: string; value: string }[]>;
  /** The control that the same element had before, with what was typed into it; else the control that `make` makes. */
  keep(key: string, make: () => HTMLElement): HTMLElement;
}

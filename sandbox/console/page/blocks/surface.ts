/** Where blocks are shown: what a press or a choice there does, and what is entered in its fields. */
import type { FieldInput } from '../../../slack/slack-town.js';
import type { StateValues } from '../../../slack/state/values.js';
import type { Reader } from './mrkdwn.js';

export interface Surface extends Reader {
  /** Names the surface in `data-spot`, so that a control made anew finds its focus again. */
  name: string;
  /** A button, an overflow option, or a choice outside of an input: the app hears of it. */
  press(blockId: string, actionId: string, choice?: FieldInput): void;
  /** What the fields hold; nothing in a message. */
  values: StateValues;
  errors: Record<string, string>;
  /** A field of a form was changed. */
  entered(blockId: string, value: FieldInput): void;
  /** What an external select offers for what was typed. */
  suggest(field: string, query: string): Promise<{ text: string; value: string }[]>;
  /** A control that was there before, for the same element: what was typed into it stays. */
  keep(key: string, make: () => HTMLElement): HTMLElement;
}

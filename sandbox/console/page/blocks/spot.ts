/** Describes the place of one element on the screen, as every kind of control needs it. */
import type { FieldInput } from '../../../slack/slack-town.js';
import type { StateValue } from '../../../slack/state/values.js';
import type { Surface } from './surface.js';

/** The place of an element, and how its control reports choices. */
export interface Spot {
  blockId: string;
  actionId: string;
  on: Surface;
  /** The value that the element holds now; undefined for elements without a value. */
  held: StateValue | undefined;
  /** Reports a choice: to the form or, outside of a form, to the app. */
  chosen(value: FieldInput): void;
  /** The attributes of the control. */
  marks: { 'data-spot': string };
  /** Whether the element has a label above it. */
  isLabelled: boolean;
}

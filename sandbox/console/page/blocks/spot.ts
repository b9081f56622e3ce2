/** The place of one element on the screen: what every kind of control needs to know about it. */
import type { FieldInput } from '../../../slack/slack-town.js';
import type { StateValue } from '../../../slack/state/values.js';
import type { Surface } from './surface.js';

/** Where an element stands. */
export interface Spot {
  blockId: string;
  actionId: string;
  on: Surface;
  /** What it holds now, where it holds something. */
  held: StateValue | undefined;
  /** Tells of a choice: the form, or outside of one the app. */
  chosen(value: FieldInput): void;
  /** The attributes that every control has. */
  marks: { 'data-spot': string };
  /** Whether a label of its own stands above it. */
  isLabelled: boolean;
}

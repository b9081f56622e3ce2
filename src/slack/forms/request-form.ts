/**
 * The request form. It opens at once and is filled in when AWS answers. Its fields keep their ids then, so Slack keeps
 * what the person typed meanwhile.
 */
import type { types } from '@slack/bolt';
import type { Policy } from '../../access/policy/policy.js';
import type { Pause } from '../../access/request/pause.js';
import type { AskField, AskProblem, Typed } from '../../workflow/asking/check-ask.js';
import { type Block, context, section } from '../words/blocks.js';
import { VIEW } from '../words/ids.js';
import { cut } from '../words/mrkdwn.js';
import { notYetTaken } from '../words/pause-words.js';
import { type Prefill, readPrefill, type Values, writePrefill } from '../words/values.js';
import type { Known } from './known-requests.js';
import { choiceIn, durationField, FIELD, type FieldShown, reasonField, textIn } from './request-fields.js';
import { readSourceText, sourceFields, sourceShownAt } from './source-fields.js';
import { readTime, timeFields } from './time-fields.js';
import { type Own, readTarget, workspaceFields } from './workspace-fields.js';

const EMERGENCY =
  ':rotating_light: *Emergency*: it opens at once where the policy allows it, and everybody who would decide hears of it.';

/** How many characters Slack takes as `private_metadata`, which keeps the fields that the form was opened with. */
const METADATA = 3000;

/** What a form shows beside its fields, as far as it is known by then. */
export interface Around {
  /** While new access is paused no request is taken, and the form says so before anything is typed. */
  pause?: Pause | undefined;
  /** What the person has open already. */
  open?: readonly Block[];
  known?: Known;
  /** Who will be asked, as mrkdwn. */
  asked?: string | undefined;
  /** The field for an address, as the person chose it since the form opened. */
  addressIs?: FieldShown;
  /** The field for a time, as the person chose it since the form opened. */
  timeIs?: FieldShown;
}

/** Everything of the form but its fields. */
export function formAround(filled: Prefill): Omit<types.ModalView, 'blocks'> {
  return {
    type: 'modal',
    callback_id: VIEW.request,
    private_metadata: writePrefill(filled, METADATA),
    title: { type: 'plain_text', text: 'Request SSH access' },
    submit: { type: 'plain_text', text: 'Send request' },
    close: { type: 'plain_text', text: 'Cancel' },
  };
}

export function requestForm(policy: Policy, filled: Prefill, own: Own, around: Around = {}): types.ModalView {
  const { pause, open = [], known = {}, asked, addressIs, timeIs } = around;
  const { looking: _, ...rest } = filled;
  return {
    ...formAround(own === 'looking' ? { ...rest, looking: true } : rest),
    blocks: [
      ...(pause ? [section(notYetTaken(pause))] : []),
      ...(filled.emergency ? [section(EMERGENCY)] : []),
      ...open,
      ...sourceFields(policy, filled, known, addressIs),
      ...workspaceFields(policy, filled, own, known.workspaceId),
      ...timeFields(filled, timeIs),
      durationField(policy, filled, known.durationMs),
      reasonField(policy, filled),
      ...(asked ? [context(asked)] : []),
    ],
  };
}

/** The fields as the person filled them in, and the slash command that opened the form. */
export function readRequestForm(view: { private_metadata: string; state: { values: Values } }): {
  typed: Typed;
  command: string | undefined;
} {
  const filled = readPrefill(view.private_metadata);
  const { values } = view.state;
  return {
    typed: {
      ...readTarget(values, filled),
      sourceText: readSourceText(values),
      durationText: choiceIn(values, FIELD.duration),
      ...readTime(values),
      reason: textIn(values, FIELD.reason),
      emergency: filled.emergency,
    },
    command: filled.command,
  };
}

/**
 * A sentence for each field with a problem, by block_id. A choice and the text field beside it are one
 * part: what was typed goes before. The problem of a field that is not shown stands under Why?.
 */
export function errorsOf(
  view: { state: { values: Values } },
  problems: AskProblem[],
): Record<string, string> {
  const { values } = view.state;
  const where = (typed: string, choice: string) => (textIn(values, typed) ? [typed] : [choice, typed]);
  const shownAt: Record<AskField, string[]> = {
    target: where(FIELD.other, FIELD.workspace),
    source: sourceShownAt(values),
    duration: [FIELD.duration],
    start: [FIELD.startsAt, FIELD.when],
    reason: [FIELD.reason],
  };
  const errors: Record<string, string> = {};
  for (const { field, sentence: said } of problems) {
    const block = shownAt[field].find((id) => id in values) ?? FIELD.reason;
    const plainly = said.replaceAll('`', '');
    errors[block] = errors[block] ? `${errors[block]} ${plainly}` : plainly;
  }
  return errors;
}

/** A fault as a sentence under Why?, so that the form stays open and nothing typed is lost. */
export function faultUnderReason(text: string): Record<string, string> {
  return { [FIELD.reason]: cut(text, 2000) };
}

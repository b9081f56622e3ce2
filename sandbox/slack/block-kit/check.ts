/**
 * Refuses blocks that Slack refuses, in Slack's words, so that a mistake shows in the sandbox and not in production.
 */

import type { z } from 'zod';
import {
  anyView,
  type Block,
  type Element,
  elementsOf,
  messageBlocks,
  type Option,
  optionsOf,
  type View,
} from './blocks.js';

/** The parsed value, or Slack's sentences, such as `[ERROR] missing required field: text [json-pointer:/blocks/0]`. */
export type Checked<T> = { ok: true; value: T } | { ok: false; messages: string[] };

type Complain = (path: PropertyKey[], sentence: string) => void;

/** Checks the `blocks` of a message. */
export function checkMessageBlocks(given: unknown): Checked<Block[]> {
  const parsed = messageBlocks.safeParse(given);
  if (!parsed.success) return { ok: false, messages: inSlackWords(parsed.error.issues, ['blocks']) };
  return verdict(parsed.data, (complain) => checkBlocks(parsed.data, ['blocks'], complain));
}

/** Checks a whole modal or Home tab. */
export function checkView(given: unknown): Checked<View> {
  const parsed = anyView.safeParse(given);
  if (!parsed.success) return { ok: false, messages: inSlackWords(parsed.error.issues, ['view']) };
  const view = parsed.data;
  return verdict(view, (complain) => {
    checkBlocks(view.blocks, ['view', 'blocks'], complain);
    if (view.type === 'modal' && !view.submit && view.blocks.some((block) => block.type === 'input')) {
      complain(['view'], 'missing required field: submit');
    }
    const focused = view.blocks.flatMap(elementsOf).filter((e) => 'focus_on_load' in e && e.focus_on_load);
    if (focused.length > 1) complain(['view', 'blocks'], 'only one element may have focus_on_load');
  });
}

function verdict<T>(value: T, check: (complain: Complain) => void): Checked<T> {
  const messages: string[] = [];
  check((path, sentence) => messages.push(sayAt(path, sentence)));
  return messages.length > 0 ? { ok: false, messages } : { ok: true, value };
}

function checkBlocks(blocks: Block[], at: PropertyKey[], complain: Complain): void {
  const blockIds = new Set<string>();
  blocks.forEach((block, index) => {
    const path = [...at, index];
    if (block.block_id !== undefined) {
      if (blockIds.has(block.block_id)) complain([...path, 'block_id'], '`block_id` must be unique');
      blockIds.add(block.block_id);
    }
    if (block.type === 'section' && !block.text && !block.fields)
      complain(path, 'missing required field: text');
    if (block.type === 'image' && !block.image_url === !block.slack_file) {
      complain(path, 'must have either image_url or slack_file');
    }
    // An action_id must be unique in its block only: rows of a list share theirs.
    const actionIds = new Set<string>();
    for (const element of elementsOf(block)) {
      if (element.action_id !== undefined) {
        if (actionIds.has(element.action_id))
          complain(path, `action_id "${element.action_id}" already exists`);
        actionIds.add(element.action_id);
      }
      checkElement(element, path, complain);
    }
  });
}

function checkElement(element: Element, path: PropertyKey[], complain: Complain): void {
  switch (element.type) {
    case 'static_select':
    case 'multi_static_select':
      if (!element.options === !element.option_groups) {
        complain(path, 'must provide either `options` or `option_groups`');
        return;
      }
      break;
    case 'plain_text_input':
      if ((element.min_length ?? 0) > (element.max_length ?? 3000)) {
        complain(path, '`min_length` must be less than or equal to `max_length`');
      }
      return;
    case 'radio_buttons':
    case 'checkboxes':
      break;
    default:
      return;
  }
  const offered = optionsOf(element).map(fingerprint);
  const initial: Option[] =
    'initial_option' in element && element.initial_option
      ? [element.initial_option]
      : 'initial_options' in element && element.initial_options
        ? element.initial_options
        : [];
  for (const option of initial) {
    if (!offered.includes(fingerprint(option))) {
      complain(path, `initial option "${option.value}" is not one of the options`);
    }
  }
  const limit = 'max_selected_items' in element ? element.max_selected_items : undefined;
  if (limit !== undefined && initial.length > limit)
    complain(path, 'more initial options than max_selected_items');
}

/** Spells everything that an option shows, since Slack compares an initial option by more than its value. */
const fingerprint = (option: Option): string =>
  JSON.stringify([option.value, option.text.text, option.description?.text]);

function inSlackWords(issues: z.core.$ZodIssue[], at: PropertyKey[]): string[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    switch (issue.code) {
      case 'too_big':
        return issue.origin === 'string'
          ? [sayAt(path, `must be less than ${Number(issue.maximum) + 1} characters`)]
          : [
              sayAt(
                path,
                issue.origin === 'array' ? `no more than ${issue.maximum} items allowed` : 'is too large',
              ),
            ];
      case 'too_small':
        return issue.origin === 'string'
          ? [sayAt(path, `must be more than ${Number(issue.minimum) - 1} characters`)]
          : [
              sayAt(
                path,
                issue.origin === 'array' ? `no fewer than ${issue.minimum} items allowed` : 'is too small',
              ),
            ];
      case 'unrecognized_keys':
        return issue.keys.map((key) => sayAt(path, `invalid additional property: ${key}`));
      case 'invalid_type':
        // Slack names the parent of a missing value, not the place of the value.
        return issue.input === undefined && issue.message.includes('received undefined')
          ? [sayAt(path.slice(0, -1), `missing required field: ${String(path.at(-1))}`)]
          : [sayAt(path, `must provide a ${issue.expected}`)];
      case 'invalid_union':
        return [sayAt(path, 'unsupported type')];
      default:
        return [sayAt(path, `invalid value: ${issue.message}`)];
    }
  });
}

const sayAt = (path: PropertyKey[], sentence: string): string =>
  `[ERROR] ${sentence} [json-pointer:/${path.map(String).join('/')}]`;

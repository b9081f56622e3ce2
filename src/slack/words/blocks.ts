/** Block Kit as the cards and replies build it, within Slack's lengths. */
import type { types } from '@slack/bolt';
import type { ActionId } from './ids.js';
import { cut, cutMarkup, oneLine } from './mrkdwn.js';

export type Block = types.KnownBlock;

/** A message as Slack gets it. A phone's notification shows `text`. */
export interface Rendered {
  text: string;
  blocks: Block[];
}

/** Slack's limits, in characters. */
export const LIMITS = { section: 3000, button: 75, value: 2000, confirm: 300, option: 75, notification: 300 };

/**
 * An older message about a request, once a newer one stands below it. It is never edited again, so it says nothing that
 * could stop being true.
 */
export function foldedCard(requestId: string, of?: string): Rendered {
  const line = `${of === undefined ? '' : `${of} · `}${requestId} · see below`;
  return { text: line, blocks: [context(line)] };
}

/** A reply of one text. */
export function reply(mrkdwn: string): Rendered {
  return { text: cutMarkup(mrkdwn, LIMITS.section), blocks: [section(mrkdwn)] };
}

export function section(mrkdwn: string): Block {
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: cutMarkup(mrkdwn, LIMITS.section), verbatim: true },
  };
}

/** A section with a button beside it, or below it where there is no room: one block for a row of a list. */
export function sectionBeside(mrkdwn: string, accessory: types.Button): Block {
  const text = { type: 'mrkdwn' as const, text: cutMarkup(mrkdwn, LIMITS.section), verbatim: true };
  return { type: 'section', text, accessory };
}

export function context(mrkdwn: string): Block {
  return {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: cutMarkup(mrkdwn, LIMITS.section), verbatim: true }],
  };
}

/** Whole lines, as many as Slack's confirmation holds; the message above it shows them all. */
export function confirmLines(lines: readonly string[]): string {
  const rest = (shown: number) => `and ${lines.length - shown} more, on the card`;
  const text = (shown: number) => [...lines.slice(0, shown), rest(shown)].join('\n');
  if (lines.join('\n').length <= LIMITS.confirm) return lines.join('\n');
  let shown = lines.length - 1;
  while (shown > 0 && text(shown).length > LIMITS.confirm) shown -= 1;
  return text(shown);
}

/** Whole lines, in as many blocks as they need. */
export function linesIn(block: typeof section | typeof context, lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines) {
    const longer = texts.length > 0 ? `${texts.at(-1)}\n${line}` : line;
    if (texts.length > 0 && longer.length <= LIMITS.section) texts.splice(-1, 1, longer);
    else texts.push(line);
  }
  return texts.map(block);
}

/** A person's words in quotes, without any markup at all. */
export function quote(text: string): Block {
  return {
    type: 'section',
    text: { type: 'plain_text', text: `"${cut(oneLine(text), LIMITS.section - 2)}"`, emoji: false },
  };
}

/** Text to copy, exact to the character, cut to {@link LIMITS.section} characters. */
export function preformatted(text: string): Block {
  return {
    type: 'rich_text',
    elements: [
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: cut(text, LIMITS.section) }] },
    ],
  };
}

/** @param more `confirm` is a question that Slack asks before the press counts */
export function button(
  actionId: ActionId,
  text: string,
  value: string,
  more: { style?: 'primary' | 'danger'; confirm?: { title: string; text: string; yes: string } } = {},
): types.Button {
  const { style, confirm } = more;
  return {
    type: 'button',
    action_id: actionId,
    text: { type: 'plain_text', text: cut(text, LIMITS.button) },
    value,
    ...(style ? { style } : {}),
    ...(confirm
      ? {
          confirm: {
            title: { type: 'plain_text', text: cut(confirm.title, 100) },
            text: { type: 'mrkdwn', text: cutMarkup(confirm.text, LIMITS.confirm) },
            confirm: { type: 'plain_text', text: cut(confirm.yes, 30) },
            deny: { type: 'plain_text', text: 'Not yet' },
          },
        }
      : {}),
  };
}

/** A row of buttons and menus; no block where there are none, since Slack refuses an empty row. */
export function actions(...elements: (types.Button | types.Overflow | types.StaticSelect)[]): Block[] {
  return elements.length > 0 ? [{ type: 'actions', elements }] : [];
}

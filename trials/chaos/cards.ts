/** Reads a card of the bot as a person does: whose request the card is about, and which buttons can be pressed. */
import { elementsOf } from '../../sandbox/slack/block-kit/blocks.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import { ACTION } from '../../src/slack/words/ids.js';
import { readReference } from '../../src/slack/words/values.js';

/** The buttons that the trial's people press. */
export type Button = 'approve' | 'deny' | 'end' | 'endOther' | 'takeBack' | 'openNow' | 'extend' | 'move';
const BUTTONS: Button[] = ['approve', 'deny', 'end', 'endOther', 'takeBack', 'openNow', 'extend', 'move'];

export interface CardRead {
  /** The Slack user id of the person in whose conversation with the bot the card stands. */
  viewer: string;
  /** The request's id. */
  id: string;
  /** The version of the request that the buttons act on; 0 on a card without buttons. */
  version: number;
  buttons: Partial<Record<Button, string>>;
  /** The number of the ask, where the card repeats its reason. */
  ask?: number;
  /** All that the card says, with its markup. */
  text: string;
}

const ID = /\b([2-9A-HJ-NP-Z]{5})\b/;
const REASON = /run #(\d+)\b/;

/** The reason that a person gives. Cards repeat the reason, so a card can be traced back to the ask. */
export const reasonOf = (n: number): string => `run #${n}`;

/** @returns the request id in the command's answer, or undefined where the answer has none */
export function idIn(text: string): string | undefined {
  return / · ([2-9A-HJ-NP-Z]{5})\b/.exec(text)?.[1];
}

/**
 * The place where a card first names this address or range, and not a longer one that contains the same text; undefined
 * where the card names none.
 */
export function placeOf({ text }: Pick<CardRead, 'text'>, source: string): number | undefined {
  const at = text.search(new RegExp(`(?<![\\d.])${source.replaceAll('.', '\\.')}(?!\\.?\\d|/)`));
  return at < 0 ? undefined : at;
}

/** The request that the card's request follows, as in "1 minute more for K7QF2"; undefined where the card names none. */
export function followedIn({ text }: Pick<CardRead, 'text'>): string | undefined {
  return /\b(?:more|in place of \S+) for ([2-9A-HJ-NP-Z]{5})\b/.exec(text)?.[1];
}

/** @returns undefined for a message that is no card of a request */
export function readCard(message: Message): CardRead | undefined {
  if (!message.channel.startsWith('D')) return undefined;
  const text = JSON.stringify(message.blocks);
  const n = REASON.exec(text)?.[1];
  const card: CardRead = {
    viewer: `U${message.channel.slice(1)}`,
    id: '',
    version: 0,
    buttons: {},
    text,
    ...(n === undefined ? {} : { ask: Number(n) }),
  };
  for (const element of message.blocks.flatMap(elementsOf)) {
    const button = BUTTONS.find((name) => ACTION[name] === element.action_id);
    if (!button || element.type !== 'button') continue;
    const { id, version } = readReference(element.value);
    Object.assign(card, { id, version });
    card.buttons[button] = ACTION[button];
  }
  card.id ||= idIn(message.text) ?? ID.exec(message.text.slice(-8))?.[1] ?? '';
  return card.id ? card : undefined;
}

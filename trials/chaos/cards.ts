/** What a person finds on a card of the bot: whose request it is, and which buttons there are. */
import { elementsOf } from '../../sandbox/slack/block-kit/blocks.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import { ACTION } from '../../src/slack/words/ids.js';
import { readReference } from '../../src/slack/words/values.js';

/** The buttons that the trial's people press. */
export type Button = 'approve' | 'deny' | 'end' | 'takeBack' | 'openNow';
const BUTTONS: Button[] = ['approve', 'deny', 'end', 'takeBack', 'openNow'];

export interface CardRead {
  /** Whose conversation with the bot it is in. */
  viewer: string;
  id: string;
  /** Of the request that the buttons are about; 0 where there is none. */
  version: number;
  buttons: Partial<Record<Button, string>>;
  /** The number of the ask, where the card repeats its reason. */
  ask?: number;
  /** All that the card says, with its markup. */
  text: string;
}

const ID = /\b([2-9A-HJ-NP-Z]{5})\b/;
const REASON = /run #(\d+)\b/;

/** The reason that ties every card that repeats it to its ask. */
export const reasonOf = (n: number): string => `run #${n}`;

/** The id in what the command answers, or undefined. */
export function idIn(text: string): string | undefined {
  return / · ([2-9A-HJ-NP-Z]{5})\b/.exec(text)?.[1];
}

/** Undefined for a message that is no card of a request. */
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

/**
 * Renders messages as the text that a person reads, markup, dates and mentions included: tests compare words, not
 * JSON.
 */
import { type Block, type Element, elementsOf, optionsOf, type Text } from '../block-kit/blocks.js';
import type { SlackWorld } from '../world.js';
import { slackDate } from './slack-date.js';

/** The part of a message that people read. */
export interface Words {
  text: string;
  blocks: Block[];
}

/** A piece of `<…>` markup. */
const CONTROL = /<([^<>\n]+)>/g;

/**
 * A message as somebody's screen shows it: its blocks or, without any, its text; buttons as `[Text]`.
 * @param userId the reader, whose time zone dates are in; UTC without a reader
 */
export function plain(message: Words, world: SlackWorld, userId?: string): string {
  if (message.blocks.length === 0) return plainMrkdwn(message.text, world, userId);
  return plainBlocks(message.blocks, world, userId);
}

/** Blocks (of a message or a view) as lines of text. */
export function plainBlocks(blocks: Block[], world: SlackWorld, userId?: string): string {
  return blocks
    .map((block) => plainBlock(block, world, userId))
    .filter((line) => line !== '')
    .join('\n');
}

/** The line that a phone shows for a new message: the `text` or, if that is empty, the words of the blocks. */
export function notificationText(message: Words, world: SlackWorld, userId: string): string {
  return plain(message.text === '' ? message : { ...message, blocks: [] }, world, userId);
}

/** The words of a text object. */
export function plainOf(text: Text, world: SlackWorld, userId?: string): string {
  return text.type === 'mrkdwn' ? plainMrkdwn(text.text, world, userId) : text.text;
}

/** The words of mrkdwn: unescaped, with dates, mentions and links replaced. Code spans keep their backticks. */
export function plainMrkdwn(mrkdwn: string, world: SlackWorld, userId?: string): string {
  const zone = world.users.find((user) => user.id === userId)?.tz ?? 'UTC';
  return unescaped(mrkdwn.replace(CONTROL, (_, inside: string) => readable(inside, world, zone)));
}

/** Takes the characters away that only mark bold text and code. */
export function withoutMarks(text: string): string {
  return text.replace(/\*([^*\n]+)\*/g, '$1').replaceAll('`', '');
}

/**
 * The mentions in the text and in every block: user ids, group ids, channel ids after `<#`, and `here`, `channel`,
 * `everyone`. Mentions in code spans count, since Slack does not promise that backticks escape them.
 */
export function pings(message: Words): string[] {
  const found = new Set<string>();
  for (const mrkdwn of mrkdwnOf(message)) {
    for (const [, inside = ''] of mrkdwn.matchAll(CONTROL)) {
      const [head = ''] = inside.split('|');
      const special = /^!(here|channel|everyone)$/.exec(head);
      const group = /^!subteam\^(S\w+)$/.exec(head);
      const person = /^[@#]([A-Z]\w+)$/.exec(head);
      const id = special?.[1] ?? group?.[1] ?? person?.[1];
      if (id !== undefined) found.add(id);
    }
  }
  return [...found];
}

/** Which of a channel's members a message notifies. */
export function pingedUsers(message: Words, world: SlackWorld, members: string[]): string[] {
  const named = pings(message);
  if (named.some((ping) => ['here', 'channel', 'everyone'].includes(ping))) return members;
  const ofGroups = world.userGroups
    .filter((group) => named.includes(group.id))
    .flatMap((group) => group.users);
  return members.filter((member) => named.includes(member) || ofGroups.includes(member));
}

function readable(inside: string, world: SlackWorld, zone: string): string {
  const bar = inside.indexOf('|');
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : inside.slice(bar + 1);
  if (head.startsWith('@')) {
    return `@${world.users.find((user) => user.id === head.slice(1))?.name ?? label ?? head.slice(1)}`;
  }
  if (head.startsWith('#')) {
    return `#${world.channels.find((channel) => channel.id === head.slice(1))?.name ?? label ?? head.slice(1)}`;
  }
  if (head.startsWith('!subteam^')) {
    const id = head.slice('!subteam^'.length);
    return `@${world.userGroups.find((group) => group.id === id)?.handle ?? label ?? id}`;
  }
  if (head.startsWith('!date^')) return slackDate(head, zone) ?? label ?? '';
  if (head.startsWith('!')) return `@${head.slice(1)}`;
  return label ?? head.replace(/^mailto:/, '');
}

function plainBlock(block: Block, world: SlackWorld, userId: string | undefined): string {
  const read = (text: Text): string => plainOf(text, world, userId);
  switch (block.type) {
    case 'divider':
      return '---';
    case 'header':
      return read(block.text);
    case 'image':
      return block.alt_text;
    case 'section':
      return [
        ...(block.text ? [read(block.text)] : []),
        ...(block.fields ?? []).map(read),
        ...elementsOf(block).map((element) => plainElement(element, read)),
      ].join('\n');
    case 'context':
      return block.elements.map((item) => (item.type === 'image' ? item.alt_text : read(item))).join(' ');
    case 'actions':
      return block.elements.map((element) => plainElement(element, read)).join(' ');
    case 'input':
      return [
        read(block.label),
        ...(block.hint ? [read(block.hint)] : []),
        plainElement(block.element, read),
      ].join('\n');
    case 'rich_text':
      return richWords(block.elements);
  }
}

function plainElement(element: Element, read: (text: Text) => string): string {
  switch (element.type) {
    case 'button':
      return `[${read(element.text)}]`;
    case 'overflow':
      return `[⋯ ${element.options.map((option) => read(option.text)).join(' · ')}]`;
    default: {
      const offered = optionsOf(element).map((option) => read(option.text));
      const hint = 'placeholder' in element && element.placeholder ? read(element.placeholder) : '';
      return `[${offered.length > 0 ? offered.join(' / ') : hint || '…'}]`;
    }
  }
}

/** The words of rich text in their order, read loosely, since its parts have no types here. */
function richWords(node: unknown): string {
  if (Array.isArray(node)) return node.map(richWords).join('');
  if (typeof node !== 'object' || node === null) return '';
  if ('text' in node && typeof node.text === 'string') return node.text;
  if ('user_id' in node && typeof node.user_id === 'string') return `@${node.user_id}`;
  return 'elements' in node ? richWords(node.elements) : '';
}

/** Every mrkdwn string of a message, and the mentions of rich text, written as mrkdwn. */
function mrkdwnOf(message: Words): string[] {
  const found: string[] = [message.text];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      if ('type' in node && node.type === 'mrkdwn' && 'text' in node && typeof node.text === 'string') {
        found.push(node.text);
      }
      if ('user_id' in node) found.push(`<@${node.user_id}>`);
      if ('usergroup_id' in node) found.push(`<!subteam^${node.usergroup_id}>`);
      if ('range' in node) found.push(`<!${node.range}>`);
      Object.values(node).forEach(visit);
    }
  };
  visit(message.blocks);
  return found;
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

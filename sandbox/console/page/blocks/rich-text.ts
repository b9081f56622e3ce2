/** Draws rich text, the block that Slack's own editor writes, and in which the bot sends a file to copy. */
import { type Child, h } from '../dom.js';
import { copyButton, linkNode, plainText, type Reader } from './mrkdwn.js';
import { unknown } from './unknown.js';

export function richText(elements: readonly unknown[], reader: Reader): HTMLElement {
  return h('div', { class: 'rich-text' }, ...elements.map((element) => richBlock(element, reader)));
}

function richBlock(node: unknown, reader: Reader): Node {
  const children = childrenOf(node);
  switch (typeOf(node)) {
    case 'rich_text_section':
      return h('p', {}, ...children.map((child) => richInline(child, reader)));
    case 'rich_text_quote':
      return h('blockquote', {}, ...children.map((child) => richInline(child, reader)));
    case 'rich_text_preformatted': {
      const text = children.map(wordsOf).join('');
      return h('div', { class: 'preformatted' }, h('pre', {}, text), copyButton(text));
    }
    case 'rich_text_list':
      return h(
        field(node, 'style') === 'ordered' ? 'ol' : 'ul',
        {},
        ...children.map((child) => h('li', {}, richBlock(child, reader))),
      );
    default:
      return unknown(typeOf(node), node);
  }
}

function richInline(node: unknown, { town }: Reader): Child {
  switch (typeOf(node)) {
    case 'text':
      return styled(node, plainText(field(node, 'text')));
    case 'link':
      return linkNode(field(node, 'url'), field(node, 'text') || field(node, 'url'));
    case 'user': {
      const id = field(node, 'user_id');
      return h('span', { class: 'mention' }, `@${town.people.find((one) => one.id === id)?.name ?? id}`);
    }
    case 'emoji':
      return plainText(`:${field(node, 'name')}:`);
    default:
      return unknown(typeOf(node), node);
  }
}

function styled(node: unknown, text: Node): Node {
  const style = isRecord(node) && isRecord(node.style) ? node.style : {};
  let shown = text;
  if (style.bold === true) shown = h('strong', {}, shown);
  if (style.italic === true) shown = h('em', {}, shown);
  if (style.strike === true) shown = h('s', {}, shown);
  if (style.code === true) shown = h('code', {}, shown);
  return shown;
}

const isRecord = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null;
const typeOf = (node: unknown): string => field(node, 'type');
const wordsOf = (node: unknown): string => field(node, 'text');
const childrenOf = (node: unknown): unknown[] =>
  isRecord(node) && Array.isArray(node.elements) ? node.elements : [];

function field(node: unknown, name: string): string {
  const value = isRecord(node) ? node[name] : undefined;
  return typeof value === 'string' ? value : '';
}

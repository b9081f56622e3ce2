/** Draws Slack's markup: bold, code, quotes, links, mentions, and dates in the page's time zone. */

import type { Text } from '../../../slack/block-kit/blocks.js';
import { slackDate } from '../../../slack/reading/slack-date.js';
import type { PersonShown, TownShown } from '../../shown/shapes.js';
import { ZONE } from '../clock.js';
import { h } from '../dom.js';
import { emojiNamed } from './emoji.js';

export interface Reader {
  town: TownShown;
  me: PersonShown;
}

export function textNode(text: Text, reader: Reader): Node {
  return text.type === 'mrkdwn' ? mrkdwn(text.text, reader) : plainText(text.text, text.emoji);
}

/** @param emoji false leaves `:fire:` as it was typed, which is how the bot shows what people wrote */
export const plainText = (text: string, emoji = true): Node => lines(emoji ? withEmoji(text) : text);

/** Draws the mrkdwn of a message or a block. */
export function mrkdwn(text: string, reader: Reader): Node {
  const all = document.createDocumentFragment();
  text.split('```').forEach((part, index) => {
    if (index % 2 === 1) all.append(h('pre', {}, unescaped(part.replace(/^\n/, ''))));
    else all.append(...paragraphs(part, reader));
  });
  return all;
}

function paragraphs(text: string, reader: Reader): Node[] {
  const nodes: Node[] = [];
  let quoted: HTMLElement | undefined;
  text.split('\n').forEach((line, index, all) => {
    const quote = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (quote) {
      const isFirst = quoted === undefined;
      quoted ??= h('blockquote');
      if (isFirst) nodes.push(quoted);
      else quoted.append(h('br'));
      quoted.append(...inline(quote[1] ?? '', reader));
      return;
    }
    const afterQuote = quoted !== undefined;
    quoted = undefined;
    nodes.push(...inline(line, reader));
    if (index < all.length - 1 && !(afterQuote && line === '')) nodes.push(h('br'));
  });
  // A quote is a block, which needs no break before it.
  return nodes.filter(
    (node, index) => !(node.nodeName === 'BR' && nodes[index + 1]?.nodeName === 'BLOCKQUOTE'),
  );
}

const TOKEN =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])|(?<![\w_])_(?!\s)([^_\n]+?)(?<!\s)_(?![\w_])|(?<![\w~])~(?!\s)([^~\n]+?)(?<!\s)~(?![\w~])/g;

function inline(text: string, reader: Reader): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    nodes.push(...words(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [, code, control, bold, italic, struck] = found;
    if (code !== undefined) nodes.push(codeNode(unescaped(code)));
    else if (control !== undefined) nodes.push(controlNode(control, reader));
    else if (bold !== undefined) nodes.push(h('strong', {}, ...inline(bold, reader)));
    else if (italic !== undefined) nodes.push(h('em', {}, ...inline(italic, reader)));
    else if (struck !== undefined) nodes.push(h('s', {}, ...inline(struck, reader)));
  }
  nodes.push(...words(text.slice(at)));
  return nodes;
}

/** Draws code. An ssh command gets a button that copies it, since people take the command to their terminal. */
function codeNode(code: string): Node {
  if (!/^ssh /.test(code)) return h('code', {}, code);
  return h('span', { class: 'copyable' }, h('code', {}, code), copyButton(code));
}

export function copyButton(text: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy' });
  const say = (word: string): void => {
    button.textContent = word;
    button.setAttribute('aria-label', `${word} ${text.split('\n')[0]}`);
  };
  say('Copy');
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(text).then(() => {
      say('Copied');
      setTimeout(say, 1_500, 'Copy');
    });
  });
  return button;
}

/** Draws a link, a mention or a date. @param inside the markup between `<` and `>` */
function controlNode(inside: string, { town, me }: Reader): Node {
  const bar = inside.indexOf('|');
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : unescaped(inside.slice(bar + 1));
  const mention = (name: string, isMe = false): Node =>
    h('span', { class: isMe ? 'mention mention-me' : 'mention' }, name);
  if (head.startsWith('@')) {
    const person = town.people.find(({ id }) => id === head.slice(1));
    return mention(`@${person?.name ?? label ?? head.slice(1)}`, person?.id === me.id);
  }
  if (head.startsWith('#')) {
    const channel = town.channels.find(({ id }) => id === head.slice(1));
    return mention(`#${channel?.name ?? label ?? head.slice(1)}`);
  }
  if (head.startsWith('!subteam^')) {
    const group = town.userGroups.find(({ id }) => id === head.slice('!subteam^'.length));
    return mention(`@${group?.handle ?? label ?? head}`);
  }
  if (head.startsWith('!date^')) {
    const [, at = ''] = head.split('^');
    const shown = slackDate(head, ZONE) ?? label ?? '';
    return h('time', { datetime: new Date(Number(at) * 1000).toISOString(), title: ZONE }, shown);
  }
  if (head.startsWith('!')) return mention(`@${head.slice(1)}`);
  const url = unescaped(head);
  return linkNode(url, label ?? url.replace(/^mailto:/, ''));
}

/** Whether the address has a scheme that runs nothing, so that an app may send somebody there. */
const isSafe = (url: string): boolean => /^(?:https?|mailto):/.test(url);

export function linkNode(url: string, shown: string): Node {
  if (!isSafe(url)) return document.createTextNode(shown);
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, shown);
}

/** Opens the address of a button or an option in a new window. */
export function follow(url: string | undefined): void {
  if (url !== undefined && isSafe(url)) window.open(url, '_blank', 'noopener');
}

const words = (text: string): Node[] =>
  text === '' ? [] : [document.createTextNode(withEmoji(unescaped(text)))];

function lines(text: string): Node {
  const all = document.createDocumentFragment();
  text.split('\n').forEach((line, index) => {
    if (index > 0) all.append(h('br'));
    all.append(line);
  });
  return all;
}

const withEmoji = (text: string): string =>
  text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => emojiNamed(name) ?? whole);

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

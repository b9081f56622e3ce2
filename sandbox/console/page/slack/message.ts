/** Draws one message of a conversation, and connects its controls with the bot. */
import type { Message } from '../../../slack/state/conversations.js';
import { act, inOrder } from '../ask.js';
import { blockNodes } from '../blocks/blocks.js';
import { mrkdwn, type Reader } from '../blocks/mrkdwn.js';
import type { Surface } from '../blocks/surface.js';
import { clockTime, ZONE } from '../clock.js';
import { h } from '../dom.js';
import { avatar } from './avatar.js';

/** @param follows whether the message stands right below another of the same author */
export function messageNode(message: Message, reader: Reader, follows: boolean): HTMLElement {
  const { town } = reader;
  const author = town.people.find(({ id }) => id === message.user);
  const isApp = message.user === town.botUserId;
  const at = Math.floor(Number(message.ts) * 1000);
  const name = author?.realName ?? 'Slackbot';
  const body = h('div', { class: 'message-body' });
  if (message.blocks.length > 0) body.append(...blockNodes(message.blocks, surfaceOf(message, reader)));
  else
    body.append(
      h('div', { class: 'block-section' }, h('div', { class: 'section-text' }, mrkdwn(message.text, reader))),
    );
  const classes = ['message', follows && 'follows', message.ephemeralTo !== undefined && 'ephemeral'];
  return h(
    'article',
    {
      class: classes.filter(Boolean).join(' '),
      'data-ts': message.ts,
      'aria-label': `${name}, ${clockTime(at)}`,
    },
    follows ? h('span', { class: 'gutter-time' }, clockTime(at)) : avatar(author, town, 36),
    h(
      'div',
      { class: 'message-main' },
      message.ephemeralTo !== undefined && h('p', { class: 'only-you' }, 'Only visible to you'),
      !follows &&
        h(
          'header',
          {},
          h('strong', {}, name),
          isApp && h('span', { class: 'badge-app' }, 'APP'),
          h('time', { datetime: new Date(at).toISOString(), title: ZONE }, clockTime(at)),
        ),
      body,
      message.editedTs !== undefined && !isApp && h('span', { class: 'edited' }, '(edited)'),
    ),
  );
}

function surfaceOf(message: Message, reader: Reader): Surface {
  return {
    ...reader,
    name: `m${message.ts}`,
    values: {},
    errors: {},
    press(blockId, actionId, choice) {
      const { channel, ts } = message;
      const chosen = choice === undefined ? {} : { choice };
      void act({ act: 'press', as: reader.me.id, channel, ts, blockId, actionId, ...chosen });
    },
    entered: () => {},
    suggest: async () => [],
    keep: (_, make) => make(),
  };
}

/** The part of a Surface that sends what is pressed and entered in a form or on the Home tab. */
export function viewActs(viewId: string, reader: Reader): Pick<Surface, 'press' | 'entered' | 'suggest'> {
  const as = reader.me.id;
  return {
    press(blockId, actionId, choice) {
      const chosen = choice === undefined ? {} : { choice };
      void inOrder(() => act({ act: 'press-view', as, viewId, blockId, actionId, ...chosen }));
    },
    entered(blockId, value) {
      void inOrder(() => act({ act: 'fill', as, viewId, fields: { [blockId]: value } }));
    },
    async suggest(field, query) {
      const answer = await act({ act: 'suggest', as, viewId, field, query });
      return answer.ok ? (answer.options ?? []) : [];
    },
  };
}

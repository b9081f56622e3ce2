/** Posts and edits cards, in people's conversations with the bot and in the channels that a policy names. */
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import type { Card, Messenger } from '../../workflow/ports.js';
import { accessCard } from '../cards/access-card.js';
import { adminNoticeCard } from '../cards/admin-notice-card.js';
import { alertCard } from '../cards/alert-card.js';
import { approvalCard } from '../cards/approval-card.js';
import { ownerCard } from '../cards/owner-card.js';
import type { Rendered } from '../words/blocks.js';
import { politely } from './slack-busy.js';

/** Errors of chat.update that no retry changes: the message, or the right to edit it, is gone. */
const LOST = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'is_inactive',
  'no_such_channel',
]);

/**
 * Errors of conversations.open and chat.postMessage that no retry changes: the person or the channel cannot be reached.
 */
const UNREACHABLE = new Set([
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'cannot_dm_bot',
  // Errors of a channel:
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
]);

/** Renders a card from its request alone, so that the same request always looks the same. */
export function render({ surface, request, folded, viewer }: Card): Rendered {
  switch (surface) {
    case 'access':
      return accessCard(request, folded);
    case 'approval':
      return approvalCard(request, folded, viewer);
    case 'alert':
      return alertCard(request, folded);
    case 'owner':
      return ownerCard(request, folded);
  }
}

/** Whether an id is that of a channel. The others are people's. */
function isChannel(id: string): boolean {
  return /^[CG]/.test(id);
}

/** Every call throws SlackBusy, which carries `retryAfterMs`, when Slack asks the bot to slow down. */
export function createMessenger({ client }: { client: WebClient }): Messenger {
  const conversations = new Map<string, string>();

  async function conversationWith(userId: string): Promise<string> {
    if (isChannel(userId)) return userId;
    const known = conversations.get(userId);
    if (known) return known;
    const { channel } = await client.conversations.open({ users: userId });
    if (!channel?.id) throw new Error('Slack opened a conversation without an id');
    conversations.set(userId, channel.id);
    return channel.id;
  }

  async function post(channel: string, message: Rendered): Promise<string> {
    const quietly = { unfurl_links: false, unfurl_media: false };
    const { ts } = await client.chat.postMessage({ channel, ...message, ...quietly });
    if (!ts) throw new Error('Slack posted a message without a ts');
    return ts;
  }

  return {
    post: (userId, card) =>
      politely(async () => {
        try {
          const channel = await conversationWith(userId);
          return { channel, ts: await post(channel, render(card)) };
        } catch (cause) {
          if (cause instanceof WebAPIPlatformError && UNREACHABLE.has(cause.data.error)) return 'unreachable';
          throw cause;
        }
      }),
    notify: (userId, notice) =>
      politely(async () => {
        await post(await conversationWith(userId), adminNoticeCard(notice));
      }),
    edit: ({ channel, ts }, card) =>
      politely(async () => {
        try {
          await client.chat.update({ channel, ts, ...render(card) });
          return 'edited';
        } catch (cause) {
          if (cause instanceof WebAPIPlatformError && LOST.has(cause.data.error)) return 'lost';
          throw cause;
        }
      }),
  };
}

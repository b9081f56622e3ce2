/** Posts and edits cards, in people's conversations with the bot and in the channels that a policy names. */
import type { WebClient } from '@slack/web-api';
import type { Card, Messenger } from '../../workflow/ports.js';
import { accessCard } from '../cards/access-card.js';
import { adminNoticeCard } from '../cards/admin-notice-card.js';
import { alertCard } from '../cards/alert-card.js';
import { approvalCard } from '../cards/approval-card.js';
import { ownerCard } from '../cards/owner-card.js';
import type { Rendered } from '../words/blocks.js';
import { finalRefusal } from './refusals.js';
import { politely } from './slack-busy.js';

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

  async function open(userId: string): Promise<string> {
    const { channel } = await client.conversations.open({ users: userId });
    if (!channel?.id) throw new Error('Slack opened a conversation without an id');
    conversations.set(userId, channel.id);
    return channel.id;
  }

  async function post(channel: string, message: Rendered): Promise<{ channel: string; ts: string }> {
    const quietly = { unfurl_links: false, unfurl_media: false };
    const { ts } = await client.chat.postMessage({ channel, ...message, ...quietly });
    if (!ts) throw new Error('Slack posted a message without a ts');
    return { channel, ts };
  }

  /** Slack may know a remembered conversation no more, so that one is opened anew once. */
  async function postTo(userId: string, message: Rendered): Promise<{ channel: string; ts: string }> {
    if (isChannel(userId)) return post(userId, message);
    const known = conversations.get(userId);
    if (known) {
      try {
        return await post(known, message);
      } catch (cause) {
        if (finalRefusal(cause) === undefined) throw cause;
        conversations.delete(userId);
      }
    }
    return post(await open(userId), message);
  }

  return {
    post: (userId, card) =>
      politely(async () => {
        try {
          return await postTo(userId, render(card));
        } catch (cause) {
          const unreachable = finalRefusal(cause);
          if (unreachable === undefined) throw cause;
          return { unreachable };
        }
      }),
    notify: (userId, notice) =>
      politely(async () => {
        await postTo(userId, adminNoticeCard(notice));
      }),
    edit: ({ channel, ts }, card) =>
      politely(async () => {
        try {
          await client.chat.update({ channel, ts, ...render(card) });
          return 'edited';
        } catch (cause) {
          if (finalRefusal(cause) === undefined) throw cause;
          return 'lost';
        }
      }),
  };
}

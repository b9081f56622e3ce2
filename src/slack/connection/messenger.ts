/** Posts and edits cards, in people's conversations with the bot and in the channels that a policy names. */
import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Request } from '../../access/request/request.js';
import type { Card, Log, Messenger } from '../../workflow/ports.js';
import { accessCard } from '../cards/access-card.js';
import { adminNoticeCard } from '../cards/admin-notice-card.js';
import { alertCard } from '../cards/alert-card.js';
import { approvalCard } from '../cards/approval-card.js';
import { ownerCard } from '../cards/owner-card.js';
import { foldedCard, type Rendered, section } from '../words/blocks.js';
import { mention } from '../words/mrkdwn.js';
import { contentRefusal, finalRefusal } from './refusals.js';
import { politely } from './slack-busy.js';

/** Renders a card from its request alone, so that the same request always looks the same. */
export function render({ surface, request, folded, viewer }: Card): Rendered {
  if (folded) return foldedCard(request.id, subjectOf(surface, request));
  switch (surface) {
    case 'access':
      return accessCard(request);
    case 'approval':
      return approvalCard(request, viewer);
    case 'alert':
      return alertCard(request);
    case 'owner':
      return ownerCard(request);
  }
}

/** Whose request a folded card was about, where its reader is somebody else; the admins know a request by its id. */
function subjectOf(surface: Card['surface'], { ask }: Request): string | undefined {
  switch (surface) {
    case 'access':
    case 'alert':
      return undefined;
    case 'approval':
      return `${mention(ask.requester)}'s request`;
    case 'owner':
      return `${mention(ask.requester)} and your WorkSpace`;
  }
}

/** A hash of a message, which differs wherever a letter differs or the value of a button. */
function lookOf(message: Rendered): string {
  return createHash('sha256').update(JSON.stringify(message)).digest('base64url').slice(0, 16);
}

/** The line of a card that a notification shows, for a Slack that does not take the card. */
function lineOf({ text }: Rendered): Rendered {
  const instead = `${text}\nSlack did not take the rest of this message: look at my Home instead. An admin finds the reason in my log.`;
  return { text, blocks: [section(instead)] };
}

/** Every call throws SlackFailed where Slack did not take it; `retryAfterMs` says when Slack wants to be asked again. */
export function createMessenger({ client, log }: { client: WebClient; log: Log }): Messenger {
  /**
   * Posts to a channel, or to a person by their id: Slack opens the conversation where there is none, and answers its id.
   * An edit takes that id alone.
   */
  async function postTo(to: string, message: Rendered): Promise<{ channel: string; ts: string }> {
    const quietly = { unfurl_links: false, unfurl_media: false };
    const { channel, ts } = await client.chat.postMessage({ channel: to, ...message, ...quietly });
    if (!channel || !ts) throw new Error('Slack posted a message and did not say where');
    return { channel, ts };
  }

  /** Posts a card, or its one line where Slack refuses what the card shows: whoever is to know of a request hears of it. */
  async function postCard(
    to: string,
    card: Card,
    message: Rendered,
  ): Promise<{ channel: string; ts: string }> {
    try {
      return await postTo(to, message);
    } catch (err) {
      if (contentRefusal(err) === undefined) throw err;
      const { id } = card.request;
      log.error({ err, id, user: to, surface: card.surface }, 'Slack refuses a card for what it shows');
      return postTo(to, lineOf(message));
    }
  }

  return {
    post: (to, card) =>
      politely(async () => {
        const message = render(card);
        try {
          return { ...(await postCard(to, card, message)), look: lookOf(message) };
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
    edit: ({ channel, ts, look: known }, card) =>
      politely(async () => {
        const message = render(card);
        const look = lookOf(message);
        // Slack lets an app edit some fifty messages a minute, so none is spent on a card that stays as it is.
        if (look === known) return { look };
        try {
          await client.chat.update({ channel, ts, ...message });
          return { look };
        } catch (cause) {
          if (finalRefusal(cause) === undefined) throw cause;
          return 'lost';
        }
      }),
  };
}

/** Keeps the channels and direct messages with every message in them, and notifies people of new messages. */
import type { Block } from '../block-kit/blocks.js';
import { notificationText, pingedUsers } from '../reading/plain.js';
import type { SlackWorld } from '../world.js';

/** A message with its present text and blocks: an edit changes them in place. */
export interface Message {
  channel: string;
  ts: string;
  /** The author's user id; the bot's user id for a message of the app. */
  user: string;
  text: string;
  blocks: Block[];
  attachments?: unknown;
  threadTs?: string;
  metadata?: unknown;
  /** When `chat.update` or a `response_url` last changed the message, as a Slack timestamp. */
  editedTs?: string;
  deleted?: boolean;
  /** The user id of the only person who sees the message, until they reload Slack. */
  ephemeralTo?: string;
}

export interface Channel {
  id: string;
  name: string;
  kind: 'im' | 'public' | 'private';
  members: string[];
}

export interface Conversations {
  find(id: string): Channel | undefined;
  /** The bot's DM with a person, which is made when it is first needed. */
  dmWith(userId: string): Channel;
  post(draft: Draft): Message;
  /** Puts a message there that was posted before this town began: nobody is notified of it. */
  restore(message: Message): void;
  live(channel: string, ts: string): Message | undefined;
  list(channel: string): Message[];
  ephemerals: Message[];
  notifications: { userId: string; text: string; channel: string; ts: string }[];
  nextTs(): string;
}
type Draft = Pick<Message, 'channel' | 'user' | 'text' | 'blocks'> &
  Partial<Pick<Message, 'attachments' | 'threadTs' | 'metadata' | 'ephemeralTo'>>;

/** @param shown called after a message appeared on somebody's screen */
export function createConversations(world: SlackWorld, shown: (message: Message) => void): Conversations {
  const byChannel = new Map<string, Message[]>();
  const ims = new Map<string, Channel>();
  let lastTs = 0;
  const list = (channel: string): Message[] => byChannel.get(channel) ?? [];
  const conversations: Conversations = {
    find(channelId) {
      const im = ims.get(channelId);
      if (im) return im;
      const found = world.channels.find((channel) => channel.id === channelId);
      return found && { ...found, kind: found.isPrivate ? 'private' : 'public' };
    },
    dmWith(userId) {
      const channelId = `D${userId.slice(1)}`;
      const known = ims.get(channelId);
      if (known) return known;
      const members = [userId, world.app.botUserId];
      const im: Channel = { id: channelId, name: 'directmessage', kind: 'im', members };
      ims.set(channelId, im);
      return im;
    },
    post(draft) {
      const message: Message = { ...draft, ts: conversations.nextTs() };
      if (message.ephemeralTo !== undefined) {
        conversations.ephemerals.push(message);
        shown(message);
        return message;
      }
      byChannel.set(message.channel, [...list(message.channel), message]);
      notify(message);
      shown(message);
      return message;
    },
    restore(message) {
      if (message.channel.startsWith('D')) conversations.dmWith(`U${message.channel.slice(1)}`);
      byChannel.set(message.channel, [...list(message.channel), structuredClone(message)]);
      lastTs = Math.max(lastTs, Math.round(Number(message.ts) * 1e6));
    },
    live: (channel, ts) =>
      [...list(channel), ...conversations.ephemerals].find(
        (message) => message.channel === channel && message.ts === ts && !message.deleted,
      ),
    list: (channel) => list(channel).filter((message) => !message.deleted),
    ephemerals: [],
    notifications: [],
    nextTs() {
      lastTs = Math.max(lastTs + 1, Date.now() * 1000);
      return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`;
    },
  };
  function notify(message: Message): void {
    const channel = conversations.find(message.channel);
    if (!channel) return;
    const pinged = channel.kind === 'im' ? channel.members : pingedUsers(message, world, channel.members);
    for (const userId of pinged) {
      if (userId === message.user || userId === world.app.botUserId) continue;
      const text = notificationText(message, world, userId);
      conversations.notifications.push({ userId, text, channel: message.channel, ts: message.ts });
    }
  }
  return conversations;
}

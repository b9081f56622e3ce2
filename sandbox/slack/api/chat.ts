/** The Web API's messages and conversations: who may write where, and what an edit keeps. */

import { withIds } from '../block-kit/blocks.js';
import type { Channel, Message } from '../state/conversations.js';
import { messageObject } from '../state/objects.js';
import type { Town } from '../state/town.js';
import { announce } from '../wire/events.js';
import { flag, messageContent, optional, required, structured } from './arguments.js';
import type { Method } from './method.js';
import { Refusal } from './refusal.js';

/** How far ahead a message may be scheduled: 120 days. */
const FURTHEST_MS = 120 * 24 * 60 * 60_000;

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    rate: 'post',
    run(town, args) {
      const channel = channelToPostIn(town, required(args, 'channel'));
      const { text = '', blocks = [], attachments } = messageContent(args);
      if (text === '' && blocks.length === 0 && attachments === undefined) throw new Refusal('no_text');
      const threadTs = optional(args, 'thread_ts');
      const metadata = structured(args, 'metadata');
      const message = town.conversations.post({
        channel: channel.id,
        user: town.world.app.botUserId,
        text,
        blocks: withIds(blocks, () => town.id('').slice(0, 5)),
        ...(attachments === undefined ? {} : { attachments }),
        ...(threadTs === undefined ? {} : { threadTs }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      announce(town, message);
      return { channel: channel.id, ts: message.ts, message: messageObject(town, message) };
    },
  },
  // A scheduled message is never posted here: who schedules one takes it back.
  'chat.scheduleMessage': {
    scopes: ['chat:write'],
    rate: 'tier3',
    run(town, args) {
      const channel = channelToPostIn(town, required(args, 'channel'));
      const postAt = Number(required(args, 'post_at'));
      const { text = '', blocks = [] } = messageContent(args);
      if (text === '' && blocks.length === 0) throw new Refusal('no_text');
      if (postAt * 1000 <= Date.now()) throw new Refusal('time_in_past');
      if (postAt * 1000 > Date.now() + FURTHEST_MS) throw new Refusal('time_too_far');
      const id = town.id('Q');
      town.scheduled.set(id, { channel: channel.id });
      return { channel: channel.id, scheduled_message_id: id, post_at: postAt };
    },
  },
  'chat.deleteScheduledMessage': {
    scopes: ['chat:write'],
    rate: 'tier3',
    run(town, args) {
      const channel = channelById(town, required(args, 'channel'));
      const id = required(args, 'scheduled_message_id');
      if (town.scheduled.get(id)?.channel !== channel.id) throw new Refusal('invalid_scheduled_message_id');
      town.scheduled.delete(id);
      return {};
    },
  },
  'chat.update': {
    scopes: ['chat:write'],
    rate: 'tier3',
    run(town, args) {
      const channel = channelById(town, required(args, 'channel'));
      const message = ownMessage(town, channel, required(args, 'ts'), 'cant_update_message');
      const { text, blocks, attachments } = messageContent(args);
      if (text === undefined && blocks === undefined && attachments === undefined)
        throw new Refusal('no_text');
      // Parts that the call leaves out stay: a new text alone does not change the screen of a message with blocks.
      editMessage(town, message, {
        ...(text === undefined ? {} : { text }),
        ...(blocks === undefined ? {} : { blocks }),
        ...(attachments === undefined ? {} : { attachments }),
      });
      return {
        channel: channel.id,
        ts: message.ts,
        text: message.text,
        message: messageObject(town, message),
      };
    },
  },
  'chat.delete': {
    scopes: ['chat:write'],
    rate: 'tier3',
    run(town, args) {
      const channel = channelById(town, required(args, 'channel'));
      const message = ownMessage(town, channel, required(args, 'ts'), 'cant_delete_message');
      deleteMessage(town, message);
      return { channel: channel.id, ts: message.ts };
    },
  },
  'chat.postEphemeral': {
    scopes: ['chat:write'],
    rate: 'tier4',
    run(town, args) {
      const channel = channelToPostIn(town, required(args, 'channel'));
      const user = required(args, 'user');
      if (!channel.members.includes(user)) throw new Refusal('user_not_in_channel');
      const { text = '', blocks = [] } = messageContent(args);
      if (text === '' && blocks.length === 0) throw new Refusal('no_text');
      const message = town.conversations.post({
        channel: channel.id,
        user: town.world.app.botUserId,
        text,
        blocks: withIds(blocks, () => town.id('').slice(0, 5)),
        ephemeralTo: user,
      });
      return { message_ts: message.ts };
    },
  },
  'chat.getPermalink': {
    scopes: [],
    rate: 'none',
    run(town, args) {
      const channel = channelById(town, required(args, 'channel'));
      const ts = required(args, 'message_ts');
      if (!town.conversations.live(channel.id, ts)) throw new Refusal('message_not_found');
      const permalink = `https://${town.world.team.domain}.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
      return { channel: channel.id, permalink };
    },
  },
  'conversations.open': {
    scopes: ['im:write'],
    rate: 'tier3',
    run(town, args) {
      const known = optional(args, 'channel');
      const channel = known === undefined ? openDm(town, required(args, 'users')) : channelById(town, known);
      return { channel: flag(args, 'return_im') ? conversation(town, channel) : { id: channel.id } };
    },
  },
  'conversations.info': {
    scopes: (town, args) => [readScope(town.conversations.find(optional(args, 'channel') ?? ''))],
    rate: 'tier3',
    run: (town, args) => ({ channel: conversation(town, channelById(town, required(args, 'channel'))) }),
  },
};

/** Edits a message in its place. An edit notifies nobody. */
export function editMessage(
  town: Town,
  message: Message,
  change: Partial<Pick<Message, 'text' | 'blocks' | 'attachments'>>,
): void {
  const { blocks, ...rest } = change;
  Object.assign(message, rest, { editedTs: town.conversations.nextTs() });
  if (blocks) message.blocks = withIds(blocks, () => town.id('').slice(0, 5));
  town.shown(message);
  announce(town, message, 'message_changed');
}

export function deleteMessage(town: Town, message: Message): void {
  message.deleted = true;
  town.shown(message);
  announce(town, message, 'message_deleted');
}

function channelById(town: Town, id: string): Channel {
  const channel = town.conversations.find(id);
  const bot = town.world.app.botUserId;
  if (!channel || (channel.kind === 'private' && !channel.members.includes(bot)))
    throw new Refusal('channel_not_found');
  return channel;
}

/** Takes a channel's id, `#name`, or a user's id, which stands for the bot's DM with that user. @throws Refusal */
function channelToPostIn(town: Town, given: string): Channel {
  const { app, channels } = town.world;
  if (/^[UW]/.test(given)) {
    if (given === app.botUserId || town.user(given)?.isBot) throw new Refusal('cannot_dm_bot');
    const refuses = town.user(given)?.refuses;
    if (refuses !== undefined) throw new Refusal(refuses);
    if (!town.member(given)) throw new Refusal('channel_not_found');
    return town.conversations.dmWith(given);
  }
  const named = channels.find((channel) => `#${channel.name}` === given);
  const channel = channelById(town, named?.id ?? given);
  const joined = channel.members.includes(app.botUserId);
  if (!joined && !app.scopes.includes('chat:write.public')) throw new Refusal('not_in_channel');
  const refuses = channels.find(({ id }) => id === channel.id)?.refuses;
  if (refuses !== undefined) throw new Refusal(refuses);
  return channel;
}

function openDm(town: Town, users: string): Channel {
  const [id = '', ...others] = users.split(',');
  if (others.length > 0) throw new Refusal('not_enough_users'); // The pretend Slack has no group conversations.
  if (id === town.world.app.botUserId || town.user(id)?.isBot) throw new Refusal('cannot_dm_bot');
  const user = town.user(id);
  if (!user) throw new Refusal('user_not_found');
  if (user.deleted) throw new Refusal('user_disabled');
  if (user.refuses !== undefined) throw new Refusal(user.refuses);
  return town.conversations.dmWith(id);
}

function ownMessage(town: Town, channel: Channel, ts: string, otherwise: string): Message {
  const message = town.conversations.live(channel.id, ts);
  if (!message || message.ephemeralTo !== undefined) throw new Refusal('message_not_found');
  if (message.user !== town.world.app.botUserId) throw new Refusal(otherwise);
  return message;
}

function conversation(town: Town, channel: Channel): Record<string, unknown> {
  const isMember = channel.members.includes(town.world.app.botUserId);
  const common = {
    id: channel.id,
    is_im: channel.kind === 'im',
    is_private: channel.kind !== 'public',
    is_archived: false,
  };
  return channel.kind === 'im'
    ? { ...common, user: channel.members.find((member) => member !== town.world.app.botUserId) }
    : {
        ...common,
        name: channel.name,
        is_channel: true,
        is_member: isMember,
        num_members: channel.members.length,
      };
}

function readScope(channel: Channel | undefined): string {
  if (channel?.kind === 'im') return 'im:read';
  return channel?.kind === 'private' ? 'groups:read' : 'channels:read';
}

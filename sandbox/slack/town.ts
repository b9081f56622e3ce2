/** The state of the pretend workspace (conversations, triggers, ids, what happened) with no protocol in it, so that each protocol file stays small. */
import { randomBytes } from 'node:crypto';
import { createBoard, type ViewBoard } from './board.js';
import type { Mail } from './deliver.js';
import { notificationText, pingedUsers } from './plain.js';
import type { JournalEntry, Message, SlackSettings, SlackUser, SlackWorld, TownEvent } from './types.js';

/** Where a response_url posts, and how much of it is left. */
export interface ResponseUrl {
  channel: string;
  userId: string;
  /** The message whose button was pressed. */
  origin?: { channel: string; ts: string };
  uses: number;
  bornAt: number;
}

/** What the files of the pretend Slack share while it runs. */
export interface Town {
  world: SlackWorld;
  settings: SlackSettings;
  baseUrl: string;
  journal: JournalEntry[];
  emit(event: TownEvent): void;
  onEvent(listener: (event: TownEvent) => void): () => void;
  /** Such as `id('V')` → `V7K2M…`; upper case like Slack's. */
  id(prefix: string): string;
  board: ViewBoard;
  conversations: Conversations;
  triggers: Triggers;
  responseUrls: Map<string, ResponseUrl>;
  newResponseUrl(target: Omit<ResponseUrl, 'uses' | 'bornAt'>): string;
  /** Set by the server: hands a payload to the app. */
  mail: Mail;
  user(id: string): SlackUser | undefined;
  member(id: string): boolean;
}

export interface Channel {
  id: string;
  name: string;
  kind: 'im' | 'public' | 'private';
  members: string[];
}

interface Conversations {
  find(id: string): Channel | undefined;
  /** The bot's DM with a person, made if need be. */
  dmWith(userId: string): Channel;
  post(draft: Draft): Message;
  live(channel: string, ts: string): Message | undefined;
  list(channel: string): Message[];
  ephemerals: Message[];
  notifications: { userId: string; text: string; channel: string; ts: string }[];
  nextTs(): string;
}
type Draft = Pick<Message, 'channel' | 'user' | 'text' | 'blocks'> &
  Partial<Pick<Message, 'attachments' | 'threadTs' | 'metadata' | 'ephemeralTo'>>;

type TriggerProblem = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
interface Triggers {
  create(userId: string, fromView?: string): string;
  /** A trigger works once, whatever becomes of the call. */
  exchange(id: string): { userId: string; fromView?: string } | TriggerProblem;
}

export function createTown(world: SlackWorld, settings: SlackSettings, mail: Mail): Town {
  const listeners = new Set<(event: TownEvent) => void>();
  const emit = (event: TownEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const id = (prefix: string): string => `${prefix}${randomBytes(5).toString('hex').toUpperCase()}`;
  const responseUrls = new Map<string, ResponseUrl>();
  const town: Town = {
    world,
    settings,
    baseUrl: '',
    journal: [],
    emit,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    id,
    board: createBoard(id, emit),
    conversations: createConversations(world, emit),
    triggers: createTriggers(settings),
    responseUrls,
    newResponseUrl(target) {
      const path = `${world.team.id}/${randomBytes(8).toString('hex')}`;
      responseUrls.set(path, { ...target, uses: 0, bornAt: Date.now() });
      return `${town.baseUrl}/response/${path}`;
    },
    mail,
    user: (userId) => world.users.find((user) => user.id === userId),
    member(userId) {
      const user = town.user(userId);
      return user !== undefined && !user.deleted && (user.teamId ?? world.team.id) === world.team.id;
    },
  };
  return town;
}

function createConversations(world: SlackWorld, emit: (event: TownEvent) => void): Conversations {
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
        emit({ type: 'ephemeral', message });
        return message;
      }
      byChannel.set(message.channel, [...list(message.channel), message]);
      notify(message);
      emit({ type: 'message', message });
      return message;
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

function createTriggers(settings: SlackSettings): Triggers {
  const born = new Map<string, { at: number; userId: string; fromView?: string; used: boolean }>();
  return {
    create(userId, fromView) {
      const id = `${Date.now()}.${Math.floor(Math.random() * 1e12)}.${randomBytes(16).toString('hex')}`;
      born.set(id, { at: Date.now(), userId, used: false, ...(fromView === undefined ? {} : { fromView }) });
      return id;
    },
    exchange(id) {
      const trigger = born.get(id);
      if (!trigger) return 'invalid_trigger_id';
      if (trigger.used) return 'exchanged_trigger_id';
      if (Date.now() - trigger.at > settings.triggerLifeMs) return 'expired_trigger_id';
      trigger.used = true;
      return trigger;
    },
  };
}

/** A message as an API answer or a payload carries it. */
export function messagePayload(town: Town, message: Message): Record<string, unknown> {
  const { app, team } = town.world;
  const fromApp = message.user === app.botUserId;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: team.id,
    ...(fromApp ? { bot_id: app.botId, app_id: app.appId, bot_profile: botProfile(town) } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments === undefined ? {} : { attachments: message.attachments }),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(message.editedTs === undefined ? {} : { edited: { user: message.user, ts: message.editedTs } }),
  };
}

function botProfile(town: Town): Record<string, unknown> {
  const { app, team } = town.world;
  return {
    id: app.botId,
    app_id: app.appId,
    name: app.name ?? 'workspace-ssh',
    deleted: false,
    team_id: team.id,
  };
}

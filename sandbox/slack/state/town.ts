/** The state of the pretend workspace (conversations, triggers, ids, what happened) with no protocol in it, so that each protocol file stays small. */

import { randomBytes } from 'node:crypto';
import type { SlackSettings } from '../settings.js';
import type { SlackUser, SlackWorld } from '../world.js';
import { createBoard, type ViewBoard } from './board.js';
import { type Conversations, createConversations, type Message } from './conversations.js';
import type { JournalEntry, TownEvent } from './journal.js';
import type { Mail } from './mail.js';
import { createTriggers, type Triggers } from './triggers.js';

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
  /** Tells the listeners of a message that appeared, changed or went. */
  shown(message: Message): void;
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

export function createTown(world: SlackWorld, settings: SlackSettings, mail: Mail): Town {
  const listeners = new Set<(event: TownEvent) => void>();
  const emit = (event: TownEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const shown = (message: Message): void =>
    emit({ type: message.ephemeralTo === undefined ? 'message' : 'ephemeral', message });
  const id = (prefix: string): string => `${prefix}${randomBytes(5).toString('hex').toUpperCase()}`;
  const responseUrls = new Map<string, ResponseUrl>();
  const town: Town = {
    world,
    settings,
    baseUrl: '',
    journal: [],
    emit,
    shown,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    id,
    board: createBoard(id, (view) => emit({ type: 'view', view })),
    conversations: createConversations(world, shown),
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

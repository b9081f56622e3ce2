/**
 * Holds the state of the pretend workspace (conversations, views, triggers, the journal), which all protocols share.
 */

import { randomBytes } from 'node:crypto';
import type { SlackSettings } from '../settings.js';
import type { SlackUser, SlackWorld } from '../world.js';
import { createBoard, type ViewBoard } from './board.js';
import { type Conversations, createConversations, type Message } from './conversations.js';
import type { JournalEntry, TownEvent } from './journal.js';
import type { Mail } from './mail.js';
import { createTriggers, type Triggers } from './triggers.js';

/** Where a response_url posts, how often somebody used it, and since when it exists. */
export interface ResponseUrl {
  channel: string;
  userId: string;
  /** The message with the button that was pressed; missing for a command. */
  origin?: { channel: string; ts: string };
  uses: number;
  bornAt: number;
}

/** The workspace while the pretend Slack runs. */
export interface Town {
  world: SlackWorld;
  settings: SlackSettings;
  baseUrl: string;
  journal: JournalEntry[];
  emit(event: TownEvent): void;
  /** Tells the listeners of a message that appeared, changed or went. */
  shown(message: Message): void;
  onEvent(listener: (event: TownEvent) => void): () => void;
  /** A new id in upper case, such as `V7K2M…` for `id('V')`. */
  id(prefix: string): string;
  board: ViewBoard;
  conversations: Conversations;
  triggers: Triggers;
  responseUrls: Map<string, ResponseUrl>;
  /** Messages that were put off and not taken back, by their ids. */
  scheduled: Map<string, { channel: string }>;
  newResponseUrl(target: Omit<ResponseUrl, 'uses' | 'bornAt'>): string;
  /** Delivers payloads to the app. */
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
    scheduled: new Map(),
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

/** Keeps who has not seen which message yet, so that a visitor sees with whom the next step waits. */
import type { SlackTown } from '../../slack/slack-town.js';
import type { Message } from '../../slack/state/conversations.js';
import type { Unread } from './shapes.js';

export interface UnreadMarks {
  now(): Unread;
  /** Marks a conversation as seen. @returns whether that changed anything */
  read(userId: string, channel: string): boolean;
}

/** @param changed called after the marks changed */
export function watchUnread(slack: SlackTown, changed: () => void): UnreadMarks {
  const marks = new Map<string, Map<string, Set<string>>>();
  const seen = new Set<string>();
  const membersOf = ({ channel, ephemeralTo }: Message): string[] => {
    if (ephemeralTo !== undefined) return [ephemeralTo];
    const known = slack.world.channels.find(({ id }) => id === channel);
    if (known) return known.members;
    return slack.world.users.filter(({ id }) => `D${id.slice(1)}` === channel).map(({ id }) => id);
  };
  slack.onEvent((event) => {
    if (event.type !== 'message' && event.type !== 'ephemeral') return;
    const { message } = event;
    const key = `${message.channel} ${message.ts}`;
    const isNew = !seen.has(key);
    seen.add(key);
    for (const userId of membersOf(message)) {
      const channels = marks.get(userId) ?? new Map<string, Set<string>>();
      marks.set(userId, channels);
      const unread = channels.get(message.channel) ?? new Set<string>();
      channels.set(message.channel, unread);
      // An edit notifies nobody.
      if (message.deleted) unread.delete(message.ts);
      else if (isNew && message.user !== userId) unread.add(message.ts);
    }
    changed();
  });
  return {
    now: () =>
      Object.fromEntries(
        [...marks].map(([userId, channels]) => [
          userId,
          Object.fromEntries(
            [...channels].flatMap(([id, unread]) => (unread.size > 0 ? [[id, unread.size]] : [])),
          ),
        ]),
      ),
    read(userId, channel) {
      const unread = marks.get(userId)?.get(channel);
      if (!unread || unread.size === 0) return false;
      unread.clear();
      changed();
      return true;
    },
  };
}

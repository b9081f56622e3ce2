/** Starts the pretend Slack on 127.0.0.1, and returns the SlackTown by which tests, the tour and the console use it. */

import { createServer } from 'node:http';
import { serveWebApi } from './api/web-api.js';
import { createPerson } from './people/person.js';
import { defaultSettings, type SlackSettings } from './settings.js';
import type { Person, SlackOptions, SlackTown } from './slack-town.js';
import type { Message } from './state/conversations.js';
import { createTown, type Town } from './state/town.js';
import { createMail } from './wire/deliver.js';
import { type SocketMode, serveSocketMode } from './wire/socket-mode.js';
import type { SlackWorld } from './world.js';

/** @param world stays the caller's: a change in it is true in Slack at once */
export async function startSlack(world: SlackWorld, options: SlackOptions = {}): Promise<SlackTown> {
  const defaults = defaultSettings();
  const settings: SlackSettings = {
    ...defaults,
    ...options.settings,
    rates: { ...defaults.rates, ...options.settings?.rates },
  };
  // The mail and the town need each other, so the mail is given functions that find the town once it is there.
  const mail = createMail({ town: () => town, socketMode: () => socketMode }, options.httpEventsUrl);
  const town: Town = createTown(world, settings, mail);
  const server = createServer(serveWebApi(town, () => socketMode.newUrl()));
  const socketMode: SocketMode = serveSocketMode(server, town);
  cutWhenDown(settings, () => socketMode.cut());

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the pretend Slack has no port');
  town.baseUrl = `http://127.0.0.1:${address.port}`;

  const people = new Map<string, Person>();
  const waiting = new Set<(reason: Error) => void>();
  const dmId = (userId: string): string => town.conversations.dmWith(userId).id;
  // People get copies, since a press is made on the message as they saw it.
  const shown = (messages: Message[]): Message[] => messages.map((message) => structuredClone(message));

  const slack: SlackTown = {
    apiUrl: `${town.baseUrl}/api/`,
    settings,
    world,
    journal: town.journal,
    deliverTo: mail.deliverTo,
    person(userId) {
      const known = people.get(userId) ?? createPerson(town, userId);
      people.set(userId, known);
      return known;
    },
    onEvent: town.onEvent,
    until(look, ms = 5000, what = String(look)) {
      return new Promise((resolve, reject) => {
        const finish = (act: () => void): void => {
          clearTimeout(timer);
          clearImmediate(soon);
          stopListening();
          waiting.delete(fail);
          act();
        };
        const fail = (reason: Error): void => finish(() => reject(reason));
        const again = (): void => {
          try {
            const seen = look();
            if (seen !== undefined && seen !== null && seen !== false) finish(() => resolve(seen));
          } catch (error) {
            fail(error instanceof Error ? error : new Error(String(error)));
          }
        };
        // Events come in bursts, and a look may read whole conversations.
        let soon: NodeJS.Immediate | undefined;
        const stopListening = town.onEvent(() => {
          soon ??= setImmediate(() => {
            soon = undefined;
            again();
          });
        });
        const timer = setTimeout(() => fail(new Error(`not seen within ${ms} ms: ${what}`)), ms);
        waiting.add(fail);
        again();
      });
    },
    message(channel, ts) {
      const found = town.conversations.live(channel, ts);
      return found && structuredClone(found);
    },
    restore(messages) {
      for (const message of messages) town.conversations.restore(message);
    },
    messages: (channelId) => shown(town.conversations.list(channelId)),
    dm: (userId) => shown(town.conversations.list(dmId(userId))),
    ephemerals: (userId) =>
      shown(town.conversations.ephemerals.filter((m) => m.ephemeralTo === userId && !m.deleted)),
    notifications: (userId) =>
      town.conversations.notifications
        .filter((n) => n.userId === userId)
        .map(({ text, channel, ts }) => ({ text, channel, ts })),
    connected: socketMode.count,
    async waitConnected(ms) {
      await slack.until(() => socketMode.count() > 0, ms, 'a Socket Mode connection');
    },
    refreshConnections: socketMode.refresh,
    sendFrame: socketMode.sendFrame,
    async close() {
      for (const fail of [...waiting]) fail(new Error('the pretend Slack was closed'));
      mail.close();
      await socketMode.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return slack;
}

/** Cuts the open connections as soon as `down` becomes `refused`. */
function cutWhenDown(settings: SlackSettings, cut: () => void): void {
  let down = settings.down;
  Object.defineProperty(settings, 'down', {
    enumerable: true,
    get: () => down,
    set(value: SlackSettings['down']) {
      down = value;
      if (value === 'refused') cut();
    },
  });
}

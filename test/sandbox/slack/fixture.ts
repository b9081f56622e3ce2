/** Gives the tests of the pretend Slack a small workspace and a tiny Bolt app. */
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { startSlack } from '../../../sandbox/slack/server.js';
import type { SlackOptions, SlackTown } from '../../../sandbox/slack/slack-town.js';
import type { SlackWorld } from '../../../sandbox/slack/world.js';

export function smallWorld(): SlackWorld {
  return {
    team: { id: 'T0CORP', name: 'Corp', domain: 'corp' },
    users: [
      {
        id: 'U0JANE',
        name: 'jane',
        realName: 'Jane Doe',
        email: 'jane@corp.example',
        tz: 'America/New_York',
        tzOffset: -18_000,
        fields: { Xf0BOSS: 'U0MARIA' },
      },
      { id: 'U0MARIA', name: 'maria', realName: 'Maria Lopez', tz: 'Europe/Madrid', tzOffset: 3600 },
      { id: 'U0GONE', name: 'gone', realName: 'Gone Away', tz: 'UTC', tzOffset: 0, deleted: true },
      { id: 'U0ALIEN', name: 'alien', realName: 'Al Ien', tz: 'UTC', tzOffset: 0, teamId: 'T0OTHER' },
    ],
    userGroups: [{ id: 'S0ADMINS', handle: 'it-admins', name: 'IT admins', users: ['U0MARIA'] }],
    channels: [
      { id: 'C0GENERAL', name: 'general', members: ['U0JANE', 'U0MARIA', 'U0BOT'] },
      { id: 'C0NOBOT', name: 'nobot', members: ['U0JANE'] },
      { id: 'C0SECRET', name: 'secret', members: ['U0MARIA'], isPrivate: true },
    ],
    profileFields: [{ id: 'Xf0BOSS', label: 'Manager', type: 'user' }],
    app: {
      appId: 'A0APP',
      botId: 'B0BOT',
      botUserId: 'U0BOT',
      botToken: 'xoxb-sandbox',
      appToken: 'xapp-sandbox',
      signingSecret: 'shh',
      scopes: [
        'commands',
        'chat:write',
        'im:write',
        'im:history',
        'users:read',
        'users:read.email',
        'users.profile:read',
        'usergroups:read',
      ],
      commands: ['/workspace-ssh'],
      shortcuts: [{ callbackId: 'request', name: 'Request SSH access' }],
    },
  };
}

/** A log that says nothing. */
export const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

export interface Running {
  town: SlackTown;
  app: App;
  stop(): Promise<void>;
}

/** Starts a Slack and a Bolt app that is connected to it; `listen` adds the listeners. */
export async function slackWithApp(
  transport: 'socket' | 'http',
  listen: (app: App) => void,
  options: SlackOptions = {},
): Promise<Running> {
  const world = smallWorld();
  const town = await startSlack(world, options);
  const receiver =
    transport === 'socket'
      ? new SocketModeReceiver({
          appToken: world.app.appToken,
          logger: silent,
          installerOptions: { clientOptions: { slackApiUrl: town.apiUrl } },
        })
      : new HTTPReceiver({
          signingSecret: world.app.signingSecret,
          logger: silent,
          unhandledRequestTimeoutMillis: 100, // Bolt keeps a timer for each request that is never acknowledged.
        });
  const app = new App({
    receiver,
    token: world.app.botToken,
    botId: world.app.botId,
    botUserId: world.app.botUserId,
    tokenVerificationEnabled: false,
    logger: silent,
    clientOptions: { slackApiUrl: town.apiUrl, retryConfig: { retries: 0 }, logger: silent },
  });
  app.error(async (error) => {
    throw error;
  });
  listen(app);
  if (receiver instanceof HTTPReceiver) {
    const server = await receiver.start(0);
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    town.deliverTo(`http://127.0.0.1:${address.port}/slack/events`);
  } else {
    await app.start();
    await town.waitConnected();
  }
  return {
    town,
    app,
    async stop() {
      await app.stop();
      await town.close();
    },
  };
}

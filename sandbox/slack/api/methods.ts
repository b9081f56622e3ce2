/** Lists every Web API method that the pretend Slack has. */

import { optional } from './arguments.js';
import { chatMethods } from './chat.js';
import type { Method } from './method.js';
import { peopleMethods } from './people.js';
import { Refusal } from './refusal.js';
import { viewMethods } from './views.js';

/** All methods but `apps.connections.open`, which alone takes the app-level token and is answered in web-api.ts. */
export const methods: Record<string, Method> = {
  'auth.test': {
    scopes: [],
    rate: 'none',
    run: ({ world: { app, team } }) => ({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: app.name ?? 'workspace-ssh',
      team_id: team.id,
      user_id: app.botUserId,
      bot_id: app.botId,
      is_enterprise_install: false,
    }),
  },
  'bots.info': {
    scopes: ['users:read'],
    rate: 'tier3',
    run({ world: { app } }, args) {
      if (optional(args, 'bot') !== app.botId) throw new Refusal('bot_not_found');
      const { botId: id, appId: app_id, botUserId: user_id } = app;
      return { bot: { id, deleted: false, name: app.name ?? 'workspace-ssh', app_id, user_id } };
    },
  },
  ...chatMethods,
  ...peopleMethods,
  ...viewMethods,
};

/** The table of Web API methods: what each needs and how often it may be called. */

import { chatMethods } from './chat.js';
import type { Method } from './method.js';
import { peopleMethods } from './people.js';
import { viewMethods } from './views.js';

/** `apps.connections.open` is not here: it alone takes the app-level token. */
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
  ...chatMethods,
  ...peopleMethods,
  ...viewMethods,
};

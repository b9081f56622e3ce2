/** The table of Web API methods: what each needs and how often it may be called. */

import { chatMethods } from './api-chat.js';
import { peopleMethods } from './api-people.js';
import { viewMethods } from './api-views.js';
import type { Args } from './arguments.js';
import type { Town } from './town.js';

export interface Method {
  /** Any one of these is enough, as for `conversations.info`; none needed when empty. */
  scopes: string[] | ((town: Town, args: Args) => string[]);
  rate: 'none' | 'post' | 'tier2' | 'tier3' | 'tier4';
  /** @throws Refusal */
  run(town: Town, args: Args): Record<string, unknown>;
}

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

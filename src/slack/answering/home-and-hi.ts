/** Home, and "hi": what Slack tells us without waiting for an answer. */

import { homeView } from '../cards/home.js';
import { COMMAND } from '../words/ids.js';
import { helpReply } from './commands/help.js';
import { SUBCOMMANDS } from './commands/table.js';
import type { Desk } from './desk.js';

/** Home shows its button even while the storage is down. */
export async function publishHome(userId: string, { parts, client }: Desk): Promise<void> {
  const { store, log } = parts;
  const known = Promise.all([store.ofPerson(userId), store.loadPause()]);
  const [listed, pause] = await known.catch((cause: unknown) => {
    log.warn({ err: cause, user: userId }, 'Home without a list: the store failed');
    const sentence =
      'My storage is unreachable, so I can’t list your requests now. Look again in a few minutes.';
    return [{ requests: { sentence }, newer: [] }] as const;
  });
  await client.views.publish({ user_id: userId, view: homeView(listed.requests, pause, listed.newer) });
}

/** Whatever was said, help is the answer: the command does the work. */
export async function greet(channel: string, userId: string, { parts, client }: Desk): Promise<void> {
  const help = helpReply(SUBCOMMANDS, parts.policy, { by: userId, command: COMMAND });
  await client.chat.postMessage({ channel, ...help, unfurl_links: false });
}

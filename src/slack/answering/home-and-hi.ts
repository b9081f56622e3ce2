/** Home and "hi": Slack tells the bot of a visit and of a message, and waits for no answer. */

import { homeView } from '../cards/home.js';
import { helpReply } from './commands/help.js';
import { SUBCOMMANDS } from './commands/table.js';
import type { Desk } from './desk.js';

/** Draws a person's Home. Its button to the form is there even while the storage is down. */
export async function publishHome(userId: string, { parts, client }: Desk): Promise<void> {
  const { store, log, command } = parts;
  const known = Promise.all([store.ofPerson(userId), store.loadPause()]);
  const [listed, pause] = await known.catch((cause: unknown) => {
    log.warn({ err: cause, user: userId }, 'Home without a list: the store failed');
    const sentence =
      'My storage is unreachable, so I can’t list your requests now. Look again in a few minutes.';
    return [{ requests: { sentence }, newer: [] }] as const;
  });
  await client.views.publish({
    user_id: userId,
    view: homeView(command, listed.requests, pause, listed.newer),
  });
}

/** Answers any message with help: people ask for access by the command, not in sentences. */
export async function greet(channel: string, userId: string, { parts, client }: Desk): Promise<void> {
  const help = helpReply(SUBCOMMANDS, parts.policy, { by: userId, command: parts.command });
  await client.chat.postMessage({ channel, ...help, unfurl_links: false });
}

/** Home, and "hi": what Slack tells us without waiting for an answer. */
import { helpReply } from './command.js';
import { homeView } from './home.js';
import { COMMAND } from './ids.js';
import type { Desk } from './on-click.js';

/** Home shows its button even while the storage is down. */
export async function publishHome(userId: string, { parts, client }: Desk): Promise<void> {
  const requests = await parts.store.ofPerson(userId).catch((cause: unknown) => {
    parts.log.warn({ err: cause, user: userId }, 'Home without a list: the store failed');
    return {
      sentence: 'My storage is unreachable, so I can’t list your requests now. Look again in a few minutes.',
    };
  });
  await client.views.publish({ user_id: userId, view: homeView(requests) });
}

/** Whatever was said, help is the answer: the command does the work. */
export async function greet(channel: string, { client }: Desk): Promise<void> {
  await client.chat.postMessage({ channel, ...helpReply(COMMAND), unfurl_links: false });
}

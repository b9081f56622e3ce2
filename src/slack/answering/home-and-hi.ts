/** Home and "hi": Slack tells the bot of a visit and of a message, and waits for no answer. */

import { homeOf } from '../../workflow/listing/home.js';
import { resumeOpenings } from '../../workflow/opening/pausing.js';
import { countFailure } from '../../workflow/passes.js';
import { homeView } from '../cards/home.js';
import { sentence } from '../words/mrkdwn.js';
import { FIRST_PAGES, type Pages, readPages } from '../words/values.js';
import { helpReply } from './commands/help.js';
import { resumedReply } from './commands/pause.js';
import { SUBCOMMANDS } from './commands/table.js';
import type { Click, Desk } from './desk.js';

/** Draws a person's Home. Its button to the form is there even while the storage is down. */
export async function publishHome(
  userId: string,
  { parts, client }: Desk,
  pages: Pages = FIRST_PAGES,
): Promise<void> {
  const { log, command } = parts;
  const lists = await homeOf(parts, userId).catch((cause: unknown) => {
    log.warn({ err: cause, user: userId }, 'Home without its lists: the store failed');
    countFailure(parts.memory, 'answering', cause);
    return {
      sentence: 'My storage is unreachable, so I can’t list your requests now. Look again in a few minutes.',
    };
  });
  const isAdmin = parts.policy.admins.includes(userId);
  const viewer = { userId, isAdmin, command, atMs: parts.now(), pages };
  await client.views.publish({ user_id: userId, view: homeView(viewer, lists) });
}

/** Draws Home anew after what a person did there. A failure is only logged: what they did is done. */
export async function redrawHome(userId: string, desk: Desk, pages: Pages | undefined): Promise<void> {
  if (!pages) return;
  await publishHome(userId, desk, pages).catch((cause: unknown) =>
    desk.parts.log.warn({ err: cause, user: userId }, 'Home was not drawn anew'),
  );
}

/** Shows another page of one of the lists. */
export async function turnPage(click: Click, desk: Desk): Promise<void> {
  await publishHome(click.by, desk, readPages(click.value));
}

/** Lets new access open again. Who may is checked by the workflow. */
export async function resumeFromHome(click: Click, { parts }: Desk): Promise<void> {
  const answer = await resumeOpenings(parts, click.by);
  await click.tell(answer.ok ? resumedReply(answer).text : sentence(answer.sentence));
}

/** Answers any message with help: people ask for access by the command, not in sentences. */
export async function greet(channel: string, userId: string, { parts, client }: Desk): Promise<void> {
  const help = helpReply(SUBCOMMANDS, parts.policy, { by: userId, command: parts.command });
  await client.chat.postMessage({ channel, ...help, unfurl_links: false });
}

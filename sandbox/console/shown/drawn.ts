/** Messages as they stood before: an edit may come between what a person sees and the click on it. */
import type { SlackTown } from '../../slack/slack-town.js';
import type { Message } from '../../slack/state/conversations.js';

/** How many versions of messages, all conversations together. */
const KEPT = 2_000;

export interface DrawnMessages {
  /** The message as it stood with that block; undefined where none ever did. */
  find(channel: string, ts: string, blockId: string): Message | undefined;
}

/** Slack delivers a click on a card that was edited meanwhile, such as under an open confirmation. */
export function watchDrawn(slack: SlackTown): DrawnMessages {
  const versions: Message[] = [];
  slack.onEvent((event) => {
    if (event.type !== 'message' && event.type !== 'ephemeral') return;
    // A later edit gives the message other blocks; these stay as they are.
    versions.push({ ...event.message });
    if (versions.length > KEPT) versions.shift();
  });
  return {
    find: (channel, ts, blockId) =>
      versions.findLast(
        (one) =>
          one.channel === channel && one.ts === ts && one.blocks.some(({ block_id }) => block_id === blockId),
      ),
  };
}

/** Keeps older versions of messages, since an edit may come between what a person sees and the click on it. */
import type { SlackTown } from '../../slack/slack-town.js';
import type { Message } from '../../slack/state/conversations.js';

/** How many versions are kept, of all conversations together. */
const KEPT = 2_000;

export interface DrawnMessages {
  /** The newest version of a message that has the block; undefined if no version has it. */
  find(channel: string, ts: string, blockId: string): Message | undefined;
}

/** Starts to keep versions: Slack delivers a click even on a card that was edited behind an open confirmation. */
export function watchDrawn(slack: SlackTown): DrawnMessages {
  const versions: Message[] = [];
  slack.onEvent((event) => {
    if (event.type !== 'message' && event.type !== 'ephemeral') return;
    // An edit gives the message new blocks, so this shallow copy keeps the old ones.
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

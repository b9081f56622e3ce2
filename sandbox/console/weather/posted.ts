/** Looks on people's screens, where the promise is that somebody reads of something. */
import { plain } from '../../slack/reading/plain.js';
import type { Sky } from './kinds.js';

/** Whether a message of the bot to that person names the thing and has such words. */
function isPosted({ slack }: Sky, user: string, thing: string, words: RegExp): boolean {
  return slack.dm(user).some((message) => {
    const text = plain(message, slack.world, user);
    return text.includes(thing) && words.test(text);
  });
}

/** Whether a card of the request says to its requester that access ended. */
export const endIsPosted = (sky: Sky, { requestId, user }: { requestId: string; user: string }): boolean =>
  isPosted(sky, user, requestId, /\bEnded\b/);

/**
 * Whether every admin got a message about a rule that is not the bot's. The policy's admins are Slack's admins here.
 */
export const isPostedToAdmins = (sky: Sky, ruleId: string): boolean =>
  sky.slack.world.users
    .filter(({ isAdmin }) => isAdmin)
    .every(({ id }) => isPosted(sky, id, ruleId, /is not mine/));

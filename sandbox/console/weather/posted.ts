/** What stands on people's screens, where a promise is that they are told. */
import { plain } from '../../slack/reading/plain.js';
import type { Sky } from './kinds.js';

/** Whether a message of the bot's to that person names the thing and says it in such words. */
function isTold({ slack }: Sky, user: string, thing: string, words: RegExp): boolean {
  return slack.dm(user).some((message) => {
    const text = plain(message, slack.world, user);
    return text.includes(thing) && words.test(text);
  });
}

/** Whether the requester's card of that request says that it ended. */
export const toldEnd = (sky: Sky, { requestId, user }: { requestId: string; user: string }): boolean =>
  isTold(sky, user, requestId, /\bEnded\b/);

/** Whether every admin was told of a rule that is not the bot's. The policy's admins are those of this Slack. */
export const toldAdmins = (sky: Sky, ruleId: string): boolean =>
  sky.slack.world.users
    .filter(({ isAdmin }) => isAdmin)
    .every(({ id }) => isTold(sky, id, ruleId, /is not mine/));

/** Whom the bot could not tell: Slack refused the card, and a request must not wait for people who know nothing of it. */
import type { RequestIn } from '../../access/request/request.js';
import type { Posted } from '../ports-store.js';

/** The stage of a card that Slack refused for good. */
export const UNREACHABLE = 'unreachable';

/** Whether the channel took no card. */
export function channelRefuses(channel: string, { surfaces }: Posted): boolean {
  return surfaces[`channel:${channel}`]?.stage === UNREACHABLE;
}

/** The approvers who were asked and got no card, neither of their own nor in a channel. */
export function unreached({ phase }: RequestIn<'pending'>, posted: Posted): string[] {
  const { asks, hears } = phase.need;
  if (hears.channel !== undefined && !channelRefuses(hears.channel, posted)) return [];
  const answered = asks.reviews.map(({ by }) => by);
  const refused = (id: string) => posted.surfaces[`approver:${id}`]?.stage === UNREACHABLE;
  return asks.approvers.filter((id) => refused(id) && !answered.includes(id));
}

/** A command with its answer, which an app gives with the acknowledgement or later. */
import type { SlackTown } from '../slack-town.js';
import type { Message } from '../state/conversations.js';
import type { Delivery } from '../state/mail.js';

/**
 * Types a command, and waits for the next message that this person alone sees: the answer, or Slack's own that the
 * command failed.
 * @param ms rejects after so many milliseconds without an answer
 */
export async function answerTo(
  slack: SlackTown,
  userId: string,
  text: string,
  ms: number,
  options: { command?: string } = {},
): Promise<{ delivery: Delivery; message: Message }> {
  const before = slack.ephemerals(userId).length;
  const delivery = await slack.person(userId).command(text, options);
  // Several commands of one person at once are told apart by the content of their acknowledgements.
  const isAnswer = ({ text: shown }: Message) => [undefined, shown].includes(delivery.ephemeral);
  const look = () => slack.ephemerals(userId).slice(before).find(isAnswer);
  const message = await slack.until(look, ms, `an answer to "${text}"`);
  return { delivery, message };
}

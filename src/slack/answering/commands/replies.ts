/** What several subcommands answer. */
import { type Block, context, LIMITS, preformatted, type Rendered, reply } from '../../words/blocks.js';
import { code, sentence } from '../../words/mrkdwn.js';

/** @param whole all that was typed after the command: Slack keeps none of it */
export function unclearReply(command: string, said: string, whole: string): Rendered {
  const { text, blocks } = reply(`${sentence(said)} ${code(`${command} help`)} shows how.`);
  return { text, blocks: [...blocks, ...givenBack(command, whole)] };
}

/** What was typed, to copy. */
export function givenBack(command: string, whole: string): Block[] {
  const line = `${command} ${whole}`;
  const parts: Block[] = [];
  for (let from = 0; from < line.length && parts.length < 10; from += LIMITS.section)
    parts.push(preformatted(line.slice(from, from + LIMITS.section)));
  return [context('You typed:'), ...parts];
}

export function sentenceReply(said: string): Rendered {
  return reply(sentence(said));
}

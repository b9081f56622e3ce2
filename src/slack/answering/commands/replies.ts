/** Answers that several subcommands share. */
import { type Block, context, LIMITS, preformatted, type Rendered, reply } from '../../words/blocks.js';
import { code, sentence } from '../../words/mrkdwn.js';

/** @param whole all the text after the command's name: Slack keeps none of it, so it is given back */
export function unclearReply(command: string, said: string, whole: string): Rendered {
  const { text, blocks } = reply(`${sentence(said)} ${code(`${command} help`)} shows how.`);
  return { text, blocks: [...blocks, ...givenBack(command, whole)] };
}

/** The typed line, to copy. */
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

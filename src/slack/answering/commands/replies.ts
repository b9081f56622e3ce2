/** Answers that several subcommands share. */
import type { FollowUpAnswer } from '../../../workflow/asking/ask-follow-up.js';
import { type Block, context, LIMITS, preformatted, type Rendered, reply } from '../../words/blocks.js';
import { code, count, sentence } from '../../words/mrkdwn.js';
import { notTaken } from '../../words/pause-words.js';

/**
 * The answer to a command that was not understood.
 * @param whole all the text after the command's name: Slack keeps none of it, so it is given back
 */
export function unclearReply(command: string, said: string, whole: string): Rendered {
  const { text, blocks } = reply(`${sentence(said)} ${code(`${command} help`)} shows how.`);
  return { text, blocks: [...blocks, ...givenBack(command, whole)] };
}

/** A message holds fifty blocks, and other words beside these. */
const MOST_PIECES = 10;

/** The typed line, to copy: whole, or its beginning and how much is missing. */
export function givenBack(command: string, whole: string): Block[] {
  const line = `${command} ${whole}`;
  const pieces: string[] = [];
  let left = line;
  while (left.length > 0 && pieces.length < MOST_PIECES) {
    const piece = left.slice(0, LIMITS.section);
    // Slack refuses half a character.
    pieces.push(piece.length < left.length ? piece.replace(/[\uD800-\uDBFF]$/, '') : piece);
    left = left.slice(pieces.at(-1)?.length);
  }
  const missing = left.length > 0 ? [context(`and ${count(left.length, 'more character')}`)] : [];
  return [context('You typed:'), ...pieces.map(preformatted), ...missing];
}

export function sentenceReply(said: string): Rendered {
  return reply(sentence(said));
}

/** Why a follow-up was not asked for, as mrkdwn. */
export function notAsked(answer: Extract<FollowUpAnswer, { ok: false }>): string {
  return 'pause' in answer ? notTaken(answer.pause) : sentence(answer.sentence);
}

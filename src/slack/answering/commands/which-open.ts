/** Which open access a command means that asks for a follow-up: `extend` and `move`. */
import { notTakenOver } from '../../../access/request/others/follows.js';
import { isIn, type RequestIn } from '../../../access/request/request.js';
import { linesIn, type Rendered, reply, section } from '../../words/blocks.js';
import { ofNewer } from '../../words/card-words.js';
import { code, upTo } from '../../words/mrkdwn.js';
import { summary } from '../../words/states.js';
import type { Desk } from '../desk.js';
import type { Invocation } from './subcommand.js';

const SHOWN = 30;

/**
 * The person's only open access, for a command without an id: there must be no doubt which access is meant.
 * @param word the subcommand
 * @param typed what else was typed, to be typed again behind the id
 * @returns what the person reads instead, where none or several are open
 */
export async function whichOpen(
  { by, command }: Invocation,
  { parts }: Desk,
  word: string,
  typed = '',
): Promise<{ only: RequestIn<'open'> } | { instead: Rendered }> {
  const { requests, newer } = await parts.store.ofPerson(by);
  const open = notTakenOver(requests.filter((one) => isIn(one, 'open')));
  const [only, ...others] = open;
  if (!only && newer.length === 0)
    return { instead: reply(`Nothing of yours is open, so there is nothing to ${word}.`) };
  if (only && others.length + newer.length === 0) return { only };
  const said = `Which one? ${code(`${command} ${word} ID ${typed}`.trimEnd())}`;
  const lines = upTo(SHOWN, open, summary);
  return { instead: { text: said, blocks: [...linesIn(section, [said, ...lines]), ...ofNewer(newer)] } };
}

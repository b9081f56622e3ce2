/** `move`: asks for another address for access that is open, with the same end. */
import { allowsFollowUp, type Policy } from '../../../access/policy/policy.js';
import type { Request, RequestIn } from '../../../access/request/request.js';
import { askFollowUp } from '../../../workflow/asking/ask-follow-up.js';
import { readWhere } from '../../../workflow/asking/check-ask.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { from, fromWhere, rangeNote } from '../../words/card-words.js';
import { wantedOfFollowed } from '../../words/follow-words.js';
import type { Desk } from '../desk.js';
import { openMoveForm } from '../move-form.js';
import { notAsked, sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';
import { whichOpen } from './which-open.js';

/** Where no rule lets access be moved, help does not name the word. */
export function hasMoves({ rules }: Policy): boolean {
  return allowsFollowUp(rules, 'moves');
}

/** Asks for the address that was typed; without one a form opens and asks for it. */
export async function move(
  invocation: Invocation,
  desk: Desk,
  id: string | undefined,
  sourceText: string | undefined,
): Promise<Rendered | undefined> {
  const { parts } = desk;
  const { by, command, triggerId } = invocation;
  const where = sourceText === undefined ? undefined : readWhere(parts.policy, sourceText);
  if (where?.ok === false) return sentenceReply(where.sentence);
  const which = id === undefined ? await whichOpen(invocation, desk, 'move', sourceText) : { only: { id } };
  if ('instead' in which) return which.instead;
  if (!where) {
    const whyNot = await openMoveForm(desk, { id: which.only.id, by, triggerId });
    return whyNot ? reply(whyNot) : undefined;
  }
  const wanted = { what: 'moves' as const, ...where.from };
  const answer = await askFollowUp(parts, { id: which.only.id, by, command, wanted });
  return reply(answer.ok ? asked(answer.request, answer.followed) : notAsked(answer));
}

function asked(request: Request, followed: RequestIn<'open'>): string {
  const note = rangeNote(request);
  const stays = `${followed.id} stays open from ${from(followed)} until I tell you otherwise.`;
  return `*Checking* · ${request.id}: from ${fromWhere(request)}, ${wantedOfFollowed(request)}. ${stays}${note ? `\n${note}` : ''}`;
}

/** `extend`: asks for more time for access that is open. */
import { allowsFollowUp, type Policy } from '../../../access/policy/policy.js';
import { durationProblem, parseDuration } from '../../../access/reading/duration.js';
import { isIn, type Request, type RequestIn } from '../../../access/request/request.js';
import { askFollowUp } from '../../../workflow/asking/ask-follow-up.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { time } from '../../words/card-words.js';
import { wantedOfFollowed } from '../../words/follow-words.js';
import type { Desk } from '../desk.js';
import { notAsked, sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';
import { whichOpen } from './which-open.js';

/** Where no rule lets access be extended, help does not name the word. */
export function hasExtensions({ rules }: Policy): boolean {
  return allowsFollowUp(rules, 'extends');
}

/** Extends the access with the id, or the person's only one; by the policy's step where no time was typed. */
export async function extend(
  invocation: Invocation,
  desk: Desk,
  id: string | undefined,
  durationText: string | undefined,
): Promise<Rendered> {
  const { by, command } = invocation;
  const { parts } = desk;
  const { defaultMs } = parts.policy.limits.durations;
  const durationMs = durationText === undefined ? undefined : parseDuration(durationText);
  if (durationText !== undefined && durationMs === undefined)
    return sentenceReply(durationProblem(durationText));
  if (id) return ask(id);
  const meant = await whichOpen(invocation, desk, 'extend', durationText);
  return 'only' in meant ? ask(meant.only.id, meant.only) : meant.instead;

  async function ask(which: string, known?: RequestIn<'open'>): Promise<Rendered> {
    const found = known ?? (durationMs === undefined ? await parts.store.load(which) : undefined);
    const step = found && isIn(found, 'open') ? found.phase.stepMs : undefined;
    const wanted = { what: 'extends' as const, durationMs: durationMs ?? step ?? defaultMs };
    const answer = await askFollowUp(parts, { id: which, by, command, wanted });
    return reply(answer.ok ? asked(answer.request, answer.followed) : notAsked(answer));
  }
}

function asked(request: Request, followed: RequestIn<'open'>): string {
  const ends = time(followed, followed.phase.grant.endsAtMs);
  return `*Checking* · ${request.id}: ${wantedOfFollowed(request)}. Access still ends ${ends} until I tell you otherwise.`;
}

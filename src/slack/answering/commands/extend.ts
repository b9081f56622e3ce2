/** `extend`: asks for more time for access that is open. */
import { allowsExtensions, type Policy } from '../../../access/policy/policy.js';
import { durationProblem, parseDuration } from '../../../access/reading/duration.js';
import { isIn, type Request, type RequestIn } from '../../../access/request/request.js';
import { askMore, type MoreAnswer } from '../../../workflow/asking/ask-more.js';
import { linesIn, type Rendered, reply, section } from '../../words/blocks.js';
import { ofNewer, time } from '../../words/card-words.js';
import { moreFor } from '../../words/more-words.js';
import { code, sentence, upTo } from '../../words/mrkdwn.js';
import { notTaken } from '../../words/pause-words.js';
import { summary } from '../../words/states.js';
import type { Desk } from '../desk.js';
import { sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';

const SHOWN = 30;

/** Where no rule lets access be extended, help does not name the word. */
export function hasExtensions({ rules }: Policy): boolean {
  return allowsExtensions(rules);
}

/** Without an id there must be no doubt which access is meant, and without a time it is the policy's step. */
export async function extend(
  { by, command }: Invocation,
  { parts }: Desk,
  id: string | undefined,
  durationText: string | undefined,
): Promise<Rendered> {
  const { defaultMs } = parts.policy.limits.durations;
  const durationMs = durationText === undefined ? undefined : parseDuration(durationText);
  if (durationText !== undefined && durationMs === undefined)
    return sentenceReply(durationProblem(durationText));
  if (id) return ask(id);
  const { requests, newer } = await parts.store.ofPerson(by);
  const open = requests.filter((one) => isIn(one, 'open'));
  const [only, ...others] = open;
  if (!only && newer.length === 0) return reply('Nothing of yours is open, so there is nothing to extend.');
  return only && others.length + newer.length === 0 ? ask(only.id, only) : which();

  async function ask(which: string, known?: RequestIn<'open'>): Promise<Rendered> {
    const found = known ?? (durationMs === undefined ? await parts.store.load(which) : undefined);
    const step = found && isIn(found, 'open') ? found.phase.stepMs : undefined;
    const answer = await askMore(parts, {
      id: which,
      by,
      command,
      durationMs: durationMs ?? step ?? defaultMs,
    });
    return reply(answer.ok ? asked(answer.request, answer.followed) : notAsked(answer));
  }

  function which(): Rendered {
    const said = `Which one? ${code(`${command} extend ID`)}`;
    const lines = upTo(SHOWN, open, summary);
    return { text: said, blocks: [...linesIn(section, [said, ...lines]), ...ofNewer(newer)] };
  }
}

/** Why nothing was asked, as mrkdwn. */
export function notAsked(answer: Extract<MoreAnswer, { ok: false }>): string {
  return 'pause' in answer ? notTaken(answer.pause) : sentence(answer.sentence);
}

function asked(request: Request, followed: RequestIn<'open'>): string {
  const ends = time(followed, followed.phase.grant.endsAtMs);
  return `*Checking* · ${request.id}: ${moreFor(request)}. Access still ends ${ends} until I tell you otherwise.`;
}

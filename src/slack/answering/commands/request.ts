/** A request without the form: checked and stored, then answered. */

import type { RequestParts } from '../../../access/reading/command/request-line.js';
import { bare } from '../../../access/reading/plain-text.js';
import { quoted } from '../../../access/reading/quoting.js';
import { LONGEST_REASON } from '../../../access/reading/reason.js';
import { looksLikeSource } from '../../../access/reading/source.js';
import type { Pause } from '../../../access/request/pause.js';
import type { Request } from '../../../access/request/request.js';
import { type AskProblem, checkAsk } from '../../../workflow/asking/check-ask.js';
import { requestAccess } from '../../../workflow/asking/request-access.js';
import { actions, button, LIMITS, type Rendered, reply, section } from '../../words/blocks.js';
import { rangeNote } from '../../words/card-words.js';
import { ACTION } from '../../words/ids.js';
import { cutMarkup, sentence } from '../../words/mrkdwn.js';
import { notTaken, pausedUntilThen } from '../../words/pause-words.js';
import { type Prefill, readPrefill, writePrefill } from '../../words/values.js';
import type { Desk } from '../desk.js';
import { givenBack } from './replies.js';
import type { Invocation } from './subcommand.js';

export async function request(
  { by, command, typed, triggerId }: Invocation,
  { parts }: Desk,
  asked: RequestParts & { emergency?: true },
): Promise<Rendered> {
  const { targetId: targetText, sourceText, durationText, start, reason, emergency } = asked;
  const later = start && { typed: start };
  const checked = checkAsk(
    parts.policy,
    { targetText, sourceText, durationText, later, reason, emergency },
    { requester: by, atMs: parts.now() },
  );
  const filled: Prefill = {
    command,
    target: targetText,
    source: sourceText,
    duration: durationText,
    start,
    reason,
    emergency,
  };
  if (!checked.ok) {
    const late = sourceText === undefined ? addressInReason(reason) : undefined;
    const problems = checked.problems.map((problem) =>
      late && problem.field === 'source' ? { ...problem, sentence: `${problem.sentence} ${late}` } : problem,
    );
    return problemsReply(problems, filled, typed);
  }
  const stored = await requestAccess(parts, { ...checked.ask, requester: by, command }, triggerId);
  if (stored.outcome === 'paused')
    return notTakenReply(notTaken(stored.pause, { orLater: true }), filled, typed);
  if (stored.outcome === 'too-many')
    return notTakenReply(`*Not sent.* ${sentence(stored.sentence)}`, filled, typed);
  return storedReply(stored.request, stored.pause);
}

/**
 * A hint where the reason holds what may be the missing address. No address is taken out of a reason: "because 10.0.0.5
 * is down".
 */
function addressInReason(reason: string): string | undefined {
  const words = reason.split(' ');
  if (!words.some((word) => looksLikeSource(bare(word)))) return undefined;
  return `I read everything from ${quoted(words[0] ?? '')} on as the reason. Put the address before it.`;
}

function storedReply(request: Request, pause: Pause | undefined): Rendered {
  const said = `*Checking* · ${request.id}. I'll message you as it goes on.`;
  const notes = [rangeNote(request), pause && pausedUntilThen(pause)].filter((note) => note !== undefined);
  return reply([said, ...notes].join('\n'));
}

/**
 * Every problem of what was typed, such as a range that is too wide or a missing reason, and a button to the form.
 * @param typed the fields that the form opens with; a reason that does not fit is given back as text
 * @param whole all the text after the command's name
 */
export function problemsReply(problems: AskProblem[], typed: Prefill, whole: string): Rendered {
  const said = problems.map((problem) => sentence(problem.sentence)).join('\n');
  const value = writePrefill(typed);
  const reason = typed.reason ?? '';
  const fits = reason.length <= LONGEST_REASON && (readPrefill(value).reason ?? '') === reason;
  const form = button(ACTION.form, 'Open the form, filled in', value);
  return {
    text: cutMarkup(said, LIMITS.section),
    blocks: [section(said), ...(fits ? [] : givenBack(typed.command ?? '', whole)), ...actions(form)],
  };
}

/** Why no request is taken now, in mrkdwn, with everything that was typed. */
function notTakenReply(said: string, typed: Prefill, whole: string): Rendered {
  const form = button(ACTION.form, 'Open the form, filled in', writePrefill(typed));
  const blocks = [section(said), ...givenBack(typed.command ?? '', whole), ...actions(form)];
  return { text: cutMarkup(said, LIMITS.section), blocks };
}

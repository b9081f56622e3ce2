/**
 * Requests that wait for nothing: their approvers may not decide any more, or Slack does not let the bot tell them, so others
 * who may are asked now; or what they follow was ended by an older version, which knows no follow-ups.
 */

import type { Need } from '../../../access/request/need.js';
import { canBeFilled } from '../../../access/request/needs.js';
import { followedOf, standingOf } from '../../../access/request/others/follows.js';
import { isIn, type Refusal, type RequestIn } from '../../../access/request/request.js';
import { refuse, waitOn } from '../../../access/request/transitions/deciding.js';
import { someOf } from '../../answer.js';
import { change } from '../../change.js';
import { decidedBy } from '../../deciding/ask-policy.js';
import { notEnough } from '../../deciding/find-approvers.js';
import { goesOn } from '../../deciding/follow-on.js';
import { judgeRequest, judgeWithFallback } from '../../deciding/judge-request.js';
import { attempt, nextShare } from '../../passes.js';
import type { Parts } from '../../ports.js';
import { unreached } from '../../telling/unreached.js';
import { readSome, type WaitingRequest } from '../live-requests.js';

/** Slack's users.info is tier 4: about a hundred a minute, and others need it too. */
const PEOPLE_A_PASS = 40;

/** Looks at some of the requests that wait for an answer, others at each pass. */
export async function detectLostApprovers(parts: Parts, pending: readonly WaitingRequest[]): Promise<void> {
  const some = nextShare(
    parts,
    'approvers',
    pending,
    ({ id }) => id,
    PEOPLE_A_PASS,
    ({ approvers }) => approvers + 1,
  );
  const requests = await readSome(
    parts,
    some.map(({ id }) => id),
  );
  for (const request of requests)
    if (isIn(request, 'pending')) await attempt(parts, request.id, () => lookAgain(parts, request));
}

async function lookAgain(parts: Parts, request: RequestIn<'pending'>): Promise<void> {
  const { phase } = request;
  if (await waitsForNothing(parts, request)) return;
  const judged = await judgeRequest(parts, request);
  // By this replica's policy another rule covers the request now. The next click tells so; replicas whose policies differ
  // must not ask by turns.
  if ('refused' in judged || judged.changed) return;
  const untold = unreached(request, await parts.store.loadPosted(request.id));
  const now = without(untold, judged.need);
  const gone = phase.need.asks.approvers.filter((id) => !now.asks.approvers.includes(id));
  if (gone.length === 0) return;
  const need = await filled(parts, request, now, untold);
  const left = `asked again: ${gone.join(', ')} ${untold.length > 0 ? 'could not be told' : 'may not decide any more'}`;
  if (need) {
    const again = { ...need, due: { ...need.due, askedAgainAtMs: parts.now() } };
    const because = decidedBy(parts, 'sweep', judged.decision, left);
    await change(parts, request, waitOn(request, again), because);
    return;
  }
  const refusal =
    untold.length > 0 ? notTold(untold) : notEnough(parts, request.ask.requester, now.asks.parts);
  const because = decidedBy(parts, 'sweep', judged.decision, `${left}; ${refusal.sentence}`);
  await change(parts, request, refuse(request, refusal, parts.now()), because);
}

/** Takes a follow-up back whose followed one was ended, which a step of this version's would have done at once. */
async function waitsForNothing(parts: Parts, request: RequestIn<'pending'>): Promise<boolean> {
  const follows = followedOf(request);
  const followed = follows && (await parts.store.look(follows.id));
  if (!followed || followed === 'newer') return false;
  const standing = standingOf(followed, parts.now());
  return standing.now === 'ended' && !(await goesOn(parts, request, standing));
}

/** A need that approvers who are left can fill, with the fallback at once where they are too few; undefined where none can. */
async function filled(
  parts: Parts,
  request: RequestIn<'pending'>,
  need: Need,
  untold: readonly string[],
): Promise<Need | undefined> {
  if (canBeFilled(need.asks.parts)) return need;
  const judged = await judgeWithFallback(parts, { ...request, phase: { ...request.phase, need } });
  if (!judged || 'refused' in judged) return undefined;
  const after = without(untold, judged.need);
  return canBeFilled(after.asks.parts) ? after : undefined;
}

/** The need as those can fill it who were told: nobody else knows that somebody waits. */
function without(untold: readonly string[], need: Need): Need {
  const told = (userIds: readonly string[]) => userIds.filter((id) => !untold.includes(id));
  const { asks } = need;
  const found = asks.parts.map((part) => ({ ...part, people: told(part.people) }));
  return { ...need, asks: { ...asks, parts: found, approvers: told(asks.approvers) } };
}

function notTold(untold: readonly string[]): Refusal {
  return {
    sentence: `Slack does not let me write to ${someOf(untold)}, so too few people who may approve this know of it. The admins know.`,
    retry: true,
    admins: true,
  };
}

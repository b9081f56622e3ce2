/** A yes that was given a while ago is judged once more before anything opens. */
import type { Facts } from '../../access/request/facts.js';
import { nothingCame } from '../../access/request/others/follows.js';
import type { RequestIn } from '../../access/request/request.js';
import { askAnew, refuse } from '../../access/request/transitions/deciding.js';
import { change } from '../change.js';
import { type JudgedApproval, judgeApproved } from '../deciding/judge-approved.js';
import { failOpening } from '../ending/end-access.js';
import type { Progress } from '../outcomes.js';
import { countFailure } from '../passes.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../ports.js';
import { StoreUnreachable } from '../ports-store.js';

/** A yes was judged on memberships at most a minute old: for so long nothing is looked up again. */
export const WAITED_MS = 60_000;

/**
 * Judges an opening that had to wait once more, right before its rule is added. Undefined where the yes stands: the opening
 * goes on. A request that has taken its lease is not asked about again, but fails.
 */
export async function judgeWaited(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<Progress | undefined> {
  const { review, grant } = request.phase;
  if (parts.now() - review.atMs <= WAITED_MS) return undefined;
  const judged = await judgedOnceSlackAnswers(parts, request);
  if (judged === 'again') return 'again';
  switch (judged.now) {
    case 'stands':
      return undefined;
    case 'refused':
      return failOpening(parts, request, { ...judged.refusal, sentence: judged.said });
    case 'asks': {
      if (grant.groupId) {
        const sentence = `It was approved, but ${judged.what}. ${nothingCame(request)}. Ask again.`;
        return failOpening(parts, request, { sentence, retry: true });
      }
      await change(parts, request, askAnew(request, judged.asked, judged.what), judged.because);
      return 'done';
    }
  }
}

/**
 * Judges once more a yes that has not begun to open anything, and refuses the request or asks approvers anew where the yes
 * does not stand. Undefined where it stands.
 * @param facts what the policy is asked about, where that was looked up since the yes
 */
export async function judgeUnopened(
  parts: Parts,
  request: RequestIn<'approved'>,
  facts: Facts = request.phase.facts,
): Promise<Progress | undefined> {
  const judged = await judgedOnceSlackAnswers(parts, { ...request, phase: { ...request.phase, facts } });
  if (judged === 'again') return 'again';
  switch (judged.now) {
    case 'stands':
      return undefined;
    case 'refused':
      await change(parts, request, refuse(request, judged.refusal, parts.now()), judged.because);
      return 'done';
    case 'asks':
      await change(parts, request, askAnew(request, judged.asked, judged.what), judged.because);
      return 'done';
  }
}

/** `again` while Slack does not say who may decide: a wait like that for AWS, which ends at the opening's `openBy`. */
async function judgedOnceSlackAnswers(
  parts: Parts,
  request: RequestIn<'approved' | 'opening'>,
): Promise<JudgedApproval | 'again'> {
  try {
    return await judgeApproved(parts, request);
  } catch (cause) {
    const isOfSlack = !(
      cause instanceof AwsUnavailable ||
      cause instanceof AwsRefused ||
      cause instanceof StoreUnreachable
    );
    if (!isOfSlack) throw cause;
    parts.log.warn({ err: cause, id: request.id }, 'its approval cannot be judged; opening goes on later');
    countFailure(parts.memory, 'work', cause);
    return 'again';
  }
}

/** The click that decides. The clicker is checked by the policy in force, and only the first click counts. */
import { decide } from '../access/decide.js';
import { isIn, type Request } from '../access/request.js';
import { whyNotApprover } from '../access/who-may-decide.js';
import { change } from './change.js';
import { approved, managerOf } from './decide-request.js';
import { tooManyOpen } from './person-limits.js';
import type { Parts } from './ports.js';
import { questionOf } from './question.js';
import { standing } from './standing.js';

/** A verb's answer to a click: the request as it is now, or a sentence for the one who clicked. */
export type Answer = { ok: true; request: Request } | { ok: false; sentence: string };

export interface Click {
  id: string;
  by: string;
}

/** Approves or denies the version of the request that the clicker saw. */
export async function reviewRequest(
  parts: Parts,
  click: Click & { version: number; decision: 'approve' | 'deny'; reason?: string },
): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request)
    return { ok: false, sentence: `${click.id} was lost with my storage. It has to be asked again.` };
  if (!isIn(request, 'pending')) return { ok: false, sentence: standing(request) };
  const { facts, need } = request.phase;
  const decision = decide(parts.policy, await questionOf(parts, request.ask, facts));
  const whyNot = whyNotApprover(parts.policy, decision, { requester: request.ask.requester, need }, click.by);
  if (whyNot) return { ok: false, sentence: whyNot };
  const reviewer = await parts.people.person(click.by);
  if (!reviewer?.active || !reviewer.human || reviewer.foreign) {
    return { ok: false, sentence: 'Only active members of this Slack workspace can decide.' };
  }
  const stillManager = need.as !== 'manager' || (await managerOf(parts, request.ask.requester)) === click.by;
  if (!stillManager)
    return { ok: false, sentence: 'You are not their manager any more. It has to be asked again.' };
  if (request.version !== click.version) {
    return {
      ok: false,
      sentence: `${request.id} has changed since that message. Look at the newest one and decide there.`,
    };
  }
  const atMs = parts.now();
  if (atMs >= request.phase.lapsesAtMs)
    return { ok: false, sentence: `${request.id} was closed unanswered.` };

  const tooMany = click.decision === 'approve' ? await tooManyOpen(parts, request) : undefined;
  if (tooMany) return { ok: false, sentence: tooMany };

  const because = { who: click.by, ...(click.reason ? { why: click.reason } : {}) };
  const late = atMs - request.phase.pendingAtMs > parts.times.lateYesMs;
  const after =
    click.decision === 'approve'
      ? await change(
          parts,
          request,
          approved(parts, facts, need, { by: click.by, decision: 'approve', atMs }, late),
          because,
        )
      : await change(
          parts,
          request,
          {
            state: 'denied',
            facts,
            need,
            review: {
              by: click.by,
              decision: 'deny',
              atMs,
              ...(click.reason ? { reason: click.reason } : {}),
            },
          },
          because,
        );
  return after ? { ok: true, request: after } : lostRace(parts, click.id);
}

/** The requester's answer to a late yes: open now, or not any more. */
export async function confirmOpening(parts: Parts, click: Click & { open: boolean }): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request) return { ok: false, sentence: `${click.id} was lost with my storage. Ask again.` };
  if (!isIn(request, 'approved') || request.phase.waitsFor !== 'confirmation') {
    return { ok: false, sentence: standing(request) };
  }
  if (click.by !== request.ask.requester)
    return { ok: false, sentence: 'Only the one who asked can open it.' };
  const { phase } = request;
  const atMs = parts.now();
  if (atMs >= phase.lapsesAtMs)
    return { ok: false, sentence: `${request.id} was closed: the approval is too old.` };
  const { facts, need, review } = phase;
  const because = { who: click.by };
  const again = approved(parts, facts, need, { by: review.by, decision: 'approve', atMs: review.atMs });
  const after = click.open
    ? await change(parts, request, { ...again, lapsesAtMs: atMs + parts.times.lateYesMs }, because)
    : await change(parts, request, { state: 'cancelled', by: click.by, atMs, facts, need }, because);
  return after ? { ok: true, request: after } : lostRace(parts, click.id);
}

/** Somebody was first: say politely what happened. */
export async function lostRace(parts: Parts, id: string): Promise<Answer> {
  const now = await parts.store.load(id);
  return { ok: false, sentence: now ? standing(now) : `${id} was lost with my storage.` };
}

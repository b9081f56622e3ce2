/** From `submitted` to a decision: the facts are gathered, policy decides, and the approvers are found. */
import { decide, explain } from '../access/decide.js';
import type { Asked } from '../access/policy.js';
import type { Facts, Need, Refusal, Request, RequestIn } from '../access/request.js';
import { change, type Progress } from './change.js';
import { faultRefusal } from './fault.js';
import { gatherFacts } from './find-target.js';
import { tooManyAsked } from './person-limits.js';
import { AwsUnavailable, type Parts } from './ports.js';
import { questionOf } from './question.js';

/** Gathers and decides; again later while AWS does not answer, until the request is given up. */
export async function decideRequest(parts: Parts, request: RequestIn<'submitted'>): Promise<Progress> {
  const nowMs = parts.now();
  if (nowMs >= request.phase.giveUpAtMs) {
    const what = request.phase.waitsForAws ? 'AWS did not answer' : 'I could not look everything up';
    const sentence = `${what} for too long, so nobody was asked. Ask again when it works.`;
    await change(
      parts,
      request,
      { state: 'failed', refusal: { sentence, retry: true }, atMs: nowMs },
      { who: 'time' },
    );
    return 'done';
  }
  try {
    const tooMany = await tooManyAsked(parts, request);
    const found = tooMany
      ? { refusal: { sentence: tooMany, retry: true } }
      : await gatherFacts(parts, request.ask);
    await ('refusal' in found ? refuse(parts, request, found.refusal) : decided(parts, request, found.facts));
    return 'done';
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      const refusal = faultRefusal(parts, cause, request.id, request.ask.askedAtMs);
      const because = { who: 'bot', why: refusal.sentence };
      await change(parts, request, { state: 'failed', refusal, atMs: parts.now() }, because);
      return 'done';
    }
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; the request waits');
    if (!request.phase.waitsForAws) {
      await change(
        parts,
        request,
        { ...request.phase, waitsForAws: true },
        { who: 'bot', why: 'AWS does not answer' },
      );
    }
    return 'again';
  }
}

async function decided(parts: Parts, request: Request, facts: Facts): Promise<void> {
  const nowMs = parts.now();
  const decision = decide(parts.policy, await questionOf(parts, request.ask, facts));
  const because = { who: 'policy', why: explain(decision), ids: { policy: parts.policy.hash } };
  switch (decision.decision) {
    case 'unknown':
      throw new Error(`the policy misses ${decision.missing}, which every request has`);
    case 'refuse': {
      const refusal = { sentence: decision.sentence };
      await change(parts, request, { state: 'refused', refusal, atMs: nowMs }, because);
      return;
    }
    case 'approve': {
      const need: Need = { rule: decision.rule, approvers: [], as: 'named', selfApproval: false };
      const review = { by: 'policy', decision: 'approve' as const, atMs: nowMs };
      await change(parts, request, approved(parts, facts, need, review), because);
      return;
    }
    case 'ask': {
      const { rule, selfApproval } = decision;
      const [asked] = decision.needs;
      if (!asked) throw new Error(`rule "${rule}" asks nobody`);
      const approvers = await findApprovers(parts, request.ask.requester, asked, selfApproval);
      if ('refusal' in approvers) return refuse(parts, request, approvers.refusal);
      const need: Need = { ...approvers.need, rule, selfApproval };
      const lapsesAtMs = nowMs + parts.policy.limits.unansweredMs;
      const pending = { state: 'pending' as const, facts, need, pendingAtMs: nowMs, lapsesAtMs };
      await change(parts, request, pending, because);
    }
  }
}

/** The phase after a yes; one that nothing has to wait for is opened by the job that it wakes. */
export function approved(
  parts: Parts,
  facts: Facts,
  need: Need,
  review: { by: string; decision: 'approve'; atMs: number },
  late = false,
) {
  const stopped = facts.desktops.length === 1 && facts.desktops[0]?.state !== 'AVAILABLE';
  const waitsFor = late ? ('confirmation' as const) : stopped ? ('workspace' as const) : ('nothing' as const);
  const lapsesAtMs = review.atMs + parts.times.lateYesMs;
  return { state: 'approved' as const, facts, need, review, waitsFor, lapsesAtMs, startAsked: false };
}

async function refuse(parts: Parts, request: Request, refusal: Refusal): Promise<void> {
  const because = { who: 'policy', why: refusal.sentence };
  await change(parts, request, { state: 'refused', refusal, atMs: parts.now() }, because);
}

type Approvers = { need: Pick<Need, 'approvers' | 'as'> } | { refusal: Refusal };

/** Those who may decide: active people of this workspace, never the requester unless the policy says so in words. */
async function findApprovers(
  parts: Parts,
  requester: string,
  asked: Asked,
  selfApproval: boolean,
): Promise<Approvers> {
  const { candidates, as } = await askedPeople(parts, requester, asked);
  const approvers: string[] = [];
  for (const candidate of new Set(candidates)) {
    if (candidate === requester && !selfApproval) continue;
    const person = await parts.people.person(candidate);
    if (person?.active && person.human && !person.foreign) approvers.push(candidate);
  }
  if (approvers.length > 0) return { need: { approvers, as } };
  if (as === 'admin' && candidates.every((candidate) => candidate === requester)) {
    const sentence =
      'You are the only admin, and nobody approves their own request. Add a second admin to the policy.';
    return { refusal: { sentence } };
  }
  const sentence =
    as === 'manager'
      ? 'I found no manager of yours who may approve. The admins know; they set it in the policy or in Slack.'
      : 'I found nobody who may approve this. The admins know; they set it in the policy.';
  return { refusal: { sentence, admins: true } };
}

async function askedPeople(
  parts: Parts,
  requester: string,
  asked: Asked,
): Promise<{ candidates: readonly string[]; as: Need['as'] }> {
  const { admins } = parts.policy;
  switch (asked.kind) {
    case 'admins':
      return { candidates: admins, as: 'admin' };
    case 'any-of':
      return { candidates: asked.users, as: 'named' };
    case 'manager': {
      const manager = await managerOf(parts, requester);
      return { candidates: manager ? [manager] : [], as: 'manager' };
    }
  }
}

/** The requester's manager: the policy's table wins over Slack's profile. */
export async function managerOf(parts: Parts, requester: string): Promise<string | undefined> {
  const { table, profileField } = parts.policy.managers;
  return table[requester] ?? (profileField ? parts.people.profileField(requester, profileField) : undefined);
}

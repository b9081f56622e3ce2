/** The one way that access ends: `closing`, the group converges, the rule is read as gone, and only then "ended". */
import { leaveRule } from '../access/lease.js';
import { type EndCause, isIn, type Request, type RequestIn } from '../access/request.js';
import { type Because, change, type Progress } from './change.js';
import { converge } from './converge.js';
import { AwsUnavailable, type Parts } from './ports.js';
import { type Answer, lostRace } from './review-request.js';
import { standing } from './standing.js';

/** Ends open access, or takes back a request that waits. */
export async function stopRequest(parts: Parts, click: { id: string; by: string }): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request) return { ok: false, sentence: `I know no request ${click.id}. \`list\` shows yours.` };
  const isAdmin = parts.policy.admins.includes(click.by);
  const approver = 'review' in request.phase ? request.phase.review?.by : undefined;
  const mayEnd = click.by === request.ask.requester || click.by === approver || isAdmin;
  if (!mayEnd)
    return { ok: false, sentence: `Only the requester, the approver or an admin can end ${request.id}.` };

  let after: Request | undefined;
  if (isIn(request, 'opening', 'open')) {
    after = await beginClosing(parts, request, { kind: 'revoked', by: click.by }, { who: click.by });
  } else if (isIn(request, 'submitted', 'pending', 'approved')) {
    const { phase } = request;
    const known = phase.state === 'submitted' ? {} : { facts: phase.facts, need: phase.need };
    after = await change(
      parts,
      request,
      { state: 'cancelled', atMs: parts.now(), ...known },
      { who: click.by },
    );
  } else return { ok: false, sentence: standing(request) };
  return after ? { ok: true, request: after } : lostRace(parts, click.id);
}

/** Moves a request to `closing` and takes its lease off the rule, in one step. */
export async function beginClosing(
  parts: Parts,
  request: RequestIn<'opening' | 'open'>,
  cause: EndCause,
  because: Because,
): Promise<Request | undefined> {
  const { facts, need, review, grant } = request.phase;
  const nowMs = parts.now();
  const rule = grant.groupId ? await parts.store.loadRule(grant.groupId, request.ask.source.cidr) : undefined;
  const leased = rule?.leases.some(({ requestId }) => requestId === request.id) ?? false;
  const left = rule && leased ? leaveRule(rule, request.id, nowMs) : undefined;
  const opened = request.phase.state === 'open' ? { openedAtMs: request.phase.openedAtMs } : {};
  const shared = (left?.leases.length ?? 0) > 0;
  const phase = {
    state: 'closing' as const,
    facts,
    need,
    review,
    grant,
    cause,
    closingAtMs: nowMs,
    shared,
    ...opened,
  };
  return change(parts, request, phase, left ? { ...because, rule: left } : because);
}

/** Converges until the rule is seen gone; goes on until it is. */
export async function finishClosing(parts: Parts, request: RequestIn<'closing'>): Promise<Progress> {
  const { phase } = request;
  const { groupId } = phase.grant;
  try {
    if (groupId) await converge(parts, groupId);
    const rule = groupId ? await parts.store.loadRule(groupId, request.ask.source.cidr) : undefined;
    if (rule?.rule.state !== 'revoking') {
      await finish(parts, request);
      return 'done';
    }
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      await raise(parts, request);
      throw cause;
    }
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; closing goes on');
  }
  await raise(parts, request);
  return 'again';
}

async function finish(parts: Parts, request: RequestIn<'closing'>): Promise<void> {
  const { facts, need, review, grant, cause, openedAtMs, shared } = request.phase;
  const atMs = parts.now();
  if (cause.kind === 'not-opened') {
    const { refusal } = cause;
    await change(parts, request, { state: 'failed', refusal, atMs, facts, need, review }, { who: 'bot' });
    return;
  }
  const opened = openedAtMs === undefined ? {} : { openedAtMs };
  const ended = {
    state: 'ended' as const,
    facts,
    need,
    review,
    grant,
    cause,
    shared,
    endedAtMs: atMs,
    ...opened,
  };
  await change(parts, request, ended, { who: 'bot', why: cause.kind });
}

/** After a while of failing, once: the requester's card and the admins say so. */
async function raise(parts: Parts, request: RequestIn<'closing'>): Promise<void> {
  const { phase } = request;
  const nowMs = parts.now();
  if (phase.troubleAtMs !== undefined || nowMs - phase.closingAtMs < parts.times.alertMs) return;
  await change(
    parts,
    request,
    { ...phase, troubleAtMs: nowMs },
    { who: 'bot', why: 'the rule is still there' },
  );
}

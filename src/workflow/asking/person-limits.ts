/** How much one person may have open, or waiting for an answer, at a time. */
import { isGranted } from '../../access/request/duties.js';
import { isAhead } from '../../access/request/later.js';
import { chainsIn, isOneChain } from '../../access/request/others/follows.js';
import { isIn, type Request, type RequestId, type RequestIn } from '../../access/request/request.js';
import type { Parts } from '../ports.js';

/** Why this person may not ask for more now; undefined when they may. What is to open later is counted then. */
export async function tooManyAsked(parts: Parts, request: Request): Promise<string | undefined> {
  const { open } = parts.policy.limits.perPerson;
  if (open === undefined || isAhead(request, parts.now())) return undefined;
  const { others, newer } = await othersOf(parts, request);
  const opened = chainsIn(others.filter(isOpening));
  if (opened.length + newer.length < open) return undefined;
  if (opened.length < open) return notCounted(newer);
  return `You have ${opened.length} open already, as many as the policy allows. \`end\` closes one.`;
}

/** Why a request is not stored: so many of the person's requests wait for an answer, or for their time. */
export function tooManyWaiting(waiting: number): string {
  const now = waiting === 1 ? '1 request waits' : `${waiting} requests wait`;
  return `${now} already, as many as the policy allows. \`end\` takes one back.`;
}

/** For who is about to approve: why it cannot open yet. */
export async function tooManyOpen(parts: Parts, request: Request): Promise<string | undefined> {
  const { open } = parts.policy.limits.perPerson;
  if (open === undefined || isAhead(request, parts.now())) return undefined;
  const { others, newer } = await othersOf(parts, request);
  const opened = chainsIn(others.filter(isOpening));
  if (opened.length + newer.length < open) return undefined;
  if (opened.length < open) return notCounted(newer);
  const { requester } = request.ask;
  return `<@${requester}> has ${opened.length} open already, as many as the policy allows. Approve when one of them has ended.`;
}

/**
 * For an opening: several yeses may come at once, each when less was open. Whoever began to open first keeps the
 * place. Undefined where it may open.
 */
export async function tooManyOpening(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<string | undefined> {
  const { open } = parts.policy.limits.perPerson;
  if (open === undefined) return undefined;
  const { startedAtMs } = request.phase.grant;
  const { others, newer } = await othersOf(parts, request);
  const opened = chainsIn(others.filter(isGranted));
  const before = opened.filter((other) => {
    const apartMs = other.phase.grant.startedAtMs - startedAtMs;
    return apartMs < 0 || (apartMs === 0 && other.id < request.id);
  });
  if (before.length + newer.length < open) return undefined;
  if (before.length < open) return notCounted(newer);
  return `You have ${before.length} open already, as many as the policy allows. \`end\` closes one.`;
}

async function othersOf(parts: Parts, request: Request): Promise<{ others: Request[]; newer: RequestId[] }> {
  const { requests, newer } = await parts.store.ofPerson(request.ask.requester);
  // A chain counts once.
  const others = requests.filter((one) => one.id !== request.id && !isOneChain(one, request));
  return { others, newer };
}

/** Requests that only a newer version can read count as open: the limit holds whatever they are. */
function notCounted(newer: readonly RequestId[]): string {
  const kept = newer.length === 1 ? 'is' : 'are';
  return `The policy limits how much one person has at a time, and ${newer.join(', ')} ${kept} kept by a newer version of me: I can’t count them. Ask again in a few minutes.`;
}

/** What waits for its time is not open, and counts once that has come. */
function isOpening(request: Request): boolean {
  if (isIn(request, 'approved')) return request.phase.waitsFor !== 'time';
  return isIn(request, 'opening', 'open');
}

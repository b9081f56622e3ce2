/** How much one person may have open, or waiting for an answer, at a time. */
import { isGranted } from '../../access/request/duties.js';
import { isAhead } from '../../access/request/later.js';
import { firstOfEachChain, isOneChain } from '../../access/request/others/follows.js';
import { isIn, type Request, type RequestId, type RequestIn } from '../../access/request/request.js';
import type { Parts } from '../ports.js';

/** Why this person may not ask for more now; undefined when they may. A request for a later time is counted at that time. */
export async function tooManyAsked(parts: Parts, request: Request): Promise<string | undefined> {
  return isAhead(request, parts.now()) ? undefined : beyond(parts, request, countOpening, youHave);
}

/** Why a request is not stored: so many of the person's requests wait for an answer, or for their time. */
export function tooManyWaiting(waiting: number): string {
  const now = waiting === 1 ? '1 request waits' : `${waiting} requests wait`;
  return `${now} already, as many as the policy allows. \`end\` takes one back.`;
}

/** Why a request could not open if it were approved now, as its approver reads it; undefined where it could. */
export async function tooManyOpen(parts: Parts, request: Request): Promise<string | undefined> {
  const theyHave = (open: number) =>
    `<@${request.ask.requester}> has ${open} open already, as many as the policy allows. Approve when one of them has ended.`;
  return isAhead(request, parts.now()) ? undefined : beyond(parts, request, countOpening, theyHave);
}

/**
 * For an opening: several yeses may come at once, each when less was open. Whoever began to open first keeps the
 * place. Undefined where it may open.
 */
export async function tooManyOpening(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<string | undefined> {
  const { startedAtMs } = request.phase.grant;
  const countBefore = (others: readonly Request[]) =>
    firstOfEachChain(others.filter(isGranted)).filter((other) => {
      const apartMs = other.phase.grant.startedAtMs - startedAtMs;
      return apartMs < 0 || (apartMs === 0 && other.id < request.id);
    }).length;
  return beyond(parts, request, countBefore, youHave);
}

/**
 * Why the request is beyond the policy's limit; undefined where it is within, or there is none.
 * @param count how many of the person's other requests take a place
 */
async function beyond(
  parts: Parts,
  request: Request,
  count: (others: readonly Request[]) => number,
  sentence: (open: number) => string,
): Promise<string | undefined> {
  const { open: most } = parts.policy.limits.perPerson;
  if (most === undefined) return undefined;
  const { others, newer } = await othersOf(parts, request);
  const open = count(others);
  if (open + newer.length < most) return undefined;
  return open < most ? notCounted(newer) : sentence(open);
}

function youHave(open: number): string {
  return `You have ${open} open already, as many as the policy allows. \`end\` closes one.`;
}

/** A chain counts once. */
function countOpening(others: readonly Request[]): number {
  return firstOfEachChain(others.filter(isOpening)).length;
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

/** True for a request that takes a place: open, or about to open. One that waits for its time takes none before. */
function isOpening(request: Request): boolean {
  if (isIn(request, 'approved')) return request.phase.waitsFor !== 'time';
  return isIn(request, 'opening', 'open');
}

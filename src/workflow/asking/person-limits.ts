/** How much one person may have open, or waiting for an answer, at a time. */
import { isGranted } from '../../access/request/duties.js';
import type { Request, RequestId, RequestIn, State } from '../../access/request/request.js';
import type { Parts } from '../ports.js';

/**
 * Why this person may not ask for more now; undefined when they may. Of two that come at once the older one goes
 * first, so that exactly as many get through as the policy allows.
 */
export async function tooManyAsked(parts: Parts, request: Request): Promise<string | undefined> {
  const { open, waiting } = parts.policy.limits.perPerson;
  if (open === undefined && waiting === undefined) return undefined;
  const { others, newer } = await othersOf(parts, request);
  const waits = others.filter((other) => isAskedBefore(other, request));
  if (waiting !== undefined && waits.length >= waiting) {
    const now = waits.length === 1 ? '1 request waits' : `${waits.length} requests wait`;
    return `${now} for an answer already, as many as the policy allows. \`end\` takes one back.`;
  }
  const opened = others.filter(isOpening);
  if (waiting !== undefined && waits.length + newer.length >= waiting) return notCounted(newer);
  if (open === undefined || opened.length + newer.length < open) return undefined;
  if (opened.length < open) return notCounted(newer);
  return `You have ${opened.length} open already, as many as the policy allows. \`end\` closes one.`;
}

/** For who is about to approve: why it cannot open yet. */
export async function tooManyOpen(parts: Parts, request: Request): Promise<string | undefined> {
  const { open } = parts.policy.limits.perPerson;
  if (open === undefined) return undefined;
  const { others, newer } = await othersOf(parts, request);
  const opened = others.filter(isOpening);
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
  const before = others.filter((other) => {
    if (!isGranted(other)) return false;
    const apartMs = other.phase.grant.startedAtMs - startedAtMs;
    return apartMs < 0 || (apartMs === 0 && other.id < request.id);
  });
  if (before.length + newer.length < open) return undefined;
  if (before.length < open) return notCounted(newer);
  return `You have ${before.length} open already, as many as the policy allows. \`end\` closes one.`;
}

async function othersOf(parts: Parts, request: Request): Promise<{ others: Request[]; newer: RequestId[] }> {
  const { requests, newer } = await parts.store.ofPerson(request.ask.requester);
  return { others: requests.filter(({ id }) => id !== request.id), newer };
}

/** Requests that only a newer version can read count as open and as waiting: the limit holds whatever they are. */
function notCounted(newer: readonly RequestId[]): string {
  const kept = newer.length === 1 ? 'is' : 'are';
  return `The policy limits how much one person has at a time, and ${newer.join(', ')} ${kept} kept by a newer version of me: I can’t count them. Ask again in a few minutes.`;
}

/** What each state counts as: `asking` waits for an answer, of two at once the older one first. */
const COUNTS_AS: Readonly<Record<State, 'asking' | 'waiting' | 'open' | 'nothing'>> = {
  submitted: 'asking',
  pending: 'waiting',
  approved: 'open',
  opening: 'open',
  open: 'open',
  closing: 'nothing',
  ended: 'nothing',
  refused: 'nothing',
  denied: 'nothing',
  cancelled: 'nothing',
  lapsed: 'nothing',
  failed: 'nothing',
  'already-open': 'nothing',
};

function isOpening({ phase }: Request): boolean {
  return COUNTS_AS[phase.state] === 'open';
}

function isAskedBefore(other: Request, request: Request): boolean {
  const counts = COUNTS_AS[other.phase.state];
  return counts === 'waiting' || (counts === 'asking' && isOlder(other, request));
}

function isOlder(one: Request, other: Request): boolean {
  const apartMs = one.ask.askedAtMs - other.ask.askedAtMs;
  return apartMs < 0 || (apartMs === 0 && one.id < other.id);
}

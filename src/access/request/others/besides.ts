/** What a requester had already when they asked: the people who decide read it, and so does the requester. */
import { isGranted, isWaiting } from '../duties.js';
import { startOf } from '../later.js';
import { factsOf, isIn, type Request, type RequestIn } from '../request.js';
import { idOf, workspaceOf } from '../target.js';
import type { Beside, Besides } from './kept.js';

/** A record keeps at most so many open requests and so many that wait; the others are only counted. */
const KEPT = 5;

/**
 * The requests that a requester had already: first those for the same WorkSpace, then those that end last.
 * @param request with the WorkSpaces that it is for
 * @param others other requests of the same person
 * @returns undefined where they had nothing that matters to this request
 */
export function besidesOf(
  request: Pick<Request, 'id' | 'ask'> & { workspaceIds: readonly string[] },
  others: readonly Request[],
): Besides | undefined {
  const all = others.flatMap((other) => besideOf(request, other));
  if (all.length === 0) return undefined;
  // Requests that wait must not hide access that is open.
  const open = all
    .filter(isOpen)
    .sort((a, b) => Number(b.same) - Number(a.same) || (b.endsAtMs ?? 0) - (a.endsAtMs ?? 0));
  const waiting = all.filter((one) => !isOpen(one));
  const left = [open, waiting].flatMap((some) => some.slice(KEPT));
  const moreSame = left.filter(({ same }) => same).length;
  return {
    shown: [open, waiting].flatMap((some) => some.slice(0, KEPT)),
    more: left.filter(isOpen).length,
    ...(moreSame > 0 ? { moreSame } : {}),
  };
}

function isOpen({ endsAtMs }: Beside): boolean {
  return endsAtMs !== undefined;
}

/** Open access counts, to whichever WorkSpace. A request that only waits counts where it is for the same WorkSpace. */
function besideOf({ id, ask, workspaceIds }: Parameters<typeof besidesOf>[0], other: Request): Beside[] {
  if (other.id === id || other.ask.askedAtMs > ask.askedAtMs) return [];
  const ids = workspacesOf(other);
  const same = ids.some((one) => workspaceIds.includes(one));
  const of = idOf(other.ask.target) ?? ids[0];
  if (of === undefined) return [];
  const beside = { id: other.id, of, source: other.ask.source.cidr, same };
  if (isGranted(other) && endsBefore(other, ask)) return [];
  if (isGranted(other))
    return [{ ...beside, endsAtMs: other.phase.grant.endsAtMs, ...(same ? offeredBy(other, ask) : {}) }];
  return isWaiting(other) && same ? [beside] : [];
}

/** Whether open access has ended by the time at which the new request is to open. */
function endsBefore({ phase: { grant } }: RequestIn<'opening' | 'open'>, ask: Request['ask']): boolean {
  return grant.endsAtMs <= (startOf(ask) ?? 0);
}

/** What could be asked of open access instead of asking once more: more time, or the source of the new request. */
function offeredBy(other: Request, { source }: Request['ask']): Pick<Beside, 'stepMs' | 'movable'> {
  if (!isIn(other, 'open') || other.phase.followedBy !== undefined || other.phase.adopted) return {};
  const { stepMs, movable } = other.phase;
  if (other.ask.source.cidr !== source.cidr) return movable ? { movable } : {};
  return stepMs === undefined ? {} : { stepMs };
}

function workspacesOf(request: Request): string[] {
  const named = workspaceOf(request.ask.target);
  return factsOf(request)?.desktops.map(({ workspaceId }) => workspaceId) ?? (named ? [named] : []);
}

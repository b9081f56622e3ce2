/** Between the yes and the opening: a WorkSpace that has to be running first. */
import { availabilityOf, inState } from '../../access/request/availability.js';
import type { DesktopFacts } from '../../access/request/facts.js';
import { isIn, type Refusal, type RequestIn } from '../../access/request/request.js';
import { fail } from '../../access/request/transitions/ending.js';
import { askStart, awaitStart, findRunning } from '../../access/request/transitions/opening.js';
import { change, faultRefusal } from '../change.js';
import type { Progress } from '../outcomes.js';
import { noteFailure } from '../passes.js';
import { AwsRefused, type Parts } from '../ports.js';

/** An approved request whose WorkSpace was not AVAILABLE: started where the policy says so, else waited for. */
export async function waitForWorkspace(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  try {
    return await startOrWait(parts, request);
  } catch (cause) {
    if (!(cause instanceof AwsRefused)) throw cause;
    const refusal = faultRefusal(parts, cause, request, parts.now());
    const current = await parts.store.load(request.id);
    if (!current || !isIn(current, 'approved')) return 'done';
    const because = { who: 'bot', why: refusal.sentence };
    await change(parts, current, fail(current, refusal, parts.now()), because);
    return 'done';
  }
}

/** Starts WorkSpaces, or waits until one runs. Of many one is enough: the others can be reached as soon as they run. */
async function startOrWait(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const { facts, startAsked } = request.phase;
  const desktops = await asAwsSays(parts, facts.desktops);
  if (desktops.every(isGone)) {
    await change(parts, request, fail(request, gone(desktops), parts.now()), { who: 'bot' });
    return 'done';
  }
  const mayStart = parts.policy.directories[facts.directoryId]?.startStopped === true && !startAsked;
  const stopped = desktops.flatMap(({ state, workspaceId }) => (state === 'STOPPED' ? [workspaceId] : []));
  if (mayStart && stopped.length > 0) return start(parts, request, desktops, stopped);
  if (desktops.some(isAvailable)) return goOn(parts, request, desktops);
  // Who reads the card knows then what has to be started. Once AWS was asked to start it, its reads may lag.
  const isNew = desktops.some((one, nth) => isOther(one, facts.desktops[nth]));
  if (isNew && !startAsked)
    await change(parts, request, findRunning(request, desktops), { who: 'bot', why: 'none is AVAILABLE' });
  return 'again';
}

async function start(
  parts: Parts,
  request: RequestIn<'approved'>,
  desktops: DesktopFacts[],
  stopped: string[],
): Promise<Progress> {
  // The request waits for the start only once AWS has answered: after a crash, or without an answer, the next try asks AWS
  // again. A second call starts nothing twice, since AWS starts only a WorkSpace that is STOPPED.
  const asked = await change(parts, request, askStart(request, desktops), {
    who: 'bot',
    why: `asks AWS to start ${stopped.join(' ')}`,
  });
  if (!asked) return 'again';
  const refused = await notStarted(parts, asked, desktops, stopped);
  if (desktops.every(({ workspaceId }) => refused.includes(workspaceId))) {
    const which = refused.length === 1 ? refused[0] : `any of the ${refused.length} WorkSpaces`;
    const sentence = `AWS refuses to start ${which}. Ask an admin to do it in the AWS console, then ask again.`;
    await change(parts, asked, fail(asked, { sentence, retry: true }, parts.now()), { who: 'bot' });
    return 'done';
  }
  if (!desktops.some(isAvailable)) {
    await change(parts, asked, awaitStart(asked), { who: 'bot', why: 'AWS has answered' });
    return 'again';
  }
  const start = (one: DesktopFacts): DesktopFacts =>
    stopped.includes(one.workspaceId) && !refused.includes(one.workspaceId) ? inState(one, 'STARTING') : one;
  return goOn(parts, asked, desktops.map(start), refused);
}

async function goOn(
  parts: Parts,
  request: RequestIn<'approved'>,
  desktops: DesktopFacts[],
  refused: readonly string[] = [],
): Promise<Progress> {
  const left = refused.length > 0 ? `; AWS does not start ${refused.join(' ')}` : '';
  const why = `${desktops.filter(isAvailable).length} of ${desktops.length} AVAILABLE${left}`;
  await change(parts, request, findRunning(request, desktops), { who: 'bot', why });
  return 'done';
}

/** A WorkSpace that AWS does not know any more counts as terminated. */
async function asAwsSays(parts: Parts, known: readonly DesktopFacts[]): Promise<DesktopFacts[]> {
  const found = await parts.desktops.byIds(known.map(({ workspaceId }) => workspaceId));
  const states = new Map(found.map(({ workspaceId, state }) => [workspaceId, state]));
  return known.map((one) => inState(one, states.get(one.workspaceId) ?? 'TERMINATED'));
}

function isGone({ state }: DesktopFacts): boolean {
  return state === 'TERMINATED' || state === 'TERMINATING';
}

function gone([first, ...others]: readonly DesktopFacts[]): Refusal {
  if (!first) return { sentence: 'The WorkSpace no longer exists.' };
  return {
    sentence:
      others.length > 0
        ? 'None of its WorkSpaces exists any more.'
        : `${first.workspaceId} no longer exists.`,
  };
}

function isOther(one: DesktopFacts, other: DesktopFacts | undefined): boolean {
  return other === undefined || availabilityOf(one) !== availabilityOf(other);
}

function isAvailable(one: DesktopFacts): boolean {
  return availabilityOf(one) === 'available';
}

/**
 * Asks AWS to start some of the WorkSpaces. What AWS refuses keeps those that run from nobody: the admins are told, and the
 * card shows the others as stopped. AWS refuses also to start what has begun to start, as by a call whose answer was lost.
 * @returns the ids of those that AWS does not start, and that are stopped
 */
async function notStarted(
  parts: Parts,
  asked: RequestIn<'approved'>,
  desktops: readonly DesktopFacts[],
  workspaceIds: readonly string[],
): Promise<readonly string[]> {
  try {
    const refused = await parts.desktops.start(workspaceIds);
    if (refused.length === 0) return [];
    const now = await asAwsSays(parts, desktops);
    return now.flatMap(({ workspaceId, state }) =>
      state === 'STOPPED' && refused.includes(workspaceId) ? [workspaceId] : [],
    );
  } catch (cause) {
    if (cause instanceof AwsRefused && desktops.some(isAvailable)) {
      parts.log.error({ err: cause, id: asked.id, workspaceIds }, 'AWS refuses to start WorkSpaces');
      noteFailure(parts, 'work', cause);
      return workspaceIds;
    }
    throw cause;
  }
}

/** Between the yes and the opening: a WorkSpace that has to be running first. */
import { isIn, type RequestIn } from '../../access/request/request.js';
import { askStart, fail, findRunning, unaskStart } from '../../access/request/transitions.js';
import { change, faultRefusal, type Progress } from '../change.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../ports.js';

/** An approved request whose WorkSpace was not AVAILABLE: started where the policy says so, else waited for. */
export async function waitForWorkspace(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  try {
    return await startOrWait(parts, request);
  } catch (cause) {
    if (!(cause instanceof AwsRefused)) throw cause;
    const refusal = faultRefusal(parts, cause, request.id, parts.now());
    const current = await parts.store.load(request.id);
    if (!current || !isIn(current, 'approved')) return 'done';
    const because = { who: 'bot', why: refusal.sentence };
    await change(parts, current, fail(current, refusal, parts.now()), because);
    return 'done';
  }
}

async function startOrWait(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const { phase } = request;
  const { facts, startAsked } = phase;
  const wanted = facts.desktops[0];
  const [desktop] = wanted ? await parts.desktops.byIds([wanted.workspaceId]) : [];
  if (!desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING') {
    const refusal = { sentence: `${wanted?.workspaceId ?? 'The WorkSpace'} no longer exists.` };
    await change(parts, request, fail(request, refusal, parts.now()), { who: 'bot' });
    return 'done';
  }
  if (desktop.state === 'AVAILABLE') {
    await change(parts, request, findRunning(request), { who: 'bot', why: 'the WorkSpace is AVAILABLE' });
    return 'done';
  }
  const mayStart = parts.policy.directories[desktop.directoryId]?.startStopped === true;
  if (desktop.state === 'STOPPED' && mayStart && !startAsked) {
    // Stored first: a crash may leave a WorkSpace unstarted until somebody starts it, never start it over and over.
    const after = await change(parts, request, askStart(request), {
      who: 'bot',
      why: 'asked AWS to start the WorkSpace',
    });
    if (after && !(await startOrTakeBack(parts, after, desktop.workspaceId))) {
      const refusal = {
        sentence: `AWS refuses to start ${desktop.workspaceId}. Start it yourself, then ask again.`,
      };
      await change(parts, after, fail(after, refusal, parts.now()), { who: 'bot' });
      return 'done';
    }
  }
  return 'again';
}

/** An AWS that does not answer has not been asked: the next try asks again. */
async function startOrTakeBack(
  parts: Parts,
  asked: RequestIn<'approved'>,
  workspaceId: string,
): Promise<boolean> {
  try {
    return await parts.desktops.start(workspaceId);
  } catch (cause) {
    if (cause instanceof AwsUnavailable)
      await change(parts, asked, unaskStart(asked), { who: 'bot', why: 'AWS does not answer' });
    throw cause;
  }
}

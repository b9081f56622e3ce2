/** Between the yes and the opening: a WorkSpace that has to be running first. */
import type { Request, RequestIn } from '../../access/request/request.js';
import { change, type Progress } from '../change.js';
import { AwsUnavailable, type Parts } from '../ports.js';

/** An approved request whose WorkSpace was not AVAILABLE: started where the policy says so, else waited for. */
export async function waitForWorkspace(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const { phase } = request;
  const { facts, need, review, lapsesAtMs, startAsked } = phase;
  const wanted = facts.desktops[0];
  const [desktop] = wanted ? await parts.desktops.byIds([wanted.workspaceId]) : [];
  if (!desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING') {
    const refusal = { sentence: `${wanted?.workspaceId ?? 'The WorkSpace'} no longer exists.` };
    await change(
      parts,
      request,
      { state: 'failed', refusal, atMs: parts.now(), facts, need, review },
      { who: 'bot' },
    );
    return 'done';
  }
  if (desktop.state === 'AVAILABLE') {
    const desktops = facts.desktops.map((known) => ({ ...known, state: desktop.state }));
    const ready = { ...phase, facts: { ...facts, desktops }, waitsFor: 'nothing' as const };
    await change(parts, request, ready, { who: 'bot', why: 'the WorkSpace is AVAILABLE' });
    return 'done';
  }
  const mayStart = parts.policy.directories[desktop.directoryId]?.startStopped === true;
  if (desktop.state === 'STOPPED' && mayStart && !startAsked) {
    // Stored first: a crash may leave a WorkSpace unstarted until somebody starts it, never start it over and over.
    const asked = { ...phase, lapsesAtMs, startAsked: true };
    const after = await change(parts, request, asked, {
      who: 'bot',
      why: 'asked AWS to start the WorkSpace',
    });
    if (after && !(await startOrTakeBack(parts, after, phase, desktop.workspaceId))) {
      const refusal = {
        sentence: `AWS refuses to start ${desktop.workspaceId}. Start it yourself, then ask again.`,
      };
      const failed = { state: 'failed' as const, refusal, atMs: parts.now(), facts, need, review };
      await change(parts, after, failed, { who: 'bot' });
      return 'done';
    }
  }
  return 'again';
}

/** An AWS that does not answer has not been asked: the next try asks again. */
async function startOrTakeBack(
  parts: Parts,
  asked: Request,
  before: RequestIn<'approved'>['phase'],
  workspaceId: string,
): Promise<boolean> {
  try {
    return await parts.desktops.start(workspaceId);
  } catch (cause) {
    if (cause instanceof AwsUnavailable)
      await change(parts, asked, before, { who: 'bot', why: 'AWS does not answer' });
    throw cause;
  }
}

/** While nobody answers, the requester can nudge those who were asked, and ask somebody else who may decide. */
import { compactDuration } from '../../access/reading/duration.js';
import { progressOf } from '../../access/request/needs.js';
import { isIn, type RequestIn } from '../../access/request/request.js';
import { waitOn } from '../../access/request/transitions/deciding.js';
import { type Answer, type Click, lostRace, standing } from '../answer.js';
import { change } from '../change.js';
import type { Parts, Person } from '../ports.js';
import { decidedBy } from './ask-policy.js';
import { type Judgement, judgeRequest, refuseNow } from './judge-request.js';

const MINUTE_MS = 60_000;

/** Tells those who are waited for once more, though not often: everybody's telephone rings. */
export async function nudge(parts: Parts, click: Click): Promise<Answer> {
  const request = await own(parts, click);
  if ('ok' in request) return request;
  const { phase } = request;
  const nowMs = parts.now();
  const againMs = Math.max(phase.pendingAtMs, phase.need.due.nudgedAtMs ?? 0) + parts.times.nudgeMs;
  if (nowMs < againMs) {
    const what = phase.need.due.nudgedAtMs === undefined ? 'They were asked' : 'You nudged them';
    return { ok: false, sentence: `${what} a moment ago. Nudge them again in ${roughly(againMs - nowMs)}.` };
  }
  const judged = await judgeRequest(parts, request);
  if ('refused' in judged) return refused(parts, request, judged);
  const need = { ...judged.need, due: { ...judged.need.due, nudgedAtMs: nowMs } };
  const because = decidedBy(parts, click.by, judged.decision, 'nudged');
  const after = await change(parts, request, waitOn(request, need, judged.changed), because);
  return after ? { ok: true, request: after, ...noteOf(judged) } : lostRace(parts, click.id);
}

/** What the policy in force has changed about the need, which is stored with the nudge: the requester reads it here. */
function noteOf({ changed }: { changed: string | undefined }): { note?: string } {
  return changed ? { note: `What changed: ${changed}.` } : {};
}

/** Whom the requester can ask as well, by name; or why nobody. */
export async function whoElse(
  parts: Parts,
  click: Click,
): Promise<{ people: Person[] } | { ok: false; sentence: string }> {
  const request = await own(parts, click);
  if ('ok' in request) return request;
  const people: Person[] = [];
  for (const id of await choices(parts, request)) {
    const person = await parts.people.person(id);
    if (person) people.push(person);
  }
  if (people.length > 0) return { people };
  return { ok: false, sentence: 'Everybody who may decide this is asked already. Nudge reminds them.' };
}

/** Asks one person more, who is told directly. One of the fallback's people may decide from now on. */
export async function askSomeoneElse(parts: Parts, click: Click & { whom: string }): Promise<Answer> {
  const request = await own(parts, click);
  if ('ok' in request) return request;
  const { phase } = request;
  const { whom } = click;
  if (!(await choices(parts, request)).includes(whom))
    return {
      ok: false,
      sentence: `<@${whom}> is asked already, or may not decide this. Choose somebody else.`,
    };
  const { hears } = phase.need;
  const asking = { ...phase.need, hears: { ...hears, alsoAsked: [...hears.alsoAsked, whom] } };
  const judged = await judgeRequest(parts, { ...request, phase: { ...phase, need: asking } });
  if ('refused' in judged) return refused(parts, request, judged);
  const because = decidedBy(parts, click.by, judged.decision, `asked ${whom} as well`);
  const after = await change(parts, request, waitOn(request, judged.need, judged.changed), because);
  return after ? { ok: true, request: after, ...noteOf(judged) } : lostRace(parts, click.id);
}

/** People told only in a channel so far, and the fallback's where the rule lets the requester ask them sooner. */
async function choices(parts: Parts, request: RequestIn<'pending'>): Promise<string[]> {
  const judged = await judgeRequest(parts, request);
  if ('refused' in judged) return [];
  const { need } = judged;
  const { channel, alsoAsked } = need.hears;
  const { fallback } = need.due;
  const people = channel === undefined ? [] : progressOf(need).waitsFor;
  if (fallback?.sooner && !fallback.done) {
    const later = await judgeRequest(parts, request, 'with-fallback');
    const before = need.asks.approvers;
    if ('need' in later) people.push(...later.need.asks.approvers.filter((id) => !before.includes(id)));
  }
  return people.filter((id) => !alsoAsked.includes(id));
}

/** The clicker's own request while it waits, or what to tell them. */
async function own(
  parts: Parts,
  { id, by }: Click,
): Promise<RequestIn<'pending'> | { ok: false; sentence: string }> {
  const request = await parts.store.load(id);
  if (!request) return { ok: false, sentence: `${id} was lost with my storage. Ask again.` };
  if (request.ask.requester !== by) return { ok: false, sentence: 'Only the one who asked can do that.' };
  return isIn(request, 'pending') ? request : { ok: false, sentence: standing(request) };
}

async function refused(
  parts: Parts,
  request: RequestIn<'pending'>,
  judged: Extract<Judgement, { refused: string }>,
): Promise<Answer> {
  await refuseNow(parts, request, judged);
  return { ok: false, sentence: `Not allowed any more: ${judged.refused}` };
}

function roughly(ms: number): string {
  return ms < MINUTE_MS ? 'a minute' : compactDuration(Math.ceil(ms / MINUTE_MS) * MINUTE_MS);
}

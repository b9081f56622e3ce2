/**
 * From a yes to an open port. The end is stored and its timer set before anything is authorized; "open" is said
 * only once EC2 was read back.
 */
import { joinRule, type Lease, type Rule } from '../access/lease.js';
import { type DesktopFacts, isIn, type Refusal, type Request, type RequestIn } from '../access/request.js';
import { change, type Progress } from './change.js';
import { converge, type Hindrance } from './converge.js';
import { beginClosing } from './end-access.js';
import { AwsUnavailable, desktopFacts, type Parts } from './ports.js';

/** An approved request: waits for what it waits for, or starts opening. */
export async function startOpening(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const { phase } = request;
  const nowMs = parts.now();
  if (nowMs >= phase.lapsesAtMs) {
    const { facts, need, review } = phase;
    await change(parts, request, { state: 'lapsed', atMs: nowMs, facts, need, review }, { who: 'time' });
    return 'done';
  }
  switch (phase.waitsFor) {
    case 'confirmation':
      return 'done';
    case 'workspace':
      return waitForWorkspace(parts, request);
    case 'nothing': {
      const endsAtMs = nowMs + request.ask.durationMs;
      const openByMs = Math.min(nowMs + parts.times.openByMs, endsAtMs);
      const { facts, need, review } = phase;
      const grant = { startedAtMs: nowMs, endsAtMs, openByMs };
      const opening = {
        state: 'opening' as const,
        facts,
        need,
        review,
        grant,
        waitsForAws: false,
        attached: 0,
      };
      const after = await change(parts, request, opening, { who: 'bot', ids: { endsAtMs } });
      // The end stands and has its timer: go on at once rather than wait for the job.
      return after && isIn(after, 'opening') ? finishOpening(parts, after) : 'done';
    }
  }
}

async function waitForWorkspace(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
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
    if (after && !(await parts.desktops.start(desktop.workspaceId))) {
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

/** An opening request, before its `openBy`: everything here can happen twice. */
export async function finishOpening(parts: Parts, request: RequestIn<'opening'>): Promise<Progress> {
  const { grant } = request.phase;
  if (parts.now() >= grant.openByMs) {
    const sentence = 'AWS did not let me open it in time. Nothing is open. Ask again when AWS works.';
    return fail(parts, request, { sentence, retry: true, admins: true });
  }
  try {
    return await open(parts, request);
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) throw cause;
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; opening goes on later');
    const current = await parts.store.load(request.id);
    if (current && isIn(current, 'opening') && !current.phase.waitsForAws) {
      const why = 'AWS does not answer';
      await change(parts, current, { ...current.phase, waitsForAws: true }, { who: 'bot', why });
    }
    return 'again';
  }
}

async function open(parts: Parts, started: RequestIn<'opening'>): Promise<Progress> {
  let request = started;
  let groupId = request.phase.grant.groupId;
  if (!groupId) {
    const ready = await prepareGroup(parts, request);
    if (typeof ready === 'string') return ready;
    ({ request, groupId } = ready);
    const joined = await join(parts, request, groupId);
    if (typeof joined === 'string') return joined;
    request = joined;
  }
  const hindrances = await converge(parts, groupId);
  const rule = await parts.store.loadRule(groupId, request.ask.source.cidr);
  const leased = rule?.leases.some(({ requestId }) => requestId === request.id);
  if (rule?.rule.state === 'open' && leased) {
    const { facts, need, review, grant } = request.phase;
    const openedAtMs = parts.now();
    const phase = {
      state: 'open' as const,
      facts,
      need,
      review,
      grant: { ...grant, groupId },
      openedAtMs,
      warned: false,
    };
    await change(parts, request, phase, { who: 'bot', ids: { groupId, ruleId: rule.rule.ruleId } });
    return 'done';
  }
  const hindrance = hindrances.get(request.ask.source.cidr);
  return hindrance ? hindered(parts, request, groupId, rule, hindrance) : 'again';
}

type Ready = { request: RequestIn<'opening'>; groupId: string };

/** The group stands, is attached to every interface meant, and reaches no more than was approved. */
async function prepareGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Ready | Progress> {
  const { facts } = request.phase;
  const current = await lookAgain(parts, request);
  if (current !== 'fine') return current;
  const ready =
    facts.group.kind === 'existing'
      ? { request, groupId: facts.group.groupId }
      : await attach(parts, request);
  if (typeof ready === 'string') return ready;
  const reach = await parts.firewall.reach(ready.groupId);
  if (reach <= facts.reach) return ready;
  // More than was approved: asked again with the new number, both times cleared.
  const nowMs = parts.now();
  const pending = {
    state: 'pending' as const,
    facts: { ...facts, reach },
    need: request.phase.need,
    pendingAtMs: nowMs,
    lapsesAtMs: nowMs + parts.policy.limits.unansweredMs,
    reachWas: facts.reach,
  };
  await change(parts, ready.request, pending, {
    who: 'bot',
    why: `it would open ${reach}, not ${facts.reach}`,
  });
  return 'done';
}

/** The approval may be hours old: one WorkSpace is looked at again; it can have stopped, moved or gone. */
async function lookAgain(parts: Parts, request: RequestIn<'opening'>): Promise<'fine' | Progress> {
  const { facts, need, review } = request.phase;
  const [known] = facts.desktops;
  if (!known || request.ask.target.kind === 'directory') return 'fine';
  const [desktop] = await parts.desktops.byIds([known.workspaceId]);
  const gone = !desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING';
  if (gone) return fail(parts, request, { sentence: `${known.workspaceId} no longer exists.` });
  if (desktop.state !== 'AVAILABLE') {
    const lapsesAtMs = parts.now() + parts.times.lateYesMs;
    const waiting = { state: 'approved' as const, facts, need, review, lapsesAtMs, startAsked: false };
    await change(
      parts,
      request,
      { ...waiting, waitsFor: 'workspace' },
      { who: 'bot', why: `it is ${desktop.state}` },
    );
    return 'done';
  }
  const { privateAddress, subnetId } = desktop;
  const at =
    privateAddress && subnetId ? await parts.firewall.interfaceAt(privateAddress, subnetId) : undefined;
  if (at && sameDesktop(known, desktopFacts(desktop, at))) return 'fine';
  const sentence = `${known.workspaceId} has moved since it was approved: it has another address now. Ask again.`;
  return fail(parts, request, { sentence, retry: true });
}

function sameDesktop(known: DesktopFacts, now: DesktopFacts): boolean {
  return known.interfaceId === now.interfaceId && known.privateAddress === now.privateAddress;
}

/** How often the card shows the progress of a large target. */
const PROGRESS_EVERY = 20;

async function attach(parts: Parts, started: RequestIn<'opening'>): Promise<Ready | Progress> {
  const { facts } = started.phase;
  if (facts.group.kind !== 'access') return 'done';
  const group = await parts.firewall.accessGroup(facts.group.name, facts.group.vpcId, parts.now());
  if ('refused' in group) return fail(parts, started, groupRefused(group.refused, facts.group.name));
  let request = started;
  for (const [index, { workspaceId, interfaceId }] of facts.desktops.entries()) {
    if (index < request.phase.attached) continue;
    const outcome = await parts.firewall.attach(interfaceId, group.groupId);
    if (outcome === 'quota') {
      const sentence = `${workspaceId} carries as many security groups as AWS allows. An admin has to remove one.`;
      return fail(parts, request, { sentence, retry: true, admins: true });
    }
    if (outcome === 'gone' && facts.desktops.length === 1) {
      const sentence = `${workspaceId} has moved since it was approved. Ask again.`;
      return fail(parts, request, { sentence, retry: true });
    }
    const attached = index + 1;
    if (attached % PROGRESS_EVERY !== 0) continue;
    const after = await change(parts, request, { ...request.phase, attached }, { who: 'bot' });
    if (!after || !isIn(after, 'opening')) return 'done';
    request = after;
  }
  return { request, groupId: group.groupId };
}

function groupRefused(refused: 'taken' | 'quota', name: string): Refusal {
  const sentence =
    refused === 'taken'
      ? `A security group named ${name} is there already and is not mine. An admin has to rename or delete it.`
      : 'AWS allows no more security groups in this account. An admin has to raise the quota or delete some.';
  return { sentence, retry: true, admins: true };
}

/** Takes the lease, in one step with the request. Waits while the rule is somebody's business. */
async function join(
  parts: Parts,
  request: RequestIn<'opening'>,
  groupId: string,
): Promise<RequestIn<'opening'> | Progress> {
  const { grant, facts } = request.phase;
  const source = request.ask.source.cidr;
  const { target } = request.ask;
  const lease: Lease = {
    requestId: request.id,
    endsAtMs: grant.endsAtMs,
    openedAtMs: grant.startedAtMs,
    user: request.ask.requester,
    target:
      target.kind === 'directory'
        ? target.directoryId
        : (facts.desktops[0]?.workspaceId ?? facts.directoryId),
  };
  const by = { deadlineMs: parts.now() + parts.times.awsMs, openByMs: grant.openByMs };
  const joining = joinRule(await parts.store.loadRule(groupId, source), { groupId, source }, lease, by);
  if ('wait' in joining) {
    if (joining.wait !== 'full') return 'again';
    const sentence = 'Too many people share this rule already. Ask again when one of them is done.';
    return fail(parts, request, { sentence, retry: true, admins: true });
  }
  const phase = { ...request.phase, grant: { ...grant, groupId } };
  const after = await change(parts, request, phase, {
    who: 'bot',
    ids: { groupId, source },
    rule: joining.joined,
  });
  return after && isIn(after, 'opening') ? after : 'again';
}

async function hindered(
  parts: Parts,
  request: RequestIn<'opening'>,
  groupId: string,
  rule: Rule | undefined,
  hindrance: Hindrance,
): Promise<Progress> {
  switch (hindrance) {
    case 'foreign': {
      const { facts, need, review } = request.phase;
      const atMs = parts.now();
      const phase = { state: 'already-open' as const, atMs, facts, need, review, groupId };
      const gone: Rule | undefined = rule && {
        ...rule,
        version: rule.version + 1,
        rule: { state: 'gone' },
        leases: [],
      };
      await change(parts, request, phase, { who: 'bot', ids: { groupId }, ...(gone ? { rule: gone } : {}) });
      return 'done';
    }
    case 'quota': {
      const sentence = `Security group ${groupId} holds as many rules as AWS allows. Ask again later, or an admin.`;
      return fail(parts, request, { sentence, retry: true, admins: true });
    }
    case 'no-group':
      return 'again';
  }
}

/** Nothing will open: what an authorize may have left is removed first, and only then the request has failed. */
async function fail(parts: Parts, request: Request, refusal: Refusal): Promise<Progress> {
  if (!isIn(request, 'opening')) return 'done';
  await beginClosing(parts, request, { kind: 'not-opened', refusal }, { who: 'bot', why: refusal.sentence });
  return 'done';
}

/**
 * A small world for `planIngress` and `settleRule`: records that change by compare-and-set, an EC2 whose reads lag,
 * replicas that plan and act at different moments, and manual changes. The model checks each promise at each step, and
 * throws the sentence of one that was broken.
 */
import { planIngress } from '../../../src/access/rules/ingress.js';
import type { Lease } from '../../../src/access/rules/lease.js';
import { joinRule, leaveRule, type RuleRecord } from '../../../src/access/rules/rule.js';
import { nothingKeeps, type SeenRule } from '../../../src/access/rules/seen-rule.js';
import { isUnsettled, settleRule } from '../../../src/access/rules/settle-rule.js';
import { Ec2 } from './ingress-ec2.js';
import type { Fate, Source, Step } from './ingress-steps.js';

const GROUP = 'sg-1';
/** How long a call to EC2 may take effect, and how far apart two reads must lack a rule: further than a read lags. */
const AWS_MS = 20;
const ABSENT_AGAIN_MS = 10;

interface Replica {
  plan: ReturnType<typeof planIngress>;
  /** Rule ids for which EC2 answered. */
  authorized: string[];
  revoked: string[];
}
interface Grant {
  source: Source;
  over: boolean;
  /** The rule's record said open once: nothing may authorize for the grant again. */
  wasOpen: boolean;
}

export class World {
  nowMs = 1_000_000;
  readonly ec2 = new Ec2(() => this.nowMs);
  readonly grants = new Map<string, Grant>();
  private readonly records = new Map<string, RuleRecord>();
  private readonly replicas = new Map<number, Replica>();

  step(step: Step): void {
    switch (step.do) {
      case 'wait':
        this.wait(step.ms);
        break;
      case 'join':
        this.join(step);
        break;
      case 'end':
        this.end(step.grant);
        break;
      case 'extend':
        this.extend(step.grant);
        break;
      case 'plan':
        this.plan(step.replica, step.lagMs);
        break;
      case 'act':
        this.act(step.replica, step.fate);
        break;
      case 'settle':
        this.settle(step.replica, step.lagMs);
        break;
      case 'converge':
        this.plan(step.replica, step.lagMs);
        this.act(step.replica, 'answered');
        this.settle(step.replica, step.lagMs);
        break;
      case 'land':
        this.ec2.land();
        break;
      case 'manual-change':
        this.ec2.manualChange(step.what, GROUP, step.source);
        break;
    }
  }

  /** The records that count: rules that are gone have none. */
  get live(): RuleRecord[] {
    return [...this.records.values()].filter(({ stage }) => stage.state !== 'gone');
  }

  /** Everybody ends, and one replica converges with true reads until nothing changes any more. */
  comeToRest(): void {
    for (const id of this.grants.keys()) this.end(id);
    const over = [...this.grants.keys()];
    for (let round = 1; round <= 20; round++) {
      // A call that is still under way takes effect at the last moment that it may.
      this.wait(ABSENT_AGAIN_MS);
      this.ec2.land();
      const before = JSON.stringify([this.live, this.ec2.rules]);
      this.plan(0, 0, over);
      this.act(0, 'answered');
      this.settle(0, 0);
      const waits = this.live.some(
        ({ stage }) => stage.state === 'revoking' || stage.state === 'authorizing',
      );
      if (!waits && before === JSON.stringify([this.live, this.ec2.rules])) return;
    }
    throw new Error(`it never comes to rest: ${JSON.stringify([this.live, this.ec2.rules])}`);
  }

  /** Does the plan of a true read once, and then once more as another replica would: answers the rules after each. */
  planTwice(): { once: string; twice: string } {
    this.plan(0, 0);
    this.replicas.set(1, { plan: this.replica(0).plan, authorized: [], revoked: [] });
    this.act(0, 'answered');
    const once = JSON.stringify(this.ec2.rules);
    this.act(1, 'answered');
    return { once, twice: JSON.stringify(this.ec2.rules) };
  }

  private wait(ms: number): void {
    this.nowMs += ms;
    this.ec2.giveUpLate();
  }

  private join(step: Extract<Step, { do: 'join' }>): void {
    const { grant: id, source, lastsMs, openWithinMs } = step;
    if (this.grants.has(id)) return;
    const endsAtMs = this.nowMs + lastsMs;
    const lease: Lease = { requestId: id, endsAtMs, openedAtMs: this.nowMs, user: 'U1', target: 'ws-1' };
    const by = { nowMs: this.nowMs, openByMs: Math.min(this.nowMs + openWithinMs, endsAtMs) };
    const joining = joinRule(this.records.get(source), { groupId: GROUP, source }, lease, by);
    if ('wait' in joining) return;
    this.grants.set(id, { source, over: false, wasOpen: false });
    this.store(joining.joined);
  }

  private end(id: string): void {
    const grant = this.grants.get(id);
    if (!grant || grant.over) return;
    grant.over = true;
    const record = this.records.get(grant.source);
    if (record?.leases.some(({ requestId }) => requestId === id))
      this.store(leaveRule(record, [id], this.nowMs));
  }

  /** Extends the record first; the tag follows with the next plan. A lease that has passed is not extended. */
  private extend(id: string): void {
    const grant = this.grants.get(id);
    const record = grant && !grant.over ? this.records.get(grant.source) : undefined;
    if (record?.stage.state !== 'open') return;
    const leases = record.leases.map((lease) =>
      lease.requestId === id && this.runs(lease) ? { ...lease, endsAtMs: lease.endsAtMs + 50 } : lease,
    );
    this.store({ ...record, version: record.version + 1, leases });
  }

  private plan(number: number, lagMs: number, over: string[] = []): void {
    const { nowMs, live } = this;
    const seen = this.ec2.read(lagMs);
    const plan = planIngress(live, seen, nowMs, over);
    for (const { stage, leases } of plan.authorize) {
      holds(stage.state === 'authorizing' && nowMs < stage.openByMs, 'authorized after openBy');
      holds(leases.some(this.runs), 'authorized for leases that have all passed');
    }
    for (const { seen: rule, leases } of plan.tag) {
      const record = live.find(({ source }) => source === rule.source);
      const own = leases.every((lease) => record?.leases.includes(lease));
      holds(own, 'a tag says other than the record');
    }
    const isKept = (rule: SeenRule) =>
      live.some(({ source, leases }) => source === rule.source && leases.some(this.runs));
    for (const rule of seen.filter((one) => nothingKeeps(one, nowMs, over) && !isKept(one)))
      holds(plan.revoke.includes(rule.ruleId), 'what has passed leases only is not revoked');
    this.replicas.set(number, { plan, authorized: [], revoked: [] });
  }

  /** Applies a plan as it was made: other replicas may have been faster. */
  private act(number: number, fate: Fate): void {
    const { plan, authorized, revoked } = this.replica(number);
    for (const ruleId of plan.revoke) {
      const rule = this.ec2.byId(ruleId);
      if (!rule || fate === 'nothing') continue; // an id that EC2 does not know proves nothing
      holds(!rule.byHand, 'a rule that was never ours is revoked');
      const record = this.records.get(rule.source);
      const isWanted = record?.stage.state === 'open' && record.stage.ruleId === ruleId;
      holds(!(isWanted && record.leases.some(this.runs)), 'a rule that somebody still leases is revoked');
      this.ec2.revoke(rule);
      if (fate === 'answered') revoked.push(ruleId);
    }
    for (const record of plan.authorize) this.authorize(record, fate, authorized);
    if (fate === 'nothing') return;
    for (const { seen, leases } of plan.tag) this.retag(seen.ruleId, leases, []);
    for (const { seen, requestIds } of plan.untag) this.retag(seen.ruleId, [], requestIds);
  }

  /** Authorizes as converge does: the deadline is stored first, and only the replica that stored it may call. */
  private authorize(record: RuleRecord, fate: Fate, authorized: string[]): void {
    if (record.stage.state !== 'authorizing') return;
    const { openByMs, earlierMs: first = 0, deadlineMs: before } = record.stage;
    const deadlineMs = this.nowMs + AWS_MS;
    const earlierMs = Math.max(first, before);
    const stage = { state: 'authorizing' as const, deadlineMs, openByMs, earlierMs };
    const marked: RuleRecord = { ...record, version: record.version + 1, stage };
    if (!this.store(marked) || this.nowMs >= openByMs || fate === 'nothing') return;
    for (const { requestId } of marked.leases)
      holds(!this.grants.get(requestId)?.wasOpen, `${requestId} is opened twice`);
    if (fate === 'late') {
      this.ec2.underWay.push({ record: marked, deadlineMs });
      return;
    }
    const ruleId = this.ec2.authorize(marked);
    if (ruleId && fate === 'answered') authorized.push(ruleId);
  }

  private settle(number: number, lagMs: number): void {
    const { authorized, revoked } = this.replica(number);
    const seen = this.ec2.read(lagMs);
    for (const record of this.live.filter((one) => isUnsettled(one, this.nowMs))) {
      const answered = record.stage.state === 'authorizing' ? authorized : revoked;
      const next = settleRule(record, seen, answered, this.nowMs, ABSENT_AGAIN_MS);
      if (!next) continue;
      holds(next.version === record.version + 1, 'a version is left out');
      if (next.stage.state === 'gone') this.isGone(record);
      if (next.stage.state === 'open') {
        const { ruleId } = next.stage;
        const shows = seen.some((rule) => rule.ruleId === ruleId);
        holds(shows, 'open without a rule that was seen');
        for (const { requestId } of next.leases) {
          const grant = this.grants.get(requestId);
          if (grant) grant.wasOpen = true;
        }
      }
      this.store(next);
    }
  }

  private isGone({ stage, source }: RuleRecord): void {
    const ruleId = 'ruleId' in stage ? stage.ruleId : undefined;
    const there = ruleId ? this.ec2.byId(ruleId) : this.ec2.at(source);
    holds(!there || there.byHand || !there.leases.length, 'a record is gone and its rule is there');
    const coming = this.ec2.underWay.some(({ record }) => record.source === source);
    holds(!coming, 'a record is gone while an authorize may still take effect');
  }

  private retag(ruleId: string, add: Lease[], takeOff: string[]): void {
    const rule = this.ec2.byId(ruleId);
    if (!rule) return;
    const leases = this.records.get(rule.source)?.leases ?? [];
    for (const { requestId, endsAtMs } of add) {
      const recorded = leases.find((lease) => lease.requestId === requestId);
      holds(!recorded || endsAtMs <= recorded.endsAtMs, 'a tag shows a later end than the record');
    }
    this.ec2.retag(rule, add, takeOff);
  }

  private readonly runs = ({ endsAtMs }: Lease): boolean => endsAtMs > this.nowMs;

  /** Compare-and-set: false where somebody else was first. */
  private store(next: RuleRecord): boolean {
    if ((this.records.get(next.source)?.version ?? 0) !== next.version - 1) return false;
    this.records.set(next.source, next);
    return true;
  }

  private replica(number: number): Replica {
    const idle = { plan: planIngress([], [], 0), authorized: [], revoked: [] };
    return this.replicas.get(number) ?? idle;
  }
}

function holds(condition: boolean, broken: string): void {
  if (!condition) throw new Error(broken);
}

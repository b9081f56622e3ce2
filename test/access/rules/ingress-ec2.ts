/** The EC2 of the model: one rule a source, reads that lag, calls that take effect later, and manual changes. */

import type { Lease } from '../../../src/access/rules/lease.js';
import type { RuleRecord } from '../../../src/access/rules/rule.js';
import type { SeenRule } from '../../../src/access/rules/seen-rule.js';

/** How far a read may lag behind the truth. */
const STALE_MS = 8;

export interface Ec2Rule extends SeenRule {
  /** Whether a person wrote the rule, without a tag of ours. */
  byHand: boolean;
}

export class Ec2 {
  /** The rules as they are, which reads may not show yet. */
  rules: Ec2Rule[] = [];
  /** Authorizes that may still take effect, until their deadline. */
  underWay: { record: RuleRecord; deadlineMs: number }[] = [];
  private past: { untilMs: number; rules: Ec2Rule[] }[] = [];
  private ids = 0;

  constructor(private readonly now: () => number) {}

  /** The rules as they are, or as they were up to `lagMs` ago. */
  read(lagMs = 0): SeenRule[] {
    const atMs = this.now() - Math.min(lagMs, STALE_MS);
    return this.past.find(({ untilMs }) => untilMs > atMs)?.rules ?? this.rules;
  }

  at(source: string): Ec2Rule | undefined {
    return this.rules.find((rule) => rule.source === source);
  }

  byId(ruleId: string): Ec2Rule | undefined {
    return this.rules.find((rule) => rule.ruleId === ruleId);
  }

  /** The new rule's id; undefined where there is one with this source, which EC2 refuses as a duplicate. */
  authorize({
    groupId,
    source,
    leases,
  }: Pick<RuleRecord, 'groupId' | 'source' | 'leases'>): string | undefined {
    if (this.at(source)) return undefined;
    return this.add({ groupId, source, leases, tagged: true, marked: true, plain: true, byHand: false });
  }

  revoke(rule: Ec2Rule): void {
    this.become(this.rules.filter((one) => one !== rule));
  }

  /** A tag with the same key is replaced. */
  retag(rule: Ec2Rule, add: readonly Lease[], takeOff: readonly string[]): void {
    const replaced = new Set([...takeOff, ...add.map(({ requestId }) => requestId)]);
    const leases = [...rule.leases.filter(({ requestId }) => !replaced.has(requestId)), ...add];
    // Writing a lease writes the mark as well.
    this.replace(rule, { ...rule, leases, tagged: true, marked: rule.marked || takeOff.length === 0 });
  }

  /** Calls that are under way take effect. */
  land(): void {
    for (const { record } of this.underWay) this.authorize(record);
    this.underWay = [];
  }

  /** Calls that did not take effect before their deadline never do. */
  giveUpLate(): void {
    this.underWay = this.underWay.filter(({ deadlineMs }) => deadlineMs > this.now());
  }

  manualChange(what: 'removes' | 'strips' | 'forges' | 'adds', groupId: string, source: string): void {
    const rule = this.at(source);
    if (what === 'adds') {
      if (!rule)
        this.add({ groupId, source, leases: [], tagged: false, marked: false, plain: true, byHand: true });
    } else if (rule && what === 'removes') {
      this.revoke(rule);
    } else if (rule && !rule.byHand) {
      // A forged tag is one that does not verify: the rule shows no lease and claims to be ours.
      this.replace(rule, { ...rule, leases: [], tagged: what === 'forges', marked: what === 'forges' });
    }
  }

  private add(rule: Omit<Ec2Rule, 'ruleId' | 'inAccessGroup' | 'traffic'>): string {
    this.ids += 1;
    const ruleId = `sgr-${this.ids}`;
    const from = { kind: 'range' as const, cidr: rule.source };
    const traffic = { protocol: 'tcp', fromPort: 22, toPort: 22, from };
    this.become([...this.rules, { ...rule, ruleId, traffic, inAccessGroup: true }]);
    return ruleId;
  }

  private replace(rule: Ec2Rule, by: Ec2Rule): void {
    this.become(this.rules.map((one) => (one === rule ? by : one)));
  }

  private become(rules: Ec2Rule[]): void {
    this.past.push({ untilMs: this.now(), rules: this.rules });
    this.rules = rules;
  }
}

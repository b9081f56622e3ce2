/**
 * The company's rules as data, and the decision that they lead to. Pure: reading the file is config's, gathering
 * facts is the workflow's.
 */
import type { Facts, Need, Refusal } from './request.js';
import type { SourceLimits } from './source.js';

/** How a Slack person maps to the user name of one directory. */
export interface PeopleMapping {
  /** Slack user id → user name; wins over the rest. */
  table: Readonly<Record<string, string>>;
  from?:
    | { kind: 'email-local-part' | 'email'; domains: readonly string[] }
    | { kind: 'profile-field'; fieldId: string };
}

export interface DirectoryPolicy {
  /** Used where Directory Service has no NetBIOS name. */
  netbios?: string;
  /** Without a mapping the directory is never searched for anybody. */
  people?: PeopleMapping;
  /** A stopped WorkSpace is started after the approval. */
  startStopped: boolean;
}

/** What a rule asks for before access opens. */
export type Asked = { kind: 'manager' } | { kind: 'admins' } | { kind: 'any-of'; users: readonly string[] };

export interface PolicyRule {
  name: string;
  /** Which targets it covers: one's own WorkSpace, any WorkSpace, or whole directories. */
  target: 'own' | 'any' | 'directory';
  outcome: { ask: Asked } | 'approve' | { refuse: string };
  selfApproval: boolean;
}

/** The policy in force. Durations are milliseconds. */
export interface Policy {
  /** SHA-256 of the file in hex: two replicas with the same hash have the same policy. */
  hash: string;
  admins: readonly string[];
  directories: Readonly<Record<string, DirectoryPolicy>>;
  managers: { table: Readonly<Record<string, string>>; profileField?: string };
  limits: {
    sources: SourceLimits;
    durations: { choicesMs: readonly number[]; defaultMs: number; shortestMs: number; longestMs: number };
    unansweredMs: number;
  };
  rules: readonly PolicyRule[];
  /** What Redis keeps of the audit log: whichever is reached first. */
  audit: { keepMs: number; records: number };
  firewall: { kind: 'access-group' } | { kind: 'existing-group'; groupIds: readonly string[] };
}

/** What policy says of a request, before anybody is asked. */
export type Decision =
  | { decision: 'refuse'; refusal: Refusal; rule?: string }
  | { decision: 'approve'; rule: string }
  | { decision: 'ask'; rule: string; asked: Asked; selfApproval: boolean };

/** The first rule that covers the target decides. A whole directory is always approved by an admin. */
export function decide(policy: Policy, target: 'own' | 'any' | 'directory'): Decision {
  const rule = policy.rules.find((candidate) => covers(candidate.target, target));
  if (!rule) return { decision: 'refuse', refusal: { sentence: noRule(target) } };
  if (rule.outcome === 'approve') return { decision: 'approve', rule: rule.name };
  if ('refuse' in rule.outcome) {
    return { decision: 'refuse', refusal: { sentence: rule.outcome.refuse }, rule: rule.name };
  }
  return { decision: 'ask', rule: rule.name, asked: rule.outcome.ask, selfApproval: rule.selfApproval };
}

function covers(ruleTarget: PolicyRule['target'], target: PolicyRule['target']): boolean {
  return ruleTarget === target || (ruleTarget === 'any' && target === 'own');
}

function noRule(target: PolicyRule['target']): string {
  switch (target) {
    case 'own':
      return 'No rule of the policy allows this. Ask an admin.';
    case 'any':
      return "The policy does not let you ask for somebody else's WorkSpace. Ask its owner, or an admin.";
    case 'directory':
      return 'The policy does not let you ask for all WorkSpaces of a directory. Name one: `ws-…`.';
  }
}

/** The request as far as the right to decide it goes. */
export interface Reviewable {
  requester: string;
  need: Need;
  facts: Facts;
  wholeDirectory: boolean;
}

/** Which targets of a policy's rules a request belongs to. */
export function targetOf(request: { facts: Facts; wholeDirectory: boolean }): PolicyRule['target'] {
  if (request.wholeDirectory) return 'directory';
  return request.facts.own ? 'own' : 'any';
}

/**
 * Why a person may not decide a request, or undefined when they may. Asked at the click, of the policy in force:
 * that somebody was asked once gives no right to decide now.
 */
export function whyNotApprover(policy: Policy, request: Reviewable, clicker: string): string | undefined {
  const { need, requester } = request;
  const decision = decide(policy, targetOf(request));
  const same = decision.decision !== 'refuse' && decision.rule === need.rule;
  // A rule that approves at once asks the admins when more would open than it approved.
  const asked: Asked | undefined =
    decision.decision === 'ask'
      ? decision.asked
      : decision.decision === 'approve'
        ? { kind: 'admins' }
        : undefined;
  if (!same || !asked || ASKED_AS[asked.kind] !== need.as) {
    return 'The policy has changed since you were asked. The request has to be made again.';
  }
  if (clicker === requester && !(decision.decision === 'ask' && decision.selfApproval)) {
    return 'Nobody approves their own request. Somebody else who was asked has to decide.';
  }
  if (!need.approvers.includes(clicker)) return 'You are not among the people who were asked to decide this.';
  if (asked.kind === 'admins' && !policy.admins.includes(clicker)) {
    return 'You are no longer an admin in the policy.';
  }
  if (asked.kind === 'any-of' && !asked.users.includes(clicker))
    return 'The policy no longer names you for this.';
  return undefined;
}

const ASKED_AS: Record<Asked['kind'], Need['as']> = {
  manager: 'manager',
  admins: 'admin',
  'any-of': 'named',
};

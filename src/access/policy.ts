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
  admins: readonly string[];
  directories: Readonly<Record<string, DirectoryPolicy>>;
  managers: { table: Readonly<Record<string, string>>; profileField?: string };
  limits: {
    sources: SourceLimits;
    durations: { choicesMs: readonly number[]; defaultMs: number; shortestMs: number; longestMs: number };
    unansweredMs: number;
  };
  rules: readonly PolicyRule[];
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

/** Why a person may not decide a request, or undefined when they may. Asked at the click, of the policy in force. */
export function whyNotApprover(
  policy: Policy,
  request: { requester: string; need: Need; facts: Facts },
  clicker: string,
): string | undefined {
  const { need } = request;
  if (clicker === request.requester && !need.selfApproval) {
    return 'Nobody approves their own request. Somebody else who was asked has to decide.';
  }
  const rule = policy.rules.find(({ name }) => name === need.rule);
  if (!rule) return 'The rule that asked you is no longer in the policy. The request has to be made again.';
  if (!need.approvers.includes(clicker)) return 'You are not among the people who were asked to decide this.';
  if (need.as === 'admin' && !policy.admins.includes(clicker))
    return 'You are no longer an admin in the policy.';
  if (
    need.as === 'named' &&
    typeof rule.outcome === 'object' &&
    'ask' in rule.outcome &&
    rule.outcome.ask.kind === 'any-of' &&
    !rule.outcome.ask.users.includes(clicker)
  ) {
    return 'The policy no longer names you for this.';
  }
  return undefined;
}

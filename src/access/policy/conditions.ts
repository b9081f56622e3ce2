/**
 * The conditions of a rule, each with the reason why it does not hold. Where a policy is only tried, facts may be
 * missing: a condition that needs a missing fact names the fact instead of guessing.
 */
import { isWithin, showSource } from '../reading/address-block.js';
import { spellDuration } from '../reading/duration.js';
import {
  type ConditionName,
  coversFollowUp,
  type FollowUp,
  type PolicyRule,
  refuses,
  type TargetCondition,
  type Who,
} from './policy.js';
import { isWithinSchedule, outsideSchedule } from './schedule.js';

/**
 * The facts that a request is decided by. `workflow/asking/check-ask.ts` fills them in before anything is looked up,
 * `workflow/finding/question.ts` afterwards, `workflow/deciding/foresee.ts` while a form is filled in and, where a policy
 * is only tried, `policy-file/facts.ts`. No key is optional, and an unknown fact is undefined: whoever adds a fact is led
 * by the compiler to each of these places.
 */
export interface Question {
  requester: {
    id: string;
    /** The requester's user groups, as far as the policy's rules name them. */
    groups: readonly string[] | undefined;
    active: boolean;
    human: boolean;
    guest: boolean;
    /** A member of another Slack workspace (Slack Connect). */
    foreign: boolean;
  };
  target: {
    wholeDirectory: boolean;
    directoryId: string | undefined;
    workspaceId: string | undefined;
    own: boolean | undefined;
    system: string | undefined;
    tags: Readonly<Record<string, string>> | undefined;
    /** The owner's Slack id, null where nobody in Slack is known to own the WorkSpace; groups as of the requester. */
    owner: { id: string | null; groups: readonly string[] | undefined } | undefined;
  };
  /** User groups that rules name by a handle which another group has got since: nobody can say whom the rule means. */
  movedGroups: readonly string[];
  source: { cidr: string; isPrivate: boolean };
  /** The duration that is asked for; of a follow-up, how long the access lasts in all from its first opening. */
  durationMs: number;
  /** The instant at which access is to open. */
  atMs: number | undefined;
  emergency: boolean;
  /** Of a follow-up alone. `shortened`: an approver had made the access shorter that it follows. */
  follows: { what: FollowUp; shortened: boolean } | undefined;
}

/** `no` completes "the rule does not match: …"; `missing` is the path of a fact. */
export type Verdict = { holds: true } | { holds: false; no: string } | { holds: 'unknown'; missing: string };

const HOLDS: Verdict = { holds: true };
const no = (why: string): Verdict => ({ holds: false, no: why });
const unknown = (missing: string): Verdict => ({ holds: 'unknown', missing });

/** The judge of each condition. Where several conditions do not hold, the first of them in this order gives the reason. */
const JUDGES: Readonly<Record<ConditionName, (rule: PolicyRule, question: Question) => Verdict>> = {
  emergency: onEmergency,
  extends: (rule, question) => onFollowUp(rule, question, 'extends'),
  moves: (rule, question) => onFollowUp(rule, question, 'moves'),
  kind: ({ target }, question) => onKind(target, question),
  requester: ({ requester }, question) => onRequester(requester, question),
  directories: ({ target }, question) =>
    onListed(target.directories, question.target.directoryId, `${factsOf(question)}.directory`),
  workspaces: ({ target }, question) =>
    onListed(target.workspaces, question.target.workspaceId, factsOf(question)),
  systems: ({ target }, question) => onSystem(target.systems, question),
  tags: ({ target }, question) => onTags(target.tags, question),
  owner: ({ target }, question) => onOwner(target.owner, question),
  source: ({ source }, question) => onSource(source, question),
  upToMs: ({ upToMs }, question) => onDuration(upToMs, question),
  when: ({ when }, question) => onTime(when, question),
};

/** Whether a rule covers a request. One condition that does not hold settles that, even where others miss facts. */
export function verdictOn(rule: PolicyRule, question: Question): Verdict {
  const verdicts = Object.values(JUDGES).map((judge) => judge(rule, question));
  return (
    verdicts.find(({ holds }) => holds === false) ?? verdicts.find(({ holds }) => holds !== true) ?? HOLDS
  );
}

function onEmergency(rule: PolicyRule, question: Question): Verdict {
  const { emergency } = rule;
  // A refusal holds in emergencies too: otherwise the word `emergency` would get around it.
  if (emergency === undefined && refuses(rule)) return HOLDS;
  if ((emergency ?? false) === question.emergency) return HOLDS;
  return no(question.emergency ? 'it is not for emergencies' : 'it is for emergencies');
}

/** What each kind of follow-up asks for. */
const WANTED: Readonly<Record<FollowUp, string>> = { extends: 'more time', moves: 'another address' };

/** Each of the two conditions speaks of its own kind of follow-up, and of requests that follow none. */
function onFollowUp(rule: PolicyRule, { follows }: Question, what: FollowUp): Verdict {
  if (!follows) return rule[what] === true ? no(`it is for ${WANTED[what]} alone`) : HOLDS;
  if (follows.what !== what) return HOLDS;
  if (!coversFollowUp(rule, what)) return no(`it is not for ${WANTED[what]}`);
  // A move adds no time, so it takes nothing back of what an approver made shorter.
  const byItself = what === 'extends' && rule.outcome === 'approve' && follows.shortened;
  return byItself ? no('an approver had made it shorter, so somebody has to decide') : HOLDS;
}

function onKind({ kind }: TargetCondition, { requester, target }: Question): Verdict {
  if (kind === 'everything') return HOLDS;
  if (target.wholeDirectory)
    return kind === 'directory' ? HOLDS : no('it is for one WorkSpace, and this is a whole directory');
  if (kind === 'directory') return no('it is for whole directories, and this is one WorkSpace');
  if (kind === 'any') return HOLDS;
  if (target.own === undefined) return unknown(`workspaces.${target.workspaceId ?? 'own'}.user`);
  const whose: 'own' | 'other' = kind;
  if (target.own === (whose === 'own')) return HOLDS;
  return whose === 'own'
    ? no(`it is for one's own WorkSpace, and this is not ${requester.id}'s`)
    : no(`it is for somebody else's WorkSpace, and this is ${requester.id}'s own`);
}

function onRequester(who: Who | undefined, { requester, movedGroups }: Question): Verdict {
  if (!who || who.users.includes(requester.id)) return HOLDS;
  if (who.groups.length > 0 && requester.groups === undefined) return unknown(`users.${requester.id}.groups`);
  if (who.groups.some((group) => requester.groups?.includes(group))) return HOLDS;
  const moved = who.groups.find((group) => movedGroups.includes(group));
  if (moved !== undefined) return unknown(moved);
  return no(`${requester.id} is not among ${spellWho(who)}`);
}

function onListed(listed: readonly string[] | undefined, value: string | undefined, fact: string): Verdict {
  if (!listed) return HOLDS;
  if (value === undefined) return unknown(fact);
  return listed.includes(value) ? HOLDS : no(`it is for ${either(listed)}, not for ${value}`);
}

function onSystem(systems: TargetCondition['systems'], question: Question): Verdict {
  const { system } = question.target;
  if (!systems) return HOLDS;
  if (system === undefined) return unknown(`${factsOf(question)}.os`);
  const begins = systems.some((start) => system.toUpperCase().startsWith(start.toUpperCase()));
  return begins ? HOLDS : no(`it is for ${either(systems)}, not for ${system}`);
}

function onTags(wanted: TargetCondition['tags'], question: Question): Verdict {
  const { tags } = question.target;
  if (!wanted) return HOLDS;
  if (tags === undefined) return unknown(`${factsOf(question)}.tags`);
  // Unicode spells é in two ways; AWS and the policy may have one each.
  const known = new Map(
    Object.entries(tags).map(([key, value]) => [key.normalize('NFC'), value.normalize('NFC')]),
  );
  const verdicts = Object.entries(wanted).map(([key, values]) => {
    const wantedValues = values.map((value) => value.normalize('NFC'));
    return onTag(key, wantedValues, known.get(key.normalize('NFC')));
  });
  return verdicts.find(({ holds }) => holds !== true) ?? HOLDS;
}

function onOwner(owner: Who | undefined, question: Question): Verdict {
  const known = question.target.owner;
  if (!owner) return HOLDS;
  if (known === undefined) return unknown(`${factsOf(question)}.owner`);
  const { id, groups } = known;
  if (id !== null && owner.users.includes(id)) return HOLDS;
  if (id !== null && owner.groups.length > 0 && groups === undefined) return unknown(`users.${id}.groups`);
  if (owner.groups.some((group) => groups?.includes(group))) return HOLDS;
  const moved = owner.groups.find((group) => question.movedGroups.includes(group));
  if (moved !== undefined) return unknown(moved);
  return no(`it is for WorkSpaces of ${spellWho(owner)}, and this one is ${id ?? 'nobody'}'s`);
}

/** The path under which a file of facts has all facts of the WorkSpace. */
function factsOf({ target }: Question): string {
  return `workspaces.${target.workspaceId ?? 'own'}`;
}

function onTag(key: string, values: readonly string[], value: string | undefined): Verdict {
  if (value !== undefined && values.includes(value)) return HOLDS;
  const wanted = `it is for WorkSpaces with ${key} = ${either(values)}`;
  return no(value === undefined ? `${wanted}, and this one has no tag ${key}` : `${wanted}, not ${value}`);
}

function onSource(condition: PolicyRule['source'], { source }: Question): Verdict {
  if (!condition) return HOLDS;
  const { ranges, kinds } = condition;
  if (kinds.includes(source.isPrivate ? 'private' : 'public')) return HOLDS;
  if (ranges.some(({ cidr }) => isWithin(source.cidr, cidr))) return HOLDS;
  const wanted = [...ranges.map(({ name }) => name), ...kinds];
  return no(`${showSource(source.cidr)} is not in ${either(wanted)}`);
}

function onDuration(upToMs: number | undefined, { durationMs }: Question): Verdict {
  if (upToMs === undefined || durationMs <= upToMs) return HOLDS;
  return no(`${spellDuration(durationMs)} is longer than ${spellDuration(upToMs)}`);
}

function onTime(when: PolicyRule['when'], { atMs }: Question): Verdict {
  if (!when) return HOLDS;
  if (atMs === undefined) return unknown('the time at which it is to open');
  return isWithinSchedule(when, atMs) ? HOLDS : no(outsideSchedule(when, atMs));
}

function spellWho({ users, groups }: Who): string {
  return either([...users, ...groups]);
}

/** `Office, VPN or public`. */
export function either(words: readonly string[]): string {
  const shown = words.slice(0, 5);
  if (words.length > shown.length) shown.push(`${words.length - shown.length} more`);
  const last = shown.pop() ?? 'nothing';
  return shown.length > 0 ? `${shown.join(', ')} or ${last}` : last;
}

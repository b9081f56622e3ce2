/**
 * The conditions of a rule, each with the reason why it does not hold. Where a policy is only tried, facts may be
 * missing: a condition that needs a missing fact names the fact instead of guessing.
 */
import { isWithin, showSource } from '../reading/address-block.js';
import { spellDuration } from '../reading/duration.js';
import type { PolicyRule, TargetCondition, Who } from './policy.js';
import { isWithinSchedule, outsideSchedule } from './schedule.js';

/** The facts that a request is decided by. A fact that nobody has said is undefined. */
export interface Question {
  requester: {
    id: string;
    /** The requester's user groups, as far as the policy's rules name them. */
    groups?: readonly string[];
    active: boolean;
    human: boolean;
    guest: boolean;
    /** A member of another Slack workspace (Slack Connect). */
    foreign: boolean;
  };
  target: {
    wholeDirectory: boolean;
    directoryId?: string;
    workspaceId?: string;
    own?: boolean;
    system?: string;
    tags?: Readonly<Record<string, string>>;
    /** The owner's Slack id, null where nobody in Slack is known to own the WorkSpace; groups as of the requester. */
    owner?: { id: string | null; groups?: readonly string[] };
  };
  source: { cidr: string; isPrivate: boolean };
  durationMs: number;
  atMs: number;
  emergency: boolean;
}

/** `no` completes "the rule does not match: …"; `missing` is the path of a fact. */
export type Verdict = { holds: true } | { holds: false; no: string } | { holds: 'unknown'; missing: string };

const HOLDS: Verdict = { holds: true };
const no = (why: string): Verdict => ({ holds: false, no: why });
const unknown = (missing: string): Verdict => ({ holds: 'unknown', missing });

/** Whether a rule covers a request. A condition that does not hold decides, whatever facts others miss. */
export function verdictOn(rule: PolicyRule, question: Question): Verdict {
  const verdicts = [
    onEmergency(rule, question),
    onKind(rule.target, question),
    onRequester(rule.requester, question),
    ...onTarget(rule.target, question),
    onSource(rule.source, question),
    onDuration(rule.upToMs, question),
    onTime(rule.when, question),
  ];
  return (
    verdicts.find(({ holds }) => holds === false) ?? verdicts.find(({ holds }) => holds !== true) ?? HOLDS
  );
}

function onEmergency({ emergency, outcome }: PolicyRule, question: Question): Verdict {
  const refuses = typeof outcome === 'object' && 'refuse' in outcome;
  // A refusal holds in emergencies too: otherwise the word `emergency` would get around it.
  if (emergency === undefined && refuses) return HOLDS;
  if ((emergency ?? false) === question.emergency) return HOLDS;
  return no(question.emergency ? 'it is not for emergencies' : 'it is for emergencies');
}

function onKind({ kind }: TargetCondition, { requester, target }: Question): Verdict {
  if (kind === 'everything') return HOLDS;
  if (target.wholeDirectory)
    return kind === 'directory' ? HOLDS : no('it is for one WorkSpace, and this is a whole directory');
  if (kind === 'directory') return no('it is for whole directories, and this is one WorkSpace');
  if (kind === 'any') return HOLDS;
  if (target.own === undefined) return unknown(`workspaces.${target.workspaceId ?? 'own'}.user`);
  if (target.own === (kind === 'own')) return HOLDS;
  return kind === 'own'
    ? no(`it is for one's own WorkSpace, and this is not ${requester.id}'s`)
    : no(`it is for somebody else's WorkSpace, and this is ${requester.id}'s own`);
}

function onRequester(who: Who | undefined, { requester }: Question): Verdict {
  if (!who || who.users.includes(requester.id)) return HOLDS;
  if (who.groups.length > 0 && requester.groups === undefined) return unknown(`users.${requester.id}.groups`);
  if (who.groups.some((group) => requester.groups?.includes(group))) return HOLDS;
  return no(`${requester.id} is not among ${spellWho(who)}`);
}

function onTarget(condition: TargetCondition, { target }: Question): Verdict[] {
  const { directories, workspaces, systems, tags, owner } = condition;
  const verdicts: Verdict[] = [];
  const of = `workspaces.${target.workspaceId ?? 'own'}`;
  const among = (listed: readonly string[] | undefined, value: string | undefined, fact: string) => {
    if (!listed) return;
    if (value === undefined) verdicts.push(unknown(fact));
    else if (!listed.includes(value)) verdicts.push(no(`it is for ${either(listed)}, not for ${value}`));
  };
  among(directories, target.directoryId, `${of}.directory`);
  among(workspaces, target.workspaceId, of);
  if (systems && target.system === undefined) verdicts.push(unknown(`${of}.os`));
  else if (
    systems &&
    !systems.some((system) => target.system?.toUpperCase().startsWith(system.toUpperCase()))
  )
    verdicts.push(no(`it is for ${either(systems)}, not for ${target.system}`));
  for (const [key, values] of Object.entries(tags ?? {})) {
    if (target.tags === undefined) verdicts.push(unknown(`${of}.tags`));
    else verdicts.push(onTag(key, values, target.tags[key]));
  }
  if (owner) verdicts.push(onOwner(owner, target.owner, of));
  return verdicts;
}

function onOwner(owner: Who, known: Question['target']['owner'], of: string): Verdict {
  if (known === undefined) return unknown(`${of}.owner`);
  const { id, groups } = known;

  if (id !== null && owner.users.includes(id)) return HOLDS;
  if (id !== null && owner.groups.length > 0 && groups === undefined) return unknown(`users.${id}.groups`);
  if (owner.groups.some((group) => groups?.includes(group))) return HOLDS;
  return no(`it is for WorkSpaces of ${spellWho(owner)}, and this one is ${id ?? 'nobody'}'s`);
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
  return !when || isWithinSchedule(when, atMs) ? HOLDS : no(outsideSchedule(when, atMs));
}

function spellWho({ users, groups }: Who): string {
  return either([...users, ...groups]);
}

function either(words: readonly string[]): string {
  const shown = words.slice(0, 5);
  if (words.length > shown.length) shown.push(`${words.length - shown.length} more`);
  const last = shown.pop() ?? 'nothing';
  return shown.length > 0 ? `${shown.join(', ')} or ${last}` : last;
}

/** Tries a policy file before it binds: reads it and decides as the bot does, without AWS, Slack or Redis. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { spellNeed, spellNeeds } from '../access/policy/asked.js';
import type { Decision } from '../access/policy/decide.js';
import type { FollowUp, Policy } from '../access/policy/policy.js';
import { parseDuration } from '../access/reading/duration.js';
import { isUserId, readTargetId } from '../access/reading/ids.js';
import { managerOf, type PolicyFacts, reachOf, readFacts, targetOf } from '../policy-file/facts.js';
import { policySchema } from '../policy-file/json-schema.js';
import { type PolicyReading, readPolicy } from '../policy-file/read-policy.js';
import { type Trial, tryPolicy } from '../policy-file/try-policy.js';
import { type Command, type Shell, several } from './shell.js';

const USAGE = `npm run policy -- check FILE     every problem and warning, with line and column
npm run policy -- explain FILE --requester U… --target ws-… --source ADDRESS [--duration 2h]
  what it decides, by which rule, and why each rule before did not match
  --target    ws-…, d-…, or own        --source   an address, a range, or the name of a network
  --at        2026-11-25T18:30+01:00   now, if not given
  --facts     a file: {users: {U…: {groups, guest, active, manager, user}},
              workspaces: {ws-…: {directory, user, os, tags, reach}}}
  --emergency as with the word emergency in the command
  --extends   2h: --duration is more time for access that lasts so long already
  --moves     2h: --source is another address for access that lasts so long
  --json      {decision, rule, needs, skipped: [{rule, why}], policyHash}
npm run policy -- schema         the JSON Schema of policy files, for editors`;

/** Ends the command with a sentence. Code 1 is for a wrong policy, 2 for wrong usage and missing facts. */
class Stop extends Error {
  constructor(
    readonly code: 1 | 2,
    message: string,
  ) {
    super(message);
  }
}

/** Exit codes: 0 answered, 1 a wrong policy, 2 wrong usage, a file that cannot be read or a missing fact. */
export const policy: Command = async (args, shell) => {
  try {
    run(args, shell);
    return 0;
  } catch (fault) {
    if (!(fault instanceof Stop)) throw fault;
    shell.err(fault.message);
    return fault.code;
  }
};

function run(args: string[], { out, err }: Shell): void {
  const { values, positionals } = readArguments(args);
  const [verb, file, ...more] = positionals;
  const given = Object.keys(values).length;
  if (verb === 'schema' && file === undefined && given === 0) {
    out(JSON.stringify(policySchema(), null, 2));
  } else if (file !== undefined && more.length === 0 && verb === 'check' && given === 0) {
    const { policy, warnings } = policyIn(file);
    for (const warning of warnings) err(warning);
    const { hash, rules } = policy;
    out(`${file} is right${besides(warnings)}: ${several(rules.length, 'rule')}, hash ${hash}.`);
  } else if (file !== undefined && more.length === 0 && verb === 'explain') {
    const { policy } = policyIn(file);
    const trial = trialOf(policy, values);
    const decision = tryPolicy(policy, trial);
    for (const line of linesOf(policy, trial, decision, values.json === true)) out(line);
  } else throw new Stop(2, USAGE);
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const;
  const options = {
    requester: text,
    target: text,
    source: text,
    duration: text,
    at: text,
    facts: text,
    extends: text,
    moves: text,
    emergency: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (fault) {
    throw new Stop(2, `${fault instanceof Error ? fault.message : fault}\n\n${USAGE}`);
  }
}

type Values = ReturnType<typeof readArguments>['values'];

function policyIn(file: string): Extract<PolicyReading, { ok: true }> {
  const read = readPolicy(bytesOf(file), file);
  if (!read.ok) throw new Stop(1, read.problems.join('\n'));
  return read;
}

function besides(warnings: readonly string[]): string {
  return warnings.length === 0 ? '' : `, with ${several(warnings.length, 'warning')}`;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (fault) {
    throw new Stop(2, `${file} cannot be read: ${fault instanceof Error ? fault.message : fault}.`);
  }
}

function trialOf(
  policy: Policy,
  { requester, target, source, duration, at, emergency, facts, ...followUp }: Values,
): Trial {
  if (!requester || !target || !source)
    throw new Stop(2, `--requester, --target and --source are needed.\n\n${USAGE}`);
  if (!isUserId(requester)) throw new Stop(2, `--requester is a Slack user id (U…), not "${requester}".`);
  const targetId = target === 'own' ? target : readTargetId(target);
  if (targetId === undefined) throw new Stop(2, `--target is ws-…, d-… or own, not "${target}".`);
  const durationMs = duration === undefined ? policy.limits.durations.defaultMs : parseDuration(duration);
  if (durationMs === undefined)
    throw new Stop(2, `--duration is such as 30m, 2h or 1h30m, not "${duration}".`);
  const follows = followUpOf(followUp);
  return {
    requester,
    target: targetId,
    source,
    durationMs,
    atMs: instantOf(at),
    emergency: emergency === true,
    ...(follows ? { follows } : {}),
    facts: factsIn(facts),
  };
}

function followUpOf({ extends: extended, moves }: Pick<Values, FollowUp>): Trial['follows'] {
  if (extended !== undefined && moves !== undefined)
    throw new Stop(2, '--extends and --moves are two requests. Try one at a time.');
  const what: FollowUp = moves === undefined ? 'extends' : 'moves';
  const lasts = moves ?? extended;
  if (lasts === undefined) return undefined;
  const lastsMs = parseDuration(lasts);
  if (lastsMs === undefined) throw new Stop(2, `--${what} is such as 30m, 2h or 1h30m, not "${lasts}".`);
  return { what, lastsMs };
}

function instantOf(at: string | undefined): number {
  if (at === undefined) return Date.now();
  const [, minute] = INSTANT.exec(at) ?? [];
  const atMs = Date.parse(at);
  if (minute !== undefined && exists(minute) && !Number.isNaN(atMs)) return atMs;
  throw new Stop(2, `--at is a time with its offset, such as 2026-11-25T18:30+01:00, not "${at}".`);
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/;

/** Whether the calendar has this minute: `Date` takes 30 February for 2 March, and 24:00 for the next day. */
function exists(minute: string): boolean {
  const utcMs = Date.parse(`${minute}Z`);
  return !Number.isNaN(utcMs) && new Date(utcMs).toISOString().startsWith(minute);
}

function factsIn(file: string | undefined): PolicyFacts {
  if (file === undefined) return { users: {}, workspaces: {} };
  const read = readFacts(bytesOf(file), file);
  if ('problem' in read) throw new Stop(2, read.problem);
  return read;
}

function linesOf(policy: Policy, trial: Trial, decision: Decision, json: boolean): string[] {
  if (decision.decision === 'unknown') {
    const advice = 'Add it to the file that --facts names.';
    throw new Stop(2, `${decision.missing} is missing, and rule "${decision.rule}" goes by it. ${advice}`);
  }
  const { skipped, rule } = decision;
  const needs = decision.decision === 'ask' ? decision.needs.map((one) => spellNeed(one)) : [];
  if (json) {
    const sentence = decision.decision === 'refuse' ? { sentence: decision.sentence } : {};
    const said = { decision: decision.decision, rule: rule ?? null, needs, skipped, policyHash: policy.hash };
    return [JSON.stringify({ ...said, ...sentence })];
  }
  return [
    headline(decision),
    ...detailsOf(policy, trial, decision),
    rule === undefined ? 'No rule decided this.' : `Decided by rule "${rule}".`,
    ...skipped.map((passed) => `Not rule "${passed.rule}": ${passed.why}.`),
  ];
}

/** Lines about the decision that come from facts: who the manager is, and how many WorkSpaces would open. */
function detailsOf(policy: Policy, { facts, requester, target }: Trial, decision: Decision): string[] {
  if (decision.decision !== 'ask' && decision.decision !== 'approve') return [];
  const asksManager = decision.decision === 'ask' && decision.needs.some(({ kind }) => kind === 'manager');
  const manager = asksManager ? managerOf(policy, facts, requester) : undefined;
  const reach = reachOf(facts, targetOf(policy, facts, target, requester));
  return [
    ...(manager === undefined ? [] : [`The manager of ${requester} is ${manager}.`]),
    ...(reach === undefined ? [] : [`It opens ${several(reach, 'WorkSpace')}.`]),
  ];
}

function headline(decision: Exclude<Decision, { decision: 'unknown' }>): string {
  switch (decision.decision) {
    case 'refuse':
      return `Not allowed: ${decision.sentence}`;
    case 'approve':
      return 'Approved at once.';
    case 'ask':
      return `Asked: ${spellNeeds(decision.needs)}.`;
  }
}

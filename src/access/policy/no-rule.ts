/** The sentence for a request that no rule of the policy covers, also where that is certain before facts are looked up. */
import { showSource } from '../reading/address-block.js';
import { spellDuration } from '../reading/duration.js';
import { either, type Question, verdictOn } from './conditions.js';
import { type Conditions, type Policy, type PolicyRule, refuses } from './policy.js';
import { outsideSchedule } from './schedule.js';

/** The sentence, and the part of the request that keeps a rule from covering it. */
export interface NoRule {
  about: 'duration' | 'source' | 'target' | 'time' | 'emergency';
  sentence: string;
}

/**
 * Says that no rule can cover a request, whatever the unknown facts of the question turn out to be. Undefined where a rule
 * may cover it, and where a rule that refuses does, since that rule has a sentence of its own.
 */
export function foreseenNoRule(policy: Policy, question: Question): NoRule | undefined {
  const mayDecide = (rule: PolicyRule) => {
    const { holds } = verdictOn(rule, question);
    return refuses(rule) ? holds === true : holds !== false;
  };
  return policy.rules.some(mayDecide) ? undefined : noRule(policy, question);
}

/** For a request that no rule covers: names the one part without which a rule would. */
export function noRule({ rules }: Policy, question: Question): NoRule {
  const allowing = rules.filter((rule) => !refuses(rule));
  const but: But = (part) =>
    allowing.filter((rule) => verdictOn({ ...rule, ...part }, question).holds !== false);
  for (const sayFor of Object.values(SAY)) {
    const said = sayFor(but, question);
    if (said) return said;
  }
  return { about: 'target', sentence: notThis(question.target) };
}

/** The rules that allow something and would cover the request if these conditions of theirs were others. */
type But = (part: Partial<Conditions & Pick<PolicyRule, 'outcome'>>) => PolicyRule[];

/**
 * For each condition the sentence for a request that some rule would cover but for this condition. The first condition in
 * this order that has a sentence is named; where none has, {@link notThis} speaks.
 */
const SAY: Readonly<Record<keyof Conditions, (but: But, question: Question) => NoRule | undefined>> = {
  upToMs(but, question) {
    const longestMs = Math.max(0, ...but({ upToMs: undefined }).map(({ upToMs = 0 }) => upToMs));
    if (longestMs === 0) return undefined;
    const inAll = question.follows ? ' in all' : '';
    const sentence = `The policy allows this for at most ${spellDuration(longestMs)}${inAll}. Ask for less.`;
    return { about: 'duration', sentence };
  },
  source(but, { source }) {
    const from = but({ source: undefined }).flatMap((rule) => sourcesOf(rule));
    if (from.length === 0) return undefined;
    const sentence = `The policy does not allow this from ${showSource(source.cidr)}. Ask from ${either([...new Set(from)])}.`;
    return { about: 'source', sentence };
  },
  when(but, { atMs }) {
    const [later] = but({ when: undefined });
    if (!later?.when || atMs === undefined) return undefined;
    const sentence = `The policy does not allow this at that time: ${outsideSchedule(later.when, atMs)}. Ask for another time.`;
    return { about: 'time', sentence };
  },
  extends(but, { follows }) {
    if (follows?.what !== 'extends' || but({ extends: true, outcome: { ask: [] } }).length === 0)
      return undefined;
    const sentence = 'The policy does not let this be extended. Ask for new access when it has ended.';
    return { about: 'duration', sentence };
  },
  moves(but, { follows }) {
    if (follows?.what !== 'moves' || but({ moves: true, outcome: { ask: [] } }).length === 0)
      return undefined;
    const sentence =
      'The policy does not let this be moved to another address. Ask for new access from there.';
    return { about: 'source', sentence };
  },
  emergency(_, { emergency }) {
    if (!emergency) return undefined;
    const sentence = 'No rule of the policy opens this in an emergency. Ask without `emergency`.';
    return { about: 'emergency', sentence };
  },
  requester: () => undefined,
  target: () => undefined,
};

function notThis({ wholeDirectory, own }: Question['target']): string {
  if (wholeDirectory)
    return 'The policy does not let you ask for all WorkSpaces of a directory. Name one: `ws-…`.';
  if (own === false)
    return "The policy does not let you ask for somebody else's WorkSpace. Ask its owner, or an admin.";
  return 'No rule of the policy allows this. Ask an admin.';
}

function sourcesOf({ source }: PolicyRule): string[] {
  if (!source) return [];
  return [...source.ranges.map(({ name }) => name), ...source.kinds.map((kind) => `a ${kind} address`)];
}

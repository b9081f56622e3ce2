/** The policy file as a whole. New keys are optional, so that files that work now go on working. */
import { z } from 'zod';
import {
  allowsFollowUp,
  type PeopleMapping,
  type Policy,
  type PolicyRule,
  refuses,
} from '../access/policy/policy.js';
import { shadowedBy } from '../access/policy/unreachable.js';
import { spellDuration } from '../access/reading/duration.js';
import { checkRule } from './check-rule.js';
import { firewallKeys, toFirewall } from './firewall.js';
import { directory, managers, toDirectory, toManagers } from './people.js';
import { sourceProblem } from './read-conditions.js';
import { limits, toLimits, toNetworks, totalOf } from './read-limits.js';
import { rule, toRule } from './rules.js';
import {
  capital,
  directoryId,
  keys,
  like,
  list,
  problem,
  quoted,
  together,
  userId,
  wholeNumber,
} from './values.js';

/** A number of days, since durations that people ask for end at 365 days. */
const days = z
  .string({ error: ({ input }) => notDays(input) })
  .regex(/^[1-9]\d{0,3}d$/, { error: ({ input }) => notDays(input) })
  .transform((given) => Number.parseInt(given, 10) * 86_400_000);

function notDays(input: unknown): string {
  return `${capital(quoted(input))} is not a number of days. Write 400d.`;
}

const DIRECTORIES =
  'directories: { d-9067f01234: { people: { from: email-local-part, domains: [example.com] } } }';

/** How much of the audit log Redis keeps; the log lines are the durable copy. */
const audit = keys(
  { keep: days.prefault('400d'), records: wholeNumber('records', 1000, 100_000_000).default(1_000_000) },
  like('audit: { keep: 400d, records: 1000000 }'),
);

export const policyFile = together(
  keys(
    {
      version: z.literal(1, {
        error: ({ input }) =>
          input === undefined || input === null
            ? like('version: 1')({ input })
            : `This bot reads version 1 of the policy file, not ${quoted(input)}. Write version: 1.`,
      }),
      admins: list(userId, 'admins: [U0ADMIN]'),
      directories: z
        .record(directoryId, directory, { error: like(DIRECTORIES) })
        .refine((all) => Object.keys(all).length > 0, { error: like(DIRECTORIES) }),
      managers: managers.prefault({}),
      limits: limits.prefault({}),
      rules: together(
        list(rule, 'rules: [{ name: own WorkSpace, target: own, ask: [manager] }]'),
        (rules, context) => {
          rules.forEach(({ name }, index) => {
            const first = rules.findIndex((other) => other.name === name);
            if (first < index)
              problem(context, [index, 'name'], `Rule ${first + 1} is called "${name}" too. Rename one.`);
          });
        },
      ),
      firewall: z
        .union([z.literal('access-group'), firewallKeys], {
          error: '"firewall" is access-group or { existing-group: [sg-0abc1234] }.',
        })
        .default('access-group'),
      audit: audit.prefault({}),
    },
    () => 'A policy file begins with version: 1. Start from policy.example.yml.',
  ),
  (file, context) => {
    const networks = toNetworks(file.limits);
    file.rules.forEach((given, index) => {
      checkRule(
        given,
        {
          networks,
          admins: file.admins,
          directories: Object.keys(file.directories),
          unansweredMs: file.limits.unanswered,
          shortestMs: file.limits.durations.shortest,
          denied: file.limits.sources.denied,
        },
        (path, sentence) => problem(context, ['rules', index, ...path], sentence),
      );
    });
    managersMissing(file).forEach((path) => {
      problem(context, path, 'Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.');
    });
    // Nobody can say what a rule covers whose source names no network.
    const unknown = ({ source = [] }: (typeof file.rules)[number]) =>
      source.some((word) => sourceProblem(word, networks));
    if (file.rules.some(unknown)) return;
    const read = file.rules.map((given) => toRule(given, networks));
    const mostMs = totalOf(file.limits.durations, allowsFollowUp(read, 'extends'));
    const rules = read.map((one) => widest(one, file, mostMs));
    rules.forEach((_, index) => {
      const first = shadowedBy(rules, index);
      if (first === undefined) return;
      const said = `No request gets here: rule ${first + 1}, "${rules[first]?.name}", takes them all. Move it up, or remove it.`;
      problem(context, ['rules', index, 'name'], said);
    });
  },
);

interface Managers {
  managers: z.output<typeof managers>;
  rules: readonly z.output<typeof rule>[];
}

/** The paths of rules that ask a manager, in a file that names nobody's manager. */
function managersMissing({ managers, rules }: Managers): PropertyKey[][] {
  if (managers.table || managers['profile-field']) return [];
  return rules.flatMap(({ ask, fallback }, index) => {
    const all = [...(ask ?? []), ...(fallback?.ask ?? [])];
    return all.includes('manager') ? [['rules', index, 'ask']] : [];
  });
}

/**
 * The rule without conditions that always hold: all directories of the file, or the longest duration of all.
 * @param mostMs the longest that anything lasts, extensions included
 */
function widest(rule: PolicyRule, { directories }: { directories: object }, mostMs: number): PolicyRule {
  const { upToMs, target } = rule;
  const isAll = Object.keys(directories).every((id) => target.directories?.includes(id));
  return {
    ...rule,
    target: isAll ? { ...target, directories: undefined } : target,
    upToMs: upToMs !== undefined && upToMs < mostMs ? upToMs : undefined,
  };
}

export type PolicyFile = z.output<typeof policyFile>;

/** Where a file without problems probably says something else than is meant: what it seems to allow, nobody can do. */
export function doubtsAbout(file: PolicyFile): { path: PropertyKey[]; sentence: string }[] {
  const policy = toPolicy(file, '');
  const nameless = Object.keys(file.directories).filter((id) => knowsNobody(policy.directories[id]?.people));
  const allowing = policy.rules.filter((rule) => !refuses(rule));
  const { choicesMs, longestMs } = policy.limits.durations;
  const longest = Math.max(...allowing.map(({ upToMs = longestMs }) => upToMs));
  const never = choicesMs.filter((ms) => ms > longest).map((ms) => spellDuration(ms));
  return [
    ...nameless.map((id) => ({
      path: ['directories', id],
      sentence: `Nobody has a user name in ${id}, so every request for a WorkSpace of it is refused. Add people: with from: or table:.`,
    })),
    ...(allowing.length === 0
      ? [
          {
            path: ['rules'],
            sentence: 'Every rule refuses, so nobody gets access. Add one that asks or approves.',
          },
        ]
      : []),
    ...(allowing.length > 0 && never.length > 0
      ? [
          {
            path: ['limits', 'durations', 'choices'],
            sentence: `The form offers ${never.join(', ')}, and no rule allows more than ${spellDuration(longest)}. Change choices and default, or "up-to".`,
          },
        ]
      : []),
  ];
}

function knowsNobody(people: PeopleMapping | undefined): boolean {
  return !people?.from && Object.keys(people?.table ?? {}).length === 0;
}

/** The policy of a file without problems. `hash` is the SHA-256 of the file's text, in hex. */
export function toPolicy(file: PolicyFile, hash: string): Policy {
  const rules = file.rules.map((given) => toRule(given, toNetworks(file.limits)));
  return {
    hash,
    admins: file.admins,
    directories: Object.fromEntries(
      Object.entries(file.directories).map(([id, given]) => [id, toDirectory(given)]),
    ),
    managers: toManagers(file.managers),
    limits: toLimits(file.limits, allowsFollowUp(rules, 'extends')),
    audit: { keepMs: file.audit.keep, records: file.audit.records },
    rules,
    firewall: toFirewall(file.firewall),
  };
}

/** The policy file as a whole. New keys are optional, so that files that work now go on working. */
import { z } from 'zod';
import type { Policy, PolicyRule } from '../access/policy/policy.js';
import { shadowedBy } from '../access/policy/unreachable.js';
import { audit } from './audit.js';
import { firewallKeys, toFirewall } from './firewall.js';
import { directory, managers, toDirectory, toManagers } from './people.js';
import { limits, toLimits, toNetworks } from './read-limits.js';
import { checkRule, rule, toRule } from './rules.js';
import { directoryId, keys, like, list, problem, quoted, userId } from './values.js';

export const policyFile = keys(
  {
    version: z.literal(1, {
      error: ({ input }) =>
        input === undefined || input === null
          ? like('version: 1')({ input })
          : `This bot reads version 1 of the policy file, not ${quoted(input)}. Write version: 1.`,
    }),
    admins: list(userId, 'admins: [U0ADMIN]'),
    directories: z
      .record(directoryId, directory, { error: like('directories: { d-9067f01234: {} }') })
      .refine((all) => Object.keys(all).length > 0, { error: like('directories: { d-9067f01234: {} }') }),
    managers: managers.prefault({}),
    limits: limits.prefault({}),
    rules: list(rule, 'rules: [{ name: own WorkSpace, target: own, ask: [manager] }]').superRefine(
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
).superRefine((file, context) => {
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
  const rules = file.rules.map((given) => widest(toRule(given, networks), file));
  rules.forEach((_, index) => {
    const first = shadowedBy(rules, index);
    if (first === undefined) return;
    const said = `No request gets here: rule ${first + 1}, "${rules[first]?.name}", takes them all. Move it up, or remove it.`;
    problem(context, ['rules', index, 'name'], said);
  });
  if (file.managers.table || file.managers['profile-field']) return;
  file.rules.forEach(({ ask, fallback }, index) => {
    if ([...(ask ?? []), ...(fallback?.ask ?? [])].some((who) => who === 'manager')) {
      problem(
        context,
        ['rules', index, 'ask'],
        'Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.',
      );
    }
  });
});

interface Limits {
  directories: object;
  limits: { durations: { longest: number } };
}

/** The rule without conditions that always hold: all directories of the file, or the longest duration of all. */
function widest(rule: PolicyRule, { directories, limits }: Limits): PolicyRule {
  const { upToMs, target } = rule;
  const isAll = Object.keys(directories).every((id) => target.directories?.includes(id));
  return {
    ...rule,
    target: isAll ? { ...target, directories: undefined } : target,
    upToMs: upToMs !== undefined && upToMs < limits.durations.longest ? upToMs : undefined,
  };
}

export type PolicyFile = z.output<typeof policyFile>;

/** The policy of a file without problems. `hash` is the SHA-256 of the file's text, in hex. */
export function toPolicy(file: PolicyFile, hash: string): Policy {
  return {
    hash,
    admins: file.admins,
    directories: Object.fromEntries(
      Object.entries(file.directories).map(([id, given]) => [id, toDirectory(given)]),
    ),
    managers: toManagers(file.managers),
    limits: toLimits(file.limits),
    audit: { keepMs: file.audit.keep, records: file.audit.records },
    rules: file.rules.map((given) => toRule(given, toNetworks(file.limits))),
    firewall: toFirewall(file.firewall),
  };
}

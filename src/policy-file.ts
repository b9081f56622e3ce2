/**
 * Reads the policy file: text in, {@link Policy} out, or every problem in it at once, each with its line and
 * column. A policy that is half understood opens doors, so nothing unknown is skipped.
 */
import { createHash } from 'node:crypto';
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { compactDuration, parseDuration } from './access/duration.js';
import type { Asked, DirectoryPolicy, PeopleMapping, Policy, PolicyRule } from './access/policy.js';
import { isRange } from './access/source.js';

/** `hash` is the SHA-256 of the text in hex: two replicas with the same hash have the same policy. */
export type PolicyReading = { ok: true; policy: Policy; hash: string } | { ok: false; problems: string[] };

/**
 * Reads a policy. Each problem is one line, `policy.yml:3:1 "admin" is not a key here. Did you mean "admins"?`,
 * in the order of the file.
 */
export function readPolicy(text: string, fileName: string): PolicyReading {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const found = syntaxProblems(document, text);
  let file: PolicyFile | undefined;
  // Below broken syntax everything is a guess; below a duplicate key it is not.
  if (found.every(({ guessing }) => !guessing)) {
    const parsed = policyFile.safeParse(document.toJS(), { reportInput: true });
    if (parsed.success) file = parsed.data;
    else found.push(...parsed.error.issues.flatMap((issue) => schemaProblems(issue, [], document)));
  }
  if (file && found.length === 0) {
    return { ok: true, policy: toPolicy(file), hash: createHash('sha256').update(text).digest('hex') };
  }
  found.sort((a, b) => a.offset - b.offset);
  const problems = found.map(({ offset, sentence }) => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)} ${sentence}`;
  });
  return { ok: false, problems: [...new Set(problems)] };
}

// ── The form of the file. New keys are optional, so that files that work now go on working. ──

interface RawIssue {
  readonly input?: unknown;
  readonly code?: string;
}

/** The sentence for a value that is missing, empty, or of another kind than the one in `example` (`key: value`). */
function like(example: string): (issue: RawIssue) => string {
  const key = example.split(':')[0];
  return ({ input }) => {
    const state = input === undefined ? 'missing' : isEmpty(input) ? 'empty' : 'not understood';
    return `"${key}" is ${state}. Write it like this: ${example}`;
  };
}

/** An object with these keys and no others. */
function keys<S extends z.core.$ZodShape>(shape: S, wrongKind: (issue: RawIssue) => string) {
  return z.strictObject(shape, {
    // One issue names all unknown keys; schemaProblems makes a sentence for each from the known ones given here.
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : wrongKind(issue)),
  });
}

function list<T extends z.ZodType>(item: T, example: string) {
  return z.array(item, { error: like(example) }).min(1, { error: like(example) });
}

/** Text of one form. `rule` ends the sentence that begins with the value. */
function text(pattern: RegExp, rule: string) {
  const error = ({ input }: RawIssue) => `${capital(quoted(input))} ${rule}`;
  return z.string({ error }).regex(pattern, { error });
}

function oneOf<const T extends readonly string[]>(key: string, values: T) {
  const choices = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return z.enum(values, {
    error: ({ input }) =>
      input === undefined
        ? `"${key}" is missing. It is ${choices}.`
        : `"${key}" is ${choices}, not ${quoted(input)}.`,
  });
}

function trueOrFalse(key: string) {
  return z.boolean({ error: ({ input }) => `"${key}" is true or false, not ${quoted(input)}.` });
}

function wholeNumber(key: string, least: number, most: number) {
  const error = ({ input }: RawIssue) =>
    `"${key}" is a whole number from ${least} to ${most}, not ${quoted(input)}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** `2h` → milliseconds. */
const duration = z.string({ error: ({ input }) => notADuration(input) }).transform((given, context) => {
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: notADuration(given) });
  return z.NEVER;
});

function notADuration(input: unknown): string {
  return `${capital(quoted(input))} is not a duration. Write 30m, 2h or 1h30m.`;
}

const userId = text(
  /^[UW][A-Z0-9]+$/,
  "is not a Slack user id (U…). Copy it from the person's profile in Slack.",
);
const fieldId = text(/^Xf[A-Z0-9]+$/, 'is not the id of a Slack profile field (Xf…).');
const directoryId = text(/^(d|wsd)-[0-9a-z]+$/, 'is not a directory id (d-… or wsd-…).');
const groupId = text(
  /^sg-[0-9a-z]+$/,
  'is not a security group id (sg-…). Names are not unique; write the id.',
);
const userName = text(
  /^\S{1,63}$/,
  'is not a user name of the directory. Write it without spaces, in quotes if it is a number.',
);
const domain = text(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'is not an e-mail domain, such as example.com.');

const range = z
  .string({ error: ({ input }) => notARange(input) })
  .refine(isRange, { error: ({ input }) => notARange(input) });

function notARange(input: unknown): string {
  return `${capital(quoted(input))} is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.`;
}

const people = keys(
  {
    from: text(
      /^(email-local-part|email|Xf[A-Z0-9]+)$/,
      'is no way to find a user name. Write email-local-part, email, or the id of a profile field (Xf…).',
    ).optional(),
    domains: list(domain, 'domains: [example.com]').optional(),
    table: z.record(userId, userName, { error: like('table: { U0JANE: jane }') }).optional(),
  },
  like('people: { from: email-local-part, domains: [example.com] }'),
).superRefine(({ from, domains, table }, context) => {
  if (!from && !table) problem(context, [], '"people" says nothing yet. Add from: or table:.');
  if (from?.startsWith('email') && !domains) {
    // Any Slack guest has an e-mail address: only the company's own domains say who somebody is.
    problem(
      context,
      ['from'],
      `"from: ${from}" needs the domains that are yours. Add domains: [example.com].`,
    );
  }
  if (!from?.startsWith('email') && domains) {
    problem(context, ['domains'], '"domains" belongs to from: email-local-part or email. Remove it.');
  }
});

const directory = keys(
  {
    people: people.optional(),
    netbios: text(
      /^[^\s\\/:*?"<>|@]{1,15}$/,
      'is not a NetBIOS name: at most 15 characters, such as CORP.',
    ).optional(),
    'start-stopped': trueOrFalse('start-stopped').default(false),
  },
  () => 'A directory without keys of its own is written d-9067f01234: {}.',
);

const managers = keys(
  {
    table: z
      .record(userId, userId, { error: like('table: { U0JANE: U0MARIA }') })
      .superRefine((table, context) => {
        for (const [person, manager] of Object.entries(table)) {
          if (person === manager)
            problem(context, [person], `${person} is their own manager. Name somebody else.`);
        }
      })
      .optional(),
    'profile-field': fieldId.optional(),
  },
  like('managers: { profile-field: Xf0MANAGER }'),
);

const sources = keys(
  {
    'widest-ipv4': wholeNumber('widest-ipv4', 8, 32).default(24),
    'widest-ipv6': wholeNumber('widest-ipv6', 16, 128).default(56),
    private: trueOrFalse('private').default(false),
    documentation: trueOrFalse('documentation').default(false),
    denied: z.array(range, { error: like('denied: [10.9.0.0/16]') }).default([]),
    allowed: z.array(range, { error: like('allowed: [198.51.100.0/24]') }).default([]),
  },
  like('sources: { widest-ipv4: 24 }'),
);

const durations = keys(
  {
    choices: list(duration, 'choices: [1h, 2h, 4h]')
      .refine((all) => all.length <= 9, {
        error: '"choices" has more than the 9 that the form can show. Remove some.',
      })
      .prefault(['1h', '2h', '4h']),
    default: duration.prefault('1h'),
    shortest: duration.prefault('5m'),
    longest: duration.prefault('8h'),
  },
  like('durations: { choices: [1h, 2h, 4h], longest: 8h }'),
).superRefine(({ choices, default: usual, shortest, longest }, context) => {
  if (shortest > longest)
    return problem(context, ['shortest'], '"shortest" is longer than "longest". Swap them.');
  const outside = (ms: number) => ms < shortest || ms > longest;
  const advice = 'lies outside shortest … longest. Change one of them.';
  choices.forEach((ms, index) => {
    if (outside(ms)) problem(context, ['choices', index], `A choice of ${compactDuration(ms)} ${advice}`);
  });
  if (outside(usual)) problem(context, ['default'], `The default of ${compactDuration(usual)} ${advice}`);
});

const limits = keys(
  { sources: sources.prefault({}), durations: durations.prefault({}), unanswered: duration.prefault('4h') },
  like('limits: { unanswered: 4h }'),
);

const asked = z.union(
  [
    z.enum(['manager', 'admins']),
    keys({ 'any-of': list(userId, 'any-of: [U0TOM, U0ANN]') }, like('ask: [admins]')),
  ],
  {
    error: ({ input }) =>
      `${capital(quoted(input))} cannot be asked. Write manager, admins or { any-of: [U0TOM, U0ANN] }.`,
  },
);

const rule = keys(
  {
    name: z
      .string({ error: like('name: own WorkSpace') })
      .trim()
      .min(1, { error: like('name: own WorkSpace') })
      .max(80, { error: '"name" is longer than 80 characters. Shorten it.' }),
    target: oneOf('target', ['own', 'any', 'directory']),
    ask: z
      .array(asked, { error: like('ask: [manager]') })
      .refine((who) => who.length === 1, {
        error: '"ask" takes exactly one for now: manager, admins or { any-of: [U0TOM, U0ANN] }.',
      })
      .optional(),
    'self-approval': trueOrFalse('self-approval').optional(),
    refuse: z
      .string({ error: like('refuse: "Ask the owner."') })
      .trim()
      .min(1, { error: like('refuse: "Ask the owner."') })
      .max(500, { error: '"refuse" is longer than 500 characters. Shorten it.' })
      .optional(),
    approve: z.literal('at-once', { error: like('approve: at-once') }).optional(),
  },
  () => 'A rule looks like this: { name: own WorkSpace, target: own, ask: [manager] }.',
).superRefine((given, context) => {
  const outcomes = (['ask', 'refuse', 'approve'] as const).filter((key) => given[key] !== undefined);
  if (outcomes.length === 0)
    problem(context, [], 'This rule decides nothing. Add ask:, refuse: or approve:.');
  for (const extra of outcomes.slice(1)) {
    problem(context, [extra], `This rule says "${outcomes[0]}" already. Keep that or "${extra}".`);
  }
  if (given['self-approval'] !== undefined && !given.ask) {
    problem(context, ['self-approval'], '"self-approval" matters only where somebody is asked. Remove it.');
  }
  const mayOpenAll = given.approve !== undefined || (given.ask !== undefined && given.ask[0] !== 'admins');
  if (given.target === 'directory' && mayOpenAll) {
    const key = given.approve ? 'approve' : 'ask';
    problem(
      context,
      [key],
      'A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
    );
  }
});

const accessGroup = keys(
  { keep: wholeNumber('keep', 0, 2500).default(500) },
  like('access-group: { keep: 500 }'),
);

const policyFile = keys(
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
      .union(
        [
          z.literal('access-group'),
          keys(
            {
              'existing-group': list(groupId, 'existing-group: [sg-0abc1234]').optional(),
              'access-group': accessGroup.optional(),
            },
            like('firewall: access-group'),
          ).superRefine((given, context) => {
            if (!given['existing-group'] && !given['access-group'])
              problem(
                context,
                [],
                '"firewall" says nothing yet. Write firewall: access-group, or leave it out.',
              );
          }),
        ],
        { error: '"firewall" is access-group or { existing-group: [sg-0abc1234] }.' },
      )
      .default('access-group'),
  },
  () => 'A policy file begins with version: 1. Start from policy.example.yml.',
).superRefine((file, context) => {
  if (file.managers.table || file.managers['profile-field']) return;
  file.rules.forEach(({ ask }, index) => {
    if (ask?.[0] === 'manager') {
      problem(
        context,
        ['rules', index, 'ask'],
        'Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.',
      );
    }
  });
});

type PolicyFile = z.output<typeof policyFile>;

function problem(context: z.RefinementCtx, path: PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', path, message });
}

// ── From the form of the file to the policy in force. ──

function toPolicy(file: PolicyFile): Policy {
  const { sources, durations, unanswered } = file.limits;
  const profileField = file.managers['profile-field'];
  return {
    admins: file.admins,
    directories: Object.fromEntries(
      Object.entries(file.directories).map(([id, given]) => [id, toDirectory(given)]),
    ),
    managers: { table: file.managers.table ?? {}, ...(profileField ? { profileField } : {}) },
    limits: {
      sources: {
        widestIpv4: sources['widest-ipv4'],
        widestIpv6: sources['widest-ipv6'],
        allowPrivate: sources.private,
        allowDocumentation: sources.documentation,
        denied: sources.denied,
        allowed: sources.allowed,
      },
      durations: {
        // The form offers the default as well: it is what is chosen when it opens.
        choicesMs: [...new Set([...durations.choices, durations.default])].sort((a, b) => a - b),
        defaultMs: durations.default,
        shortestMs: durations.shortest,
        longestMs: durations.longest,
      },
      unansweredMs: unanswered,
    },
    rules: file.rules.map(toRule),
    firewall: toFirewall(file.firewall),
  };
}

function toFirewall(given: PolicyFile['firewall']): Policy['firewall'] {
  const said = given === 'access-group' ? {} : given;
  const { keep } = said['access-group'] ?? accessGroup.parse({});
  const groupIds = said['existing-group'];
  return groupIds ? { kind: 'existing-group', groupIds, keep } : { kind: 'access-group', keep };
}

function toDirectory(given: z.output<typeof directory>): DirectoryPolicy {
  return {
    startStopped: given['start-stopped'],
    ...(given.netbios ? { netbios: given.netbios } : {}),
    ...(given.people ? { people: toPeople(given.people) } : {}),
  };
}

function toPeople({ from, domains = [], table = {} }: z.output<typeof people>): PeopleMapping {
  if (from === undefined) return { table };
  if (from === 'email' || from === 'email-local-part') {
    return { table, from: { kind: from, domains: domains.map((name) => name.toLowerCase()) } };
  }
  return { table, from: { kind: 'profile-field', fieldId: from } };
}

function toRule(given: z.output<typeof rule>): PolicyRule {
  return {
    name: given.name,
    target: given.target,
    outcome: toOutcome(given),
    selfApproval: given['self-approval'] ?? false,
  };
}

function toOutcome({ name, ask, refuse, approve }: z.output<typeof rule>): PolicyRule['outcome'] {
  const [who] = ask ?? [];
  if (who !== undefined) return { ask: toAsked(who) };
  if (approve !== undefined) return 'approve';
  if (refuse !== undefined) return { refuse };
  throw new Error(`rule "${name}" passed the schema without an outcome`);
}

function toAsked(who: z.output<typeof asked>): Asked {
  return typeof who === 'string' ? { kind: who } : { kind: 'any-of', users: who['any-of'] };
}

// ── Problems: where they are and how they are said. ──

/** `guessing`: what the parser made of the text below this cannot be trusted. */
interface Problem {
  offset: number;
  sentence: string;
  guessing?: boolean;
}

function syntaxProblems(document: Document.Parsed, source: string): Problem[] {
  const found: Problem[] = [...document.errors, ...document.warnings].map(
    ({ code, message, pos: [offset] }) => {
      if (code === 'MULTIPLE_DOCS')
        return { offset, sentence: 'A second document begins here. Keep one.', guessing: true };
      if (code !== 'DUPLICATE_KEY')
        return { offset, sentence: `This is not YAML: ${message}.`, guessing: true };
      const key = /^["']?([^\s:"']+)/.exec(source.slice(offset))?.[1] ?? 'This key';
      return { offset, sentence: `"${key}" stands here twice. Keep one.` };
    },
  );
  visit(document, {
    // Aliases hide from a reader what a rule says, and can be made to grow without end.
    Alias: (_, { source: name, range }) => {
      found.push({
        offset: range?.[0] ?? 0,
        sentence: `"*${name}" repeats another place. Write it out.`,
        guessing: true,
      });
    },
  });
  return found;
}

function schemaProblems(issue: z.core.$ZodIssue, above: PropertyKey[], document: Document.Parsed): Problem[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(' ');
      return issue.keys.map((key) => ({
        offset: offsetOf(document, [...path, key], 'key'),
        sentence: unknownKey(key, known),
      }));
    }
    case 'invalid_key':
      return [
        { offset: offsetOf(document, path, 'key'), sentence: issue.issues[0]?.message ?? issue.message },
      ];
    case 'invalid_union': {
      // The branch that the value was meant for is the one where only something inside of it is wrong.
      const meant = issue.errors.find((branch) =>
        branch.every(({ path: inside, code }) => inside.length > 0 || code === 'unrecognized_keys'),
      );
      if (meant) return meant.flatMap((inner) => schemaProblems(inner, path, document));
      return [{ offset: offsetOf(document, path, 'value'), sentence: issue.message }];
    }
    default:
      return [{ offset: offsetOf(document, path, 'value'), sentence: issue.message }];
  }
}

function unknownKey(key: string, known: string[]): string {
  const near = nearest(key, known);
  const advice = near ? `Did you mean "${near}"?` : `Known here: ${known.join(', ')}.`;
  return `"${key}" is not a key here. ${advice}`;
}

/** Where the value at `path`, or its key, begins; for what is missing, where the map begins that lacks it. */
function offsetOf(document: Document.Parsed, path: PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      const keyAt = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      offset = keyAt ?? offset;
      if (part === 'key' && index === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    }
    const begins = rangeOf(node);
    // An empty value has no text of its own: its key is what the reader finds.
    if (begins !== undefined) offset = begins;
  }
  return offset;
}

function rangeOf(node: unknown): number | undefined {
  if (isMap(node) || isSeq(node)) return node.range?.[0];
  return isScalar(node) && node.source !== '' && node.source !== undefined ? node.range?.[0] : undefined;
}

/** The known word that a person probably meant: the same but for case and dashes, or one or two letters away. */
function nearest(word: string, known: string[]): string | undefined {
  const plain = (given: string) => given.toLowerCase().replace(/[-_\s]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.min(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/** How many letters to add, drop, change or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= from.length; i++) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const ways = [
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + change,
        isSwap ? at(i - 2, j - 2) + 1 : i + j,
      ];
      row.push(Math.min(...ways));
    }
  }
  return at(from.length, to.length);
}

function isEmpty(input: unknown): boolean {
  return input === null || input === '' || (typeof input === 'object' && Object.keys(input).length === 0);
}

function quoted(input: unknown): string {
  if (input === null || input === undefined || input === '') return 'an empty value';
  if (typeof input === 'object') return Array.isArray(input) ? 'a list' : 'a block of keys';
  return JSON.stringify(input);
}

function capital(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}

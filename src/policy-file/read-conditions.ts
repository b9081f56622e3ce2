/** The conditions of a rule as the file writes them: one value or a list, and a block or a single word. */
import { z } from 'zod';
import {
  type SourceCondition,
  TARGET_KINDS,
  type TargetCondition,
  type Who,
} from '../access/policy/policy.js';
import { readDays, readHours, type Schedule, timeZoneProblem } from '../access/policy/schedule.js';
import { isRange } from '../access/reading/address-block.js';
import { isUserId, USER_GROUP, USER_ID, unanchored, WORKSPACE_ID } from '../access/reading/ids.js';
import type { Network } from '../access/reading/network.js';
import {
  capital,
  directoryId,
  duration,
  keys,
  like,
  list,
  oneOf,
  problem,
  quoted,
  text,
  together,
} from './values.js';

/** A list, or a single value, which is read as a list of one. */
function oneOrMore<T extends z.ZodType>(item: T, example: string) {
  return z.union([list(item, example), item.transform((one) => [one])], {
    error: ({ input }) => {
      const one =
        /^(string|number|boolean)$/.test(typeof input) && input !== ''
          ? item.safeParse(input).error
          : undefined;
      return one?.issues[0]?.message ?? like(example)({ input });
    },
  });
}

const person = text(
  new RegExp(`^(?:${unanchored(USER_ID)}|${unanchored(USER_GROUP)})$`),
  "is neither a Slack user id (U…) nor a user group (S…, or '@security' in quotes).",
);

const KINDS = TARGET_KINDS.join(', ');

const targetKeys = keys(
  {
    is: oneOf('is', TARGET_KINDS).optional(),
    directory: oneOrMore(directoryId, 'directory: d-9067f01234').optional(),
    workspace: oneOrMore(
      text(WORKSPACE_ID, 'is not the id of a WorkSpace, such as ws-8kd2x4f9m.'),
      'workspace: ws-8kd2x4f9m',
    ).optional(),
    system: oneOrMore(
      text(/^[A-Za-z0-9_]+$/, 'is no operating system as AWS writes it, such as UBUNTU_22_04 or RHEL.'),
      'system: UBUNTU',
    ).optional(),
    tags: z
      .record(z.string(), oneOrMore(z.string({ error: notText }), 'tags: { env: production }'), {
        error: like('tags: { env: production }'),
      })
      .refine((tags) => Object.keys(tags).length > 0, { error: like('tags: { env: production }') })
      .optional(),
    owner: oneOrMore(person, "owner: '@sales'").optional(),
  },
  () => `"target" is ${KINDS}, or a block such as { is: any, tags: { env: production } }.`,
);

function notText({ input }: { input?: unknown }): string {
  return `${capital(quoted(input))} is no text. Write the value of a tag in quotes.`;
}

export const conditions = {
  requester: oneOrMore(person, "requester: ['@contractors', U0TOM]").optional(),
  target: z.union([oneOf('target', TARGET_KINDS), targetKeys], {
    error: ({ input }) =>
      input === undefined
        ? `"target" is missing. It is ${KINDS}, or a block of keys.`
        : `"target" is ${KINDS}, or a block of keys, not ${quoted(input)}.`,
  }),
  source: oneOrMore(
    z.string({ error: like('source: [Office, 10.8.0.0/16, private]') }),
    'source: [Office, 10.8.0.0/16, private]',
  ).optional(),
  'up-to': duration.optional(),
  when: together(
    keys(
      {
        days: oneOrMore(
          text(/^[A-Za-z]{3}(-[A-Za-z]{3})?$/, 'is no day. Write mon, or mon-fri.').refine(
            (days) => readDays(days) !== undefined,
            { error: ({ input }) => `${capital(quoted(input))} is no day. Write mon, or mon-fri.` },
          ),
          'days: mon-fri',
        ).optional(),
        hours: z
          .string({ error: like('hours: 09:00-17:30') })
          .refine((hours) => readHours(hours) !== undefined, {
            error: ({ input }) => `${capital(quoted(input))} is no time of day. Write 09:00-17:30.`,
          })
          .optional(),
        'time-zone': z.string({ error: like('time-zone: Europe/Berlin') }).superRefine((given, context) => {
          const wrong = timeZoneProblem(given);
          if (wrong) context.addIssue({ code: 'custom', message: `${capital(quoted(given))} ${wrong}` });
        }),
      },
      like('when: { days: mon-fri, hours: 09:00-17:30, time-zone: Europe/Berlin }'),
    ),
    ({ days, hours }, context) => {
      if (days === undefined && hours === undefined)
        problem(context, [], '"when" says no time. Add days: or hours:.');
    },
  ).optional(),
};

type Target = z.output<(typeof conditions)['target']>;

export function toWho(people: readonly string[]): Who {
  return { users: people.filter(isUserId), groups: people.filter((id) => !isUserId(id)) };
}

/** The kind of target that a rule is for, written as a word or inside of a block. */
export function kindOf(target: Target): TargetCondition['kind'] {
  return typeof target === 'string' ? target : (target.is ?? 'any');
}

export function toTarget(target: Target): TargetCondition {
  const { directory, workspace, system, tags, owner }: Partial<Exclude<Target, string>> =
    typeof target === 'string' ? {} : target;
  return {
    kind: kindOf(target),
    directories: directory,
    workspaces: workspace,
    systems: system,
    tags,
    owner: owner && toWho(owner),
  };
}

/** Why a word may not stand in `source`, which takes names of networks, ranges, `private` and `public`. */
export function sourceProblem(word: string, networks: readonly Network[]): string | undefined {
  if (networks.some(({ name }) => name === word) || isRange(word) || isKind(word)) return undefined;
  return `${capital(quoted(word))} is no network of limits.networks, no range, and neither private nor public.`;
}

export function toSource(words: readonly string[], networks: readonly Network[]): SourceCondition {
  const ranges = words.flatMap((word) => {
    if (isKind(word)) return [];
    return [networks.find(({ name }) => name === word) ?? { name: word, cidr: word }];
  });
  return { ranges, kinds: words.filter(isKind) };
}

function isKind(word: string): word is 'private' | 'public' {
  return word === 'private' || word === 'public';
}

export function toSchedule(when: NonNullable<z.output<(typeof conditions)['when']>>): Schedule {
  const hours = readHours(when.hours ?? '00:00-24:00') ?? { fromMinute: 0, toMinute: 24 * 60 };
  const days = (when.days ?? ['mon-sun']).flatMap((text) => readDays(text) ?? []);
  return { days, ...hours, timeZone: when['time-zone'] };
}

/** `rules`: which requests a rule is for, and what becomes of them. */
import { z } from 'zod';
import type { Asked, Fallback, PolicyRule } from '../access/policy/policy.js';
import { isWithin } from '../access/reading/address-block.js';
import { USER_GROUP, unanchored } from '../access/reading/ids.js';
import type { Network } from '../access/reading/network.js';
import type { NeedPart } from '../access/request/need.js';
import { canBeFilled } from '../access/request/needs.js';
import {
  conditions,
  kindOf,
  sourceProblem,
  toSchedule,
  toSource,
  toTarget,
  toWho,
} from './read-conditions.js';
import {
  capital,
  duration,
  keys,
  like,
  list,
  problem,
  quoted,
  text,
  trueOrFalse,
  userId,
  wholeNumber,
} from './values.js';

const ASKED = new RegExp(`^(?:([1-9]\\d?) of )?(manager|admins|${unanchored(USER_GROUP)})$`);
const HOW = 'Write manager, admins, 2 of @security, or { any-of: [U0TOM, U0ANN] }.';

const asked = z.union(
  [
    z.string({ error: notAsked }).regex(ASKED, { error: notAsked }),
    keys(
      { 'any-of': list(userId, 'any-of: [U0TOM, U0ANN]'), count: wholeNumber('count', 1, 99).default(1) },
      like('ask: [admins]'),
    ).superRefine(({ 'any-of': users, count }, context) => {
      const people = new Set(users).size;
      if (count > people)
        problem(
          context,
          ['count'],
          `It needs ${count} of ${people}, which never happens. Lower it, or name more.`,
        );
    }),
  ],
  { error: notAsked },
);

function notAsked({ input }: { input?: unknown }): string {
  return `${capital(quoted(input))} cannot be asked. ${HOW}`;
}

/** An entry of `ask` as data. */
function toAsked(who: z.output<typeof asked>): Asked {
  if (typeof who !== 'string')
    return { kind: 'any-of', users: [...new Set(who['any-of'])], count: who.count };
  const [, given, name = ''] = ASKED.exec(who) ?? [];
  const count = Number(given ?? 1);
  if (name === 'manager') return { kind: 'manager' };
  return name === 'admins' ? { kind: 'admins', count } : { kind: 'group', group: name, count };
}

export const rule = keys(
  {
    name: z
      .string({ error: like('name: own WorkSpace') })
      .trim()
      .min(1, { error: like('name: own WorkSpace') })
      .max(80, { error: '"name" is longer than 80 characters. Shorten it.' }),
    ...conditions,
    emergency: trueOrFalse('emergency').optional(),
    ask: z
      .array(asked, { error: like('ask: [manager]') })
      .min(1, { error: like('ask: [manager]') })
      .optional(),
    notify: z
      .union(
        [
          z.literal('approvers'),
          keys(
            {
              channel: text(
                /^[CG][A-Z0-9]+$/,
                'is not the id of a channel (C…). Copy it from the details of the channel.',
              ),
            },
            like('notify: { channel: C0ACCESS }'),
          ),
        ],
        { error: '"notify" is approvers or { channel: C0ACCESS }.' },
      )
      .optional(),
    remind: duration.optional(),
    fallback: keys(
      { after: duration, ask: list(asked, 'ask: [admins]'), sooner: trueOrFalse('sooner').optional() },
      like('fallback: { after: 1h, ask: [admins] }'),
    ).optional(),
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
  if (given.emergency && given.ask)
    problem(context, ['ask'], 'In an emergency nobody is asked. Write approve: at-once, or refuse.');
  for (const key of ['notify', 'remind', 'fallback'] as const) {
    if (given[key] !== undefined && !given.ask)
      problem(context, [key], `"${key}" matters only where somebody is asked. Remove it.`);
  }
  given.ask?.forEach((who, index) => {
    const need = toAsked(who);
    if (who === '1 of manager' || (need.kind === 'manager' && who !== 'manager'))
      problem(context, ['ask', index], 'Somebody has one manager. Write manager.');
  });
  const byAdmin = given.ask?.some((who) => toAsked(who).kind === 'admins') ?? true;
  const mayOpenAll = given.approve !== undefined || !byAdmin;
  const kind = kindOf(given.target);
  const others = given.fallback?.ask.some((who) => toAsked(who).kind !== 'admins') ?? false;
  if ((kind === 'directory' || kind === 'everything') && others)
    problem(context, ['fallback'], 'A whole directory is always approved by an admin. Write ask: [admins].');
  if ((kind === 'directory' || kind === 'everything') && mayOpenAll) {
    const key = given.approve ? 'approve' : 'ask';
    problem(
      context,
      [key],
      'A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
    );
  }
});

interface Beside {
  networks: readonly Network[];
  admins: readonly string[];
  directories: readonly string[];
  unansweredMs: number;
  shortestMs: number;
  denied: readonly string[];
}

/** Reports where a rule and the rest of the file contradict each other. */
export function checkRule(
  { source = [], target, ask = [], remind = 0, fallback, 'up-to': upToMs }: z.output<typeof rule>,
  { networks, admins, directories, unansweredMs, shortestMs, denied }: Beside,
  problemAt: (path: PropertyKey[], sentence: string) => void,
): void {
  source.forEach((word, index) => {
    const wrong = sourceProblem(word, networks);
    const [range] = wrong === undefined ? toSource([word], networks).ranges : [];
    const always = range && denied.find((one) => isWithin(range.cidr, one));
    if (wrong) problemAt(['source', index], wrong);
    if (always)
      problemAt(['source', index], `The limits deny all of it, by ${always}. Remove it here or there.`);
  });
  if (upToMs !== undefined && upToMs < shortestMs)
    problemAt(['up-to'], 'Nobody can ask for so little: "shortest" in limits is longer. Change one of them.');
  const late = 'A request closes unanswered before that. Change it, or "unanswered" in limits.';
  if (remind >= unansweredMs) problemAt(['remind'], late);
  if (fallback && fallback.after >= unansweredMs) problemAt(['fallback', 'after'], late);
  const known = ask.flatMap((who): NeedPart[] => {
    const asked = toAsked(who);
    if (asked.kind === 'admins') return [{ asked, people: [...new Set(admins)] }];
    return asked.kind === 'any-of' ? [{ asked, people: [...asked.users] }] : [];
  });
  const most = new Set(admins).size;
  const tooMany = ask.map(toAsked).findIndex((need) => need.kind === 'admins' && need.count > most);
  const wanted = tooMany < 0 ? undefined : toAsked(ask[tooMany] ?? 'admins');
  if (wanted?.kind === 'admins')
    problemAt(
      ['ask', tooMany],
      `It needs ${wanted.count} of ${most} admins, which never happens. Lower it, or name more.`,
    );
  else if (!canBeFilled(known) && known.every((part) => canBeFilled([part])))
    problemAt(
      ['ask'],
      'It needs more people than it names: one person gives one yes. Ask for fewer, or name more.',
    );
  fallback?.ask.forEach((who, index) => {
    if (typeof who === 'string' ? / of /.test(who) : who.count > 1)
      problemAt(
        ['fallback', 'ask', index],
        'The fallback only adds people to those who may decide: it takes no number. Write admins, or @security.',
      );
  });
  if (typeof target === 'string') return;
  target.directory?.forEach((id, index) => {
    if (!directories.includes(id))
      problemAt(
        ['target', 'directory', index],
        `${id} is not among the directories of this file. Add it there.`,
      );
  });
  const one = (['workspace', 'system', 'tags', 'owner'] as const).find((key) => target[key] !== undefined);
  if (one && (target.is === 'directory' || target.is === 'everything')) {
    problemAt(
      ['target', one],
      `"${one}" is for single WorkSpaces. Write is: any, own or other, or remove it.`,
    );
  }
}

export function toRule(given: z.output<typeof rule>, networks: readonly Network[]): PolicyRule {
  const { requester, source, when, 'up-to': upToMs } = given;
  return {
    name: given.name,
    target: toTarget(given.target),
    requester: requester && toWho(requester),
    source: source && toSource(source, networks),
    upToMs,
    when: when && toSchedule(when),
    emergency: given.emergency,
    outcome: toOutcome(given),
    notify: given.notify ?? 'approvers',
    ...(given.remind === undefined ? {} : { remindAfterMs: given.remind }),
    ...(given.fallback ? { fallback: toFallback(given.fallback) } : {}),
    selfApproval: given['self-approval'] ?? false,
  };
}

function toFallback({ after, ask, sooner }: NonNullable<z.output<typeof rule>['fallback']>): Fallback {
  return { afterMs: after, ask: ask.map(toAsked), ...(sooner ? { sooner } : {}) };
}

function toOutcome({ name, ask, refuse, approve }: z.output<typeof rule>): PolicyRule['outcome'] {
  if (ask !== undefined) return { ask: ask.map(toAsked) };
  if (approve !== undefined) return 'approve';
  if (refuse !== undefined) return { refuse };
  throw new Error(`rule "${name}" passed the schema without an outcome`);
}

/** `rules`: which requests a rule is for, and what becomes of them. */
import { z } from 'zod';
import { type Asked, coversMany, type Fallback, type PolicyRule } from '../access/policy/policy.js';
import { USER_GROUP, unanchored } from '../access/reading/ids.js';
import type { Network } from '../access/reading/network.js';
import { conditions, kindOf, toSchedule, toSource, toTarget, toWho } from './read-conditions.js';
import {
  capital,
  duration,
  durationLike,
  keys,
  like,
  list,
  problem,
  quoted,
  text,
  together,
  trueOrFalse,
  userId,
  wholeNumber,
} from './values.js';

const ASKED = new RegExp(`^(?:([1-9]\\d?) of )?(manager|admins|${unanchored(USER_GROUP)})$`);
const HOW = 'Write manager, admins, 2 of @security, or { any-of: [U0TOM, U0ANN] }.';

const asked = z.union(
  [
    z.string({ error: notAsked }).regex(ASKED, { error: notAsked }),
    together(
      keys(
        { 'any-of': list(userId, 'any-of: [U0TOM, U0ANN]'), count: wholeNumber('count', 1, 99).default(1) },
        like('ask: [admins]'),
      ),
      ({ 'any-of': users, count }, context) => {
        const people = new Set(users).size;
        if (count > people)
          problem(
            context,
            ['count'],
            `It needs ${count} of ${people}, which never happens. Lower it, or name more.`,
          );
      },
    ),
  ],
  { error: notAsked },
);

function notAsked({ input }: { input?: unknown }): string {
  return `${capital(quoted(input))} cannot be asked. ${HOW}`;
}

/** An entry of `ask` as data. */
export function toAsked(who: z.output<typeof asked>): Asked {
  if (typeof who !== 'string')
    return { kind: 'any-of', users: [...new Set(who['any-of'])], count: who.count };
  const [, given, name = ''] = ASKED.exec(who) ?? [];
  const count = Number(given ?? 1);
  if (name === 'manager') return { kind: 'manager' };
  return name === 'admins' ? { kind: 'admins', count } : { kind: 'group', group: name, count };
}

export const rule = together(
  keys(
    {
      name: z
        .string({ error: like('name: own WorkSpace') })
        .trim()
        .min(1, { error: like('name: own WorkSpace') })
        .max(80, { error: '"name" is longer than 80 characters. Shorten it.' }),
      ...conditions,
      emergency: trueOrFalse('emergency').optional(),
      extends: trueOrFalse('extends').optional(),
      moves: trueOrFalse('moves').optional(),
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
        {
          after: durationLike('after: 1h'),
          ask: list(asked, 'ask: [admins]'),
          sooner: trueOrFalse('sooner').optional(),
        },
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
  ),
  (given, context) => {
    const outcomes = (['ask', 'refuse', 'approve'] as const).filter((key) => given[key] !== undefined);
    // The checks of the whole file need each rule's outcome. Without one they are left out, as after a wrong value.
    if (outcomes.length === 0)
      context.addIssue({
        code: 'custom',
        message: 'This rule decides nothing. Add ask:, refuse: or approve:.',
      });
    for (const extra of outcomes.slice(1)) {
      problem(context, [extra], `This rule says "${outcomes[0]}" already. Keep that or "${extra}".`);
    }
    if (given['self-approval'] !== undefined && !given.ask) {
      problem(context, ['self-approval'], '"self-approval" matters only where somebody is asked. Remove it.');
    }
    if (given.emergency && given.extends)
      problem(context, ['extends'], 'More time is never an emergency. Remove "emergency" or "extends".');
    if (given.emergency && given.moves)
      problem(context, ['moves'], 'Another address is never an emergency. Remove "emergency" or "moves".');
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
    const opensMany = coversMany(kindOf(given.target));
    const others = given.fallback?.ask.some((who) => toAsked(who).kind !== 'admins') ?? false;
    if (opensMany && others)
      problem(
        context,
        ['fallback'],
        'A whole directory is always approved by an admin. Write ask: [admins].',
      );
    if (opensMany && mayOpenAll) {
      const key = given.approve ? 'approve' : 'ask';
      problem(
        context,
        [key],
        'A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
      );
    }
  },
);

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
    extends: given.extends,
    moves: given.moves,
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

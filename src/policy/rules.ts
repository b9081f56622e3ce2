/** `rules`: what is asked for, and what becomes of it. */
import { z } from 'zod';
import type { Network } from '../access/network.js';
import type { Asked, PolicyRule } from '../access/policy.js';
import { conditions, kindOf, sourceProblem, toSchedule, toSource, toTarget, toWho } from './conditions.js';
import { capital, keys, like, list, problem, quoted, trueOrFalse, userId } from './values.js';

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

export const rule = keys(
  {
    name: z
      .string({ error: like('name: own WorkSpace') })
      .trim()
      .min(1, { error: like('name: own WorkSpace') })
      .max(80, { error: '"name" is longer than 80 characters. Shorten it.' }),
    ...conditions,
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
  const kind = kindOf(given.target);
  if ((kind === 'directory' || kind === 'everything') && mayOpenAll) {
    const key = given.approve ? 'approve' : 'ask';
    problem(
      context,
      [key],
      'A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
    );
  }
});

/** What is wrong with a rule beside the rest of the file. */
export function checkRule(
  { source = [], target }: z.output<typeof rule>,
  networks: readonly Network[],
  problemAt: (path: PropertyKey[], sentence: string) => void,
): void {
  source.forEach((word, index) => {
    const wrong = sourceProblem(word, networks);
    if (wrong) problemAt(['source', index], wrong);
  });
  if (typeof target === 'string') return;
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
    ...(requester ? { requester: toWho(requester) } : {}),
    ...(source ? { source: toSource(source, networks) } : {}),
    ...(upToMs === undefined ? {} : { upToMs }),
    ...(when ? { when: toSchedule(when) } : {}),
    outcome: toOutcome(given),
    selfApproval: given['self-approval'] ?? false,
  };
}

function toOutcome({ name, ask, refuse, approve }: z.output<typeof rule>): PolicyRule['outcome'] {
  const [who] = ask ?? [];
  if (who !== undefined) return { ask: [toAsked(who)] };
  if (approve !== undefined) return 'approve';
  if (refuse !== undefined) return { refuse };
  throw new Error(`rule "${name}" passed the schema without an outcome`);
}

function toAsked(who: z.output<typeof asked>): Asked {
  return typeof who === 'string' ? { kind: who } : { kind: 'any-of', users: who['any-of'] };
}

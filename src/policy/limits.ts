/** `limits`: what nobody may exceed, whatever a rule says. */
import { z } from 'zod';
import { compactDuration } from '../access/duration.js';
import type { Policy } from '../access/policy.js';
import { duration, keys, like, list, problem, range, trueOrFalse, wholeNumber } from './values.js';

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

export const limits = keys(
  { sources: sources.prefault({}), durations: durations.prefault({}), unanswered: duration.prefault('4h') },
  like('limits: { unanswered: 4h }'),
);

export function toLimits({ sources, durations, unanswered }: z.output<typeof limits>): Policy['limits'] {
  return {
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
  };
}

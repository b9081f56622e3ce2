/** `limits`: bounds that hold whatever a rule says. */
import { z } from 'zod';
import type { Policy } from '../access/policy/policy.js';
import { compactDuration } from '../access/reading/duration.js';
import { isAlmostTargetId } from '../access/reading/ids.js';
import { type Network, readNetwork } from '../access/reading/network.js';
import { patternProblem } from '../access/reading/pattern.js';
import type { SourceLimits } from '../access/reading/source.js';
import {
  capital,
  duration,
  keys,
  like,
  list,
  problem,
  quoted,
  range,
  text,
  together,
  trueOrFalse,
  wholeNumber,
} from './values.js';

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

const durations = together(
  keys(
    {
      choices: list(duration, 'choices: [1h, 2h, 4h]')
        .refine((all) => all.length <= 9, {
          error: '"choices" has more than the 9 that the form can show. Remove some.',
        })
        .prefault(['1h', '2h', '4h']),
      default: duration.prefault('1h'),
      shortest: duration.prefault('5m'),
      longest: duration.prefault('8h'),
      'longest-total': duration.optional(),
    },
    like('durations: { choices: [1h, 2h, 4h], longest: 8h }'),
  ),
  ({ choices, default: usual, shortest, longest, 'longest-total': total }, context) => {
    if (total !== undefined && total < longest)
      problem(context, ['longest-total'], '"longest-total" is shorter than "longest". Swap them.');
    if (shortest > longest)
      return problem(context, ['shortest'], '"shortest" is longer than "longest". Swap them.');
    const outside = (ms: number) => ms < shortest || ms > longest;
    const advice = 'lies outside shortest … longest. Change one of them.';
    choices.forEach((ms, index) => {
      if (outside(ms)) problem(context, ['choices', index], `A choice of ${compactDuration(ms)} ${advice}`);
    });
    if (outside(usual)) problem(context, ['default'], `The default of ${compactDuration(usual)} ${advice}`);
  },
);

/**
 * Words that mean something else where a network's name would stand in the command. src/policy-file may not import the
 * table of the subcommands; the table's test (test/slack/answering/commands/table.test.ts) looks for each of its words here.
 */
const TAKEN =
  /^(?:at|list|again|help|end|extend|move|check|emergency|who|pause|resume|revoke|close|stop|done|cancel)$/i;

const networkName = text(
  /^[A-Za-z][A-Za-z0-9_-]{0,39}$/,
  'is no name for a network. Write one word, such as Office: people type it in the command.',
)
  .refine((name) => !TAKEN.test(name), {
    error: ({ input }) =>
      `${capital(quoted(input))} is a word of the command already. Name the network otherwise.`,
  })
  .refine((name) => !isAlmostTargetId(name), {
    error: ({ input }) =>
      `${capital(quoted(input))} would be read as the id of a WorkSpace or a directory. Name the network otherwise.`,
  });

const networks = together(
  z.record(networkName, range, { error: like('networks: { Office: 198.51.100.0/24 }') }),
  (all, context) => {
    const names = Object.keys(all);
    names.forEach((name, index) => {
      const first = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
      if (first < index) problem(context, [name], `"${names[first]}" is the same name. Rename one.`);
    });
    if (names.length > 50)
      problem(context, [], '"networks" has more than the 50 that the form can show. Remove some.');
  },
);

const most = (key: string) => wholeNumber(key, 1, 1000);

const perPerson = keys(
  { open: most('open').optional(), waiting: most('waiting').default(20) },
  like('per-person: { open: 3, waiting: 5 }'),
);

const SENTENCE = 'hint: Add the ticket, such as OPS-412.';
const reason = keys(
  {
    pattern: z
      .string({ error: like("pattern: '[A-Z]+-[0-9]+'") })
      .min(1, { error: like("pattern: '[A-Z]+-[0-9]+'"), abort: true })
      .superRefine((given, context) => {
        const wrong = patternProblem(given);
        if (wrong) context.addIssue({ code: 'custom', message: `${capital(quoted(given))} ${wrong}` });
      }),
    hint: z
      .string({ error: like(SENTENCE) })
      .trim()
      .min(1, { error: like(SENTENCE) })
      .max(200, { error: '"hint" is longer than 200 characters. Shorten it.' }),
    link: text(
      /^https:\/\/[^\s<>|]*\{ticket\}[^\s<>|]*$/,
      'is no link to a ticket. It begins with https:// and has {ticket} where the ticket goes.',
    ).optional(),
  },
  like("reason: { pattern: '[A-Z]+-[0-9]+', hint: Add the ticket. }"),
);

export const limits = together(
  keys(
    {
      sources: sources.prefault({}),
      networks: networks.default({}),
      durations: durations.prefault({}),
      'per-person': perPerson.prefault({}),
      unanswered: duration.prefault('4h'),
      later: duration.prefault('7d'),
      reason: reason.optional(),
    },
    like('limits: { unanswered: 4h }'),
  ),
  (given, context) => {
    for (const [name, cidr] of Object.entries(given.networks)) {
      const wrong = networkProblem({ name, cidr }, toSources(given.sources));
      if (wrong) problem(context, ['networks', name], wrong);
    }
  },
);

type Limits = z.output<typeof limits>;

/** A network that nobody could ever ask for is a slip, in `networks` or in `sources`. */
function networkProblem(network: Network, limits: SourceLimits): string | undefined {
  const reading = readNetwork(network, limits);
  if (reading.ok) {
    const { cidr, clearedHostBits } = reading.source;
    return clearedHostBits ? `${network.cidr} is not where a network begins. Write ${cidr}.` : undefined;
  }
  switch (reading.problem) {
    case 'private':
      return `${network.cidr} is private. Write private: true in "sources", or remove it.`;
    case 'denied':
      return `${network.cidr} touches what "sources" denies, so nobody could ask for it. Change one of them.`;
    case 'not-allowed':
      return `${network.cidr} lies outside of what "sources" allows, so nobody could ask for it. Change one of them.`;
    default:
      return `${network.cidr} can never be asked for: it is reserved, or the whole Internet. Remove it.`;
  }
}

function toSources(sources: Limits['sources']): SourceLimits {
  return {
    widestIpv4: sources['widest-ipv4'],
    widestIpv6: sources['widest-ipv6'],
    allowPrivate: sources.private,
    allowDocumentation: sources.documentation,
    denied: sources.denied,
    allowed: sources.allowed,
  };
}

export function toNetworks({ networks }: Limits): Network[] {
  return Object.entries(networks).map(([name, cidr]) => ({ name, cidr }));
}

/**
 * The longest that access lasts in all. Where the file does not say, twice as long as the longest request, or as long where
 * nothing can be extended.
 */
export function totalOf(
  { longest, 'longest-total': total }: Pick<Limits['durations'], 'longest' | 'longest-total'>,
  extendable: boolean,
): number {
  return total ?? (extendable ? 2 * longest : longest);
}

/** @param extendable whether some rule lets access be extended */
export function toLimits(given: Limits, extendable: boolean): Policy['limits'] {
  const { durations, 'per-person': perPerson, reason } = given;
  return {
    sources: toSources(given.sources),
    networks: toNetworks(given),
    durations: {
      // The form opens with the default chosen, so the default has to be among the choices.
      choicesMs: [...new Set([...durations.choices, durations.default])].sort((a, b) => a - b),
      defaultMs: durations.default,
      shortestMs: durations.shortest,
      longestMs: durations.longest,
      longestTotalMs: totalOf(durations, extendable),
    },
    perPerson: {
      ...(perPerson.open === undefined ? {} : { open: perPerson.open }),
      waiting: perPerson.waiting,
    },
    unansweredMs: given.unanswered,
    laterMs: given.later,
    ...(reason
      ? {
          reason: {
            pattern: reason.pattern,
            hint: reason.hint,
            ...(reason.link ? { link: reason.link } : {}),
          },
        }
      : {}),
  };
}

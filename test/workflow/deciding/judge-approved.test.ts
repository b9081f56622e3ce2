/** Judges an approval that had to wait, by the policy and the people at the moment at which access would open. */
import { expect, test } from '@jest/globals';
import type { Need, NeedPart, Review } from '../../../src/access/request/need.js';
import { askingNobody } from '../../../src/access/request/needs.js';
import type { RequestIn } from '../../../src/access/request/request.js';
import { judgeApproved } from '../../../src/workflow/deciding/judge-approved.js';
import { policyOf } from '../../policy-file/policies.js';
import { fakeParts } from '../../slack/parts.js';
import { facts, NOW, phases, requestIn } from '../../slack/requests.js';

const [JANE, MARIA, SAM, ADA] = ['U0JANE', 'U0MARIA', 'U0SAM', 'U0ADA'];
const HOUR = 3_600_000;

const manager: NeedPart = { asked: { kind: 'manager' }, people: [MARIA] };
const anyOf = (...users: string[]): NeedPart => ({
  asked: { kind: 'any-of', users, count: 1 },
  people: users,
});
const rule = (rest: string) => `rules: [{ name: own, target: own, ${rest} }]`;
const EITHER = rule('ask: [{ any-of: [U0MARIA, U0SAM] }]');
const BOTH = rule('ask: [manager, { any-of: [U0MARIA, U0SAM] }]');
const ADMINS_LATER = 'fallback: { after: 1h, ask: [admins] }';

interface Held {
  /** The need of the request when it was approved, and who said yes; nothing where the policy said yes at once. */
  parts?: NeedPart[];
  yes?: string[];
  /** People whom Slack knows no more. */
  gone?: string[];
  manager?: string;
}

async function judged(
  policyNow: string,
  { parts: needed = [], yes = [], gone = [], manager: now = MARIA }: Held,
) {
  const { parts } = fakeParts();
  const policy = policyOf(`${policyNow}\nmanagers: { table: { ${JANE}: ${now} } }`);
  const person: typeof parts.people.person = async (id) =>
    gone.includes(id) ? undefined : parts.people.person(id);
  const world = { ...parts, policy, people: { ...parts.people, person }, now: () => NOW };
  return judgeApproved(world, opening(needed, yes));
}

function opening(parts: NeedPart[], yes: string[]): RequestIn<'opening'> {
  const { asks, hears } = askingNobody('own');
  const reviews = yes.map((by): Review => ({ by, decision: 'approve', atMs: NOW - HOUR }));
  const approvers = parts.flatMap(({ people }) => people);
  const fallback = { atMs: NOW + HOUR, ask: [{ kind: 'admins' as const, count: 1 }], done: false };
  const need: Need = { rule: 'own', asks: { ...asks, parts, approvers, reviews }, due: { fallback }, hears };
  const phase = phases({ ...facts, directoryId: 'd-00000001' }).opening;
  if (phase?.state !== 'opening') throw new Error('no opening');
  const review = reviews.at(-1) ?? { by: 'policy', decision: 'approve' as const, atMs: NOW - HOUR };
  const request = requestIn(phase, { requester: JANE });
  return { ...request, phase: { ...phase, need, review } };
}

test.each<[string, string, Held]>([
  ['the approver who said yes still may decide', EITHER, { parts: [anyOf(MARIA, SAM)], yes: [SAM] }],
  ['another person who was asked left', EITHER, { parts: [anyOf(MARIA, SAM)], yes: [SAM], gone: [MARIA] }],
  ['the policy still says yes at once', rule('approve: at-once'), {}],
  [
    'the manager who said yes is none any more, and may decide by the fallback, where nobody is left to ask',
    rule(`ask: [manager], ${ADMINS_LATER}`),
    { parts: [manager], yes: [ADA], manager: SAM, gone: [SAM] },
  ],
])('an approval that had to wait stands where %s', async (_, policyNow, held) => {
  expect(await judged(policyNow, held)).toMatchObject({ now: 'stands' });
});

test.each<[string, string, Held, what: string, waitsFor: string[]]>([
  [
    'the approver who said yes has left',
    EITHER,
    { parts: [anyOf(MARIA, SAM)], yes: [SAM], gone: [SAM] },
    '<@U0SAM> may not decide any more',
    [MARIA],
  ],
  [
    'one of two who said yes left: the other yes counts',
    rule('ask: [{ any-of: [U0MARIA, U0SAM, U0ADA], count: 2 }]'),
    {
      parts: [{ asked: { kind: 'any-of', users: [MARIA, SAM, ADA], count: 2 }, people: [MARIA, SAM, ADA] }],
      yes: [MARIA, SAM],
      gone: [SAM],
    },
    '<@U0SAM> may not decide any more',
    [ADA],
  ],
  [
    'one of two who said yes fills another’s place only',
    BOTH,
    { parts: [manager, anyOf(MARIA, SAM)], yes: [MARIA, SAM], manager: ADA },
    'those who approved it are not enough any more',
    [ADA],
  ],
  [
    'nobody but the fallback’s people is left',
    rule(`ask: [{ any-of: [U0SAM] }], ${ADMINS_LATER}`),
    { parts: [anyOf(SAM)], yes: [SAM], gone: [SAM] },
    '<@U0SAM> may not decide any more',
    [ADA, 'U0ANN'],
  ],
  [
    'the policy said yes at once, and asks somebody by now',
    rule('ask: [manager]'),
    {},
    'the policy now needs manager (rule "own")',
    [MARIA],
  ],
])('an approval that had to wait needs another yes where %s', async (_, policyNow, held, what, waitsFor) => {
  const outcome = await judged(policyNow, held);
  expect(outcome).toMatchObject({ now: 'asks', what, asked: { pendingAtMs: NOW } });
  const people = waitsFor.map((id) => `<@${id}>`).join(', ');
  expect('said' in outcome && outcome.said.endsWith(`; it waits for ${people}.`)).toBe(true);
});

test.each<[string, string, Held, said: string]>([
  [
    'the policy refuses by now',
    rule('refuse: Not this week.'),
    { parts: [manager], yes: [MARIA] },
    'Not allowed any more: Not this week.',
  ],
  [
    'the requester left',
    EITHER,
    { parts: [anyOf(MARIA, SAM)], yes: [SAM], gone: [JANE] },
    'Not allowed any more: Only active members of this Slack workspace take part',
  ],
  [
    'nobody who may decide is left',
    rule('ask: [{ any-of: [U0SAM] }]'),
    { parts: [anyOf(SAM)], yes: [SAM], gone: [SAM] },
    'Too few people may approve this.',
  ],
])(
  'an approval that had to wait opens nothing, and nobody is asked anew, where %s',
  async (_, policyNow, held, said) => {
    expect(await judged(policyNow, held)).toMatchObject({
      now: 'refused',
      said: expect.stringContaining(said),
    });
  },
);

test('everybody who is judged with an approval is looked up in Slack at the same time', async () => {
  const { parts } = fakeParts();
  const policy = policyOf(`${BOTH}\nmanagers: { table: { ${JANE}: ${MARIA} } }`);
  const asked: string[] = [];
  const atOnce: string[] = [];
  const person: typeof parts.people.person = async (id) => {
    asked.push(id);
    await Promise.resolve();
    // Nobody has been answered before the first look-up goes on.
    if (atOnce.length === 0) atOnce.push(...asked);
    return parts.people.person(id);
  };
  const world = { ...parts, policy, people: { ...parts.people, person }, now: () => NOW };
  await judgeApproved(world, opening([manager, anyOf(MARIA, SAM)], [SAM, MARIA]));
  expect(new Set(atOnce)).toEqual(new Set([JANE, MARIA, SAM]));
});

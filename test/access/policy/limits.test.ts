/** How long access may last with its extensions, and by how much one tap extends it. */
import { expect, test } from '@jest/globals';
import { stepOf, whyOutsideLimits } from '../../../src/access/policy/limits.js';
import { policyOf } from '../../policy-file/policies.js';
import { requestIn } from '../../slack/requests.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const policy = policyOf(`
limits: { sources: { documentation: true }, durations: { choices: [30m, 1h], longest: 2h, longest-total: 3h } }
rules: [{ name: own, target: own, ask: [admins] }]`);
const { ask } = requestIn({ state: 'submitted', giveUpAtMs: 0, waitsForAws: false });

test.each<[lasts: number, more: number, sentence: RegExp | undefined]>([
  [2 * HOUR, HOUR, undefined],
  [2 * HOUR, HOUR + 1, /at most 3 hours in all\. Ask for `1h` more, or less\.$/],
  [2 * HOUR + 23.4 * MINUTE, HOUR, /Ask for `36m` more, or less\.$/],
  [3 * HOUR, 5 * MINUTE, /at most 3 hours in all, and it lasts that long already\./],
  [2.95 * HOUR, 5 * MINUTE, /and it lasts that long already\. Ask for new access when it has ended\.$/],
])(
  'access that lasts %s ms is extended by %s ms only up to the longest time in all, which the refusal names',
  (lastsMs, durationMs, sentence) => {
    const asked = { ...ask, durationMs, wholeMs: lastsMs + durationMs };
    const said = whyOutsideLimits(policy, asked, { directoryId: Object.keys(policy.directories)[0] ?? '' });
    if (sentence) expect(said).toMatch(sentence);
    else expect(said).toBeUndefined();
  },
);

test.each<[startsIn: number, sentence: string | undefined]>([
  [7 * 24 * HOUR, undefined],
  [7 * 24 * HOUR + 1, 'The policy allows at most 7 days ahead. Ask for an earlier time.'],
])(
  'access that is to open in %s ms may be asked for, unless the policy does not look so far ahead',
  (startsInMs, sentence) => {
    const directoryId = Object.keys(policy.directories)[0] ?? '';
    expect(whyOutsideLimits(policy, { ...ask, startsInMs }, { directoryId })).toBe(sentence);
  },
);

test.each<[lasts: number, step: number | undefined]>([
  [HOUR, HOUR],
  [2 * HOUR, HOUR],
  [2 * HOUR + 1, 30 * MINUTE],
  [2.5 * HOUR, 30 * MINUTE],
  [2.75 * HOUR, 5 * MINUTE],
  [3 * HOUR - 5 * MINUTE + 1, undefined],
  [4 * HOUR, undefined],
])('access that lasts %s ms is extended by %s ms with one tap', (lastsMs, stepMs) => {
  expect(stepOf(policy.limits.durations, lastsMs)).toBe(stepMs);
});

test.each<[rules: string, total: number]>([
  ['ask: [admins]', 4 * HOUR],
  ['approve: at-once, extends: true', 4 * HOUR],
  ['approve: at-once', 2 * HOUR],
  ['ask: [admins], extends: false', 2 * HOUR],
])(
  'without a limit in all, access may last twice the longest duration where a rule lets it be extended: %s',
  (rule, total) => {
    const durations = 'limits: { durations: { choices: [30m, 1h], longest: 2h } }';
    const read = policyOf(`${durations}\nrules: [{ name: own, target: own, ${rule} }]`);
    expect(read.limits.durations.longestTotalMs).toBe(total);
  },
);

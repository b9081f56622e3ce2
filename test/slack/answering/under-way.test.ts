/** How often one person may ask and look. How much they may have under way is seen in listeners.test.ts. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Doing } from '../../../src/slack/answering/faults.js';
import { boundEach, MOST_LOOKS } from '../../../src/slack/answering/under-way.js';

function bot() {
  let nowMs = 1_000;
  const warnings: object[] = [];
  const log = { info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) };
  const bounded = boundEach(log, () => nowMs);
  /** How many of the commands were done; the others were answered with a sentence. */
  const sends = async (by: string, kind: Doing['kind'], count: number): Promise<number> => {
    let done = 0;
    const told: string[] = [];
    const work = async () => void done++;
    const tell = async (sentence: string) => told.push(sentence);
    for (let n = 0; n < count; n += 1) await bounded({ by, kind }, work, tell);
    expect(told).toEqual(Array(count - done).fill(expect.stringContaining(`asked me ${MOST_LOOKS} times`)));
    return done;
  };
  const passes = (ms: number) => {
    nowMs += ms;
  };
  return { sends, passes, warnings };
}

test('one person asks and looks a number of times at once, and then every two seconds, whatever they send meanwhile', async () => {
  const { sends, passes, warnings } = bot();
  expect(await sends('U0JANE', 'request', 60)).toBe(60);
  expect(await sends('U0JANE', 'read', 60)).toBe(MOST_LOOKS - 60);
  expect(warnings).toEqual([{ user: 'U0JANE', most: MOST_LOOKS, times: 1 }]);
  expect(await sends('U0JANE', 'read', 1_000)).toBe(0);
  passes(1_999);
  expect(await sends('U0JANE', 'request', 1_000)).toBe(0);
  passes(1);
  expect(await sends('U0JANE', 'request', 1_000)).toBe(1);
  passes(3_600_000);
  expect(await sends('U0JANE', 'read', 1_000)).toBe(MOST_LOOKS);
});

test('a command that decides or ends access is done however often somebody asked, and others are not held up', async () => {
  const { sends } = bot();
  await sends('U0JANE', 'read', 1_000);
  expect(await sends('U0JANE', 'close', 200)).toBe(200);
  expect(await sends('U0JANE', 'change', 200)).toBe(200);
  expect(await sends('U0MARIA', 'read', 1)).toBe(1);
});

test('docs/security.md says how often one person may ask and look', () => {
  expect(readFileSync('docs/security.md', 'utf8')).toContain(`${MOST_LOOKS} times at once`);
});

/** While AWS keeps an end waiting no opening takes a call, until the end's next try, and not much longer once the end is done. */
import { expect, test } from '@jest/globals';
import { isIn, type RequestIn } from '../../../src/access/request/request.js';
import { finishClosing } from '../../../src/workflow/ending/finish-closing.js';
import { AwsRefused, type Parts } from '../../../src/workflow/ports.js';
import { SHARED } from '../../aws/town.js';
import { sharedTown, storeOpening } from '../replicas.js';

const here = sharedTown();

let made = 0;
/** A request whose end began so long ago. */
async function closing(parts: Parts, forMs: number): Promise<RequestIn<'closing'>> {
  made += 1;
  const opening = await storeOpening(parts, `HELD${made + 1}`, 'a group');
  const { facts, need, review, grant } = opening.phase;
  const closingAtMs = parts.now() - forMs;
  const phase: RequestIn<'closing'>['phase'] = {
    state: 'closing',
    facts,
    need,
    review,
    grant: { ...grant, groupId: SHARED },
    cause: { kind: 'expired' },
    closingAtMs,
  };
  const request = { ...opening, version: opening.version + 1, phase };
  await parts.store.change({ request, audit: [] });
  return request;
}

/** Parts whose store tells for how long openings are held up. */
async function watched(): Promise<{ parts: Parts; held: number[] }> {
  const parts = await here.replicas.parts();
  const held: number[] = [];
  const { store } = parts;
  const hold: typeof store.hold = async (name, forMs) => {
    held.push(forMs);
    await store.hold(name, forMs);
  };
  return { parts: { ...parts, store: { ...store, hold } }, held };
}

test.each([
  ['just began', 0, 5_000],
  ['has failed for ten seconds', 10_000, 20_000],
  ['has failed for minutes', 240_000, 30_000],
])('an end that %s holds openings up for a while', async (_, forMs, atLeastMs) => {
  const { parts, held } = await watched();
  here.town.down = true;
  expect(await finishClosing(parts, await closing(parts, forMs))).toBe('again');
  here.town.down = false;
  const [ms = 0] = held;
  expect(held).toHaveLength(1);
  expect(ms).toBeGreaterThanOrEqual(atLeastMs);
  expect(ms).toBeLessThanOrEqual(30_000);
  expect(await parts.store.taken('ends-held-up')).toBe(true);
});

test('an end that was held up for long lets openings go on soon once it is done', async () => {
  const { parts, held } = await watched();
  await parts.store.hold('ends-held-up', 30_000);
  held.length = 0;
  expect(await finishClosing(parts, await closing(parts, 60_000))).toBe('done');
  expect(held).toEqual([5_000]);
});

test('an end that AWS refuses is told at once with the right that is missing, and tried again', async () => {
  const { parts, held } = await watched();
  const request = await closing(parts, 0);
  here.town.settings.denied = ['DescribeSecurityGroupRules'];
  try {
    await expect(finishClosing(parts, request)).rejects.toThrow(AwsRefused);
  } finally {
    here.town.settings.denied = [];
  }
  const now = await parts.store.load(request.id);
  expect(now?.phase).toMatchObject({
    state: 'closing',
    troubleAtMs: expect.any(Number),
    refused: expect.stringContaining('`ec2:DescribeSecurityGroupRules`'),
  });
  // The calls are made as fast as they come: slower calls would change nothing.
  expect(held).toEqual([]);
  if (now && isIn(now, 'closing')) expect(await finishClosing(parts, now)).toBe('done');
});

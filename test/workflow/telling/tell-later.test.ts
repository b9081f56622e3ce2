/** Notices for the admins that could not be recorded or told at once. */
import { expect, test } from '@jest/globals';
import type { AdminNotice } from '../../../src/workflow/admin-notice.js';
import { type Parts, SlackFailed } from '../../../src/workflow/ports.js';
import { StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { sweepOnAndOn } from '../../../src/workflow/sweep.js';
import { noteLoss, recordLosses } from '../../../src/workflow/telling/losses.js';
import { tellLater, tellWaiting } from '../../../src/workflow/telling/tell-later.js';
import { sharedTown } from '../replicas.js';

const here = sharedTown();

interface Scene {
  parts: Parts;
  recorded: string[];
  told: AdminNotice[];
  broken: 'nothing' | 'Redis' | 'its answer' | 'Slack';
}

async function scene(): Promise<Scene> {
  const plain = await here.replicas.parts();
  const made: Scene = {
    recorded: [],
    told: [],
    broken: 'nothing',
    parts: {
      ...plain,
      store: {
        ...plain.store,
        async turn(name, forMs) {
          if (made.broken === 'Redis' && name.startsWith('told:')) throw new StoreUnreachable(true);
          // A replica that failed to tell may try again at once here.
          return name.startsWith('telling:') || plain.store.turn(name, forMs);
        },
        async audit(entries) {
          if (made.broken === 'Redis') throw new StoreUnreachable(true);
          made.recorded.push(...entries.map(({ what }) => what));
          await plain.store.audit(entries);
          if (made.broken === 'its answer') throw new StoreUnreachable(false);
        },
      },
      messenger: {
        ...plain.messenger,
        async notify(_, notice) {
          if (made.broken === 'Slack') throw new SlackFailed('away', 'no answer');
          made.told.push(notice);
        },
      },
    },
  };
  return made;
}

async function pass({ parts }: Scene): Promise<void> {
  await recordLosses(parts);
  await tellWaiting(parts);
}

test.each(['nothing', 'Redis', 'its answer', 'Slack'] as const)(
  'a loss of the store is recorded and told once, where %s was broken at first',
  async (broken) => {
    const at = await scene();
    at.broken = broken;
    await noteLoss(at.parts, 2);
    // The record is stored before anybody is told, so that it is there also where this process is stopped in between.
    expect(at.recorded).toEqual(broken === 'Redis' ? [] : ['store-lost']);
    if (broken === 'Slack') await pass(at);
    at.broken = 'nothing';
    await pass(at);
    await pass(at);
    expect(at.recorded).toEqual(['store-lost', 'noticed-store-lost']);
    expect(at.told).toMatchObject([{ kind: 'store-lost', adopted: 2 }]);
    const untold = at.parts.memory.watched.failures.filter(({ during }) => during === 'tell');
    const each = { during: 'tell', cause: 'slack-away', times: expect.any(Number) };
    expect(untold).toEqual(broken === 'Slack' ? [each] : []);
  },
);

test('two losses of the store are told as two', async () => {
  const at = await scene();
  await noteLoss(at.parts, 2);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await noteLoss(at.parts, 0);
  await pass(at);
  expect(at.told).toMatchObject([{ adopted: 2 }, { adopted: 0 }]);
});

test('a notice to the admins that Slack refuses is told at a later pass, and holds up no other notice', async () => {
  const at = await scene();
  const rule = { groupId: 'sg-1', source: '203.0.113.9/32' };
  at.broken = 'Slack';
  tellLater(at.parts, { kind: 'stray-rule', ruleId: 'sgr-1', ...rule });
  await tellWaiting(at.parts);
  tellLater(at.parts, { kind: 'changed-rule', ruleId: 'sgr-2', ...rule, requestIds: ['K7QF2'] });
  at.broken = 'nothing';
  await tellWaiting(at.parts);
  await tellWaiting(at.parts);
  expect(at.told).toMatchObject([{ ruleId: 'sgr-1' }, { ruleId: 'sgr-2' }]);
});

test('an admin who has read a notice does not read it again because Redis does not take the record', async () => {
  const at = await scene();
  tellLater(at.parts, { kind: 'stray-rule', ruleId: 'sgr-3', groupId: 'sg-1', source: '203.0.113.9/32' });
  at.broken = 'Redis';
  await tellWaiting(at.parts);
  at.broken = 'nothing';
  await tellWaiting(at.parts);
  expect(at.told).toHaveLength(1);
});

test('losses and notices that wait are recorded and told also where the bot is stopped before its next pass', async () => {
  const at = await scene();
  at.broken = 'Redis';
  await noteLoss(at.parts, 1);
  at.broken = 'nothing';
  await sweepOnAndOn(at.parts, AbortSignal.abort(), async () => undefined);
  expect([at.recorded, at.told]).toEqual([
    ['store-lost', 'noticed-store-lost'],
    [expect.objectContaining({ kind: 'store-lost', adopted: 1 })],
  ]);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { FaultKind } from '../../../sandbox/aws/wire/faults.js';
import { keyPrefix } from '../../../src/redis/connections.js';
import { firstOf } from '../../depth.js';
import { type Story, startStory } from '../story.js';

let story: Story;
beforeAll(async () => {
  story = await startStory({ env: { TIME_AWS: '500ms', TIME_ABSENT_AGAIN: '300ms', TIME_SWEEP: '1s' } });
});
afterAll(() => story.end());

let asked = 0;
let oldest = { id: '', source: '' };
async function asks(): Promise<{ id: string; source: string }> {
  const source = `203.0.113.${++asked}`;
  const id = await story.asks('jane', `ws-janedoe01 ${source} 1h fixing the build`);
  await story.presses('maria', id, 'Approve');
  if (!oldest.id) oldest = { id, source };
  return { id, source };
}
const added = (source: string) =>
  story.town.aws.history.filter(
    (change) => change.kind === 'rule-added' && change.rule.cidr === `${source}/32`,
  );
const strikes = (action: string, kind: FaultKind, times: number) =>
  story.town.aws.faults.add({ action, kind, times });

test.each(firstOf<FaultKind>(2, ['lost-answer', 'timeout-after-effect', 'timeout', '500']))(
  'an authorize with the fault %s leads to one rule, and the access is told as open once',
  async (kind) => {
    strikes('AuthorizeSecurityGroupIngress', kind, 1);
    const { id, source } = await asks();
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    expect(added(source)).toHaveLength(1);
    const announced = story.town.slack.notifications('U0JANE').filter(({ text }) => text.includes(id));
    expect(announced.filter(({ text }) => text.startsWith('SSH is open'))).toHaveLength(1);
  },
);

test.each(
  firstOf<[FaultKind, number]>(1, [
    ['lost-answer', 1],
    ['throttle', 4],
  ]),
)(
  'a revoke with the fault %s (%d times) is repeated until the rule is gone, and only then the end is told',
  async (kind, times) => {
    const { id, source } = await asks();
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    strikes('RevokeSecurityGroupIngress', kind, times);
    const goneWhenTold = new Promise<boolean>((resolve) => {
      story.town.slack.onEvent((event) => {
        if (event.type !== 'message' || !event.message.text.startsWith('Ended')) return;
        if (event.message.text.includes(id)) resolve(isGone(source));
      });
    });
    await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
    await story.sees('jane', new RegExp(`Ended.*${id}`));
    expect(await goneWhenTold).toBe(true);
  },
);

function isGone(source: string): boolean {
  return story.rules().every(({ cidr }) => cidr !== `${source}/32`);
}

test('an end is not told while EC2 still shows the rule, though the revoke was answered', async () => {
  const { aws, slack } = story.town;
  // A younger rule would not be in such an old view at all.
  const { id, source } = oldest.id ? oldest : await asks();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  const added = aws.history.find(
    ({ kind, ...change }) => kind === 'rule-added' && JSON.stringify(change).includes(source),
  );
  await story.until('an old enough rule', () => Date.now() > (added?.at ?? Number.NaN) + 2500);
  aws.settings.staleMs = 2200;
  const toldAt = new Promise<number>((resolve) => {
    slack.onEvent((event) => {
      if (event.type !== 'message' || !event.message.text.startsWith('Ended')) return;
      if (event.message.text.includes(id)) resolve(Date.now());
    });
  });
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  aws.settings.staleMs = 30;
  const gone = aws.history.find(
    (change) => change.kind === 'rule-removed' && change.rule.cidr === `${source}/32`,
  );
  expect((await toldAt) - (gone?.at ?? Number.NaN)).toBeGreaterThan(2200);
});

test('a rule of our own that EC2 does not show for a while is never taken for somebody else’s', async () => {
  strikes('AuthorizeSecurityGroupIngress', 'lost-answer', 1);
  story.town.aws.settings.staleMs = 3700;
  const { id, source } = await asks();
  const card = await story.sees('jane', new RegExp(`(Open until|Already open).*${id}`));
  story.town.aws.settings.staleMs = 30;
  expect(card).toContain('Open until');
  expect(added(source)).toHaveLength(1);
});

test('a request that was taken back while its group was attached opens nothing, also where a failover gave its record the same version', async () => {
  let takesBack = async (): Promise<void> => undefined;
  const other = await startStory({
    wrap: (rooms) => {
      const { firewall, store } = rooms.parts;
      const attach: typeof firewall.attach = async (...what) => {
        await takesBack();
        return firewall.attach(...what);
      };
      takesBack = async () => {
        const request = await store.load(id);
        if (!request) throw new Error(`there is no request ${id}`);
        const key = `${keyPrefix(other.config.installation)}:request:${id}`;
        // As if the newest record had been lost, and this record came in its place.
        await redis.hset(key, 'version', request.version - 1);
        const phase = { state: 'cancelled' as const, by: 'U0JANE', atMs: Date.now() };
        await store.change({ request: { ...request, phase }, audit: [] });
      };
      return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, attach } } };
    },
  });
  const redis = new Redis(other.town.env.REDIS_URL ?? '');
  let id = '';
  try {
    id = await other.asks('jane', 'ws-janedoe01 203.0.113.99 1h fixing the build');
    await other.presses('maria', id, 'Approve');
    await other.until('the attaching is over', () =>
      other.town.aws.journal.some(({ action }) => action === 'ModifyNetworkInterfaceAttribute'),
    );
    const calls = other.town.aws.journal.length;
    await other.until('the bot went on', () => other.town.aws.journal.length > calls + 5);
    const { history } = other.town.aws;
    expect(history.filter((change) => change.kind === 'rule-added' && !change.rule.isEgress)).toEqual([]);
    expect(await other.says('jane', `end ${id}`)).toContain('was taken back');
  } finally {
    redis.disconnect();
    await other.end();
  }
});

/** What the console says of each promise: held, broken, nothing to hold it against. Here the bot is whoever we say. */
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startAws } from '../../sandbox/aws/server.js';
import type { AwsTown } from '../../sandbox/aws/types.js';
import type { BotKeeper } from '../../sandbox/console/keeper.js';
import { INSTALLATION } from '../../sandbox/console/leases.js';
import type { RedisLine } from '../../sandbox/console/redis-line.js';
import { DEEDS } from '../../sandbox/console/weather/deeds.js';
import type { Judge, Sky, Span } from '../../sandbox/console/weather/kinds.js';
import { SWITCHES } from '../../sandbox/console/weather/switches.js';
import { startSlack } from '../../sandbox/slack/server.js';
import type { SlackTown } from '../../sandbox/slack/types.js';
import { ADA, clientsOf, SHARED, smallWorld } from './aws-world.js';
import { smallWorld as smallSlack } from './slack-fixture.js';

const SWEEP_MS = 10_000;
const ABSENT_MS = 5_000;
const START_MS = 1_800_000_000_000;
const SOURCE = '198.51.100.7/32';

let nowMs: number;
let aws: AwsTown;
let slack: SlackTown;
let sky: Sky;
beforeEach(async () => {
  nowMs = START_MS;
  aws = await startAws(smallWorld(), { now: () => nowMs });
  slack = await startSlack(smallSlack());
  sky = {
    aws,
    slack,
    // What switches do to these two is tried in the browser.
    redis: {} as RedisLine,
    keeper: {} as BotKeeper,
    sweepMs: SWEEP_MS,
    absentMs: ABSENT_MS,
    now: () => nowMs,
  };
});
afterEach(() => Promise.all([aws.close(), slack.close()]));

const after = (ms: number): void => {
  nowMs += ms;
};
const state = (judge: Judge) => judge(nowMs).state;
const says = (judge: Judge) => `${judge(nowMs).state}: ${judge(nowMs).text}`;

/** A rule as the bot makes it. @param forMs until its end */
function opens(forMs: number, cidr = SOURCE, groupId = SHARED) {
  const lease = `v1 ${nowMs + forMs} ${nowMs} U0JANE ${ADA} signature`;
  return aws.addRule(groupId, {
    cidr,
    tags: { 'workspace-ssh:lease:K7QF2': lease, [INSTALLATION]: 'sandbox' },
  });
}

function switched(id: string): { span: Span; judge: Judge } {
  const span: Span = { fromMs: nowMs };
  const judge = SWITCHES.find((one) => one.id === id)?.judge(sky, span);
  if (!judge) throw new Error(`no switch ${id}`);
  return { span, judge };
}

function done(id: string, target?: string): Judge {
  const deed = DEEDS.find((one) => one.id === id);
  if (!deed) throw new Error(`no deed ${id}`);
  return deed.act(sky, { target }).judge;
}

test.each([['redis-gone'], ['slack-429']])('%s: one sweep after the end, also while it lasts', (id) => {
  const { judge } = switched(id);
  expect(says(judge)).toMatch(/^watching: No access is open\./);
  const { ruleId } = opens(60_000);
  after(59_000);
  expect(says(judge)).toBe('watching: Access ends in 1 s; then the rule must go.');
  after(2_000);
  expect(says(judge)).toBe('watching: Over for 1.0 s; the rule must go within 15.0 s.');
  after(SWEEP_MS + 4_500);
  expect(says(judge)).toBe('broken: A rule was there for 15.5 s after the end; 15.0 s are allowed.');
  // That it went afterwards makes it no better.
  aws.removeRule(ruleId);
  expect(state(judge)).toBe('broken');
});

test.each([['aws-down'], ['aws-throttled'], ['bot-killed']])('%s: one sweep after it is over', (id) => {
  const { span, judge } = switched(id);
  const { ruleId } = opens(1_000);
  after(60_000);
  expect(says(judge)).toBe(
    'watching: Access is over and its rule still stands. It must go within 15.0 s after this is over.',
  );
  span.toMs = nowMs;
  after(SWEEP_MS);
  expect(state(judge)).toBe('watching');
  aws.removeRule(ruleId);
  expect(says(judge)).toBe('held: The rule went 10.0 s after this was over; 15.0 s are allowed.');
});

test('aws-down: a rule that stays longer than a sweep after it is over', () => {
  const { span, judge } = switched('aws-down');
  opens(1_000);
  after(60_000);
  span.toMs = nowMs;
  after(SWEEP_MS + 5_001);
  expect(says(judge)).toBe('broken: A rule was there for 15.0 s after this was over; 15.0 s are allowed.');
});

test('the worst of several rules counts', () => {
  const { judge } = switched('redis-gone');
  const rules = [opens(1_000), opens(1_000, '198.51.100.8/32')];
  after(2_000);
  aws.removeRule(rules[0]?.ruleId ?? '');
  after(1_000);
  expect(state(judge)).toBe('watching');
  aws.removeRule(rules[1]?.ruleId ?? '');
  expect(says(judge)).toBe('held: 2 rules went 2.0 s after the end; 15.0 s are allowed.');
});

test('weather in which nothing was open, or nothing ended, proves nothing', () => {
  const empty = switched('redis-gone');
  after(1_000);
  empty.span.toMs = nowMs;
  expect(says(empty.judge)).toBe('idle: No access was open, so there was nothing to close.');
  const long = switched('redis-gone');
  opens(3_600_000);
  after(1_000);
  long.span.toMs = nowMs;
  expect(says(long.judge)).toMatch(/^idle: No access ended in this weather\./);
});

test.each([['redis-gone'], ['bot-killed']])('%s: what went before its end is no end', (id) => {
  const { span, judge } = switched(id);
  const early = opens(60_000);
  after(10_000);
  aws.removeRule(early.ruleId);
  expect(says(judge)).toBe(
    'watching: What was open went before its end. Open some more, and let it end in this weather.',
  );
  span.toMs = nowMs;
  expect(says(judge)).toBe('idle: What was open went before its end: nothing was left to close.');
});

test('one that went early beside one that stays too long', () => {
  const { judge } = switched('redis-gone');
  const early = opens(60_000);
  opens(1_000, '198.51.100.8/32');
  aws.removeRule(early.ruleId);
  after(2_000);
  expect(state(judge)).toBe('watching');
  after(SWEEP_MS + 5_000);
  expect(state(judge)).toBe('broken');
});

test('slow AWS: an answer that Slack waited too long for', () => {
  const { span, judge } = switched('aws-slow');
  const delivery = { kind: 'delivery', method: '/workspace-ssh', request: {}, response: {} } as const;
  expect(state(judge)).toBe('watching');
  slack.journal.push({ ...delivery, at: nowMs, ms: 40 });
  expect(says(judge)).toBe('held: 1 thing done in Slack, each answered within 40 ms.');
  slack.journal.push({ ...delivery, at: nowMs, ms: 3_200 });
  expect(says(judge)).toBe('broken: Slack waited 3.2 s and gave up.');
  const later = switched('aws-slow');
  later.span.fromMs = later.span.toMs = nowMs + 1;
  expect(says(later.judge)).toBe('idle: Nothing was done in Slack meanwhile.');
  span.toMs = nowMs - 1;
  expect(state(judge)).toBe('idle');
});

test('a deleted rule that comes back', () => {
  opens(60_000);
  const judge = done('rule-deleted');
  expect(state(judge)).toBe('watching');
  after(10);
  opens(60_000);
  expect(says(judge)).toBe('broken: It was put back: a rule that somebody removed must stay removed.');
});

test('a deleted rule of which nobody tells the requester in time, and one of which somebody does', async () => {
  opens(3_600_000);
  const judge = done('rule-deleted');
  // Absent twice, the first time so long after the opening; two sweeps and what they take.
  after(2 * ABSENT_MS + 2 * SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toBe('broken: The requester was not told within 35.0 s.');
  const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: 'Bearer xoxb-sandbox', 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'U0JANE', text: '*Ended 16:45: somebody removed the rule* · K7QF2' }),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
  expect(says(judge)).toMatch(/^held: It stayed removed.* after 35\.0 s; 35\.0 s are allowed\.$/);
});

test('a deleted rule that was nobody’s of the bot, and nothing to delete', () => {
  const { ruleId } = aws.addRule(SHARED, { cidr: SOURCE });
  expect(state(done('rule-deleted', ruleId))).toBe('idle');
  expect(() => done('rule-deleted')).toThrow('There is no rule to delete. Open access first.');
});

test('a rule added by hand: gone is broken, two sweeps later it is held', () => {
  const judge = done('rule-added', SHARED);
  after(2 * SWEEP_MS - 1);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(state(judge)).toBe('held');
  const other = DEEDS.find(({ id }) => id === 'rule-added')?.act(sky, {
    target: SHARED,
    source: '203.0.113.98/32',
  });
  const added = aws.rules(SHARED).find(({ cidr }) => cidr === '203.0.113.98/32');
  aws.removeRule(added?.ruleId ?? '');
  expect(other && says(other.judge)).toBe('broken: The rule is gone: it was not the bot’s.');
});

test('a forged rule that stays, one that goes, and no group to forge it in', async () => {
  expect(() => done('rule-forged')).toThrow('There is no access group yet.');
  const Tags = [{ Key: INSTALLATION, Value: 'sandbox' }];
  const { GroupId } = await clientsOf(aws).ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'access',
      Description: 'access',
      VpcId: 'vpc-main',
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  const judge = done('rule-forged');
  after(SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toBe('broken: It still stands after 15.0 s.');
  const forged = aws.rules(GroupId).find(({ isEgress }) => !isEgress);
  aws.removeRule(forged?.ruleId ?? '');
  expect(says(judge)).toMatch(/^held: Removed after 15\.0 s.*; 15\.0 s are allowed\.$/);
});

test('a rebuilt WorkSpace: its rule stays, or goes; and where none was open', () => {
  expect(state(done('rebuilt', ADA))).toBe('idle');
  after(60_000);
  const { ruleId } = opens(3_600_000);
  const judge = done('rebuilt', ADA);
  after(2 * SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toMatch(/^broken: The rule still stands/);
  aws.removeRule(ruleId);
  expect(says(judge)).toBe('held: The rule went after 25.0 s; 25.0 s are allowed.');
});

/** Holds what the console says of each promise (held, broken, nothing to judge). The test acts in the bot's place. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../../../sandbox/aws/aws-town.js';
import { startAws } from '../../../../sandbox/aws/server.js';
import type { BotKeeper } from '../../../../sandbox/console/keeper.js';
import type { RedisLine } from '../../../../sandbox/console/redis-line.js';
import { INSTALLATION } from '../../../../sandbox/console/shown/leases.js';
import { DEEDS } from '../../../../sandbox/console/weather/deeds.js';
import type { Judge, Sky, Span } from '../../../../sandbox/console/weather/kinds.js';
import { SWITCHES } from '../../../../sandbox/console/weather/switches.js';
import { createWeather } from '../../../../sandbox/console/weather/weather.js';
import { startSlack } from '../../../../sandbox/slack/server.js';
import type { SlackTown } from '../../../../sandbox/slack/slack-town.js';
import { ADA, clientsOf, MEMBERS, SHARED, smallWorld } from '../../aws/world.js';
import { smallWorld as smallSlack } from '../../slack/fixture.js';

const SWEEP_MS = 10_000;
const ABSENT_MS = 5_000;
const START_MS = 1_800_000_000_000;
const SOURCE = '198.51.100.7/32';

let nowMs: number;
let aws: AwsTown;
let ec2: EC2Client;
let slack: SlackTown;
let sky: Sky;
beforeEach(async () => {
  nowMs = START_MS;
  aws = await startAws(smallWorld(), { now: () => nowMs, settings: { staleMs: 0 } });
  ({ ec2 } = clientsOf(aws));
  const world = smallSlack();
  world.users = world.users.map((user) => (user.name === 'maria' ? { ...user, isAdmin: true } : user));
  slack = await startSlack(world);
  sky = {
    aws,
    slack,
    // The browser tests try what switches do to Redis and to the bot.
    redis: {} as RedisLine,
    keeper: {} as BotKeeper,
    sweepMs: SWEEP_MS,
    absentMs: ABSENT_MS,
    now: () => nowMs,
  };
});
afterEach(() => {
  ec2.destroy();
  return Promise.all([aws.close(), slack.close()]);
});

const after = (ms: number): void => {
  nowMs += ms;
};
const state = (judge: Judge) => judge(nowMs).state;
const says = (judge: Judge) => `${judge(nowMs).state}: ${judge(nowMs).text}`;

/** Adds a rule as the bot does. @param forMs the time until its end. @returns the rule's id */
async function opens(forMs: number, cidr = SOURCE, groupId = SHARED, requestId = 'K7QF2'): Promise<string> {
  const lease = `v1 ${nowMs + forMs} ${nowMs} U0JANE ${ADA} signature`;
  const made = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: cidr }] }],
      TagSpecifications: [
        {
          ResourceType: 'security-group-rule',
          Tags: [
            { Key: `workspace-ssh:lease:${requestId}`, Value: lease },
            { Key: INSTALLATION, Value: 'sandbox' },
          ],
        },
      ],
    }),
  );
  return made.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
}

/** Removes a rule as the bot does, by a call: `aws.removeRule` would be a manual change. */
async function closes(ruleId: string): Promise<void> {
  const GroupId = aws.rules().find((rule) => rule.ruleId === ruleId)?.groupId;
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [ruleId] }));
}

/** Posts as the bot does. */
async function tells(channel: string, text: string): Promise<void> {
  const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: 'Bearer xoxb-sandbox', 'content-type': 'application/json' },
    body: JSON.stringify({ channel, text }),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
}

/** Adds an access group. @returns the group's id */
async function accessGroup(): Promise<string> {
  const Tags = [{ Key: INSTALLATION, Value: 'sandbox' }];
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'access',
      Description: 'access',
      VpcId: 'vpc-main',
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  return GroupId;
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

test.each([['redis-gone'], ['slack-429']])(
  'in the weather %s a rule must go within one sweep after its end, while the weather lasts too',
  async (id) => {
    const { judge } = switched(id);
    expect(says(judge)).toMatch(/^watching: No access is open\./);
    const ruleId = await opens(60_000);
    after(59_000);
    expect(says(judge)).toBe('watching: Access ends in 1 s; then the rule must go.');
    after(2_000);
    expect(says(judge)).toBe('watching: Over for 1.0 s; the rule must go within 15.0 s.');
    after(SWEEP_MS + 4_500);
    expect(says(judge)).toBe('broken: A rule was there for 15.5 s after the end; 15.0 s are allowed.');
    // A late removal leaves the promise broken.
    await closes(ruleId);
    expect(state(judge)).toBe('broken');
  },
);

test.each([['aws-down'], ['aws-throttled'], ['bot-killed']])(
  'in the weather %s a rule must go within one sweep after the weather is over',
  async (id) => {
    const { span, judge } = switched(id);
    const ruleId = await opens(1_000);
    after(60_000);
    expect(says(judge)).toBe(
      'watching: Access is over and its rule still stands. It must go within 15.0 s after this is over.',
    );
    span.toMs = nowMs;
    after(SWEEP_MS);
    expect(state(judge)).toBe('watching');
    await closes(ruleId);
    expect(says(judge)).toBe('held: The rule went 10.0 s after this was over; 15.0 s are allowed.');
  },
);

test('a rule that stays longer than a sweep after an outage of AWS breaks the promise', async () => {
  const { span, judge } = switched('aws-down');
  await opens(1_000);
  after(60_000);
  span.toMs = nowMs;
  after(SWEEP_MS + 5_001);
  expect(says(judge)).toBe('broken: A rule was there for 15.0 s after this was over; 15.0 s are allowed.');
});

test('the rule that is removed last decides the verdict', async () => {
  const { judge } = switched('redis-gone');
  const rules = [await opens(1_000), await opens(1_000, '198.51.100.8/32')];
  after(2_000);
  await closes(rules[0] ?? '');
  after(1_000);
  expect(state(judge)).toBe('watching');
  await closes(rules[1] ?? '');
  expect(says(judge)).toBe('held: 2 rules went 2.0 s after the end; 15.0 s are allowed.');
});

test('a forged rule does not count as access that ends', async () => {
  await accessGroup();
  done('rule-forged');
  expect(says(switched('redis-gone').judge)).toMatch(/^watching: No access is open\./);
});

test('weather in which nothing was open, or nothing ended, proves nothing', async () => {
  const empty = switched('redis-gone');
  after(1_000);
  empty.span.toMs = nowMs;
  expect(says(empty.judge)).toBe('idle: No access was open, so there was nothing to close.');
  const long = switched('redis-gone');
  await opens(3_600_000);
  after(1_000);
  long.span.toMs = nowMs;
  expect(says(long.judge)).toMatch(/^idle: No access ended in this weather\./);
});

test.each([['redis-gone'], ['bot-killed']])(
  'in the weather %s a rule that went before its end proves nothing',
  async (id) => {
    const { span, judge } = switched(id);
    const early = await opens(60_000);
    after(10_000);
    await closes(early);
    expect(says(judge)).toBe(
      'watching: What was open went before its end, or by hand. Switch this off, open access for a minute, then switch it on again.',
    );
    span.toMs = nowMs;
    expect(says(judge)).toBe(
      'idle: What was open went before its end, or by hand: nothing was left to close.',
    );
  },
);

test('a rule that went early does not hide one that stays too long', async () => {
  const { judge } = switched('redis-gone');
  const early = await opens(60_000);
  await opens(1_000, '198.51.100.8/32');
  await closes(early);
  after(2_000);
  expect(state(judge)).toBe('watching');
  after(SWEEP_MS + 5_000);
  expect(state(judge)).toBe('broken');
});

test('a bot that ended by itself switches its weather on, so that its card can start the bot', async () => {
  let become: Parameters<BotKeeper['onChange']>[0] = () => {};
  sky.keeper.onChange = (listener) => {
    become = listener;
    return 1;
  };
  sky.keeper.kill = async () => become({ state: 'gone', sinceMs: nowMs });
  sky.keeper.start = async () => {
    become({ state: 'starting', sinceMs: nowMs });
    become({ state: 'running', sinceMs: nowMs });
  };
  const shown: boolean[] = [];
  const weather = createWeather(sky, (all) =>
    shown.push(all.some(({ id, on }) => id === 'bot-killed' && on)),
  );
  const card = () => weather.shown().find(({ id }) => id === 'bot-killed');
  try {
    await sky.keeper.start();
    expect(card()).toEqual({ id: 'bot-killed', on: false });
    become({ state: 'gone', sinceMs: nowMs });
    expect(shown.at(-1)).toBe(true);
    await opens(1_000);
    after(60_000);
    expect(await weather.make('bot-killed', false, {})).toBe('off');
    expect(card()).toMatchObject({ on: false, atMs: nowMs, verdict: { state: 'watching' } });
    await weather.make('bot-killed', true, {});
    await sky.keeper.start();
    expect([card()?.on, shown.at(-1)]).toEqual([false, false]);
  } finally {
    weather.close();
  }
});

test('an acknowledgement that Slack waited too long for breaks the promise of slow AWS', () => {
  const { span, judge } = switched('aws-slow');
  const delivery = { kind: 'delivery', method: '/workspace-ssh', request: {}, response: {} } as const;
  expect(state(judge)).toBe('watching');
  slack.journal.push({ ...delivery, at: nowMs, ms: 40 });
  expect(says(judge)).toBe('held: 1 thing done in Slack, each answered within 40 ms.');
  slack.journal.push({ ...delivery, at: nowMs, ms: 3_200 });
  expect(says(judge)).toBe('broken: Slack waited 3.2 s and gave up.');
  // Two deliveries do not count: the event about the bot's own message, and one that reached no bot at all.
  const quiet = switched('aws-slow');
  slack.journal.push({ ...delivery, at: nowMs + 1, ms: 9_000, by: slack.world.app.botUserId });
  slack.journal.push({ ...delivery, at: nowMs + 1, ms: 0, response: { failure: 'dispatch_failed' } });
  quiet.span.fromMs = nowMs + 1;
  expect(state(quiet.judge)).toBe('watching');
  const later = switched('aws-slow');
  later.span.fromMs = later.span.toMs = nowMs + 2;
  expect(says(later.judge)).toBe('idle: Nothing was done in Slack meanwhile.');
  span.toMs = nowMs - 1;
  expect(state(judge)).toBe('idle');
});

test('a manually deleted rule that the bot puts back breaks the promise', async () => {
  await opens(60_000);
  const judge = done('rule-deleted');
  expect(state(judge)).toBe('watching');
  after(10);
  await opens(60_000);
  expect(says(judge)).toBe('broken: It was put back: a rule that somebody removed must stay removed.');
});

test('other rules from the same address are not taken for a deleted rule that came back', async () => {
  const ruleId = await opens(60_000);
  const judge = done('rule-deleted', ruleId);
  after(10);
  aws.addRule(SHARED, { cidr: SOURCE });
  await opens(60_000, SOURCE, MEMBERS, 'K7QF2');
  expect(state(judge)).toBe('watching');
  const [manual] = aws.rules(SHARED).filter(({ isEgress }) => !isEgress);
  aws.removeRule(manual?.ruleId ?? '');
  await opens(60_000, SOURCE, SHARED, 'M3XT8');
  expect(state(judge)).toBe('watching');
});

test('a rule that a visitor deletes neither breaks nor keeps a promise', async () => {
  const idle = 'idle: It was deleted by hand: the bot had nothing to do.';
  const left = done('rule-added', SHARED);
  aws.removeRule(aws.rules(SHARED).find(({ isEgress }) => !isEgress)?.ruleId ?? '');
  expect(says(left)).toBe(idle);
  await accessGroup();
  const forged = done('rule-forged');
  aws.removeRule(aws.rules().find(({ description }) => description === 'forged')?.ruleId ?? '');
  expect(says(forged)).toBe(idle);
  const ended = switched('redis-gone');
  const moved = await opens(1_000);
  const rebuilt = done('rebuilt', ADA);
  after(2_000);
  aws.removeRule(moved);
  expect(says(rebuilt)).toBe(idle);
  expect(says(ended.judge)).toMatch(/^watching: What was open went before its end, or by hand\./);
});

test('the requester of a deleted rule must read of the deletion in time', async () => {
  await opens(3_600_000);
  const judge = done('rule-deleted');
  // The rule must be absent twice, the first time some while after the opening; then come two sweeps with their work.
  after(2 * ABSENT_MS + 2 * SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toBe('broken: The requester was not told within 35.0 s.');
  await tells('U0JANE', '*Ended 16:45: somebody removed the rule* · K7QF2');
  expect(says(judge)).toMatch(/^held: It stayed removed.* after 35\.0 s; 35\.0 s are allowed\.$/);
});

test('a deleted foreign rule has no consequences, and without a rule there is nothing to delete', () => {
  const { ruleId } = aws.addRule(SHARED, { cidr: SOURCE });
  expect(state(done('rule-deleted', ruleId))).toBe('idle');
  expect(() => done('rule-deleted')).toThrow('There is no rule to delete. Open access first.');
});

test('the bot must leave a manually added rule alone for two sweeps', async () => {
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
  await closes(added?.ruleId ?? '');
  expect(other && says(other.judge)).toBe('broken: The rule is gone: it was not the bot’s.');
});

test('the admins must get a message about a rule that was added to an access group', async () => {
  const judge = done('rule-added', await accessGroup());
  after(2 * SWEEP_MS);
  expect(says(judge)).toBe('watching: Left alone for 20.0 s, two sweeps. The admins must be told.');
  after(5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toBe('broken: The admins were not told within 25.0 s.');
  const { ruleId = '' } = aws.rules().find(({ description }) => description === 'by hand') ?? {};
  await tells('U0JANE', `${ruleId} is not mine, and the group is`);
  await tells('U0MARIA', 'sgr-other is not mine, and the group is');
  expect(state(judge)).toBe('broken');
  await tells('U0MARIA', `${ruleId} is not mine, and the group is`);
  expect(says(judge)).toBe('held: Left alone for 20.0 s, two sweeps; the admins were told.');
});

test('while Slack answers 429 the promise is kept only once people read of the end afterwards', async () => {
  const { span, judge } = switched('slack-429');
  const ruleId = await opens(1_000);
  after(2_000);
  await closes(ruleId);
  const went = 'The rule went 1.0 s after the end; 15.0 s are allowed.';
  expect(says(judge)).toBe(`watching: ${went} Slack tells nobody yet.`);
  after(60_000);
  span.toMs = nowMs;
  after(2 * SWEEP_MS + 5_000);
  expect(says(judge)).toBe(`watching: ${went} Whoever had access must be told.`);
  after(1);
  expect(says(judge)).toBe('broken: The rule went, and nobody was told within 25.0 s.');
  await tells('U0JANE', '*Ended 16:45: time was up* · M3XT8');
  expect(state(judge)).toBe('broken');
  await tells('U0JANE', '*Ended 16:45: time was up* · K7QF2');
  expect(says(judge)).toBe(`held: ${went} Whoever had access was told.`);
});

test('a forged rule must be removed in time, and no rule can be forged without an access group', async () => {
  expect(() => done('rule-forged')).toThrow('There is no access group yet.');
  const GroupId = await accessGroup();
  const judge = done('rule-forged');
  after(SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toBe('broken: It still stands after 15.0 s.');
  const forged = aws.rules(GroupId).find(({ isEgress }) => !isEgress);
  await closes(forged?.ruleId ?? '');
  expect(says(judge)).toMatch(/^held: Removed after 15\.0 s.*; 15\.0 s are allowed\.$/);
});

test('access to a rebuilt WorkSpace must close in time, and without access there is nothing to judge', async () => {
  expect(state(done('rebuilt', ADA))).toBe('idle');
  after(60_000);
  const ruleId = await opens(3_600_000);
  const judge = done('rebuilt', ADA);
  after(2 * SWEEP_MS + 5_000);
  expect(state(judge)).toBe('watching');
  after(1);
  expect(says(judge)).toMatch(/^broken: The rule still stands/);
  await closes(ruleId);
  expect(says(judge)).toBe('held: The rule went after 25.0 s; 25.0 s are allowed.');
});

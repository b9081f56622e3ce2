/** Does each thing that must never happen on purpose, and holds that the witness of the trials sees it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { z } from 'zod';
import { startTown, type Town } from '../../sandbox/town.js';
import { people, SHARED_GROUP } from '../../sandbox/world.js';
import { leaseTagKey } from '../../src/access/rules/lease.js';
import { claimOf } from '../../trials/witness/posted.js';
import { type Witness, watch } from '../../trials/witness/witness.js';
import { anyRedis, type TestRedis } from '../redis/redis.js';

const ID = 'K7QF2';
const OTHER = 'M3WX9';
const SOURCE = '203.0.113.25/32';
const MINUTE_MS = 60_000;

let server: TestRedis;
let redis: Redis;
let town: Town;
let witness: Witness;
let foreign: string;
beforeEach(async () => {
  server = await anyRedis();
  town = await startTown({
    redisUrl: server.url,
    installation: `t-${nanoid(8).toLowerCase().replace(/_/g, '-')}`,
  });
  redis = new Redis(server.url);
  foreign = town.aws.addRule(SHARED_GROUP, { cidr: '198.51.100.1/32' }).ruleId;
  witness = watch(town, { lateMs: MINUTE_MS, lateAfterOutageMs: 2 * MINUTE_MS, onItsWayMs: 50 });
});
afterEach(async () => {
  witness.close();
  redis.disconnect();
  await town.close();
  await server.stop();
});

const key = (name: string) => `{wssh:${town.env.INSTALLATION}}:${name}`;
const tag = (endsAtMs: number, user = 'U0JANE') =>
  `v1 ${endsAtMs} ${Date.now()} ${user} ws-janedoe01 signature`;
/** Adds a rule as the bot would: the witness takes every change for the bot's that was not declared as manual. */
function opens(id = ID, endsAtMs = Date.now() + 60_000, cidr = SOURCE) {
  return town.aws.addRule(SHARED_GROUP, { cidr, tags: { [leaseTagKey(id)]: tag(endsAtMs) } });
}
function opensRightly(id = ID, endsAtMs?: number) {
  witness.approved(id, SOURCE);
  return opens(id, endsAtMs);
}

const sent = z.object({ ok: z.literal(true), channel: z.string(), ts: z.string() });
async function slack(method: string, body: object): Promise<{ channel: string; ts: string }> {
  const answer = await fetch(`${town.slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${town.env.SLACK_BOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return sent.parse(await answer.json());
}
const says = (text: string) => slack('chat.postMessage', { channel: people.jane, text });

async function recorded(id: string, state: string, more: object = {}, asked: object = {}): Promise<void> {
  const ask = { requester: 'U0JANE', source: { cidr: SOURCE }, ...asked };
  const request = { id, ask, phase: { state, ...more } };
  await redis.hset(key(`request:${id}`), { version: 1, body: JSON.stringify(request) });
}
async function audited(...entries: [seq: number, what: string, who?: string][]): Promise<void> {
  for (const [seq, what, who = 'bot'] of entries) {
    const record = JSON.stringify({ atMs: Date.now(), who, what, requestId: ID });
    await redis.xadd(key('audit'), '*', 'seq', seq, 'record', record);
  }
}
const found = async (settled = false) => (await witness.finish(settled)).violations;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('the witness accuses nobody of access that was approved, opened, shown, ended on time and recorded', async () => {
  const { ruleId } = opensRightly(ID, Date.now() + 100);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  await sleep(120);
  town.aws.removeRule(ruleId);
  await says(`*Ended 16:45: time was up* · ${ID}\nI checked: the rule is gone, new connections are blocked.`);
  await recorded(ID, 'ended');
  await audited([1, 'submitted'], [2, 'pending'], [3, 'approved', 'U0MARIA'], [4, 'open'], [5, 'ended']);
  const verdict = await witness.finish(true);
  expect(verdict.violations).toEqual([]);
  expect(verdict).toMatchObject({ added: 1, removed: 1 });
  expect(verdict.lateness.max).toBeGreaterThanOrEqual(0);
});

test('a rule that stays after its end, or is removed too late, is a violation', async () => {
  const { ruleId } = opensRightly(ID, Date.now() - 1.5 * MINUTE_MS);
  expect(await found()).toEqual([expect.stringMatching(/K7QF2\) is still there 9\d{4} ms after its end/)]);
  town.aws.removeRule(ruleId);
  expect(await found()).toContainEqual(expect.stringMatching(/K7QF2\) went 9\d{4} ms after its end/));
});

test('lateness counts from the end of an outage, with the bound for outages', async () => {
  const minutesAgo = (minutes: number) => Date.now() - minutes * MINUTE_MS;
  opensRightly(ID, minutesAgo(9));
  witness.outage(minutesAgo(10), minutesAgo(2.5));
  expect(await found()).toEqual([expect.stringMatching(/is still there 15\d{4} ms after the outage/)]);
  witness.outage(minutesAgo(3), minutesAgo(1.5));
  const { after, outside } = await witness.finish(false);
  expect(after.max).toBeGreaterThan(1.4 * MINUTE_MS);
  expect(after.max).toBeLessThan(2 * MINUTE_MS);
  expect(outside.max).toBe(0);
});

test('an outage that begins when a rule should have been gone already is no excuse', async () => {
  const minutesAgo = (minutes: number) => Date.now() - minutes * MINUTE_MS;
  opensRightly(ID, minutesAgo(9));
  witness.outage(minutesAgo(7), minutesAgo(0.1));
  expect(await found()).toEqual([expect.stringMatching(/is still there 54\d{4} ms after its end/)]);
});

test('a second outage is no excuse if the rule should have been gone after the first', async () => {
  const minutesAgo = (minutes: number) => Date.now() - minutes * MINUTE_MS;
  opensRightly(ID, minutesAgo(9));
  witness.outage(minutesAgo(9.5), minutesAgo(8.5));
  witness.outage(minutesAgo(6), minutesAgo(0.1));
  expect(await found()).toEqual([expect.stringMatching(/is still there 51\d{4} ms after the outage/)]);
});

test('a rule that is removed before its end is a violation, unless somebody ended it or removed it manually', async () => {
  const first = opensRightly(ID, Date.now() + 9 * MINUTE_MS);
  town.aws.removeRule(first.ruleId);
  const second = opensRightly(OTHER, Date.now() + 9 * MINUTE_MS);
  witness.ended(OTHER);
  town.aws.removeRule(second.ruleId);
  const third = opensRightly('AAAAA', Date.now() + 9 * MINUTE_MS);
  witness.manually(() => town.aws.removeRule(third.ruleId));
  expect(await found()).toEqual([expect.stringMatching(/^K7QF2 lost sgr-\w+ 5\d{5} ms before its end$/)]);
});

test('a lease that is taken off a shared rule before its end is a violation', async () => {
  const { ruleId } = opensRightly(ID, Date.now() + 9 * MINUTE_MS);
  witness.approved(OTHER, SOURCE);
  const both = {
    [leaseTagKey(ID)]: tag(Date.now() + 9 * MINUTE_MS),
    [leaseTagKey(OTHER)]: tag(Date.now() + 9 * MINUTE_MS),
  };
  town.aws.setTags(ruleId, both);
  town.aws.setTags(ruleId, { [leaseTagKey(ID)]: both[leaseTagKey(ID)] ?? '' });
  expect(await found()).toEqual([expect.stringMatching(/^M3WX9 lost/)]);
});

test.each<[string, number, boolean, unknown[]]>([
  ['whose lease on that rule ends later', 12, true, []],
  ['whose lease ends no later', 8, true, [expect.stringMatching(/^K7QF2 lost/)]],
  ['while its record does not say that it took over', 12, false, [expect.stringMatching(/^K7QF2 lost/)]],
])(
  'a lease may leave before its end for the request that took over, %s',
  async (_, minutes, isRecorded, wanted) => {
    const ends = Date.now() + 9 * MINUTE_MS;
    const { ruleId } = opensRightly(ID, ends);
    witness.approved(OTHER, SOURCE);
    await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
    const next = { [leaseTagKey(OTHER)]: tag(Date.now() + minutes * MINUTE_MS) };
    town.aws.setTags(ruleId, { [leaseTagKey(ID)]: tag(ends), ...next });
    town.aws.setTags(ruleId, next);
    const cause = isRecorded ? { kind: 'continued', as: OTHER } : { kind: 'expired' };
    await recorded(ID, 'ended', { cause });
    expect(await found()).toEqual(wanted);
  },
);

test.each<[string, number, boolean, unknown[]]>([
  ['from another address, with the same end', 0, true, []],
  ['from another address, with a later end', 1, true, [expect.stringMatching(/^K7QF2 lost/)]],
  ['while its record does not say that it took over', 0, false, [expect.stringMatching(/^K7QF2 lost/)]],
])('a rule may go before its end for the request that took over %s', async (_, later, isRecorded, wanted) => {
  const ends = Date.now() + 9 * MINUTE_MS;
  const { ruleId } = opensRightly(ID, ends);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  witness.approved(OTHER, '203.0.113.26/32', 0);
  opens(OTHER, ends + later * MINUTE_MS, '203.0.113.26/32');
  const cause = isRecorded ? { kind: 'continued', as: OTHER } : { kind: 'expired' };
  await recorded(ID, 'ended', { cause });
  await recorded(OTHER, 'open', {}, { follows: { id: ID } });
  town.aws.removeRule(ruleId);
  expect(await found()).toEqual(wanted);
});

test.each<[string, number, unknown[]]>([
  ['as the request that took over', 0, []],
  ['as a request that ends at another time', 1, [expect.stringMatching(/^K7QF2 lost/)]],
])(
  'where Redis lost the record of a move, a rule may go before its end for access that goes on %s',
  async (_, later, wanted) => {
    const ends = Date.now() + 9 * MINUTE_MS;
    const { ruleId } = opensRightly(ID, ends);
    await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
    witness.approved(OTHER, '203.0.113.26/32', 0);
    opens(OTHER, ends + later * MINUTE_MS, '203.0.113.26/32');
    town.aws.removeRule(ruleId);
    witness.redisLost('newest');
    await recorded(ID, 'ended', { cause: { kind: 'expired' } });
    await recorded(OTHER, 'open', {}, { follows: { id: ID } });
    expect(await found()).toEqual(wanted);
  },
);

test('an end of a request counts as an end of the request that it follows', async () => {
  const ends = Date.now() + 9 * MINUTE_MS;
  const { ruleId } = opensRightly(ID, ends);
  witness.approved(OTHER, SOURCE);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  town.aws.setTags(ruleId, { [leaseTagKey(ID)]: tag(ends), [leaseTagKey(OTHER)]: tag(ends + MINUTE_MS) });
  await recorded(OTHER, 'ended', {}, { follows: { id: ID } });
  witness.ended(OTHER);
  town.aws.removeRule(ruleId);
  expect(await found()).toEqual([]);
});

test.each([
  ['before', []],
  ['after', [expect.stringMatching(/^M3WX9 lost/)]],
])(
  'a lease of a failed opening is taken off a shared rule %s its requester read "open"',
  async (when, wanted) => {
    const ends = Date.now() + 9 * MINUTE_MS;
    const { ruleId } = opensRightly(ID, ends);
    witness.approved(OTHER, SOURCE);
    const alone = { [leaseTagKey(ID)]: tag(ends) };
    const readsOpen = () => says(`*Open until 16:45* · approved by <@U0MARIA> · ${OTHER}`);
    town.aws.setTags(ruleId, { ...alone, [leaseTagKey(OTHER)]: tag(ends) });
    if (when === 'after') await readsOpen();
    await sleep(5);
    town.aws.setTags(ruleId, alone);
    await sleep(5);
    // The failed opening is tried again, with a rule of its own.
    const own = opens(OTHER, ends, '203.0.113.26/32');
    witness.approved(OTHER, '203.0.113.26/32', 0);
    if (when === 'before') await readsOpen();
    witness.ended(OTHER);
    town.aws.removeRule(own.ruleId);
    await recorded(OTHER, 'ended');
    expect(await found()).toEqual(wanted);
  },
);

test('a message that says "open" is a violation if the rule never was, or is gone', async () => {
  const heading = `*Open until 16:45* · approved by <@U0MARIA> · ${ID}`;
  await says(heading);
  expect(witness.violations).toEqual([expect.stringContaining('but its rule was never there')]);
  const { ruleId } = opensRightly();
  witness.ended(ID);
  const where = await says(heading);
  town.aws.removeRule(ruleId);
  await sleep(80);
  await slack('chat.update', { ...where, text: `*30 seconds left*: ends 16:45 · ${ID}` });
  expect(witness.violations[1]).toContain('"*30 seconds left*: ends 16:45 · K7QF2", but its rule is gone');
  expect(witness.violations).toHaveLength(2);
});

test('a message that still says "open" once all should be over is a violation', async () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  town.aws.removeRule(ruleId);
  expect(await found(true)).toEqual([
    expect.stringMatching(/^at the end jane still reads what was told of K7QF2 .* but its rule is gone$/),
  ]);
  await says(`*Ended 16:45: <@U0JANE> ended it* · ${ID}\nI checked: the rule is gone.`);
  expect(await found(true)).toHaveLength(1);
});

test('an approver’s card that says "open until" without a rule is a violation', async () => {
  await says(
    `*@jane asks for SSH to their WorkSpace* · ${ID}\nApproved by <@U0MARIA> 16:40 · open until 16:45`,
  );
  expect(witness.violations).toEqual([expect.stringContaining('open until 16:45')]);
});

test('a message that says "ended" or "failed" while the rule is there is a violation', async () => {
  opensRightly();
  await says(`*Ended 16:45: time was up* · ${ID}\nI checked: the rule is gone, new connections are blocked.`);
  await says(`*Failed* · ${ID}\nSomething. Nothing is open.`);
  await says(`*@jane asks for SSH* · ${ID}\nApproved by <@U0MARIA> 16:40 · ended 16:45`);
  expect(witness.violations).toHaveLength(3);
});

test('a request that shares its rule may be called over, but its rule may not be called gone', async () => {
  const { ruleId } = opensRightly();
  witness.approved(OTHER, SOURCE);
  town.aws.setTags(ruleId, { [leaseTagKey(ID)]: tag(1e13), [leaseTagKey(OTHER)]: tag(1e13) });
  witness.ended(OTHER);
  town.aws.setTags(ruleId, { [leaseTagKey(ID)]: tag(1e13) });
  await says(`*Ended 16:45: <@U0JANE> ended it* · ${OTHER}\nYour part is over, but the rule stays.`);
  expect(witness.violations).toEqual([]);
  await says(`*Ended 16:45: <@U0JANE> ended it* · ${OTHER}\nI checked: the rule is gone.`);
  expect(witness.violations).toHaveLength(1);
});

test('two rules for one request are a violation', async () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  town.aws.removeRule(ruleId);
  opens();
  expect(witness.violations).toEqual(['request K7QF2 led to 2 rules at AWS']);
});

test('a bot cannot know of a removal that Redis lost, nor of a lost opening whose rule was removed manually', async () => {
  const first = opensRightly();
  witness.ended(ID);
  const where = await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  town.aws.removeRule(first.ruleId);
  witness.redisLost();
  await sleep(80);
  await slack('chat.update', { ...where, text: `*30 seconds left*: ends 16:45 · ${ID}` });
  expect(witness.violations).toEqual([]);

  // The bot removed the first rule itself, so nothing at AWS was a reason to open again.
  const second = opens();
  expect(witness.violations).toEqual([`request ${ID} led to 2 rules at AWS`]);
  town.aws.removeRule(second.ruleId);

  const third = opens(OTHER);
  witness.redisLost();
  witness.manually(() => town.aws.removeRule(third.ruleId));
  opens(OTHER);
  expect(witness.violations).toHaveLength(1);
});

test('access whose end Redis lost may be called open until a sweep misses the rule', async () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  witness.redisLost('newest');
  await sleep(5);
  // The removing call was on its way when Redis lost the end.
  town.aws.removeRule(ruleId);
  await sleep(80);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${ID}`);
  expect(witness.violations).toEqual([]);

  const other = opensRightly(OTHER);
  town.aws.removeRule(other.ruleId);
  witness.ended(OTHER);
  await sleep(80);
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${OTHER}`);
  expect(witness.violations).toEqual([expect.stringContaining('its rule is gone')]);
});

test('Redis may have lost all that is newer than its copy, however long going back to the copy took', async () => {
  const sinceMs = Date.now();
  const first = opensRightly();
  witness.ended(ID);
  town.aws.removeRule(first.ruleId);
  await sleep(30);
  witness.redisLost('newest', sinceMs);
  await sleep(5);
  const second = opens();
  expect(witness.violations).toEqual([]);
  town.aws.removeRule(second.ruleId);
  await sleep(5);
  witness.redisLost('newest', Date.now());
  opens();
  expect(witness.violations).toHaveLength(1);
});

test('two rules for one id are no violation if a lost id was given to somebody else', () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  town.aws.removeRule(ruleId);
  witness.redisLost('all');
  town.aws.addRule(SHARED_GROUP, { cidr: SOURCE, tags: { [leaseTagKey(ID)]: tag(1e13, 'U0TOM') } });
  expect(witness.violations).toEqual([]);
});

test.each<['newest' | 'all', number]>([
  ['newest', 0],
  ['all', 1],
])(
  'opening ended access again, where Redis lost the %s of its data, counts %i violations',
  (what, violations) => {
    const first = opensRightly();
    witness.ended(ID);
    town.aws.removeRule(first.ruleId);
    witness.redisLost(what);
    opens();
    expect(witness.violations).toHaveLength(violations);
  },
);

/** A request joins a rule, its card says "open", and its tag is taken off, as by a bot whose Redis forgot the join. */
async function joinsAndLoses(beforeLeaving: () => unknown): Promise<void> {
  const ends = Date.now() + 9 * MINUTE_MS;
  const { ruleId } = opensRightly(ID, ends);
  await sleep(5);
  witness.approved(OTHER, SOURCE);
  const alone = { [leaseTagKey(ID)]: tag(ends) };
  town.aws.setTags(ruleId, { ...alone, [leaseTagKey(OTHER)]: tag(ends) });
  await says(`*Open until 16:45* · approved by <@U0MARIA> · ${OTHER}`);
  await beforeLeaving();
  await sleep(5);
  town.aws.setTags(ruleId, alone);
}
const EARLY = expect.stringMatching(/^M3WX9 lost/);

test('a lease may be taken off again if Redis went back to before the request joined the rule', async () => {
  await joinsAndLoses(() => witness.redisLost('newest'));
  expect(await found()).toEqual([]);
});

test.each<[string, () => unknown]>([
  ['Redis lost everything', () => witness.redisLost('all')],
  ['Redis lost nothing', () => undefined],
])('a lease that is taken off where %s is a violation', async (_, lose) => {
  await joinsAndLoses(lose);
  expect(await found()).toEqual([EARLY]);
});

test('a rule that only one request uses may not go before its end, even if Redis went back', async () => {
  const { ruleId } = opensRightly(OTHER, Date.now() + 9 * MINUTE_MS);
  witness.redisLost('newest');
  town.aws.removeRule(ruleId);
  expect(await found()).toEqual([EARLY]);
});

test.each<['newest' | 'all', unknown[]]>([
  ['newest', []],
  ['all', [`request ${OTHER} led to 2 rules at AWS`, EARLY]],
])(
  'a rule for an address of two requests goes early and comes again, where Redis lost the %s of its data',
  async (what, wanted) => {
    const { ruleId } = opensRightly(OTHER, Date.now() + 9 * MINUTE_MS);
    witness.approved(ID, SOURCE);
    witness.redisLost(what);
    town.aws.removeRule(ruleId);
    opens(OTHER);
    expect(await found()).toEqual(wanted);
  },
);

test.each<['newest' | 'all', number]>([
  ['newest', 0],
  ['all', 2],
])(
  'a request is called over while its rule is there, where Redis lost the %s of its data',
  async (what, problems) => {
    const { ruleId } = opensRightly();
    witness.redisLost(what);
    witness.ended(ID);
    await says(`*Taken back* · ${ID}`);
    await audited([1, 'pending'], [2, 'cancelled', 'U0JANE'], [3, 'rule-revoked']);
    expect(await found()).toHaveLength(problems);
    expect(await found(true)).toContainEqual(
      expect.stringMatching(/^at the end jane still reads .* is there$/),
    );
    town.aws.removeRule(ruleId);
    expect(await found()).toHaveLength(problems + 1);
  },
);

test('a rule without a lease, or for more than SSH, is a violation', async () => {
  town.aws.addRule(SHARED_GROUP, { cidr: SOURCE, fromPort: 22, toPort: 80 });
  expect(witness.violations).toEqual([
    expect.stringContaining('without a lease'),
    expect.stringContaining('more than tcp/22'),
  ]);
});

test('records of the store that contradict AWS are violations', async () => {
  await recorded(ID, 'open');
  opensRightly(OTHER);
  await recorded(OTHER, 'ended');
  await recorded('AAAAA', 'closing');
  expect(await found()).toEqual([
    expect.stringMatching(/K7QF2 is recorded open, and has no rule|M3WX9 is recorded ended/),
    expect.stringMatching(/K7QF2 is recorded open, and has no rule|M3WX9 is recorded ended/),
  ]);
  expect(await found(true)).toContainEqual('AAAAA is still closing when all should be over');
});

test('an audit stream that has a gap, or lacks its beginning, is a violation', async () => {
  await audited([1, 'submitted'], [3, 'pending']);
  expect(await found()).toEqual(['audit: record 2 is missing, 3 comes next']);
  await redis.del(key('audit'));
  await audited([5, 'submitted']);
  expect(await found()).toContainEqual('audit: record 1 is missing, 5 comes next');
});

test('a declared loss of Redis excuses an audit stream that begins anew, but no gap in it', async () => {
  witness.redisLost();
  await audited([5, 'submitted'], [6, 'pending']);
  expect(await found()).toEqual([]);
  await audited([8, 'cancelled']);
  expect(await found()).toHaveLength(1);
});

test('a request that is decided twice, opened twice, or changed after its end is a violation', async () => {
  await audited([1, 'pending'], [2, 'approved', 'U0MARIA'], [3, 'denied', 'U0ADA'], [4, 'approved', 'U0ADA']);
  await audited([5, 'open']);
  expect(await found()).toEqual(
    expect.arrayContaining([
      'audit: K7QF2 was asked 1 times and decided 3 times',
      'audit: K7QF2 was denied, and then approved',
    ]),
  );
  await redis.del(key('audit'));
  await audited([1, 'approved', 'policy'], [2, 'failed'], [3, 'group-egress-emptied'], [4, 'group-attached']);
  expect(await found()).toContainEqual('audit: K7QF2 was failed, and then group-attached');
  expect(await found()).not.toContainEqual(expect.stringContaining('egress'));
  await redis.del(key('audit'));
  await audited([1, 'pending'], [2, 'approved', 'U0MARIA'], [3, 'open'], [4, 'open']);
  expect(await found()).toContainEqual('audit: K7QF2 was opened 2 times');
});

test('a request that has ended may be looked at once more, and a request whose opening failed may not', async () => {
  await audited([1, 'approved', 'policy'], [2, 'open'], [3, 'ended'], [4, 'ended (changed)']);
  expect(await found()).toEqual([]);
  await redis.del(key('audit'));
  await audited([1, 'approved', 'policy'], [2, 'failed'], [3, 'ended (changed)']);
  expect(await found()).toEqual(['audit: K7QF2 was failed, and then ended (changed)']);
});

test('a revoke may be written down after the end that another replica told of a rule that was gone', async () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  town.aws.removeRule(ruleId);
  await audited([1, 'approved', 'policy'], [2, 'open'], [3, 'ended'], [4, 'rule-revoked']);
  expect(await found()).toEqual([]);
});

test('a revoke after an end that was told while the rule was there is a violation', async () => {
  const { ruleId } = opensRightly();
  witness.ended(ID);
  await audited([1, 'approved', 'policy'], [2, 'open'], [3, 'ended']);
  await sleep(2);
  town.aws.removeRule(ruleId);
  await audited([4, 'rule-revoked']);
  expect(await found()).toContainEqual('audit: K7QF2 was ended, and then rule-revoked');
});

test('a request that was asked again because it grew may be decided again', async () => {
  await audited([1, 'pending'], [2, 'approved', 'U0MARIA'], [3, 'opening'], [4, 'pending']);
  await audited([5, 'approved', 'U0MARIA'], [6, 'opening'], [7, 'approved'], [8, 'open']);
  expect(await found()).toEqual([]);
});

test('a foreign rule that is changed or removed is a violation, unless the change is manual', async () => {
  const other = witness.manually(() => town.aws.addRule(SHARED_GROUP, { cidr: '198.51.100.2/32' }));
  witness.manually(() => town.aws.setTags(foreign, { a: 'manual' }));
  expect(witness.violations).toEqual([]);
  town.aws.setTags(foreign, { a: 'bot' });
  town.aws.removeRule(foreign);
  town.aws.removeRule(other.ruleId);
  expect(witness.violations).toEqual([
    `foreign rule ${foreign} (198.51.100.1/32) was changed`,
    `foreign rule ${foreign} (198.51.100.1/32) was removed`,
    `foreign rule ${other.ruleId} (198.51.100.2/32) was removed`,
  ]);
});

test('access that nobody approved is a violation: another source, another request, or too soon', async () => {
  witness.approved(ID, '203.0.113.99/32');
  opens(ID);
  opens(OTHER, undefined, '203.0.113.26/32');
  witness.approved('AAAAA', '203.0.113.27/32', Date.now() + 1_000);
  opens('AAAAA', undefined, '203.0.113.27/32');
  witness.approved('BBBBB', '203.0.113.28/32');
  witness.later('BBBBB', Date.now() + 60_000);
  opens('BBBBB', undefined, '203.0.113.28/32');
  expect(await found()).toEqual([
    '203.0.113.25/32 was opened for K7QF2, and nobody approved that',
    '203.0.113.26/32 was opened for M3WX9, and nobody approved that',
    expect.stringMatching(/^203.0.113.27\/32 was opened for AAAAA \d+ ms before it was approved$/),
    expect.stringMatching(/^203.0.113.28\/32 was opened for BBBBB [56]\d{4} ms before its time$/),
  ]);
});

test.each([
  ['*Checking* · K7QF2'],
  ['*Waiting for @maria* · K7QF2\nNothing is open.'],
  ['*Opening* · approved by @maria · K7QF2'],
  ['*Opens today at 22:00* · approved by @maria · K7QF2\nI look at everything again then.'],
  ['*Soon*: opens today at 22:00 · K7QF2'],
  ['*Closing* · K7QF2'],
  ['*Could not open* · K7QF2'],
  ['*Not closed yet* · K7QF2'],
  ['*@jane asks for SSH* · K7QF2\nto open until the rule is gone'],
  ['K7QF2: something without a heading'],
])('a card claims nothing of a rule: %s', (text) => {
  expect(claimOf(text)).toBeUndefined();
});

test.each([
  ['*1 hour 30 minutes left*: ends 16:45 · K7QF2', 'open'],
  ['*Open until 16:45* · approved by @maria · K7QF2 · see below', 'open'],
  ['*Closed after all* · K7QF2\nThe rule is gone since 16:45; I checked.', 'gone'],
  [
    '*Ended 16:45: it could not be opened* · K7QF2\nIt had not been opened, and nothing of it is left.',
    'over',
  ],
  ['*Taken back* · K7QF2', 'over'],
])('a card claims something of a rule: %s is read as %s', (text, claims) => {
  expect(claimOf(text)).toMatchObject({ requestId: ID, claims });
});

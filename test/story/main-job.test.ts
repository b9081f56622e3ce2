import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { freePort } from '../../sandbox/free-port.js';
import type { State } from '../../src/access/request/request.js';
import type { Rooms } from '../../src/app.js';
import type { AuditEntry } from '../../src/workflow/ports-store.js';
import { PATIENCE_MS } from '../patience.js';
import { until } from '../redis/redis.js';
import { keepingAudit } from './audited.js';
import { type Counted, countSteps, startCountedRedis, tooMuch } from './calls.js';
import { SOURCE, type Story, startStory } from './story.js';

let story: Story;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await story.end();
  for (const close of closing.splice(0)) await close();
});

/** A story whose calls are counted in steps; commands to Redis where the tests share a `redis-server`. */
async function startCounted(env: Record<string, string>) {
  const redisUrl = process.env.TEST_REDIS_URL;
  // Reads that lag are repeated, and how often is chance.
  const aws = { staleMs: 0 };
  if (!redisUrl) {
    story = await startStory({ env, aws });
    return { step: async () => {}, tooMuch: (_life: string) => [] };
  }
  const redis = await startCountedRedis(redisUrl);
  const looking = new Redis(redisUrl, { connectTimeout: PATIENCE_MS });
  closing.push(() => looking.disconnect(), redis.close);
  // On a slow machine these last long enough to be told: here they never do.
  const passing: State[] = ['submitted', 'approved', 'opening', 'closing'];
  let isPassing = false;
  const wrap = (rooms: Rooms): Rooms => {
    const { timers, store } = rooms.parts;
    const change: typeof store.change = (step) => {
      if (step.request) isPassing = passing.includes(step.request.phase.state);
      return store.change(step);
    };
    const tell: typeof timers.tell = async (id) => (isPassing ? undefined : timers.tell(id));
    const parts = { ...rooms.parts, store: { ...store, change }, timers: { ...timers, tell } };
    return { ...rooms, parts };
  };
  story = await startStory({ env, aws, redisUrl: redis.url, wrap });
  const prefix = `{wssh:${story.config.installation}}`;
  const counting = countSteps(story.town, redis, looking, prefix);
  // The first sweep is done once it has listed the groups once more, for tidying.
  const listings = () =>
    story.town.aws.journal.filter(({ action }) => action === 'DescribeSecurityGroups').length;
  await until('the tidying', () => listings() === 2);
  await counting.step('start');
  const steps: Counted[] = [];
  return {
    async step(name: string) {
      steps.push(await counting.step(name));
    },
    tooMuch: (life: string) => tooMuch(life, steps.splice(0)),
  };
}

test('over Socket Mode, by its timers in real time, a request is asked, approved, opened, told, warned of and closed', async () => {
  const METRICS = String(await freePort());
  const counted = await startCounted({ TIME_SWEEP: '1h', METRICS });
  const id = await isAsked('20s');
  await counted.step('asked, until the approver has the card');
  await isOpened(id);
  await counted.step('approved, until all cards say that it is open');
  await isWarned();
  await counted.step('warned before the end');
  await isEnded();
  await counted.step('ended by its time, until all cards say so');
  expect(counted.tooMuch('one life')).toEqual([]);

  const again = await isAsked('1h');
  // However often somebody looks at the figures, Redis, AWS and Slack are asked no more.
  for (let looks = 0; looks < 20; looks += 1) await shows(METRICS);
  await counted.step('asked again');
  await isOpened(again);
  await counted.step('approved, its group there');
  await story.presses('jane', new RegExp(`Open until.*${again}`), 'End now');
  await isEnded();
  await counted.step('ended by a click');
  expect(counted.tooMuch('another life, its group there, without a warning')).toEqual([]);
});

test('over signed HTTP, by the sweeps, the bot is healthy, and a request is asked, approved, opened, told, warned of and closed', async () => {
  const METRICS = String(await freePort());
  story = await startStory({ http: true, env: { TIME_SWEEP: '300ms', METRICS } });
  await isHealthy();
  const id = await isAsked('1h');
  await isOpened(id);
  await shows(METRICS, 'workspace_ssh_open_grants 1', 'workspace_ssh_rules{kind="owned"} 1');
  story.passes(3_600_000 - 60_000);
  await isWarned();
  story.passes(60_000);
  await isEnded();
  const figures = await shows(
    METRICS,
    ...['workspace_ssh_open_grants 0', 'workspace_ssh_rules{kind="owned"} 0'],
    'workspace_ssh_requests_total{state="ended"} 1',
    'workspace_ssh_end_lateness_seconds_count 1',
    'workspace_ssh_aws_calls_total{operation="RevokeSecurityGroupIngress",outcome="answered"} 1',
    'workspace_ssh_rule_changes_total{change="revoked",answered="yes"} 1',
  );
  expect(figures).toMatch(/slack_calls_total\{method="chat.postMessage",outcome="answered"\} \d/);
  expect(figures).toMatch(/acknowledgement_seconds_count [1-9]/);
  expect(figures).toMatch(/queue_jobs\{queue="ends",state="later"\} \d/);
  expect(namesIn(figures, id)).toEqual([]);
  // Who reaches Slack's address does not reach the figures.
  expect((await fetch(`http://127.0.0.1:${story.config.port}/metrics`)).status).toBe(404);
  const held = await heldInRedis();
  expect(held).toContain('fixing the build');
  expect(story.config.secrets.filter((secret) => held.includes(secret))).toEqual([]);
});

test.each([
  { mode: 'Socket Mode', http: false },
  { mode: 'signed HTTP', http: true },
])(
  'two replicas over $mode serve one workspace: access that the one opens the other ends',
  async ({ http }) => {
    const one: AuditEntry[] = [];
    const other: AuditEntry[] = [];
    story = await startStory({ http, wrap: keepingAudit(one) });
    const { slack } = story.town;
    const addresses = [`http://127.0.0.1:${story.config.port}/slack/events`];
    addresses.push(await story.startReplica(keepingAudit(other)));
    await story.until('both are connected', () => http || slack.connected() === 2);
    // Over Socket Mode Slack itself gives each connection a turn, over HTTP a proxy in front of the replicas does. News
    // of the bot's own messages would take turns as well.
    slack.settings.ownMessageEvents = false;
    let turn = 0;
    const nextReplica = () => {
      if (http) slack.deliverTo(addresses[turn++ % addresses.length]);
    };
    nextReplica();
    const id = await isAsked('1h');
    nextReplica();
    await isOpened(id);
    nextReplica();
    await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
    await isEnded();
    const did = (who: string, what: string) =>
      [one, other].findIndex((audit) => audit.some((entry) => entry.who === who && entry.what === what));
    expect([did('U0MARIA', 'approved'), did('U0JANE', 'closing')].sort()).toEqual([0, 1]);
    const added = story.town.aws.history.filter(
      (change) => change.kind === 'rule-added' && !change.rule.isEgress,
    );
    expect(added).toHaveLength(1);
  },
);

/** All that Redis keeps of the whole life of a request, as somebody who may read there sees it. */
async function heldInRedis(): Promise<string> {
  const redis = new Redis(story.town.env.REDIS_URL ?? '', { connectTimeout: PATIENCE_MS });
  closing.push(() => redis.disconnect());
  const reads: Record<string, (key: string) => Promise<unknown>> = {
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    stream: (key) => redis.xrange(key, '-', '+'),
    string: (key) => redis.get(key),
    zset: (key) => redis.zrange(key, '0', '-1'),
  };
  const keys = await redis.keys(`{wssh:${story.config.installation}}:*`);
  return JSON.stringify(await Promise.all(keys.map(async (key) => reads[await redis.type(key)]?.(key))));
}

/** Waits until all of these lines stand in the figures, and answers the figures. */
async function shows(port: string, ...lines: string[]): Promise<string> {
  let text = '';
  await until(`the figures ${lines.join(', ')}`, async () => {
    text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return lines.every((line) => text.includes(`${line}\n`));
  });
  return text;
}

/**
 * Everything in the figures that would say who asked for what: ids of Slack, AWS and requests, addresses, and the words
 * of people.
 */
function namesIn(figures: string, id: string): string[] {
  const forms =
    /\b[UCDTAWS]0[A-Z0-9]{3,}\b|\b(?:ws|sgr?|eni|subnet|vpc|d)-[0-9a-z]{4,}\b|\b\d+\.\d+\.\d+\.\d+\b|[^\s"]+@[^\s"]+/g;
  const said = [id, story.config.installation, 'jane', 'maria', 'fixing', 'CORP', '/ssh'];
  return [
    ...(figures.match(forms) ?? []),
    ...said.filter((word) => figures.toLowerCase().includes(word.toLowerCase())),
  ];
}

/** A monitor reads the health as the page for operators quotes it. */
async function isHealthy(): Promise<void> {
  const body = await (await fetch(`http://127.0.0.1:${story.config.port}/healthz`)).text();
  const quoted = /answers 200 with `(.+?)`/.exec(readFileSync('docs/operating.md', 'utf8'))?.[1];
  expect(body.trim()).toBe(quoted);
  // A replica gets work once its sweep has closed what was over.
  let ready: unknown;
  await until('the first sweep', async () => {
    const answer = await fetch(`http://127.0.0.1:${story.config.port}/readyz`);
    ready = await answer.json();
    return answer.status === 200;
  });
  const { ok: _, ...parts } = JSON.parse(body);
  expect(ready).toEqual({ ok: true, ...parts, sweep: true });
}

async function isAsked(duration: string): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 203.0.113.25 ${duration} fixing the build`);
  const card = await story.sees('maria', new RegExp(`${id}[^]*\\[Approve`));
  expect(card).toMatch(/@jane asks for SSH/);
  expect(card).toMatch(id);
  expect(card).toMatch(/fixing the build/);
  expect(card).toMatch(/203\.0\.113\.25/);
  expect(story.rules()).toEqual([]);
  return id;
}

async function isOpened(id: string): Promise<void> {
  const { town } = story;
  await story.presses('maria', id, 'Approve');
  await story.rulesBecome(1);
  const [rule] = story.rules();
  expect(rule?.cidr).toBe(SOURCE);
  expect(town.aws.opens('ws-janedoe01', '203.0.113.25')).toHaveLength(1);
  expect(town.aws.opens('ws-tombecker1', '203.0.113.25')).toEqual([]);
  const told = await story.sees('jane', /ssh "/);
  expect(told).toContain('ssh "CORP\\jane@198.51.100.7"');
  const phone = town.slack.notifications('U0JANE').map(({ text }) => text);
  expect(phone).toContainEqual(expect.stringMatching(/^SSH is open/));
  expect(phone.join()).not.toContain('ssh "');
}

async function isWarned(): Promise<void> {
  expect(await story.sees('jane', /left/)).toContain('ssh "CORP\\jane@198.51.100.7"');
}

async function isEnded(): Promise<void> {
  await story.rulesBecome(0);
  await story.sees('jane', /Ended/);
  expect(story.reads('maria').join('\n')).not.toMatch(/\[Approve/);
}

test('a manager denies with a reason, and the requester reads the reason', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1m fixing the build');
  await story.presses('maria', id, 'Deny');
  const maria = story.person('maria');
  await story.until('the form for the reason', () => maria.views().length > 0);
  const [view] = maria.views();
  if (!view) throw new Error('no form');
  const block = Object.keys(view.values)[0] ?? '';
  await maria.fill(view, { [block]: 'not today <!channel>' });
  const sent = await maria.submit(view);
  expect(sent.errors).toBeUndefined();
  const card = await story.sees('jane', /Denied/);
  expect(card).toContain('not today <!channel>');
  expect(story.rules()).toEqual([]);
});

test('End now ends access at once, and says that open sessions may go on', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', /ssh "/);
  await story.presses('jane', /ssh "/, 'End now');
  await story.rulesBecome(0);
  const ended = await story.sees('jane', /Ended/);
  expect(ended).toMatch(/still open/);
  // The older cards fold to a line that claims nothing, so that only the newest says how access stands.
  const folded = `${id} · see below`;
  await story.until('the older cards to fold', () =>
    story
      .reads('jane')
      .slice(0, -1)
      .every((text) => text === folded),
  );
  expect(story.reads('jane')).toEqual([folded, folded, ended]);
});

test('a bot that was stopped ends on its next start the access that it had opened before', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', /ssh "/);
  await story.stopBot();
  story.passes(3_600_000);
  expect(story.rules()).toHaveLength(1);
  await story.startBot();
  await story.rulesBecome(0);
  await story.sees('jane', /Ended/);
});

/** Starts the sandbox's console: a town, the real bot in it, and the page that shows both sides. */
import { startTown, type Town, type TownOptions } from '../town.js';
import { type BotKeeper, createBotKeeper } from './keeper.js';
import { type RedisLine, startRedisLine } from './redis-line.js';
import { auditOf } from './shown/audit.js';
import { watchDrawn } from './shown/drawn.js';
import type { AuditShown } from './shown/shapes.js';
import { snapshotOf, viewShown } from './shown/snapshot.js';
import { watchTimeline } from './shown/timeline.js';
import { townShown } from './shown/town-shown.js';
import { type UnreadMarks, watchUnread } from './shown/unread.js';
import { WORK_MS } from './weather/kinds.js';
import { createWeather } from './weather/weather.js';
import { perform } from './web/acts.js';
import { createFeed, type Feed } from './web/feed.js';
import { pageFile } from './web/page-files.js';
import { serveConsole } from './web/server.js';

export interface Console {
  url: string;
  town: Town;
  /** The bot's environment. */
  env: Readonly<Record<string, string>>;
  redis: RedisLine;
  keeper: BotKeeper;
  close(): Promise<void>;
}

export interface ConsoleOptions extends TownOptions {
  port?: number;
  /** More of the bot's environment. */
  env?: Record<string, string>;
}

export const USUAL_PORT = 4600;

/** A manual change is detected, and a nudge allowed, sooner than in production: nobody watches a page for minutes. */
const IMPATIENT = { TIME_ABSENT_FIRST: '10s', TIME_ABSENT_AGAIN: '5s', TIME_NUDGE: '15s' };
/** Keeps the SDK's warning about Node versions, which concerns people who run the bot, out of the visitor's log. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const SWEEP_MS = 5_000;
const ABSENT_MS = 10_000;
const AUDIT_KEPT = 500;

/** Starts everything but the bot, so that the page can be opened before the bot is up. */
export async function startConsole(options: ConsoleOptions = {}): Promise<Console> {
  const town = await startTown(options);
  const redis = await startRedisLine(town.env.REDIS_URL ?? '');
  const { slack, aws } = town;
  const health = `http://${town.env.HOST}:${town.env.PORT}/healthz`;
  const env = { ...town.env, ...IMPATIENT, ...QUIET, ...options.env, REDIS_URL: redis.url };
  const keeper = createBotKeeper({
    slack,
    env,
    now: Date.now,
    isReady: async () =>
      options.http === true
        ? ((await fetch(health).catch(() => undefined))?.ok ?? false)
        : slack.connected() > 0,
  });
  const shown = townShown(town, { sweepMs: SWEEP_MS, workMs: WORK_MS });
  const audit: AuditShown[] = [];
  const feed: Feed = createFeed(() =>
    snapshotOf(town, shown, {
      lines: timeline.lines(),
      audit,
      weather: weather.shown(),
      bot: keeper.shown,
      unread: unread.now(),
    }),
  );
  const timeline = watchTimeline({ slack, aws, redis }, (line) => feed.tell({ kind: 'line', line }));
  const drawn = watchDrawn(slack);
  const unread: UnreadMarks = watchUnread(slack, () => feed.tell({ kind: 'unread', unread: unread.now() }));
  const weather = createWeather(
    { slack, aws, redis, keeper, sweepMs: SWEEP_MS, absentMs: ABSENT_MS, now: Date.now },
    (all) => feed.tell({ kind: 'weather', weather: all }),
  );
  tellOfSlack(town, feed);
  tellOfAws(town, feed);
  keeper.onChange((bot) => {
    feed.tell({ kind: 'bot', bot });
    timeline.bot(bot.state, bot.sinceMs);
  });
  keeper.onLine((line) => {
    const record = auditOf(line);
    if (!record) return timeline.log(line);
    audit.push(record);
    if (audit.length > AUDIT_KEPT) audit.shift();
    feed.tell({ kind: 'audit', record });
  });

  const server = await serveConsole(
    {
      feed,
      async act(done) {
        if (done.act !== 'read') return perform(slack, drawn, done);
        unread.read(done.as, done.channel);
        return { ok: true };
      },
      async weather({ id, on, ...wish }) {
        const atMs = Date.now();
        const did = await weather.make(id, on, wish);
        timeline.visitor(id, did, atMs);
        return { ok: true };
      },
      payload: timeline.payload,
      file: pageFile,
    },
    options.port ?? USUAL_PORT,
  );
  return {
    url: server.url,
    town,
    env,
    redis,
    keeper,
    async close() {
      weather.close();
      await server.close();
      await keeper.stop();
      await redis.close();
      await town.close();
    },
  };
}

function tellOfSlack({ slack }: Town, feed: Feed): void {
  slack.onEvent((event) => {
    if (event.type === 'message' || event.type === 'ephemeral')
      feed.tell({ kind: 'message', message: event.message });
    if (event.type === 'view') feed.tell({ kind: 'view', view: viewShown(event.view) });
  });
}

function tellOfAws({ aws }: Town, feed: Feed): void {
  aws.onEvent((event) => {
    if (event.kind !== 'change') return;
    const { change } = event;
    switch (change.kind) {
      case 'rule-added':
      case 'rule-changed':
        if (!change.rule.isEgress) feed.tell({ kind: 'rule', id: change.rule.ruleId, value: change.rule });
        return;
      case 'rule-removed':
        if (!change.rule.isEgress) feed.tell({ kind: 'rule', id: change.rule.ruleId });
        return;
      case 'group-made':
      case 'group-changed':
        return feed.tell({ kind: 'group', id: change.group.id, value: change.group });
      case 'group-deleted':
        return feed.tell({ kind: 'group', id: change.group.id });
      case 'interface-made':
      case 'interface-changed':
        return feed.tell({ kind: 'interface', id: change.interface.id, value: change.interface });
      case 'interface-deleted':
        return feed.tell({ kind: 'interface', id: change.interface.id });
      case 'workspace-changed':
        return feed.tell({ kind: 'workspace', id: change.workspace.id, value: change.workspace });
      case 'workspace-deleted':
        return feed.tell({ kind: 'workspace', id: change.workspace.id });
    }
  });
}

/** Writes down what happens between the bot, Slack, AWS and Redis as lines, and keeps the newest lines of each lane. */
import type { AwsTown } from '../../aws/aws-town.js';
import type { Call, Change } from '../../aws/state/journal.js';
import type { SlackTown } from '../../slack/slack-town.js';
import type { JournalEntry } from '../../slack/state/journal.js';
import type { RedisCall, RedisLine } from '../redis-line.js';
import { KEPT } from './kept.js';
import type { BotShown, Lane, Line } from './shapes.js';

export interface Timeline {
  lines(): Line[];
  payload(id: number): unknown;
  /** Adds what the visitor did on the page. `at` is when they began, so that consequences come after it. */
  visitor(what: string, detail: string, at: number): void;
  /** Adds a line of the bot's log. */
  log(line: string): void;
  /** Adds that the bot started, came up, or is gone. */
  bot(state: BotShown['state'], at: number): void;
}

const REPEATED_MS = 3_000;

/** Slack's methods that change nothing. */
const SLACK_ASKS = /^(users\.|usergroups\.|conversations\.|auth\.|team\.|apps\.connections)/;
/** Redis commands by which BullMQ and the client look after themselves. */
const REDIS_UPKEEP =
  /^(bzpopmin|ping|info|client|hello|time|auth|select|script|config|get|hget|hmget|zrange|exists|xlen|xrange|zrangebyscore|mget)$/i;

export function watchTimeline(
  { slack, aws, redis }: { slack: SlackTown; aws: AwsTown; redis: RedisLine },
  tell: (line: Line) => void,
): Timeline {
  const kept = new Map<Lane, { line: Line; payload: unknown }[]>();
  let last = 0;
  const loggedAt = new Map<string, number>();
  /** Whether the log said the same moments ago: in an outage a sentence comes many times a second. */
  const isRepeated = (sentence: string): boolean => {
    const before = loggedAt.get(sentence) ?? 0;
    const now = Date.now();
    if (now - before < REPEATED_MS) return true;
    loggedAt.set(sentence, now);
    return false;
  };
  const add = (line: Omit<Line, 'id'>, payload: unknown): void => {
    last += 1;
    const entry = { line: { ...line, id: last }, payload };
    const lane = kept.get(line.lane) ?? [];
    kept.set(line.lane, lane);
    lane.push(entry);
    if (lane.length > KEPT[line.lane]) lane.shift();
    tell(entry.line);
  };
  slack.onEvent((event) => {
    if (event.type === 'journal') add(...slackLine(event.entry, slack));
  });
  aws.onEvent((event) => {
    if (event.kind === 'call') add(...callLine(event.call, event.response));
    else {
      const line = changeLine(event.change);
      if (line) add(line, event.change);
    }
  });
  redis.onCall((call) => add(redisLine(call), { command: call.command, reply: call.reply }));
  return {
    lines: () =>
      [...kept.values()]
        .flatMap((lane) => lane.map(({ line }) => line))
        .sort((a, b) => a.at - b.at || a.id - b.id),
    payload: (id) => [...kept.values()].flat().find(({ line }) => line.id === id)?.payload,
    visitor(what, detail, at) {
      const line = {
        at,
        lane: 'visitor' as const,
        way: 'You',
        what,
        detail,
        outcome: 'none' as const,
        routine: false,
      };
      add(line, { what, detail });
    },
    bot(state, at) {
      const line = { at, lane: 'bot' as const, way: 'Bot', what: state, detail: '' };
      add({ ...line, outcome: state === 'gone' ? 'bad' : 'none', routine: false }, { state });
    },
    log(text) {
      const entry = readLog(text);
      const { level = 'info', msg = text } = entry;
      add(
        {
          at: Date.now(),
          lane: 'bot',
          way: 'Bot’s log',
          what: String(level),
          detail: String(msg),
          outcome: ['warn', 'error', 'fatal'].includes(String(level)) ? 'bad' : 'none',
          // The bot warns at each start of times that are shorter than usual, which is on purpose here.
          routine: /^TIME_\w+ is /.test(String(msg)) || isRepeated(String(msg)),
        },
        entry,
      );
    },
  };
}

function slackLine(entry: JournalEntry, slack: SlackTown): [Omit<Line, 'id'>, unknown] {
  const { at, kind, method, by, ms, request, response } = entry;
  const answered = isRecord(response) ? response : {};
  const failed = kind === 'api' ? answered.ok !== true : 'failure' in answered;
  const error = isRecord(response) ? (response.error ?? response.failure) : response;
  const who = slack.world.users.find(({ id }) => id === by)?.name;
  return [
    {
      at,
      lane: 'slack',
      way: kind === 'api' ? 'Bot → Slack' : 'Slack → Bot',
      what: method,
      detail: [who ? `by ${who}` : targetOf(request, slack), failed ? String(error ?? 'failed') : '']
        .filter(Boolean)
        .join(' · '),
      ms,
      outcome: failed ? 'bad' : 'ok',
      // Events about the app's own messages are routine.
      routine: !failed && (kind === 'api' ? SLACK_ASKS.test(method) : by === slack.world.app.botUserId),
    },
    { request, response },
  ];
}

function targetOf(request: unknown, slack: SlackTown): string {
  if (!isRecord(request) || typeof request.channel !== 'string') return '';
  const { channel } = request;
  const person = slack.world.users.find(({ id }) => `D${id.slice(1)}` === channel || id === channel);
  const named = slack.world.channels.find(({ id }) => id === channel);
  return person ? `to ${person.name}` : `in #${named?.name ?? channel}`;
}

function callLine(call: Call, response: string | undefined): [Omit<Line, 'id'>, unknown] {
  const { at, service, action, code, ms, request } = call;
  const ok = code === 'OK' || code === 'DryRunOperation';
  return [
    {
      at,
      lane: 'aws',
      way: 'Bot → AWS',
      what: action,
      detail: ok ? service : code,
      ms,
      // A rule that was to be revoked and is not there is as good as revoked.
      outcome: ok ? 'ok' : action.startsWith('Revoke') && code.endsWith('.NotFound') ? 'none' : 'bad',
      routine: ok && action.startsWith('Describe'),
    },
    { request, answer: response === undefined ? `none (${code})` : answerOf(response) },
  ];
}

/** How much of an answer is kept: hundreds of answers are kept, and one that lists hundreds of rules is long. */
const ANSWER_CHARACTERS = 20_000;

/** An answer in a readable form: EC2's XML with one tag a line, and JSON parsed. */
function answerOf(whole: string): unknown {
  const body = whole.length > ANSWER_CHARACTERS ? `${whole.slice(0, ANSWER_CHARACTERS)}…` : whole;
  if (body.startsWith('<')) return body.replaceAll('><', '>\n<').split('\n');
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function changeLine(change: Change): Omit<Line, 'id'> | undefined {
  const detail = ((): string | undefined => {
    switch (change.kind) {
      case 'rule-added':
      case 'rule-removed':
      case 'rule-changed':
        if (change.rule.isEgress) return undefined;
        return `${change.rule.ruleId} · from ${change.rule.cidr}`;
      case 'group-made':
      case 'group-changed':
      case 'group-deleted':
        return `${change.group.id} · ${change.group.name}`;
      case 'interface-made':
      case 'interface-changed':
      case 'interface-deleted':
        return `${change.interface.id} · ${change.interface.ip}`;
      case 'workspace-changed':
      case 'workspace-deleted':
        return `${change.workspace.id} · ${change.workspace.state}`;
    }
  })();
  if (detail === undefined) return undefined;
  const what = change.kind.replace('-', ' ');
  return { at: change.at, lane: 'aws', way: 'AWS', what, detail, outcome: 'none', routine: false };
}

function redisLine({ at, command, reply, ms }: RedisCall): Omit<Line, 'id'> {
  const [name = '', ...args] = command;
  const isScript = /^eval/i.test(name);
  const key = (isScript ? args[2] : args[0]) ?? '';
  const failed = isRecord(reply) && 'error' in reply;
  return {
    at,
    lane: 'redis',
    way: 'Bot → Redis',
    what: name.toLowerCase(),
    detail: failed ? String(reply.error) : key.length > 60 ? `${key.slice(0, 60)}…` : key,
    ms,
    outcome: failed && !/^NOSCRIPT/.test(String(reply.error)) ? 'bad' : 'ok',
    routine:
      REDIS_UPKEEP.test(name) || key.includes('bull') || command.some((part) => part.includes(':probe')),
  };
}

function readLog(text: string): Record<string, unknown> {
  try {
    const entry: unknown = JSON.parse(text);
    return isRecord(entry) ? entry : { msg: text };
  } catch {
    return { msg: text };
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The connection to Slack. A failed start or a lost connection is never fatal: Slack may be down just when access has to
 * end, so everything here retries in the background.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { acknowledging } from '../../workflow/ends-first.js';
import type { Beside } from '../../workflow/memory.js';
import type { Log } from '../../workflow/ports.js';
import { boltLogger } from './bolt-logger.js';
import { type Called, countedFetch } from './counted-fetch.js';
import { createHttpReceiver } from './http-receiver.js';
import { type Identity, keepKnown, whyNotForUs } from './identity.js';
import { sleep } from './sleep.js';
import { keepConnected } from './socket.js';
import { createTokens } from './tokens.js';

export interface SlackOptions {
  botToken: string;
  mode: { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };
  /** The address of the Web API, with a slash at its end; Slack's own by default. */
  apiUrl?: string;
  /** How long `stop` waits for listeners that still run. */
  drainMs: number;
  /** Counts the payloads that wait for their acknowledgement. */
  beside: Beside;
  log: Log;
  /** Is told of each call to the Web API. */
  called?: Called;
  /** Is told how long each payload waited for its acknowledgement, in milliseconds. */
  acknowledged?: (ms: number) => void;
}

export interface Slack {
  /** Its `client` is {@link Slack.client}. */
  app: App;
  /** The client for messages and forms. A call gives up after 10 s, and throws on a rate limit instead of waiting. */
  client: WebClient;
  /** In HTTP mode, answers `POST /slack/events`. */
  requestListener?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Returns at once. Connects, and stays connected, in the background. */
  start(): void;
  /** Takes nothing new, and resolves once running listeners are done, after `drainMs` at the latest. */
  stop(): Promise<void>;
  /**
   * Whether Slack and the bot can reach each other now, as far as the bot can know. False while Slack refuses a token; in
   * HTTP mode true otherwise.
   */
  connected(): boolean;
}

/**
 * How long `stop` waits for running listeners before it cuts the connection: their acknowledgements need the
 * connection.
 */
const QUIET_MS = 2_000;

/** How soon the next payload comes where many come one after the other: until then this one counts as waiting. */
const NEXT_MS = 50;

export function createSlack(options: SlackOptions): Slack {
  const { botToken, mode, apiUrl, drainMs, log, called } = options;
  const logger = boltLogger(log);
  const where = apiUrl ? { slackApiUrl: apiUrl } : {};
  // The client retries nothing: jobs do, and a post that is repeated unseen would be a second message.
  const fetch = called ? { fetch: countedFetch(called) } : {};
  const patience = { ...where, ...fetch, timeout: 10_000, retryConfig: { retries: 0 } };
  const clientOptions = { ...patience, logger, rejectRateLimitedCalls: true };
  const client = new WebClient(botToken, clientOptions);

  const socket =
    mode.kind === 'socket'
      ? new SocketModeReceiver({
          appToken: mode.appToken,
          logger,
          // keepConnected reconnects: the SDK's own reconnecting throws where nobody catches, which ends the process.
          autoReconnectEnabled: false,
          installerOptions: { clientOptions: patience },
        })
      : undefined;
  const http = mode.kind === 'http' ? createHttpReceiver(mode.signingSecret, log) : undefined;
  const receiver = socket ?? http;

  const tokens = createTokens(log);
  // Who the bot is, once auth.test has answered. No acknowledgement waits for that answer.
  let known = (): Identity | undefined => undefined;
  const app = new App({
    ...(receiver ? { receiver } : {}),
    logger,
    logLevel: LogLevel.INFO,
    clientOptions,
    tokenVerificationEnabled: false,
    convoStore: false,
    async authorize({ teamId, enterpriseId: organizationId }, body) {
      const us = known();
      const why = whyNotForUs(us, { appId: appOf(body), teamId, organizationId });
      if (why !== undefined) throw new Error(`a payload of Slack is left out: ${why}`);
      const { botId, botUserId } = us ?? {};
      return { botToken, ...(botId ? { botId } : {}), ...(botUserId ? { botUserId } : {}) };
    },
  });
  // The client that Bolt makes has no token.
  app.client = client;

  const running = watchListeners(app, options);
  const stopping = new AbortController();
  let line: ReturnType<typeof keepConnected> | undefined;

  return {
    app,
    client,
    ...(http ? { requestListener: http.listener } : {}),
    start() {
      known = keepKnown(client, tokens, log, stopping.signal);
      if (socket) line = keepConnected(socket.client, tokens, log, stopping.signal);
    },
    async stop() {
      const startedMs = Date.now();
      const quiet = async (untilMs: number) => {
        while (running() > 0 && Date.now() < untilMs) await sleep(20);
      };
      await quiet(startedMs + Math.min(QUIET_MS, drainMs));
      stopping.abort();
      await line?.closed;
      await quiet(startedMs + drainMs);
      if (running() > 0) log.warn({ running: running() }, 'stopped while listeners were still at work');
    },
    connected: () => !tokens.refused() && (socket ? (line?.connected() ?? false) : true),
  };
}

/** Watches each payload from its coming to its acknowledgement. @returns how many payloads have listeners that still run */
function watchListeners(
  app: App,
  { beside, acknowledged: told }: Pick<SlackOptions, 'beside' | 'acknowledged'>,
): () => number {
  // Slack tells the bot of each card that the bot itself posts or edits, and Bolt would ask every listener about that.
  const process = app.processEvent.bind(app);
  let running = 0;
  app.processEvent = async (event) => {
    if (isOwnNews(event.body)) return event.ack();
    const cameMs = performance.now();
    const answered = acknowledging(beside);
    const acknowledged = () => setTimeout(answered, NEXT_MS).unref();
    const ack: typeof event.ack = async (response) => {
      await event.ack(response);
      told?.(performance.now() - cameMs);
      acknowledged();
    };
    running += 1;
    try {
      await process({ ...event, ack });
    } finally {
      running -= 1;
      acknowledged();
    }
  };
  return () => running;
}

/** Whether a payload tells of a message that a bot posted, or of a change of one that stands in the conversation. */
function isOwnNews(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('event' in body)) return false;
  const { event } = body;
  if (typeof event !== 'object' || event === null || !('type' in event)) return false;
  return event.type === 'message' && ('bot_id' in event || 'subtype' in event);
}

/** The app that Slack sent a payload to. */
function appOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('api_app_id' in body)) return undefined;
  return typeof body.api_app_id === 'string' ? body.api_app_id : undefined;
}

/**
 * The small HTTP server beside the bot: health for a monitor and, in HTTP mode, the one path that Slack calls. Bolt's own
 * server would bind every address.
 */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { Log } from '../workflow/ports.js';
import { seldom } from '../workflow/seldom.js';

/** Whether the bot can do its work, and the health of each part. */
export interface Health {
  ok: boolean;
  /** `docs/operating.md` quotes them, for who writes a monitor. */
  details: {
    /** Whether Redis takes writes, and lets the bot do all that it needs. */
    redis: boolean;
    /** Whether Slack is connected and takes the token; over HTTP nobody can know the first. */
    slack: boolean;
    /** Whether the sweep closes what is over; of `/readyz` alone. */
    sweep?: boolean;
  };
}

export interface WebOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** What is answered to `GET /healthz` and the like, by path. */
  checks?: Readonly<Record<string, () => Promise<Health>>>;
  /** Answers `GET /metrics` in Prometheus' text format. */
  metrics?(): Promise<string>;
  /** Takes `POST /slack/events`; only in HTTP mode. It checks Slack's signature itself. */
  slackListener?: RequestListener;
  log: Log;
  /** The setting that says where this server listens; by default HOST and PORT do. */
  setting?: string;
  bounds?: Bounds;
}

/** What one caller, who may be anybody, can take of the bot. */
export interface Bounds {
  /** How many connections may be open at once. Further ones are closed unread. */
  connections: number;
  /** How long the headers of a request, and all of it, may take to arrive. A silent connection counts as a request. */
  headersMs: number;
  requestMs: number;
}

/** Slack waits three seconds for an answer, and sends nothing slowly. `docs/operating.md` says the numbers. */
export const BOUNDS: Bounds = { connections: 500, headersMs: 5_000, requestMs: 10_000 };

export interface Web {
  /** The port that the server listens on. */
  port: number;
  /** Takes no new requests and resolves once every request under way is answered. */
  close(): Promise<void>;
}

/** Starts the server. Rejects with a sentence for the operator when it cannot listen. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { host, port, checks = {}, metrics, slackListener, log, setting, bounds = BOUNDS } = options;
  const limits = {
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    // Node looks for requests that took too long only every 30 s by default.
    connectionsCheckingInterval: Math.min(1_000, bounds.headersMs),
  };
  const server = createServer(limits, (request, response) => {
    // `new URL` would throw for some of what strangers send, such as `//`.
    const pathname = request.url?.split('?')[0];
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const check = reads && pathname !== undefined && Object.hasOwn(checks, pathname) && checks[pathname];
    if (check) {
      void answerHealth(check, response);
    } else if (pathname === '/metrics' && reads && metrics) {
      void answerMetrics(metrics, response);
    } else if (pathname === '/slack/events' && request.method === 'POST' && slackListener) {
      slackListener(request, response);
    } else {
      answer(response, 404, { error: 'Nothing here.' });
    }
  });
  server.maxConnections = bounds.connections;
  const warn = seldom(log, 'too many connections: new ones are closed unread', () => performance.now());
  server.on('drop', (dropped) => warn({ from: dropped?.remoteAddress, most: bounds.connections }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (fault: NodeJS.ErrnoException) => {
      reject(new Error(whyNotListening(fault, host, port, setting), { cause: fault }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((fault) => (fault ? reject(fault) : resolve()));
      }),
  };
}

async function answerHealth(healthy: () => Promise<Health>, response: ServerResponse): Promise<void> {
  try {
    const { ok, details } = await healthy();
    answer(response, ok ? 200 : 503, { ok, ...details });
  } catch {
    // The caller is anonymous: the cause belongs in the log of the part that failed.
    answer(response, 503, { ok: false });
  }
}

async function answerMetrics(metrics: () => Promise<string>, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } catch {
    answer(response, 503, { error: 'The figures could not be read.' });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function whyNotListening(fault: NodeJS.ErrnoException, host: string, port: number, setting?: string): string {
  const [ofPort, ofHost] = setting
    ? [`the port in ${setting}`, `the address in ${setting}`]
    : ['PORT', 'HOST'];
  switch (fault.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. Stop what uses it, or set ${ofPort} to another one.`;
    case 'EACCES':
      return `Port ${port} needs rights that this process lacks. Set ${ofPort} to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set ${ofHost} to 127.0.0.1, or to 0.0.0.0 for all of them.`;
    default:
      return `The web server cannot listen on ${host}:${port}: ${fault.message}.`;
  }
}

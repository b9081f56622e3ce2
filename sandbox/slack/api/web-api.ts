/** Answers HTTP as slack.com does: checks tokens, scopes and rates, lets planned faults strike, and runs the method. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { strike } from '../faults.js';
import { parseJson } from '../parse-json.js';
import type { Town } from '../state/town.js';
import { type Args, optional } from './arguments.js';
import type { Method } from './method.js';
import { methods } from './methods.js';
import { createRates, type Rates } from './rates.js';
import { Refusal } from './refusal.js';
import { postToResponseUrl } from './response-url.js';

interface Answer {
  status: number;
  body: Record<string, unknown>;
  retryAfter?: number;
  /** The token's scopes, which Slack says in a header. */
  scopes?: readonly string[];
}

export function serveWebApi(town: Town, newSocketUrl: () => string): RequestListener {
  const rates = createRates();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = Date.now();
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const raw = await bodyOf(request);
    const isApi = pathname.startsWith('/api/');
    if (!isApi && !pathname.startsWith('/response/')) {
      send(response, { status: 404, body: { ok: false, error: 'not_found' } });
      return;
    }
    const method = isApi ? pathname.slice('/api/'.length) : 'response_url';
    const args = argumentsOf(raw, request.headers['content-type'] ?? '');
    const token = bearer(request) ?? optional(args, 'token');
    delete args.token;
    const journalise = (outcome: unknown): void => {
      const ms = Date.now() - startedAt;
      const entry = { at: startedAt, kind: 'api' as const, method, request: args, response: outcome, ms };
      town.journal.push(entry);
      town.emit({ type: 'journal', entry });
    };

    // A delay must not keep the process alive once the server is closed.
    if (town.settings.latencyMs > 0) await sleep(town.settings.latencyMs, undefined, { ref: false });
    const outage = town.settings.down;
    const kinds = ['429', '500', 'timeout-after-effect', 'drop', 'api-error'] as const;
    const fault =
      outage === 'no' ? strike(town.settings.faults, isApi ? [method, '*'] : [method], kinds) : undefined;
    if (outage === 'refused' || fault?.kind === 'drop') {
      journalise('connection cut');
      request.socket.destroy();
    } else if (outage === 'hang') {
      journalise('no answer');
    } else if (outage === '500' || fault?.kind === '500') {
      journalise(500);
      send(response, { status: 500, body: { ok: false, error: 'internal_error' } });
    } else if (fault?.kind === '429') {
      journalise('ratelimited');
      send(response, tooMany(fault.retryAfterSeconds ?? 1));
    } else if (fault?.kind === 'api-error') {
      const error = fault.error ?? 'internal_error';
      journalise({ ok: false, error });
      send(response, { status: 200, body: { ok: false, error } });
    } else {
      const answer = isApi
        ? callMethod(method, args, token)
        : postToResponseUrl(town, pathname.slice('/response/'.length), args);
      journalise(fault ? 'done, but never answered' : answer.body);
      if (!fault) send(response, answer);
    }
  }

  function callMethod(name: string, args: Args, token: string | undefined): Answer {
    const no = (error: string, extra = {}): Answer => ({ status: 200, body: { ok: false, error, ...extra } });
    const { app } = town.world;
    if (name === 'apps.connections.open') {
      if (token === undefined) return no('not_authed');
      if (token === app.botToken) return no('not_allowed_token_type');
      return token === app.appToken
        ? { status: 200, body: { ok: true, url: newSocketUrl() } }
        : no('invalid_auth');
    }
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) return no('unknown_method', { req_method: name });
    if (token === undefined) return no('not_authed');
    if (token === app.appToken) return no('not_allowed_token_type');
    if (token !== app.botToken) return no('invalid_auth');
    const wanted = typeof method.scopes === 'function' ? method.scopes(town, args) : method.scopes;
    if (wanted.length > 0 && !wanted.some((scope) => app.scopes.includes(scope))) {
      return no('missing_scope', { needed: wanted.join(','), provided: app.scopes.join(',') });
    }
    const retryAfter = takeRate(rates, town, method, name, args);
    if (retryAfter !== undefined) return tooMany(retryAfter);
    try {
      return { status: 200, body: { ok: true, ...method.run(town, args) }, scopes: app.scopes };
    } catch (error) {
      if (error instanceof Refusal) return no(error.code, error.extra);
      throw error;
    }
  }

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A caller that hangs up in the middle of its request gets no answer.
      if (!request.complete) return;
      // A bug of the sandbox must not look like an answer of Slack.
      console.error('pretend Slack failed:', error);
      if (!response.headersSent) send(response, { status: 500, body: { ok: false, error: 'sandbox_bug' } });
    });
  };
}

function takeRate(rates: Rates, town: Town, method: Method, name: string, args: Args): number | undefined {
  return rates.take(town.settings.rates, method.rate, name, optional(args, 'channel') ?? '');
}

const tooMany = (retryAfter: number): Answer => ({
  status: 429,
  retryAfter,
  body: { ok: false, error: 'ratelimited' },
});

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) }),
    ...(answer.scopes === undefined ? {} : { 'x-oauth-scopes': answer.scopes.join(',') }),
  });
  response.end(JSON.stringify(answer.body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function argumentsOf(raw: string, contentType: string): Args {
  const parsed = contentType.includes('json') ? parseJson(raw) : Object.fromEntries(new URLSearchParams(raw));
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

function bearer(request: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

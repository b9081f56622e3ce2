/**
 * Takes what Slack posts over HTTP. The address is open to anybody, so nothing is read at length before its signature was
 * seen, and nothing is believed before the signature was verified.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, HTTPResponseAck, isValidSlackRequest, type Receiver } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Log } from '../../workflow/ports.js';
import { seldom } from '../../workflow/seldom.js';
import { readPayload } from './payload.js';

/** Slack's longest payload is a form's with all its blocks, far below 100 kB. */
const LONGEST_BODY = 256 * 1024;
/** Slack checks the certificate with `ssl_check=1` and may not sign that. */
const LONGEST_UNSIGNED = 1024;

export interface HttpReceiver extends Receiver {
  /** Answers a POST of Slack, and 404 to any other method. */
  listener(request: IncomingMessage, response: ServerResponse): void;
}

export function createHttpReceiver(signingSecret: string, logger: Logger, log: Log): HttpReceiver {
  let app: App | undefined;
  const warn = seldom(log, 'a request to Slack’s address was refused', () => performance.now());

  function refuse(request: IncomingMessage, response: ServerResponse, status: number, why: string): void {
    warn({ status, why, from: request.socket.remoteAddress });
    // The rest of the body is not waited for.
    response.writeHead(status, { connection: 'close' }).end(() => request.destroy());
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const signature = request.headers['x-slack-signature'];
    const timestamp = request.headers['x-slack-request-timestamp'];
    const signed = typeof signature === 'string' && typeof timestamp === 'string';
    const body = await readBody(request, signed ? LONGEST_BODY : LONGEST_UNSIGNED);
    if (body === undefined) {
      if (signed) refuse(request, response, 413, 'the body is too long');
      else refuse(request, response, 401, 'there is no signature');
      return;
    }
    if (!signed) {
      if (isSslCheck(body)) response.writeHead(200).end();
      else refuse(request, response, 401, 'there is no signature');
      return;
    }
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) };
    if (!isValidSlackRequest({ signingSecret, body, headers })) {
      refuse(request, response, 401, 'the signature is not Slack’s, or is older than five minutes');
      return;
    }
    const payload = readPayload(request.headers['content-type'], body);
    if (!payload) {
      if (isSslCheck(body)) response.writeHead(200).end();
      else refuse(request, response, 400, 'the body is nothing that Slack sends');
      return;
    }
    if (payload.type === 'url_verification') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ challenge: payload.challenge }));
      return;
    }
    const ack = new HTTPResponseAck({
      logger,
      processBeforeResponse: false,
      httpRequest: request,
      httpRequestBody: payload,
      httpResponse: response,
    });
    await app?.processEvent({ body: payload, ack: ack.bind() });
  }

  return {
    init(given) {
      app = given;
    },
    // The web server of the bot listens.
    start: async () => {},
    stop: async () => {},
    listener(request, response) {
      if (request.method !== 'POST') {
        response.writeHead(404).end();
        return;
      }
      receive(request, response).catch((cause: unknown) => {
        // The caller hung up in the middle of its request.
        if (!request.complete) return;
        log.error({ err: cause }, 'what Slack sent was not dealt with');
        if (!response.headersSent) response.writeHead(500).end();
      });
    },
  };
}

function isSslCheck(body: string): boolean {
  return new URLSearchParams(body).get('ssl_check') === '1';
}

/** The body as UTF-8, or undefined where it is longer than `most` bytes. */
async function readBody(request: IncomingMessage, most: number): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator = request.iterator({ destroyOnReturn: false });
  for await (const chunk of iterator) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    if (bytes > most) return undefined;
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}

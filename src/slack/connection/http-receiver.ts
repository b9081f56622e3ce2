/**
 * Takes what Slack posts over HTTP. The address is open to anybody, so nothing is read at length before its signature was
 * seen, and nothing is believed before the signature was verified.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App, isValidSlackRequest, type Receiver } from '@slack/bolt';
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

export function createHttpReceiver(signingSecret: string, log: Log): HttpReceiver {
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
      acknowledge(response, { challenge: payload.challenge });
      return;
    }
    let isAnswered = false;
    const ack = async (said?: object): Promise<void> => {
      if (isAnswered) throw new Error('what Slack sent was acknowledged twice');
      isAnswered = true;
      acknowledge(response, said);
    };
    await app?.processEvent({ body: payload, ack });
    // No listener knows a button of a newer version, for example: without an answer Slack would wait for three seconds.
    if (!isAnswered) refuse(request, response, 404, 'no listener knows it');
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

/**
 * Says 200, with what Slack shows the person. Bolt's own answer does not say its length, so that Node sends it in pieces, which
 * costs as much as reading a short command.
 */
function acknowledge(response: ServerResponse, said: object | undefined): void {
  const body = said === undefined ? '' : JSON.stringify(said);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}

/** The body as UTF-8, or undefined where it is longer than `most` bytes. Rejects where the caller hung up. */
function readBody(request: IncomingMessage, most: number): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      chunks.push(chunk);
      if (bytes <= most) return;
      request.pause();
      resolve(undefined);
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
  });
}

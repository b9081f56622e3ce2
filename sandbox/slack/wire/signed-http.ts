/** Posts payloads over signed HTTP, for bots that have a public address and do not use Socket Mode. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';

export interface HttpAnswer {
  status: number;
  contentType: string;
  noRetry: boolean;
  body: string;
}

/**
 * Posts a body with Slack's `v0` signature.
 * @returns `unreachable` if no whole answer came, because the connection was refused, cut, or aborted by `signal`
 */
export function postSigned(
  url: string,
  body: string,
  options: {
    signingSecret: string;
    contentType: string;
    signal: AbortSignal;
    extraHeaders?: Record<string, string>;
  },
): Promise<HttpAnswer | 'unreachable'> {
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const hmac = createHmac('sha256', options.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      signal: options.signal,
      agent: false, // A kept-alive socket would outlive the sandbox.
      headers: {
        'content-type': options.contentType,
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${hmac}`,
        ...options.extraHeaders,
      },
    });
    outgoing.on('error', () => resolve('unreachable'));
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', () => resolve('unreachable'));
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          noRetry: response.headers['x-slack-no-retry'] === '1',
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.end(body);
  });
}

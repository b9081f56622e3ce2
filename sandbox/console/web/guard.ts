/**
 * Lets only the console's own page talk to the console. Any other web page that is open in the same browser could
 * otherwise post to 127.0.0.1, or read from it by a host name that resolves to 127.0.0.1.
 */
import type { IncomingMessage } from 'node:http';

/** Forbids the page to load or call other origins, to run inline scripts, and to be framed. */
export const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** @returns why a request is refused; undefined for a request of the console's own page */
export function refusalOf(request: IncomingMessage, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin, 'content-type': type = '' } = request.headers;
  if (!hosts.includes(host)) return `This is ${hosts[0]}, and not ${host || 'a host without a name'}.`;
  const isOwn = origin !== undefined && hosts.some((one) => origin === `http://${one}`);
  if (request.method === 'POST') {
    if (!isOwn)
      return 'Only the page itself may do things here: the Origin header names another one, or none.';
    // A form of another page cannot send JSON.
    if (type !== 'application/json') return 'What is sent here is application/json.';
    return undefined;
  }
  if (request.method !== 'GET') return 'Only GET and POST are known here.';
  const site = request.headers['sec-fetch-site'];
  const isCross = origin !== undefined && !isOwn;
  // A link on another page may open the console, but that page may not read from it.
  const isVisit = request.headers['sec-fetch-mode'] === 'navigate';
  if (isCross || (site !== undefined && !['same-origin', 'none'].includes(String(site)) && !isVisit))
    return 'Another page may not read this.';
  return undefined;
}

/** Holds that nobody but the console's own page can use the console, and that the page loads nothing from elsewhere. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Console, startConsole } from '../../../../sandbox/console/console.js';

let console: Console;
let port = 0;
beforeAll(async () => {
  // No bot is started, since the guard does not depend on the bot.
  console = await startConsole({ port: 0 });
  port = Number(new URL(console.url).port);
});
afterAll(() => console.close());

interface Ask {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

function ask({ method = 'GET', path = '/', headers = {}, body = '' }: Ask) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        const { statusCode: status = 0, headers: answered } = response;
        // The stream of news never ends.
        if (answered['content-type'] === 'text/event-stream') {
          resolve({ status, headers: answered, body: '' });
          response.destroy();
          return;
        }
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status, headers: answered, body: text }));
      });
      asked.on('error', reject);
      asked.end(body);
    },
  );
}

const JSON_TYPE = { 'content-type': 'application/json' };
const done = JSON.stringify({ act: 'read', as: 'U0JANE', channel: 'D0JANE' });
const post = (headers: Record<string, string>) => ask({ method: 'POST', path: '/act', headers, body: done });

test('the console’s own page may read and act', async () => {
  expect((await ask({})).status).toBe(200);
  expect((await ask({ path: '/news' })).status).toBe(200);
  const answer = await post({ ...JSON_TYPE, origin: console.url });
  expect([answer.status, answer.body]).toEqual([200, '{"ok":true}']);
  const local = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
  expect((await post({ ...JSON_TYPE, ...local })).status).toBe(200);
});

test.each([
  ['a page of another origin', { ...JSON_TYPE, origin: 'https://evil.example' }],
  ['a caller without an Origin header', JSON_TYPE],
  ['a page of the origin "null"', { ...JSON_TYPE, origin: 'null' }],
  ['a page on another port of this machine', { ...JSON_TYPE, origin: 'http://127.0.0.1:1' }],
])('%s may not act on the console', async (_, headers) => {
  expect((await post(headers)).status).toBe(403);
});

test('a body sent as an HTML form is refused, even from the console’s own origin', async () => {
  expect((await post({ 'content-type': 'text/plain', origin: console.url })).status).toBe(403);
});

test('a host name of somebody else that resolves to this machine is refused', async () => {
  const host = `evil.example:${port}`;
  expect((await ask({ headers: { host } })).status).toBe(403);
  expect((await ask({ path: '/news', headers: { host } })).status).toBe(403);
  expect((await post({ ...JSON_TYPE, host, origin: `http://${host}` })).status).toBe(403);
});

test('another page may link to the console, and may not read from it', async () => {
  const cross = { 'sec-fetch-site': 'cross-site' };
  expect((await ask({ headers: { ...cross, 'sec-fetch-mode': 'navigate' } })).status).toBe(200);
  expect((await ask({ path: '/news', headers: { ...cross, 'sec-fetch-mode': 'cors' } })).status).toBe(403);
  expect((await ask({ path: '/news', headers: { origin: 'https://evil.example' } })).status).toBe(403);
});

test('the page may load nothing of another origin, and nobody may frame the page', async () => {
  const { headers } = await ask({});
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

test('everything that the page loads is served', async () => {
  const { body } = await ask({});
  const waiting = [...body.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path = '']) => path);
  const served = new Set<string>();
  for (const path of waiting) {
    if (served.has(path)) continue;
    const answer = await ask({ path });
    expect([path, answer.status]).toEqual([path, 200]);
    served.add(path);
    if (!path.endsWith('.js')) continue;
    const imported = [...answer.body.matchAll(/^import .*from ["'](\.[^"']+)["'];$/gm)];
    waiting.push(...imported.map(([, name = '']) => new URL(name, `http://page${path}`).pathname));
  }
  expect([...served]).toEqual(
    expect.arrayContaining(['/look.css', '/icon.svg', '/sandbox/slack/reading/slack-date.js']),
  );
});

test.each([
  '/../package.json',
  '/sandbox/main.js',
  '/sandbox/console/web/server.js',
  '/%2e%2e/.env',
  '/sandbox/console/page/../web/server.js',
  '/src/main.js',
])('%s is not served', async (path) => {
  expect((await ask({ path })).status).toBe(404);
});

test('an unknown act is refused with a sentence', async () => {
  const answer = await ask({
    method: 'POST',
    path: '/act',
    headers: { ...JSON_TYPE, origin: console.url },
    body: '{"act":"fly"}',
  });
  expect(JSON.parse(answer.body)).toMatchObject({
    ok: false,
    sentence: expect.stringContaining('cannot be read'),
  });
});

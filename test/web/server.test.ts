import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { BOUNDS, startWeb, type Web, type WebOptions } from '../../src/web/server.js';

const open: Pick<Web, 'close'>[] = [];
const warnings: object[] = [];

async function start(options: Partial<WebOptions> = {}): Promise<{ url: string; web: Web }> {
  const web = await startWeb({
    host: '127.0.0.1',
    port: 0,
    checks: { '/healthz': async () => ({ ok: true, details: { redis: true, slack: true } }) },
    log: {
      info: () => {},
      warn: (fields, message) => warnings.push({ ...fields, message }),
      error: () => {},
    },
    ...options,
  });
  open.push(web);
  return { url: `http://127.0.0.1:${web.port}`, web };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe('a look at the bot’s health', () => {
  test('is answered with 200 and details while the bot can work', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/healthz?from=balancer`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ ok: true, redis: true, slack: true });
  });

  test('is answered with 503 while the bot cannot work', async () => {
    const { url } = await start({
      checks: { '/healthz': async () => ({ ok: false, details: { redis: false, slack: true } }) },
    });
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ ok: false, redis: false, slack: true });
  });

  test('is answered with 503 and without the cause when the look at Redis fails', async () => {
    const { url } = await start({
      checks: { '/healthz': () => Promise.reject(new Error('redis://:password@redis')) },
    });
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('{"ok":false}\n');
  });

  test('is answered without a body to HEAD', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/healthz`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});

test('the figures are served where the configuration asks for them, and a fault in them is answered without its cause', async () => {
  const { url } = await start({ checks: {}, metrics: async () => 'workspace_ssh_open_grants 1\n' });
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toBe('workspace_ssh_open_grants 1\n');
  expect((await fetch(`${url}/healthz`)).status).toBe(404);
  const broken = await start({ metrics: () => Promise.reject(new Error('a secret')) });
  const fault = await fetch(`${broken.url}/metrics`);
  expect([fault.status, await fault.json()]).toEqual([503, { error: 'The figures could not be read.' }]);
});

describe('the path for Slack’s requests', () => {
  test('hands a request on unread in HTTP mode', async () => {
    const { url } = await start({
      slackListener: (request, response) => {
        request.pipe(response);
      },
    });
    const answer = await fetch(`${url}/slack/events`, { method: 'POST', body: 'payload=1' });
    expect(await answer.text()).toBe('payload=1');
  });

  test('does not exist in Socket Mode', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/slack/events`, { method: 'POST', body: 'payload=1' });
    expect(answer.status).toBe(404);
  });

  test.each([
    ['GET', '/slack/events'],
    ['POST', '/healthz'],
    ['GET', '/metrics'],
    ['GET', '/constructor'],
    ['GET', '/'],
    ['GET', '//'],
    ['POST', '/slack/events/more'],
  ])('%s %s is answered with 404', async (method, path) => {
    const { url } = await start({ slackListener: (_, response) => response.end('slack') });
    expect((await fetch(url + path, { method })).status).toBe(404);
  });
});

describe('a caller who', () => {
  const bounds = { ...BOUNDS, headersMs: 100, requestMs: 200 };

  /** The answer of the server to bytes, until it closes the connection. */
  function answerTo(web: Web, bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(web.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        answer += chunk.toString();
      });
      socket.setTimeout(5_000, () => {
        answer = 'still connected';
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });
  }

  /** Only the bound for headers ends such a request in time. */
  const patient = { ...bounds, requestMs: 60_000 };
  const begun = 'POST /slack/events HTTP/1.1\r\nhost: bot\r\n';
  test.each([
    ['says nothing', '', patient],
    ['does not end the headers', begun, patient],
    ['does not end the body', `${begun}content-length: 9\r\n\r\nhalf`, bounds],
  ])('%s loses the connection', async (_, bytes, given) => {
    const { web } = await start({ bounds: given, slackListener: (request) => request.resume() });
    expect(await answerTo(web, bytes)).toMatch(/^(HTTP\/1\.1 408|$)/);
  });

  test('may be anybody has just the bounds that docs/operating.md names', () => {
    const { headersMs, requestMs, connections } = BOUNDS;
    expect(readFileSync('docs/operating.md', 'utf8')).toContain(
      `a request has ${headersMs / 1_000} s for its headers and ${requestMs / 1_000} s for all of it; of ${connections} connections that are open at once further ones are closed unread.`,
    );
  });

  test('opens too many connections loses those above the bound, and the log gets one line', async () => {
    warnings.length = 0;
    const { web } = await start();
    await Promise.all(
      Array.from({ length: BOUNDS.connections }, async () => {
        const socket = connect(web.port, '127.0.0.1');
        open.push({ close: async () => void socket.destroy() });
        await once(socket, 'connect');
      }),
    );
    expect(await answerTo(web, 'GET /healthz HTTP/1.1\r\n\r\n')).toBe('');
    expect(await answerTo(web, 'GET /healthz HTTP/1.1\r\n\r\n')).toBe('');
    expect(warnings).toEqual([
      {
        from: '127.0.0.1',
        most: BOUNDS.connections,
        times: 1,
        message: 'too many connections: new ones are closed unread',
      },
    ]);
  });
});

test('a port that is in use already is reported in one sentence', async () => {
  const { web } = await start();
  await expect(start({ port: web.port })).rejects.toThrow(
    `Port ${web.port} on 127.0.0.1 is in use. Stop what uses it, or set PORT to another one.`,
  );
});

test('a port for the figures that is in use already is reported by the name of its own setting', async () => {
  const { web } = await start();
  await expect(start({ port: web.port, setting: 'METRICS' })).rejects.toThrow(
    `Port ${web.port} on 127.0.0.1 is in use. Stop what uses it, or set the port in METRICS to another one.`,
  );
});

test('an address of another machine is reported in one sentence', async () => {
  await expect(start({ host: '203.0.113.1' })).rejects.toThrow(
    '203.0.113.1 is not an address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of them.',
  );
});

test('closing the server waits for an answer that is under way', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let began = () => {};
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const { url, web } = await start({
    checks: {
      '/healthz': async () => {
        began();
        await released;
        return { ok: true, details: { redis: true, slack: true } };
      },
    },
  });
  open.length = 0;
  const answer = fetch(`${url}/healthz`);
  await begun;
  const closed = web.close();
  release();
  expect((await answer).status).toBe(200);
  await closed;
});

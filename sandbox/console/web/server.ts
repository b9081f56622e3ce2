/** The console's web server on 127.0.0.1: serves the page and the news, and takes what the page asks for. */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { z } from 'zod';
import type { Answer } from '../shown/shapes.js';
import { type Act, act } from './acts.js';
import type { Feed } from './feed.js';
import { HEADERS, refusalOf } from './guard.js';

export interface Desk {
  feed: Feed;
  act(done: Act): Promise<Answer>;
  weather(wish: WeatherWish): Promise<Answer>;
  payload(lineId: number): unknown;
  /** The file behind a path of the page; undefined where there is none. */
  file(path: string): string | undefined;
}

const weatherWish = z.strictObject({
  id: z.string(),
  on: z.boolean(),
  target: z.string().min(1).optional(),
  source: z.string().min(1).max(50).optional(),
});
export type WeatherWish = z.infer<typeof weatherWish>;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const LARGEST_BODY = 100_000;

/** Listens on 127.0.0.1, at `port` or, where that is taken, at a free port. */
export async function serveConsole(
  desk: Desk,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(server, desk, request, response).catch((fault: unknown) => {
      const sentence = fault instanceof Error ? fault.message : String(fault);
      if (!response.headersSent) json(response, 500, { ok: false, sentence });
    });
  });
  await listen(server, port).catch((fault: unknown) => {
    if (fault instanceof Error && 'code' in fault && fault.code === 'EADDRINUSE') return listen(server, 0);
    throw fault;
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      desk.feed.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  server: Server,
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = refusalOf(request, portOf(server));
  if (refusal !== undefined) return json(response, 403, { ok: false, sentence: refusal });
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST')
    return json(response, 200, await post(desk, pathname, await bodyOf(request)));
  if (pathname === '/news') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return desk.feed.join(response);
  }
  const line = /^\/lines\/(\d+)$/.exec(pathname);
  if (line) {
    const payload = desk.payload(Number(line[1]));
    return json(response, payload === undefined ? 404 : 200, payload ?? { gone: 'This is too long ago.' });
  }
  const file = desk.file(pathname);
  const content = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (file === undefined || content === undefined)
    return json(response, 404, { ok: false, sentence: 'There is nothing here.' });
  response
    .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
    .end(content);
}

async function post(desk: Desk, path: string, body: unknown): Promise<Answer> {
  try {
    if (path === '/act') return await desk.act(act.parse(body));
    if (path === '/weather') return await desk.weather(weatherWish.parse(body));
    return { ok: false, sentence: 'There is nothing to do here.' };
  } catch (fault) {
    const sentence =
      fault instanceof z.ZodError ? `This cannot be read: ${z.prettifyError(fault)}` : undefined;
    return { ok: false, sentence: sentence ?? (fault instanceof Error ? fault.message : String(fault)) };
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error('This is too much at once.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * Starts the pretend AWS on 127.0.0.1: answers calls over HTTP, and returns the AwsTown by which tests see and change
 * it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AwsTown, StartOptions } from './aws-town.js';
import { type AwsSettings, DEFAULTS } from './settings.js';
import { lifecycle } from './state/lifecycle.js';
import { seed } from './state/seed.js';
import { newState, noteCall } from './state/state.js';
import { viewOf } from './truth.js';
import { type Desk, handle } from './wire/desk.js';
import { faultQueue } from './wire/faults.js';
import { readCall } from './wire/protocols.js';
import { throttle } from './wire/throttle.js';
import type { AwsWorld } from './world.js';

/** Listens on 127.0.0.1 only. @throws where AWS could not have such a `world` */
export async function startAws(world: AwsWorld, options: StartOptions = {}): Promise<AwsTown> {
  const now = options.now ?? Date.now;
  const settings: AwsSettings = { ...structuredClone(DEFAULTS), ...options.settings };
  const state = newState(world, settings, now);
  seed(state);
  const life = lifecycle(state);
  const waits = new Set<NodeJS.Timeout>();
  const desk: Desk = {
    state,
    life,
    throttle: throttle(settings, now),
    faults: faultQueue(),
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          waits.delete(timer);
          resolve();
        }, ms);
        waits.add(timer);
      }),
  };

  const sockets = new Set<Socket>();
  let down = false;
  const server = createServer((request, response) => void serve(desk, request, response));
  // Longer than any client keeps an idle connection: a close that crosses the client's next call would look like a fault.
  server.keepAliveTimeout = 600_000;
  server.on('connection', (socket) => {
    if (down) return socket.resetAndDestroy();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the pretend AWS has no port');

  return {
    ...viewOf(state, life),
    url: `http://127.0.0.1:${address.port}`,
    settings,
    faults: desk.faults,
    get down() {
      return down;
    },
    set down(isDown) {
      down = isDown;
      if (isDown) for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      life.close();
      for (const timer of waits) clearTimeout(timer);
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = desk.state.now();
  const body = await bodyOf(request);
  // A caller that left before the end of its request has asked for nothing.
  if (body === undefined) return;
  const target = request.headers['x-amz-target'];
  const call = readCall(typeof target === 'string' ? target : undefined, body);
  const outcome = await handle(desk, call, request.headers.authorization);

  const isRead = outcome.kind === 'reply' && !response.destroyed;
  const code = outcome.kind === 'reply' && !isRead ? 'lost-answer' : outcome.code;
  const { service, action, request: asked } = call;
  if (outcome.kind === 'reply' && isRead) {
    const { status, type, body: text } = outcome.reply;
    response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': outcome.requestId }).end(text);
  }
  if (outcome.kind === 'drop') response.destroy();
  noteCall(
    desk.state,
    { at, service, action, request: asked, code, ms: desk.state.now() - at },
    outcome.kind === 'reply' && isRead ? outcome.reply.body : undefined,
  );
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

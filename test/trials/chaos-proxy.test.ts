/** What the proxy before Redis does to those who talk through it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RedisProxy, startRedisProxy } from '../../trials/chaos/machines/redis-proxy.js';

let behind: Server;
let proxy: RedisProxy;
const callers: Socket[] = [];

/** Answers each piece with its name and the piece. */
async function answering(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (piece) => socket.write(`${name}:${piece}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function dial(port = Number(new URL(proxy.url).port)): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  callers.push(socket);
  return socket;
}

async function call(): Promise<Socket> {
  const socket = dial();
  await once(socket, 'connect');
  return socket;
}

/** `once` would reject: a cut connection ends with an error. */
const closing = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

async function asks(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

beforeEach(async () => {
  behind = await answering('one');
  proxy = await startRedisProxy(portOf(behind));
});
afterEach(async () => {
  for (const socket of callers.splice(0)) socket.destroy();
  await proxy.close();
  behind.close();
});

test('what is said passes in both directions', async () => {
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('a cut ends what stands, and the next connection is fine', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  const closed = closing(socket);
  proxy.cut();
  await closed;
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('refused: what stands is cut, and what comes is sent away until it is open again', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  const closed = closing(socket);
  proxy.weather = 'refused';
  await closed;
  await closing(dial());
  proxy.weather = 'open';
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('silent: nothing passes, and what it swallowed is lost with its connection', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  let heard = '';
  socket.on('data', (piece) => {
    heard += piece;
  });
  proxy.weather = 'silent';
  socket.write('SET');
  const closed = closing(socket);
  // Whoever goes past the proxy is answered again and again: the words in it had their time.
  const past = dial(portOf(behind));
  for (let round = 0; round < 20; round++) await asks(past, 'PING');
  proxy.weather = 'open';
  await closed;
  expect(heard).toBe('');
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('slow: pieces come later, and in their order', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  let heard = '';
  const all = new Promise<void>((resolve) => {
    socket.on('data', (piece) => {
      heard += String(piece).replaceAll('one:', '');
      if (heard.length === 3) resolve();
    });
  });
  proxy.latencyMs = 400;
  const startedMs = performance.now();
  for (const piece of ['A', 'B', 'C']) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  expect(heard).toBe('ABC');
  // There and back.
  expect(performance.now() - startedMs).toBeGreaterThan(750);
});

test('after a fail-over new connections reach the other server', async () => {
  const other = await answering('two');
  proxy.target = portOf(other);
  proxy.cut();
  expect(await asks(await call(), 'PING')).toBe('two:PING');
  other.close();
});

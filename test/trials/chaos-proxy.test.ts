/** Holds what the chaos trial's proxies do to connections: the trial is worth nothing if its faults do not strike. */
import { once } from 'node:events';
import { createServer as createWeb } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startHttpProxy } from '../../trials/chaos/machines/http-proxy.js';
import { type RedisProxy, startRedisProxy } from '../../trials/chaos/machines/redis-proxy.js';

let behind: Server;
let proxy: RedisProxy;
const callers: Socket[] = [];

/** A server that answers each piece with the server's name and the piece. */
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

/** Waits for the close of a cut connection, where `once` would reject with the connection's error. */
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

test('an open proxy passes pieces in both directions', async () => {
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('a cut ends every connection, and the next connection works', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  const closed = closing(socket);
  proxy.cut();
  await closed;
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('a proxy that refuses cuts every connection, and takes none until it is open again', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  const closed = closing(socket);
  proxy.weather = 'refused';
  await closed;
  await closing(dial());
  proxy.weather = 'open';
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('a silent proxy passes nothing, and pieces from the silence are lost with their connection', async () => {
  const socket = await call();
  await asks(socket, 'PING');
  let heard = '';
  socket.on('data', (piece) => {
    heard += piece;
  });
  proxy.weather = 'silent';
  socket.write('SET');
  const closed = closing(socket);
  // The server answers twenty times past the proxy, so the silent piece had time enough to arrive.
  const past = dial(portOf(behind));
  for (let round = 0; round < 20; round++) await asks(past, 'PING');
  proxy.weather = 'open';
  await closed;
  expect(heard).toBe('');
  expect(await asks(await call(), 'PING')).toBe('one:PING');
});

test('a slow proxy delays pieces and keeps their order', async () => {
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
  // The latency of 400 ms counts on the way there and on the way back.
  expect(performance.now() - startedMs).toBeGreaterThan(750);
});

test('after a fail-over new connections reach the other server', async () => {
  const other = await answering('two');
  proxy.target = portOf(other);
  proxy.cut();
  expect(await asks(await call(), 'PING')).toBe('two:PING');
  other.close();
});

test('a request goes whole to the next replica that takes requests, and to none where none does', async () => {
  const webs = ['one', 'other'].map((name) =>
    createWeb((request, response) => {
      request.setEncoding('utf8').on('data', (body) => response.writeHead(201).end(`${name}:${body}`));
    }).listen(0, '127.0.0.1'),
  );
  await Promise.all(webs.map((web) => once(web, 'listening')));
  const ports = webs.map(portOf);
  let taking = ports;
  const front = await startHttpProxy(() => taking);
  const post = async () => {
    const answer = await fetch(front.url, { method: 'POST', body: 'a click' });
    return `${answer.status} ${await answer.text()}`;
  };
  expect([await post(), await post()].toSorted()).toEqual(['201 one:a click', '201 other:a click']);
  taking = ports.slice(1);
  expect([await post(), await post()]).toEqual(['201 other:a click', '201 other:a click']);
  await new Promise((resolve) => webs[1]?.close(resolve));
  expect(await post()).toBe('502 ');
  taking = [];
  expect(await post()).toBe('503 ');
  await front.close();
  await new Promise((resolve) => webs[0]?.close(resolve));
});

/**
 * Shares between the tests of Redis: a Redis, a proxy in front of it that can fail, a log that is kept, and records to
 * store.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { freePort } from '../../sandbox/free-port.js';
import type { Phase, Request } from '../../src/access/request/request.js';
import type { RuleRecord } from '../../src/access/rules/rule.js';
import type { SigningKeys } from '../../src/access/rules/signature.js';
import type { RedisAddress } from '../../src/redis/connections.js';
import { readRedisUrl } from '../../src/redis-server.js';
import type { Log } from '../../src/workflow/ports.js';
import { keyOf } from '../keys.js';
import { PATIENCE_MS } from '../patience.js';

export interface TestRedis {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** The parts of a Redis' address, as the bot is given them. */
export function at(url: string): Pick<RedisAddress, 'server' | 'installation'> {
  const read = readRedisUrl(url);
  if (!read.ok) throw new Error(read.problem);
  return { server: read.value, installation: 'test' };
}

/** The Redis that `npm test` started for all tests, or a Redis of this file. Tests share the first: nobody flushes it. */
export async function anyRedis(): Promise<TestRedis> {
  const url = process.env.TEST_REDIS_URL;
  if (!url) return startRedis();
  return { url, port: Number(new URL(url).port || 6379), stop: async () => {} };
}

/**
 * A Redis that nobody else uses, so that it can be flushed: of the kind that `npm test` chose, where that can be
 * started.
 */
export async function ownRedis(): Promise<TestRedis> {
  if (process.env.TEST_REDIS !== 'embedded' && (await canStartRedis())) return startRedis();
  const { startEmbeddedRedis } = await import('../../sandbox/redis.js');
  const { url, close } = await startEmbeddedRedis();
  return { url, port: Number(new URL(url).port), stop: close };
}

/** Starts a `redis-server`; with a folder it keeps its data there, so that it can be stopped and started again. */
export async function startRedis(options: { port?: number; dir?: string } = {}): Promise<TestRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'wssh-redis-')));
  const append = options.dir ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  for (;;) {
    const port = options.port ?? (await freePort());
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...append];
    const server = spawn('redis-server', args, { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => {
      server.once('exit', () => resolve());
    });
    const url = `redis://127.0.0.1:${port}`;
    // Somebody else may have taken the port meanwhile: their Redis must not be taken for ours, and be flushed.
    if (!(await answersAs(url, server.pid, ended))) continue;
    return {
      url,
      port,
      async stop() {
        server.kill('SIGKILL');
        await ended;
        if (!options.dir) await rm(dir, { recursive: true });
      },
    };
  }
}

/**
 * Waits until a Redis answers, and says whether it is the process with this id; false where that process ended instead.
 */
async function answersAs(url: string, pid: number | undefined, ended: Promise<void>): Promise<boolean> {
  let goesOn = true;
  void ended.then(() => {
    goesOn = false;
  });
  const probe = new Redis(url, { retryStrategy: () => (goesOn ? 25 : null), maxRetriesPerRequest: null });
  probe.on('error', () => {});
  const told = await probe.info('server').catch(() => '');
  probe.disconnect();
  return told.includes(`process_id:${pid}\r`);
}

/** True where a test may start and stop a `redis-server` of its own. */
export async function canStartRedis(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = spawn('redis-server', ['--version'], { stdio: 'ignore' });
    probe.once('error', () => resolve(false));
    probe.once('exit', (code) => resolve(code === 0));
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the server has no port');
  return address.port;
}

/** A TCP proxy before Redis: it passes, drops the answers, drops the questions too, or refuses to connect. */
export interface Proxy {
  url: string;
  mode: 'pass' | 'no-answers' | 'nothing';
  /** By how many milliseconds every answer comes later. */
  lateMs: number;
  /** Cuts every connection that there is. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === client ? target : client).destroy();
      });
    }
    client.on('data', (data) => {
      if (proxy.mode !== 'nothing') target.write(data);
    });
    target.on('data', (data) => {
      if (proxy.mode !== 'pass') return;
      if (proxy.lateMs === 0) client.write(data);
      else setTimeout(() => client.write(data), proxy.lateMs);
    });
  });
  const port = await listen(server);
  const proxy: Proxy = {
    url: `redis://127.0.0.1:${port}`,
    mode: 'pass',
    lateMs: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      this.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

export interface KeptLog extends Log {
  lines: { level: 'info' | 'warn' | 'error'; fields: object; message: string }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  return {
    lines,
    info: (fields, message) => lines.push({ level: 'info', fields, message }),
    warn: (fields, message) => lines.push({ level: 'warn', fields, message }),
    error: (fields, message) => lines.push({ level: 'error', fields, message }),
  };
}

/** Waits until a condition holds, with a bound. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endsAtMs = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > endsAtMs) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when the connection takes commands. */
export async function isReady(redis: Redis): Promise<Redis> {
  await until('the connection', () => redis.status === 'ready');
  return redis;
}

export function newInstallation(): string {
  return `test-${nanoid(10)}`;
}

export function newKeys(fill = 7): SigningKeys {
  return keyOf(fill);
}

export const ASKED_AT_MS = 1_800_000_000_000;

export function aRequest(
  id: string,
  changes: { user?: string; askedAtMs?: number; phase?: Phase } = {},
): Request {
  const askedAtMs = changes.askedAtMs ?? ASKED_AT_MS;
  return {
    id,
    version: 1,
    ask: {
      requester: changes.user ?? 'U1',
      command: '/workspace-ssh',
      target: { kind: 'own' },
      source: {
        cidr: '203.0.113.25/32',
        family: 4,
        addresses: '1',
        isSingle: true,
        isPrivate: false,
        clearedHostBits: false,
      },
      durationMs: 3_600_000,
      reason: 'to look at a "log" – with umlauts: äöü',
      askedAtMs,
    },
    phase: changes.phase ?? { state: 'submitted', giveUpAtMs: askedAtMs + 60_000, waitsForAws: false },
  };
}

export function aRule(groupId: string, version: number, stage: RuleRecord['stage']): RuleRecord {
  return { groupId, source: '203.0.113.25/32', version, stage, leases: [] };
}

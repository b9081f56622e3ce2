/** The Redis behind the proxy: a real server that can be restarted and emptied, or the embedded Redis without one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../../../sandbox/free-port.js';

export interface RedisUnderTrial {
  /** For the report: `redis-server 7.0.15`. */
  readonly name: string;
  /** The port of the server that runs now. */
  readonly port: number;
  /** False for the embedded Redis, which loses everything with each restart. */
  readonly durable: boolean;
  /** Ends the server. Resolves once its process is gone. `loses` also throws its stored data away. */
  stop(loses: boolean): Promise<void>;
  /** Starts an empty server on another port in place of the running one, which is killed. */
  failOver(): Promise<void>;
  /**
   * Replaces the server by a copy that lacks the writes of the last `lagMs`, as an asynchronous replica may. The old
   * server serves until `cut` is called with the instant of the copy: later writes may be missing. The embedded Redis
   * loses everything instead.
   */
  fallBack(lagMs: number, cut: (sinceMs?: number) => Promise<void>): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const START_MS = 20_000;
const EMBEDDED = fileURLToPath(new URL('../../../sandbox/redis.js', import.meta.url));

/** @param folder where the server keeps its data */
export async function startRedis(folder: string): Promise<RedisUnderTrial> {
  const { stdout, status } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  const isReal = status === 0;
  const name = isReal
    ? `redis-server ${/v=(\S+)/.exec(stdout)?.[1] ?? ''}`
    : 'the embedded Redis, in JavaScript (no redis-server here)';
  const children = new Set<ChildProcess>();
  let server: ChildProcess | undefined;
  let data = mkdtempSync(join(folder, 'redis-'));
  let port = 0;

  async function begin(at: number, folderOfIt: string, ...more: string[]): Promise<ChildProcess> {
    const kept = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--dir', folderOfIt];
    const args = ['--bind', '127.0.0.1', '--port', `${at}`, '--maxmemory-policy', 'noeviction', ...kept];
    const child = isReal
      ? spawn('redis-server', [...args, ...more], { stdio: 'ignore' })
      : spawn(process.execPath, [EMBEDDED, '--port', `${at}`], { stdio: 'ignore' });
    children.add(child.once('exit', () => children.delete(child)));
    await answers(at);
    return child;
  }

  async function start(): Promise<void> {
    port ||= await freePort();
    server = await begin(port, data);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = server;
    server = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  function forget(): void {
    rmSync(data, { recursive: true, force: true });
    data = mkdtempSync(join(folder, 'redis-'));
  }

  async function failOver(): Promise<void> {
    await end('SIGKILL');
    forget();
    port = 0;
    await start();
  }

  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  await start();
  return {
    name,
    durable: isReal,
    get port() {
      return port;
    },
    start,
    async stop(loses) {
      // A server that gets SIGTERM saves its data first; a killed and emptied server has nothing left.
      await end(loses ? 'SIGKILL' : 'SIGTERM');
      if (loses) forget();
    },
    failOver,
    async fallBack(lagMs, cut) {
      if (!isReal) {
        await cut();
        return failOver();
      }
      const copiedAtMs = Date.now();
      const next = { port: await freePort(), data: mkdtempSync(join(folder, 'redis-')) };
      const child = await begin(next.port, next.data, '--replicaof', '127.0.0.1', `${port}`);
      await standAlone(next.port);
      await sleep(lagMs);
      await cut(copiedAtMs);
      await end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
      ({ port, data } = next);
      server = child;
    },
    close: () => end('SIGKILL'),
  };
}

/** Waits until the copy has all data of the server that it follows, then cuts the copy off from that server. */
async function standAlone(port: number): Promise<void> {
  const redis = new Redis(port, '127.0.0.1');
  while (!(await redis.info('replication')).includes('master_link_status:up')) await sleep(20);
  await redis.replicaof('NO', 'ONE');
  redis.disconnect();
}

/** Resolves once something takes connections at the port; a refused connection is tried again at once. */
async function answers(port: number): Promise<void> {
  const untilMs = Date.now() + START_MS;
  while (Date.now() < untilMs) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => finish(true));
      const finish = (result: boolean) => {
        socket.destroy();
        resolve(result);
      };
      socket.once('error', () => finish(false));
    });
    if (open) return;
    await sleep(20);
  }
  throw new Error('redis-server did not start');
}

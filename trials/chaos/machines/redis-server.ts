/** The Redis behind the proxy: a real server that can be restarted and emptied, or the embedded one where there is none. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '../../../sandbox/free-port.js';

export interface RedisUnderTrial {
  /** For the report: `redis-server 7.0.15`. */
  readonly name: string;
  /** Of the server that runs now. */
  readonly port: number;
  /** False for the embedded one: a restart of it always loses everything. */
  readonly durable: boolean;
  /** Ends it; it is gone when this resolves. `loses` also throws away what it kept. */
  stop(loses: boolean): Promise<void>;
  /** Another one, empty, on another port; the one before is left behind and ended. */
  failOver(): Promise<void>;
  /**
   * To a copy that has not heard what came in the last `lagMs`, as an asynchronous replica has not. The one before
   * serves until `cut` is called with the instant from which on the copy may lack something; the embedded one loses
   * everything.
   */
  fallBack(lagMs: number, cut: (sinceMs?: number) => Promise<void>): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const START_MS = 20_000;
const EMBEDDED = fileURLToPath(new URL('../../../sandbox/redis.js', import.meta.url));

/** @param folder for what it keeps on disk */
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
      // Ended in order it writes down what it knows; killed and emptied it knows nothing.
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
      await wait(lagMs);
      await cut(copiedAtMs);
      await end('SIGKILL');
      rmSync(data, { recursive: true, force: true });
      ({ port, data } = next);
      server = child;
    },
    close: () => end('SIGKILL'),
  };
}

/** Once it has all that the other one had, it follows it no more. */
async function standAlone(port: number): Promise<void> {
  const redis = new Redis(port, '127.0.0.1');
  while (!(await redis.info('replication')).includes('master_link_status:up')) await wait(20);
  await redis.replicaof('NO', 'ONE');
  redis.disconnect();
}

/** Until it takes connections; a connection that is refused is tried again at once. */
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
    await wait(20);
  }
  throw new Error('redis-server did not start');
}

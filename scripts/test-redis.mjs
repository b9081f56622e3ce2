/** The Redis for the tests: the one that REDIS_URL names, else a redis-server of our own, else one in JavaScript. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { Sorry } from './bootstrap.mjs';
import { root } from './root.mjs';

/** So long that no busy machine reaches the bound. */
const START_MS = 60_000;

/** Says which Redis it will be, and starts it; needs nothing that is installed before `start`. */
export function chooseRedis() {
  const { REDIS_URL, TEST_REDIS } = process.env;
  if (TEST_REDIS === 'embedded') return embedded();
  if (REDIS_URL) return given(REDIS_URL);
  const { stdout, status } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return status === 0 ? real(/v=(\S+)/.exec(stdout)?.[1] ?? '') : embedded();
}

function given(url) {
  if (!URL.canParse(url)) throw new Sorry('REDIS_URL is no URL. Write redis://HOST:PORT, or leave it out.');
  const { host, hostname, port } = new URL(url);
  return {
    kind: 'url',
    name: `${host}, from REDIS_URL; nothing there is flushed`,
    async start() {
      if (!(await answers(Number(port || 6379), hostname.replace(/[[\]]/g, ''), 3_000))) {
        throw new Sorry(`No Redis listens at ${host}. Start it, or leave REDIS_URL out.`);
      }
      return { url, stop: async () => {} };
    },
  };
}

function real(version) {
  return {
    kind: 'redis-server',
    name: `redis-server ${version} on a free port`,
    async start(folder) {
      const port = await freePort();
      const settings = [
        '--save',
        '',
        '--appendonly',
        'no',
        '--maxmemory-policy',
        'noeviction',
        '--dir',
        folder,
      ];
      const args = ['--bind', '127.0.0.1', '--port', `${port}`, ...settings];
      const server = spawn('redis-server', args, { stdio: 'ignore' });
      const stop = stopper(server);
      if (!(await answers(port, '127.0.0.1', START_MS))) {
        await stop();
        throw new Sorry('redis-server did not start. TEST_REDIS=embedded npm test does without it.');
      }
      return { url: `redis://127.0.0.1:${port}`, stop };
    },
  };
}

function embedded() {
  return {
    kind: 'embedded',
    name: 'the embedded one, in JavaScript (no redis-server here, or TEST_REDIS=embedded)',
    async start() {
      const server = fork(`${root}dist/sandbox/redis.js`, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      const stop = stopper(server);
      const url = await new Promise((resolve) => {
        server.stdout.setEncoding('utf8').once('data', (text) => resolve(text.split('\n')[0]));
        server.once('exit', () => resolve(undefined));
      });
      if (!url) throw new Sorry('The embedded Redis did not start, see above.');
      return { url, stop };
    },
  };
}

/** Ends a child for sure, also when this process ends without asking. */
function stopper(child) {
  const kill = () => child.kill('SIGKILL');
  const gone = new Promise((resolve) => {
    child.once('exit', resolve).once('error', resolve);
  });
  process.once('exit', kill);
  return async () => {
    kill();
    await gone;
    process.off('exit', kill);
  };
}

/** Below the ports that systems give to outgoing connections, any of which could take it before redis-server does. */
async function freePort() {
  for (;;) {
    const port = 14_000 + Math.floor(Math.random() * 6_000);
    const isFree = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

async function answers(port, host, boundMs) {
  const untilMs = Date.now() + boundMs;
  while (Date.now() < untilMs) {
    const open = await new Promise((resolve) => {
      const socket = connect({ port, host, timeout: 1_000 }, () => finish(true));
      const finish = (result) => {
        socket.destroy();
        resolve(result);
      };
      socket.once('error', () => finish(false)).once('timeout', () => finish(false));
    });
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

/** Gives each test of a file a connection to Redis and an installation of its own, for which nothing is stored yet. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Redis } from 'ioredis';
import { connectRecords } from '../../src/redis/connections.js';
import { anyRedis, at, isReady, keptLog, newInstallation } from './redis.js';

/**
 * To be called where the tests are described.
 *
 * @param begins is called before each test
 * @param log the log of the connection, which is emptied before each test
 */
export function eachInstallation(
  begins: (redis: Redis, installation: string) => void,
  log: ReturnType<typeof keptLog> = keptLog(),
): void {
  const toStop: (() => Promise<void>)[] = [];
  let url: string;
  let redis: Redis;
  beforeAll(async () => {
    const server = await anyRedis();
    url = server.url;
    toStop.push(server.stop);
  });
  afterAll(async () => {
    for (const stop of toStop) await stop();
  });
  beforeEach(async () => {
    log.lines.length = 0;
    redis = await isReady(connectRecords({ ...at(url), timeoutMs: 10_000 }, log));
    begins(redis, newInstallation());
  });
  afterEach(() => redis.disconnect());
}

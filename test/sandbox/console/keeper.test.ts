/** Holds that the console shows the true state of a bot whose start takes long. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BotKeeper, createBotKeeper } from '../../../sandbox/console/keeper.js';
import { startTown, type Town } from '../../../sandbox/town.js';
import { until } from '../../redis/redis.js';

let town: Town;
let isReady: boolean;
let keeper: BotKeeper;
beforeEach(async () => {
  const redisUrl = process.env.TEST_REDIS_URL;
  town = await startTown(redisUrl ? { redisUrl } : {});
  isReady = false;
  const { slack, env } = town;
  keeper = createBotKeeper({ slack, env, isReady: async () => isReady, now: Date.now, upWithinMs: 100 });
});
afterEach(async () => {
  await keeper.stop();
  await town.close();
});

test('a bot that comes up late, since Slack refused its calls, is shown as running from then on', async () => {
  await expect(keeper.start()).rejects.toThrow('The bot is not up yet.');
  expect(keeper.shown.state).toBe('starting');
  await expect(keeper.start()).rejects.toThrow('The bot runs already.');
  isReady = true;
  await until('it runs', () => keeper.shown.state === 'running');
});

test('a bot that is killed before it came up is not shown as running', async () => {
  await expect(keeper.start()).rejects.toThrow('The bot is not up yet.');
  await keeper.kill();
  isReady = true;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(keeper.shown.state).toBe('gone');
});

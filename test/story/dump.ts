/** A town as a version of the bot left it: its Redis, its AWS and its messages in Slack, from a file of test/fixtures. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { AwsWorld } from '../../sandbox/aws/world.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import { fileOf } from '../../sandbox/town.js';
import { type Story, startStory } from './story.js';

const pairs = z.array(z.string());
const keyShape = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('string'), value: z.string() }),
    z.object({ type: z.literal('hash'), value: z.record(z.string(), z.string()) }),
    z.object({ type: z.literal('list'), value: z.array(z.string()) }),
    z.object({ type: z.literal('set'), value: z.array(z.string()) }),
    /** Each member followed by its score. */
    z.object({ type: z.literal('zset'), value: pairs }),
    /** Each entry's id, and its fields, each followed by its value. */
    z.object({ type: z.literal('stream'), value: z.array(z.tuple([z.string(), pairs])) }),
  ])
  .and(z.object({ ttlMs: z.number().optional() }));
type Key = z.output<typeof keyShape>;

const dumpShape = z.object({
  /** When the version stopped, by its clock: epoch milliseconds. */
  atMs: z.number(),
  installation: z.string(),
  signingKeys: z.string(),
  /** The lines of the policy file. */
  policy: z.array(z.string()),
  /** The id of each request, by the name of the case that it is an example of. */
  requests: z.record(z.string(), z.string()),
  redis: z.record(z.string(), keyShape),
  aws: z.custom<AwsWorld>(),
  messages: z.array(z.custom<Message>()),
});
export type Dump = z.output<typeof dumpShape>;

/** @param name of a file in test/fixtures */
export function readDump(name: string): Dump {
  return dumpShape.parse(JSON.parse(readFileSync(fileOf(`test/fixtures/${name}`), 'utf8')));
}

/**
 * Starts a town that stands as the dump says, and the bot of this version in it, whose clock goes on where the dump ends.
 * @param redisUrl a Redis that nobody else uses
 */
export async function startDumped(dump: Dump, redisUrl: string, env: Record<string, string>): Promise<Story> {
  const { installation, signingKeys, policy } = dump;
  const redis = new Redis(redisUrl);
  await Promise.all(Object.entries(dump.redis).map(([key, content]) => put(redis, key, content)));
  redis.disconnect();
  const story = await startStory({
    redisUrl,
    world: dump.aws,
    policy: policy.join('\n'),
    env: { INSTALLATION: installation, SIGNING_KEYS: signingKeys, ...env },
    withoutBot: true,
  });
  story.town.slack.restore(dump.messages);
  story.passes(dump.atMs - story.now());
  await story.startBot();
  return story;
}

async function put(redis: Redis, key: string, content: Key): Promise<void> {
  switch (content.type) {
    case 'string':
      await redis.set(key, content.value);
      break;
    case 'hash':
      await redis.hset(key, content.value);
      break;
    case 'list':
      await redis.rpush(key, ...content.value);
      break;
    case 'set':
      await redis.sadd(key, ...content.value);
      break;
    case 'zset':
      // ZADD takes the score first.
      await redis.zadd(key, ...content.value.toReversed());
      break;
    case 'stream':
      await Promise.all(content.value.map(([id, fields]) => redis.xadd(key, id, ...fields)));
      break;
  }
  if (content.ttlMs !== undefined) await redis.pexpire(key, content.ttlMs);
}

/** Starts the whole town: Redis, AWS and Slack on 127.0.0.1, and makes the environment for a bot in this town. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { AwsTown } from './aws/aws-town.js';
import { startAws } from './aws/server.js';
import type { AwsSettings } from './aws/settings.js';
import type { AwsWorld } from './aws/world.js';
import { freePort } from './free-port.js';
import { startSlack } from './slack/server.js';
import type { SlackTown } from './slack/slack-town.js';
import { awsWorld, slackWorld } from './world.js';

/** The way to the project's folder, from `sandbox/` as well as from `dist/sandbox/`. */
const ROOT = import.meta.url.includes('/dist/sandbox/') ? '../../' : '../';
export const fileOf = (name: string): string => fileURLToPath(new URL(ROOT + name, import.meta.url));

export interface Town {
  slack: SlackTown;
  aws: AwsTown;
  /** The environment for a bot. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export interface TownOptions {
  /** Whether Slack uses signed HTTP instead of Socket Mode. */
  http?: boolean;
  /** The Redis for the bot. Default: an embedded Redis, which keeps nothing. */
  redisUrl?: string;
  policyFile?: string;
  installation?: string;
  aws?: Partial<AwsSettings>;
  world?: AwsWorld;
  /** Makes Slack's world from what the manifest says of the app. Default: the small company. */
  slackWorld?: typeof slackWorld;
}

const manifestShape = z.object({
  features: z.object({
    slash_commands: z.array(z.object({ command: z.string() })),
    shortcuts: z.array(z.object({ name: z.string(), callback_id: z.string() })),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
});

/** Starts everything but the bot. */
export async function startTown(options: TownOptions = {}): Promise<Town> {
  const manifest = manifestShape.parse(parse(readFileSync(fileOf('manifest.yml'), 'utf8')));
  const world = (options.slackWorld ?? slackWorld)({
    scopes: manifest.oauth_config.scopes.bot,
    commands: manifest.features.slash_commands.map(({ command }) => command),
    shortcuts: manifest.features.shortcuts.map(({ name, callback_id }) => ({
      name,
      callbackId: callback_id,
    })),
    events: manifest.settings.event_subscriptions.bot_events,
  });
  const port = await freePort();
  // The embedded Redis is large, so it is loaded only if it is wanted.
  const redis = options.redisUrl ? undefined : await (await import('./redis.js')).startEmbeddedRedis();
  const awsSeed = options.world ?? awsWorld();
  const aws = await startAws(awsSeed, options.aws ? { settings: options.aws } : {});
  const slack = await startSlack(
    world,
    options.http ? { httpEventsUrl: `http://127.0.0.1:${port}/slack/events` } : {},
  );
  const { app } = world;
  const env = {
    INSTALLATION: options.installation ?? 'sandbox',
    SIGNING_KEYS: randomBytes(32).toString('base64'),
    SLACK_BOT_TOKEN: app.botToken,
    ...(options.http ? { SLACK_SIGNING_SECRET: app.signingSecret } : { SLACK_APP_TOKEN: app.appToken }),
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: options.redisUrl ?? redis?.url ?? '',
    AWS_REGION: awsSeed.region,
    AWS_ACCESS_KEY_ID: awsSeed.accessKeyId ?? 'AKIASANDBOX000000000',
    AWS_SECRET_ACCESS_KEY: 'sandbox-not-a-secret',
    AWS_ENDPOINT_URL: aws.url,
    POLICY_FILE: options.policyFile ?? fileOf('sandbox/policy.yml'),
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'info',
    // Shorter than in production: a visitor does not wait a minute to see a repair.
    TIME_SWEEP: '5s',
  };
  return {
    slack,
    aws,
    env,
    async close() {
      await Promise.all([slack.close(), aws.close()]);
      await redis?.close();
    },
  };
}

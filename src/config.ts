/** The environment and the policy file, read once at start: a typed {@link Config}, or every problem at once. */
import type { Policy } from './access/policy/policy.js';
import { guessableKeys, readSigningKeys, type SigningKeys } from './access/rules/signature.js';
import { exposedAddresses, type Place, readListening } from './addresses.js';
import { readRate } from './ec2-rate.js';
import { type LogLevel, logLevels } from './log.js';
import { readPolicy } from './policy-file/read-policy.js';
import { exposedRedis, type RedisServer, readRedis } from './redis-server.js';
import { type Environment, secretsOf, withSecretsOfFiles } from './secrets.js';
import { optional, required, type Settings } from './settings.js';
import { readSlack, type SlackSettings } from './slack-settings.js';
import { type AllTimes, type ChangedTime, readTimes } from './times.js';

export interface Config {
  /** Names this installation in tags, keys and group names: a-z, 0-9 and -, at most 32. */
  installation: string;
  signingKeys: SigningKeys;
  slack: SlackSettings;
  redis: RedisServer;
  awsRegion: string;
  /** How many times EC2's documented rates the account has. */
  ec2Rate: number;
  policy: Policy;
  host: string;
  port: number;
  /** Where the metrics are answered; unset where nobody may ask for them. */
  metrics?: Place;
  logLevel: LogLevel;
  times: AllTimes;
  changedTimes: ChangedTime[];
  /** A sentence for each setting that works and is dangerous, with what to do about it. */
  warnings: string[];
  /** The texts that must stand in no line of the log. */
  secrets: string[];
}

/** The forms of settings that commands read without the other settings. */
export const INSTALLATION_FORM = /^[a-z0-9-]{1,32}$/;
export const REGION_FORM = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

export type ConfigReading = { ok: true; config: Config } | { ok: false; problems: string[] };

/**
 * Reads the configuration. `readFile` gives a file's bytes or throws; it is asked for the policy file and for secrets.
 * Problems name the variable and where its value comes from, and never repeat a secret.
 */
export function readConfig(surroundings: Environment, readFile: (path: string) => Uint8Array): ConfigReading {
  const { env, problems: unread } = withSecretsOfFiles(surroundings, readFile);
  // White space around a value comes from files and copying, and is never meant.
  const given = (name: string) => env[name]?.trim() || undefined;
  const problems: string[] = [...unread.values()];
  const settings: Settings = { given, problems };

  const installation = required(settings, 'INSTALLATION', INSTALLATION_FORM, INSTALLATION, 'shown');
  const signingKeys = readKeys(settings);
  const slack = readSlack(settings);
  const { redis, problems: wrongRedis } = readRedis(given, readFile);
  problems.push(...wrongRedis);
  const awsRegion = required(settings, 'AWS_REGION', REGION_FORM, REGION, 'shown');
  const read = readPolicyFile(settings, readFile);
  const { rate: ec2Rate, problems: wrongRate } = readRate(given);
  const host = given('HOST') ?? '127.0.0.1';
  const port = readPort(settings);
  const metrics = optional(settings, 'METRICS', readListening);
  const logLevel = readLogLevel(settings);
  const { times, changedTimes, problems: wrongTimes } = readTimes(given);
  problems.push(...wrongRate, ...wrongTimes);

  if (problems.length > 0 || !signingKeys || !slack || !redis || !read || !logLevel) {
    return { ok: false, problems: problems.filter((problem) => !isSaidOf(unread, problem)) };
  }
  return {
    ok: true,
    config: {
      ...{ installation, signingKeys, slack, redis, awsRegion, ec2Rate, policy: read.policy },
      ...{ host, port, ...(metrics ? { metrics } : {}), logLevel, times, changedTimes },
      warnings: [
        ...exposedRedis(redis),
        ...exposedAddresses(slack.apiUrl, given),
        ...guessable(signingKeys),
        ...read.warnings,
      ],
      secrets: secretsOf(env, redis.password),
    },
  };
}

const INSTALLATION =
  'a name of your choice for this installation, a-z, 0-9 and -, at most 32 characters. Never change it later.';
const REGION =
  'the Region of your WorkSpaces, such as eu-central-1; the AWS console shows it at the top right.';

function readKeys({ given, problems }: Settings): SigningKeys | undefined {
  const text = given('SIGNING_KEYS');
  if (text === undefined) {
    problems.push('SIGNING_KEYS is missing: a secret of your own. Make one with `openssl rand -base64 32`.');
    return undefined;
  }
  const read = readSigningKeys(text);
  if (read.ok) return read.keys;
  problems.push(`SIGNING_KEYS is wrong: ${read.problem}`);
  return undefined;
}

function readPolicyFile(
  { given, problems }: Settings,
  readFile: (path: string) => Uint8Array,
): { policy: Policy; warnings: string[] } | undefined {
  const path = given('POLICY_FILE');
  if (path === undefined) {
    problems.push(
      'POLICY_FILE is missing: the path of your policy, such as policy.yml; start from policy.example.yml.',
    );
    return undefined;
  }
  let bytes: Uint8Array;
  try {
    bytes = readFile(path);
  } catch (fault) {
    const cause = fault instanceof Error ? fault.message : String(fault);
    problems.push(`POLICY_FILE is "${path}", which cannot be read: ${cause}.`);
    return undefined;
  }
  const read = readPolicy(bytes, path);
  if (read.ok) return read;
  problems.push(...read.problems);
  return undefined;
}

function readPort({ given, problems }: Settings): number {
  const text = given('PORT') ?? '3000';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  problems.push(
    `PORT is "${text}", which is wrong: a number up to 65535 for health and, over HTTP, Slack; 3000 by default.`,
  );
  return 0;
}

function readLogLevel({ given, problems }: Settings): LogLevel | undefined {
  const text = given('LOG_LEVEL') ?? 'info';
  const level = logLevels.find((known) => known === text);
  if (!level)
    problems.push(`LOG_LEVEL is "${text}", which is wrong: ${logLevels.join(', ')}; info by default.`);
  return level;
}

/** Whether a problem only follows from a secret's file that cannot be used, of which a problem of its own tells. */
function isSaidOf(unread: ReadonlyMap<string, string>, problem: string): boolean {
  // Where the file of the signing secret cannot be read, the bot is meant to use HTTP, and no app token is missing.
  const names = [...unread.keys(), ...(unread.has('SLACK_SIGNING_SECRET') ? ['SLACK_APP_TOKEN'] : [])];
  return names.some((name) => problem.startsWith(`${name} is missing: `));
}

function guessable(keys: SigningKeys): string[] {
  return guessableKeys(keys).map(
    (number) =>
      `Signing key ${number} is not random: whoever guesses it can forge an approval. Make one with \`openssl rand -base64 32\`, and change to it as docs/security.md says.`,
  );
}

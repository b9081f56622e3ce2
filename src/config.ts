/** The environment and the policy file, read once at start: a typed {@link Config}, or every problem at once. */
import type { Policy } from './access/policy/policy.js';
import { readSigningKeys, type SigningKeys } from './access/rules/signature.js';
import { type LogLevel, logLevels } from './log.js';
import { readPolicy } from './policy-file/read-policy.js';
import type { Times } from './workflow/ports.js';

/** The slash command of `manifest.yml`. */
export const COMMAND = '/workspace-ssh';

/** How Slack reaches the bot. */
export type SlackMode = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };

/** The waiting times of the story and those of the rooms around it, all milliseconds. */
export interface AllTimes extends Times {
  /** After this time without a sign of life a job is given to another worker. */
  stalledMs: number;
  redisMs: number;
  /** How long running work may take to finish after the signal to stop. */
  drainMs: number;
}

/** A time that differs from its default, to be logged. */
export interface ChangedTime {
  name: string;
  value: string;
  usual: string;
}

export interface Config {
  /** Names this installation in tags, keys and group names: a-z, 0-9 and -, at most 32. */
  installation: string;
  signingKeys: SigningKeys;
  slack: {
    botToken: string;
    mode: SlackMode;
    /** Ends with a slash; unset for Slack itself. */
    apiUrl?: string;
    /** The slash command's name in texts that no command led to, such as Home: companies rename it. */
    command: string;
  };
  redisUrl: string;
  awsRegion: string;
  policy: Policy;
  host: string;
  port: number;
  logLevel: LogLevel;
  times: AllTimes;
  changedTimes: ChangedTime[];
}

export type ConfigReading = { ok: true; config: Config } | { ok: false; problems: string[] };

/** The name of each time in the environment, and its default. */
const timeVariables: Record<keyof AllTimes, { name: string; usual: string }> = {
  sweepMs: { name: 'TIME_SWEEP', usual: '60s' },
  openByMs: { name: 'TIME_OPEN_BY', usual: '20m' },
  absentFirstMs: { name: 'TIME_ABSENT_FIRST', usual: '2m' },
  absentAgainMs: { name: 'TIME_ABSENT_AGAIN', usual: '30s' },
  alertMs: { name: 'TIME_ALERT', usual: '5m' },
  lateYesMs: { name: 'TIME_LATE_YES', usual: '30m' },
  nudgeMs: { name: 'TIME_NUDGE', usual: '10m' },
  groupAgeMs: { name: 'TIME_GROUP_AGE', usual: '1d' },
  stalledMs: { name: 'TIME_STALLED', usual: '30s' },
  awsMs: { name: 'TIME_AWS', usual: '10s' },
  faultMs: { name: 'TIME_FAULT', usual: '60s' },
  redisMs: { name: 'TIME_REDIS', usual: '1500ms' },
  drainMs: { name: 'TIME_DRAIN', usual: '10s' },
};

/**
 * Reads the configuration. `readFile` gives a file's bytes or throws; it is asked for the policy file only.
 * Problems name the variable and where its value comes from, and never repeat a secret.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => Uint8Array,
): ConfigReading {
  const problems: string[] = [];
  // White space around a value comes from files and copying, and is never meant.
  const given = (name: string) => env[name]?.trim() || undefined;

  /** The value when it is there and right, else a problem is noted. Only `shown` values are repeated. */
  function required(name: string, form: RegExp, whence: string, shown?: 'shown'): string {
    const value = given(name);
    if (value === undefined) problems.push(`${name} is missing: ${whence}`);
    else if (!form.test(value))
      problems.push(`${name} ${shown ? `is "${value}", which is wrong` : 'is wrong'}: ${whence}`);
    return value ?? '';
  }

  const installation = required(
    'INSTALLATION',
    /^[a-z0-9-]{1,32}$/,
    'a name of your choice for this installation, a-z, 0-9 and -, at most 32 characters. Never change it later.',
    'shown',
  );
  const signingKeys = readKeys();
  const botToken = required(
    'SLACK_BOT_TOKEN',
    /^xoxb-[\w-]+$/,
    'it starts with xoxb- and comes from api.slack.com/apps, your app, Install App.',
  );
  const mode = readMode();
  const apiUrl = readApiUrl();
  const command = readCommand();
  const redisUrl = required(
    'REDIS_URL',
    /^rediss?:\/\/\S+$/,
    'where your Redis or Valkey listens, such as redis://127.0.0.1:6379 or rediss://….',
  );
  const awsRegion = required(
    'AWS_REGION',
    /^[a-z]{2,}(-[a-z]+)+-\d+$/,
    'the Region of your WorkSpaces, such as eu-central-1; the AWS console shows it at the top right.',
    'shown',
  );
  const policy = readPolicyFile();
  const host = given('HOST') ?? '127.0.0.1';
  const port = readPort();
  const logLevel = readLogLevel();
  const { times, changedTimes } = readTimes();

  if (problems.length > 0 || !signingKeys || !mode || !policy || !logLevel) return { ok: false, problems };
  return {
    ok: true,
    config: {
      installation,
      signingKeys,
      slack: { botToken, mode, command, ...(apiUrl ? { apiUrl } : {}) },
      redisUrl,
      awsRegion,
      policy,
      host,
      port,
      logLevel,
      times,
      changedTimes,
    },
  };

  function readKeys(): SigningKeys | undefined {
    const text = given('SIGNING_KEYS');
    if (text === undefined) {
      problems.push(
        'SIGNING_KEYS is missing: a secret of your own. Make one with `openssl rand -base64 32`.',
      );
      return undefined;
    }
    const read = readSigningKeys(text);
    if (read.ok) return read.keys;
    problems.push(`SIGNING_KEYS is wrong: ${read.problem}`);
    return undefined;
  }

  function readMode(): SlackMode | undefined {
    const appToken = given('SLACK_APP_TOKEN');
    const signingSecret = given('SLACK_SIGNING_SECRET');
    if (appToken && signingSecret) {
      problems.push(
        'SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: keep the first for Socket Mode (no public address needed) or the second for HTTP.',
      );
      return undefined;
    }
    if (appToken) {
      if (/^xapp-[\w-]+$/.test(appToken)) return { kind: 'socket', appToken };
      problems.push(
        'SLACK_APP_TOKEN is wrong: it starts with xapp- and comes from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope connections:write).',
      );
      return undefined;
    }
    if (signingSecret) {
      if (/^\w{16,}$/.test(signingSecret)) return { kind: 'http', signingSecret };
      problems.push(
        'SLACK_SIGNING_SECRET is wrong: it has 32 letters and digits and comes from api.slack.com/apps, your app, Basic Information, App Credentials.',
      );
      return undefined;
    }
    problems.push(
      'SLACK_APP_TOKEN is missing: it starts with xapp- and comes from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope connections:write). For HTTP instead of Socket Mode set SLACK_SIGNING_SECRET.',
    );
    return undefined;
  }

  function readApiUrl(): string | undefined {
    const text = given('SLACK_API_URL');
    if (text === undefined) return undefined;
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text.endsWith('/') ? text : `${text}/`;
    problems.push(
      'SLACK_API_URL is wrong: leave it out for Slack itself; elsewhere it starts with http:// or https://.',
    );
    return undefined;
  }

  function readCommand(): string {
    const text = given('SLACK_COMMAND') ?? COMMAND;
    if (/^\/[^\s/`A-Z]{1,31}$/.test(text)) return text;
    problems.push(
      `SLACK_COMMAND is "${text}", which is wrong: your slash command as people type it, such as ${COMMAND}, in lower case and at most 32 characters.`,
    );
    return COMMAND;
  }

  function readPolicyFile() {
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
    if (read.ok) return read.policy;
    problems.push(...read.problems);
    return undefined;
  }

  function readPort(): number {
    const text = given('PORT') ?? '3000';
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (port <= 65_535) return port;
    problems.push(
      `PORT is "${text}", which is wrong: a number up to 65535 for health and, over HTTP, Slack; 3000 by default.`,
    );
    return 0;
  }

  function readLogLevel(): LogLevel | undefined {
    const text = given('LOG_LEVEL') ?? 'info';
    const level = logLevels.find((known) => known === text);
    if (!level)
      problems.push(`LOG_LEVEL is "${text}", which is wrong: ${logLevels.join(', ')}; info by default.`);
    return level;
  }

  function readTimes(): { times: AllTimes; changedTimes: ChangedTime[] } {
    const changedTimes: ChangedTime[] = [];
    const time = (key: keyof AllTimes): number => {
      const { name, usual } = timeVariables[key];
      const usualMs = readTime(usual) ?? Number.NaN;
      const value = given(name);
      if (value === undefined) return usualMs;
      const ms = readTime(value);
      if (ms === undefined) {
        problems.push(
          `${name} is "${value}", which is wrong: a number with ms, s, m, h or d, below 24 days; leave it out for ${usual}.`,
        );
        return usualMs;
      }
      if (ms !== usualMs) changedTimes.push({ name, value, usual });
      return ms;
    };
    const times: AllTimes = {
      sweepMs: time('sweepMs'),
      openByMs: time('openByMs'),
      absentFirstMs: time('absentFirstMs'),
      absentAgainMs: time('absentAgainMs'),
      alertMs: time('alertMs'),
      lateYesMs: time('lateYesMs'),
      nudgeMs: time('nudgeMs'),
      groupAgeMs: time('groupAgeMs'),
      stalledMs: time('stalledMs'),
      awsMs: time('awsMs'),
      faultMs: time('faultMs'),
      redisMs: time('redisMs'),
      drainMs: time('drainMs'),
    };
    return { times, changedTimes };
  }
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1500ms`, `60s`, `20m`, `1d` → milliseconds; undefined for anything else, zero, and what a Node timer can't hold. */
function readTime(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,10})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(count) * (unitsMs[unit] ?? Number.NaN);
  return ms > 0 && ms < 2 ** 31 ? ms : undefined;
}

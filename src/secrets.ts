/** Secrets from files: an environment is seen by more people and programs than a file that one user may read. */
import { decodeUtf8 } from './policy-file/utf8.js';

/** The settings that hold a secret, or whose text may. Each may stand in a file, which `NAME_FILE` names. */
export const SECRETS = [
  'SIGNING_KEYS',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FilledIn {
  /** The environment with the texts of the files in it. */
  env: Environment;
  /** Why a setting's file cannot be used, by the setting's name. No path and no text is repeated: either may be a secret. */
  problems: ReadonlyMap<string, string>;
}

/** Fills in the secrets that stand in files. @param readFile gives a file's bytes, or throws */
export function withSecretsOfFiles(env: Environment, readFile: (path: string) => Uint8Array): FilledIn {
  const texts: Record<string, string> = {};
  const problems = new Map<string, string>();
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`]?.trim();
    if (!path) continue;
    const read = env[name]?.trim() ? BOTH(name) : textIn(path, readFile);
    if ('text' in read) texts[name] = read.text;
    else problems.set(name, `${name}_FILE ${read.problem}`);
  }
  return { env: { ...env, ...texts }, problems };
}

type Read = { text: string } | { problem: string };

const BOTH = (name: string): Read => ({ problem: `and ${name} are both set: keep one of them.` });

/** The text of a file, trimmed, or why it cannot be used, without its path. @param readFile gives its bytes, or throws */
export function textIn(path: string, readFile: (path: string) => Uint8Array): Read {
  let bytes: Uint8Array;
  try {
    bytes = readFile(path);
  } catch (fault) {
    const code = typeof fault === 'object' && fault !== null && 'code' in fault ? ` (${fault.code})` : '';
    return { problem: `names a file that cannot be read${code}: write its path, and let the bot read it.` };
  }
  const decoded = decodeUtf8(bytes, 'It');
  if (!decoded.ok) return { problem: 'names a file that is not UTF-8: save it as plain text.' };
  const text = decoded.text.trim();
  return text === ''
    ? { problem: 'names an empty file: write there what it is for, and nothing else.' }
    : { text };
}

/** The secrets that the AWS SDK reads by itself. They may stand in errors of the SDK, which the bot logs. */
const AWS_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** The texts that must stand in no line of the log. @param password of Redis */
export function secretsOf(env: Environment, password: string | undefined): string[] {
  const texts = [...SECRETS, ...AWS_SECRETS].flatMap((name) => env[name]?.trim() ?? []);
  const parts = texts.flatMap((text) => [text, ...text.split(',').map((part) => part.trim())]);
  return [...new Set([...parts, ...(password === undefined ? [] : [password])])];
}

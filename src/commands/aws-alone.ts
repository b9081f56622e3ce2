/** What the commands share that work with AWS credentials and the signing keys alone, whatever else is down. */
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeenRule } from '../access/ingress.js';
import { readSigningKeys, type SigningKeys } from '../access/signature.js';
import { AwsUnavailable } from '../workflow/ports.js';

/** How long AWS may refuse before the rest is reported as still there: throttling passes, an outage may not. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

/** Says what is missing or wrong in the environment, and answers nothing then. Never repeats a secret. */
export function readSetting(
  env: NodeJS.ProcessEnv,
): { region: string; installation: string; keys: SigningKeys } | undefined {
  const missing = ['AWS_REGION', 'INSTALLATION', 'SIGNING_KEYS'].filter((name) => !env[name]?.trim());
  const keys = readSigningKeys(env.SIGNING_KEYS?.trim() ?? '');
  for (const name of missing)
    console.error(`${name} is missing: it has to be the one that the bot runs with.`);
  if (!keys.ok && !missing.includes('SIGNING_KEYS')) console.error(`SIGNING_KEYS is wrong: ${keys.problem}`);
  if (missing.length > 0 || !keys.ok) return undefined;
  return {
    region: env.AWS_REGION?.trim() ?? '',
    installation: env.INSTALLATION?.trim() ?? '',
    keys: keys.keys,
  };
}

/** A tag without a signature that verifies is somebody else's text, unless it stands in a group of our own. */
export function isOwned(rule: SeenRule): boolean {
  return rule.leases.length > 0 || (rule.tagged && rule.inAccessGroup);
}

/** Asks at the terminal; off a terminal nobody can agree, and `offTerminal` says what would be done. */
export async function agreed(question: string, offTerminal: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error(`${offTerminal} Off a terminal say --yes; nothing was changed.`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} Type yes: `);
  terminal.close();
  if (answer.trim() !== 'yes') console.error('Nothing was changed.');
  return answer.trim() === 'yes';
}

/** Tries again for a minute while AWS does not answer or throttles. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof AwsUnavailable) || Date.now() >= deadline) throw cause;
      await pause(AGAIN_MS);
    }
  }
}

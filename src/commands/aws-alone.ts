/** Shared by the commands that work with AWS credentials and the signing keys alone, whatever else is down. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwned, type SeenRule } from '../access/rules/seen-rule.js';
import { readSigningKeys, type SigningKeys } from '../access/rules/signature.js';
import { createAwsClients } from '../aws/clients.js';
import { createFirewall } from '../aws/security-groups.js';
import { INSTALLATION_FORM, REGION_FORM } from '../config.js';
import { readRate } from '../ec2-rate.js';
import { withSecretsOfFiles } from '../secrets.js';
import { AwsUnavailable } from '../workflow/ports.js';
import type { Firewall } from '../workflow/ports-firewall.js';
import type { Shell } from './shell.js';

/** How long a command waits for an AWS that throttles or does not answer, milliseconds. An outage may last longer. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

/** The installation whose rules a command works on. */
export interface Setting {
  region: string;
  installation: string;
  keys: SigningKeys;
  /** How many times EC2's documented rates the account has. */
  rate: number;
}

/**
 * Does a command's work on the installation that the environment names.
 * @param unread a sentence for the person at the terminal, said after "AWS could not be read"
 * @returns the exit code: what `work` answers, 1 where AWS could not be read, 2 where a setting is missing or wrong
 */
export async function onFirewall(
  shell: Shell,
  unread: string,
  work: (firewall: Firewall, setting: Setting) => Promise<number>,
): Promise<number> {
  const setting = readSetting(shell);
  if (!setting) return 2;
  const { region, rate } = setting;
  const clients = createAwsClients({ region, rate, ...shell.aws });
  try {
    return await work(createFirewall({ clients, ...setting }), setting);
  } catch (cause) {
    shell.err(`AWS could not be read: ${messageOf(cause)}. ${unread}`);
    return 1;
  } finally {
    clients.close();
  }
}

/** The message of anything that was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Reads the setting. Undefined where a part is missing or wrong, of which the person is told without secrets. */
function readSetting({ env: surroundings, err }: Shell): Setting | undefined {
  const { env, problems: unread } = withSecretsOfFiles(surroundings, (path) => readFileSync(path));
  const unreadKeys = unread.get('SIGNING_KEYS');
  if (unreadKeys) err(unreadKeys);
  const [region, installation, keyTexts] = ['AWS_REGION', 'INSTALLATION', 'SIGNING_KEYS'].map((name) => {
    const text = env[name]?.trim() ?? '';
    if (text === '' && !unread.has(name))
      err(`${name} is missing: it has to be the one that the bot runs with.`);
    return text;
  });
  const keys = readSigningKeys(keyTexts ?? '');
  const { rate, problems } = readRate((name) => env[name]?.trim() || undefined);
  const wrong = [
    ...(region && !REGION_FORM.test(region) ? [`AWS_REGION is "${region}", which is no Region.`] : []),
    ...(installation && !INSTALLATION_FORM.test(installation)
      ? [`INSTALLATION is "${installation}", which no bot runs with.`]
      : []),
    ...problems,
    ...(keyTexts && !keys.ok ? [`SIGNING_KEYS is wrong: ${keys.problem}`] : []),
  ];
  for (const sentence of wrong) err(sentence);
  if (!region || !installation || !keys.ok || unreadKeys || wrong.length > 0) return undefined;
  return { region, installation, keys: keys.keys, rate };
}

/** Whether a rule may be removed: an owned rule, or one that claims to be ours in an access group of ours. */
export function mayRemove(rule: SeenRule): boolean {
  return isOwned(rule) || (rule.tagged && rule.inAccessGroup);
}

/** Asks for a yes at the terminal. Off a terminal the answer is no, and the person reads the sentence `offTerminal`. */
export async function agreed({ ask, err }: Shell, question: string, offTerminal: string): Promise<boolean> {
  if (!ask) {
    err(`${offTerminal} Off a terminal say --yes; nothing was changed.`);
    return false;
  }
  const answer = await ask(`${question} Type yes: `);
  if (answer.trim() !== 'yes') err('Nothing was changed.');
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
      await sleep(AGAIN_MS);
    }
  }
}

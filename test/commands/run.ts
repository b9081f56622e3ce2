/** Runs commands: in this process, or as scripts of their own, as people and cron start them. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileOf } from '../../sandbox/town.js';
import type { Command, Shell } from '../../src/commands/shell.js';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export const credentials = { accessKeyId: 'AKIASANDBOX000000000', secretAccessKey: 'not-a-secret' };

/** The surroundings of a command in this process that works at a pretend AWS. */
export const hereAt = (endpoint: string, env: Record<string, string>) => ({
  env,
  aws: { endpoint, credentials },
});

/** The surroundings of a script that works at a pretend AWS, by the variables that the SDK reads. */
export const environmentAt = (endpoint: string, env: Record<string, string>) => ({
  ...env,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_ENDPOINT_URL: endpoint,
});

/** Runs a command off a terminal, with this environment alone. */
export async function runHere(
  command: Command,
  args: string[],
  { env = {}, aws = {}, now = Date.now, ask }: Partial<Pick<Shell, 'env' | 'aws' | 'now' | 'ask'>> = {},
): Promise<Ran> {
  const said = { out: '', err: '' };
  const code = await command(args, {
    env,
    aws,
    now,
    out(line) {
      said.out += `${line}\n`;
    },
    err(line) {
      said.err += `${line}\n`;
    },
    ask,
  });
  return { code, ...said };
}

/** Runs a script as cron does: from another folder, without a terminal, and with this environment alone. */
export function runScript(script: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [fileOf(script), ...args],
      { env, cwd: tmpdir() },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
    child.stdin?.end();
  });
}

/** What a command gets from where it is started, so that tests run it in their own process. */
import { createInterface } from 'node:readline/promises';
import type { AwsPlace } from '../aws/clients.js';

export interface Shell {
  env: Readonly<Record<string, string | undefined>>;
  /** Where AWS is and who asks it, in place of the SDK's own environment variables. */
  aws: AwsPlace;
  /** This machine's clock, epoch milliseconds. */
  now(): number;
  /** Prints a line on standard output. */
  out(line: string): void;
  /** Prints a line on standard error. */
  err(line: string): void;
  /** Asks at the terminal. Undefined off a terminal, where nobody can be asked. */
  ask: ((question: string) => Promise<string>) | undefined;
}

/** A command: runs with its arguments, and answers the exit code. */
export type Command = (args: string[], shell: Shell) => Promise<number>;

/** `1 rule`, `2 rules`. */
export function several(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

/** The shell of this process. */
export const processShell: Shell = {
  env: process.env,
  aws: {},
  now: Date.now,
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  ask: process.stdin.isTTY ? askAtTerminal : undefined,
};

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return answer;
}

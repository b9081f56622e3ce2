/** Prints the Slack app's manifest, as it is or in a variant, and the link that makes the app with one click. */
import { parseArgs } from 'node:util';
import { linkOf, variantOf } from '../manifest.js';
import { messageOf } from './aws-alone.js';
import { readProjectFile } from './project.js';
import type { Command, Shell } from './shell.js';

const USAGE = `npm run manifest [-- --http URL] [--command /ssh]     prints the Slack app's manifest, and its link
  --http URL       the bot's public address: HTTP instead of Socket Mode
  --command /ssh   another name for the slash command; SLACK_COMMAND says it to the bot`;

/** Exit codes: 0 printed, 2 wrong usage. The manifest alone is on standard output. */
export const manifest: Command = async (args, shell) => {
  const wish = readArguments(args, shell);
  if (!wish) return 2;
  const made = variantOf(readProjectFile('manifest.yml'), wish);
  if ('problem' in made) {
    shell.err(made.problem);
    return 2;
  }
  shell.out(made.yaml.trimEnd());
  shell.err(`\nThis link makes the app:\n\n${linkOf(made.yaml)}\n`);
  for (const line of afterwards(wish)) shell.err(line);
  return 0;
};

type Wish = { http?: string; command?: string };

function readArguments(args: string[], { err }: Shell): Wish | undefined {
  const text = { type: 'string' } as const;
  try {
    const { http, command } = parseArgs({ args, options: { http: text, command: text } }).values;
    return { ...(http === undefined ? {} : { http }), ...(command === undefined ? {} : { command }) };
  } catch (fault) {
    err(`${messageOf(fault)}\n\n${USAGE}`);
    return undefined;
  }
}

/** What to do once the app is made. */
function afterwards({ http, command }: Wish): string[] {
  return [
    'Then install it: Install App gives SLACK_BOT_TOKEN (xoxb-…).',
    http === undefined
      ? 'Basic Information, App-Level Tokens, scope connections:write: SLACK_APP_TOKEN (xapp-…).'
      : 'Basic Information, App Credentials: SLACK_SIGNING_SECRET. Leave SLACK_APP_TOKEN out.',
    ...(command === undefined ? [] : [`Set SLACK_COMMAND=${command}.`]),
  ];
}

/** How the bot and Slack reach each other: the tokens, the way of what Slack sends, and the name of the command. */
import { readSlackUrl } from './addresses.js';
import { optional, required, type Settings } from './settings.js';

/** The slash command of `manifest.yml`. */
export const COMMAND = '/workspace-ssh';

/** A slash command as people type it, in the form that Slack takes. */
export const COMMAND_FORM = /^\/[^\s/`A-Z]{1,31}$/;

/** How Slack reaches the bot. */
export type SlackMode = { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string };

export interface SlackSettings {
  botToken: string;
  mode: SlackMode;
  /** Ends with a slash; unset for Slack itself. */
  apiUrl?: string;
  /** The slash command's name in texts that no command led to, such as Home: companies rename it. */
  command: string;
}

/** @returns undefined where nothing says how Slack reaches the bot, or two settings do: the problem is noted */
export function readSlack(settings: Settings): SlackSettings | undefined {
  const botToken = required(
    settings,
    'SLACK_BOT_TOKEN',
    /^xoxb-[\w-]+$/,
    'it starts with xoxb- and comes from api.slack.com/apps, your app, Install App.',
  );
  const mode = readMode(settings);
  const apiUrl = optional(settings, 'SLACK_API_URL', readSlackUrl);
  const command = readCommand(settings);
  return mode && { botToken, mode, command, ...(apiUrl ? { apiUrl } : {}) };
}

const APP_TOKEN =
  'it starts with xapp- and comes from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope connections:write).';
const SIGNING_SECRET =
  'it has 32 letters and digits and comes from api.slack.com/apps, your app, Basic Information, App Credentials.';

function readMode({ given, problems }: Settings): SlackMode | undefined {
  const appToken = given('SLACK_APP_TOKEN');
  const signingSecret = given('SLACK_SIGNING_SECRET');
  if (appToken && signingSecret) {
    problems.push(
      'SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: keep the first for Socket Mode (no public address needed) or the second for HTTP.',
    );
  } else if (appToken) {
    if (/^xapp-[\w-]+$/.test(appToken)) return { kind: 'socket', appToken };
    problems.push(`SLACK_APP_TOKEN is wrong: ${APP_TOKEN}`);
  } else if (signingSecret) {
    if (/^\w{16,}$/.test(signingSecret)) return { kind: 'http', signingSecret };
    problems.push(`SLACK_SIGNING_SECRET is wrong: ${SIGNING_SECRET}`);
  } else {
    problems.push(
      `SLACK_APP_TOKEN is missing: ${APP_TOKEN} For HTTP instead of Socket Mode set SLACK_SIGNING_SECRET.`,
    );
  }
  return undefined;
}

function readCommand({ given, problems }: Settings): string {
  const text = given('SLACK_COMMAND') ?? COMMAND;
  if (COMMAND_FORM.test(text)) return text;
  problems.push(
    `SLACK_COMMAND is "${text}", which is wrong: your slash command as people type it, such as ${COMMAND}, in lower case and at most 32 characters.`,
  );
  return COMMAND;
}

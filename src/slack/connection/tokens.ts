/** Which of the bot's tokens Slack refuses. A refused token looks like an outage and never passes: an operator mends it. */
import type { Log } from '../../workflow/ports.js';
import { tokenRefusal } from './refusals.js';

/** A setting that holds a token of Slack. */
export type TokenSetting = 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN';

export interface Tokens {
  /** Whether Slack refused the token, which is then in the log with the next step. False for every other trouble. */
  noteRefusal(setting: TokenSetting, cause: unknown): boolean;
  /** Slack took the token. */
  noteAccepted(setting: TokenSetting): void;
  /** Whether a token was refused when it was last tried. */
  refused(): boolean;
}

/** Slack's codes, of https://docs.slack.dev/reference/methods/auth.test, with what they mean for the operator. */
const MEANING: Readonly<Record<string, string>> = {
  account_inactive:
    'the app was uninstalled, or its bot was deactivated: install it again and copy the new token',
  app_not_installed: 'the app is not installed in the workspace: install it and copy the token',
  invalid_auth: 'Slack does not know it, or not from this address: copy it again from api.slack.com/apps',
  not_allowed_token_type:
    'a token of another kind is wanted: the bot token starts with xoxb-, the app-level one with xapp-',
  not_authed: 'Slack saw no token: does a proxy take the header off?',
  token_expired: 'it has expired: turn token rotation off for the app and copy the new token',
  token_revoked: 'it was revoked: install the app again and copy the new token',
};

/** What it means that Slack refuses a token with this code, and what an operator does about it. */
export function meaningOf(code: string): string {
  return MEANING[code] ?? 'look it up at docs.slack.dev';
}

export function createTokens(log: Log): Tokens {
  const refused = new Map<TokenSetting, string>();
  return {
    noteRefusal(setting, cause) {
      const code = tokenRefusal(cause);
      if (code === undefined) return false;
      refused.set(setting, code);
      const sentence = `Slack refuses ${setting} (${code}): ${meaningOf(code)}, and start the bot anew`;
      log.error({ setting, code }, sentence);
      return true;
    },
    noteAccepted(setting) {
      if (refused.delete(setting)) log.info({ setting }, `Slack takes ${setting} again`);
    },
    refused: () => refused.size > 0,
  };
}

/** The Slack app's manifest: the scopes in it, its variants, and the link that opens Slack with it filled in. */
import { parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { COMMAND_FORM } from './slack-settings.js';

const shape = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });

/** The bot token's scopes. @param text of manifest.yml */
export function scopesOf(text: string): string[] {
  return shape.parse(parse(text)).oauth_config.scopes.bot;
}

/** How a company's app differs from manifest.yml. */
export interface Variant {
  /** The bot's public address, such as `https://ssh.example.com`: HTTP instead of Socket Mode. */
  http?: string;
  /** The slash command's name, with its slash. */
  command?: string;
}

/** Where the bot takes requests of Slack. */
const EVENTS_PATH = '/slack/events';

/**
 * The manifest for a variant, without comments, which are for readers of the file.
 * @param text of manifest.yml
 * @returns `problem`: what is wrong with the wish, as a sentence
 */
export function variantOf(text: string, { http, command }: Variant): { yaml: string } | { problem: string } {
  const document = parseDocument(text);
  if (command !== undefined) {
    if (!COMMAND_FORM.test(command))
      return {
        problem: `--command is "${command}": write it as people type it, such as /ssh, in lower case and at most 32 characters.`,
      };
    document.setIn(['features', 'slash_commands', 0, 'command'], command);
  }
  if (http !== undefined) {
    const origin = publicOrigin(http);
    if (origin === undefined)
      return {
        problem: `--http is "${http}": write the public address of the bot, such as https://ssh.example.com, without a path.`,
      };
    const url = origin + EVENTS_PATH;
    document.setIn(['features', 'slash_commands', 0, 'url'], url);
    document.setIn(['settings', 'event_subscriptions', 'request_url'], url);
    document.setIn(['settings', 'interactivity', 'request_url'], url);
    document.setIn(['settings', 'socket_mode_enabled'], false);
  }
  return { yaml: stringify(document.toJS(), { lineWidth: 0 }) };
}

/** The origin of the bot's public address, which has to be https. The path of Slack's requests may be left out. */
function publicOrigin(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin, pathname, search, hash, username } = new URL(address);
  const isPlain = ['/', EVENTS_PATH].includes(pathname) && search + hash + username === '';
  return protocol === 'https:' && isPlain ? origin : undefined;
}

/** The address of Slack's page that makes an app, with the manifest filled in, in a form for Markdown links. */
export function linkOf(yaml: string): string {
  const escaped = encodeURIComponent(yaml).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `https://api.slack.com/apps?new_app=1&manifest_yaml=${escaped}`;
}

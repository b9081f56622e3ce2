/** Lets Slack's libraries write into the bot's log, without tokens and without what people wrote. */
import { LogLevel } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Log } from '../../workflow/ports.js';

/** Bot, user, app-level and refresh tokens; and the ticket in a Socket Mode address. */
const SECRET = /\bx(?:ox[a-z]?|app)[a-z.]{0,20}-[\w-]+|\b(?:ticket|token)=[^&\s"]+/gi;

/** Debug lines hold whole payloads, so they are dropped, and the level lets the SDK not even make them. */
export function boltLogger(log: Log): Logger {
  const said = (parts: unknown[]): string => parts.map(readable).join(' ').replace(SECRET, '[secret]');
  return {
    debug: () => {},
    info: (...parts) => log.info({ from: 'slack' }, said(parts)),
    warn: (...parts) => log.warn({ from: 'slack' }, said(parts)),
    error: (...parts) => log.error({ from: 'slack' }, said(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}

function readable(part: unknown): string {
  if (typeof part === 'string') return part;
  return part instanceof Error ? `${part.name}: ${part.message}` : JSON.stringify(part);
}

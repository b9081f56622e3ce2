/**
 * What an error of Slack's Web API says of trying again. Slack has hundreds of codes and adds to them, so only the codes
 * that are known to pass are listed: every other refusal is final, and whoever asked takes another way.
 */
import { WebAPIPlatformError } from '@slack/web-api';
import { SlackFailed } from '../../workflow/ports.js';

/** Slack's own trouble: the same call may succeed a moment later. */
const PASSING = new Set([
  'fatal_error',
  'internal_error',
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'rollup_error',
  'service_unavailable',
  'update_failed',
  // A workspace or a channel that is being moved; Slack says that calls fail until the move is done.
  'external_channel_migrating',
  'org_login_required',
  'team_added_to_org',
]);

/** Slack refuses the token, whatever was asked: an operator mends it. */
const TOKEN = new Set([
  'account_inactive',
  'app_not_installed',
  'invalid_auth',
  'not_allowed_token_type',
  'not_authed',
  'token_expired',
  'token_revoked',
]);

/** Slack refuses the app for want of a scope, or for the network that it calls from: an operator mends that as well. */
const SETUP = new Set(['accesslimited', 'missing_scope', 'two_factor_setup_required']);

/** Slack refuses what a message holds. Its receiver can be reached with another message. */
const CONTENT = new Set([
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
]);

/**
 * Slack's code where trying the call again changes nothing, such as `is_archived`. Undefined where the trouble passes,
 * where Slack did not answer at all, and where an operator has to mend the app: what waited goes on then.
 */
export function finalRefusal(cause: unknown): string | undefined {
  const code = codeOf(cause);
  if (code === undefined || PASSING.has(code) || TOKEN.has(code) || SETUP.has(code)) return undefined;
  return code;
}

/** Slack's code where it refuses the token itself, such as `token_revoked`. */
export function tokenRefusal(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return code !== undefined && TOKEN.has(code) ? code : undefined;
}

/** Slack's code where it refuses what a message shows, and not whom it is for: Slack's limits are not all documented. */
export function contentRefusal(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return code !== undefined && CONTENT.has(code) ? code : undefined;
}

function codeOf(fault: unknown): string | undefined {
  const cause = fault instanceof SlackFailed ? fault.cause : fault;
  return cause instanceof WebAPIPlatformError ? cause.data.error : undefined;
}

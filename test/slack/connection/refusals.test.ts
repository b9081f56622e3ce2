import { describe, expect, test } from '@jest/globals';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { contentRefusal, finalRefusal, tokenRefusal } from '../../../src/slack/connection/refusals.js';

const refused = (error: string) => new WebAPIPlatformError({ ok: false, error });

describe('a refusal of Slack', () => {
  test.each([
    'restricted_action',
    'restricted_action_read_only_channel',
    'restricted_action_thread_only_channel',
    'team_access_not_granted',
    'ekm_access_denied',
    'is_archived',
    'user_disabled',
    'channel_not_found',
    'cant_update_message',
    'edit_window_closed',
    'a_code_that_slack_adds_next_year',
  ])('is final: %s', (code) => {
    expect(finalRefusal(refused(code))).toBe(code);
    expect(tokenRefusal(refused(code))).toBeUndefined();
  });

  test('of the content of a message is told from a refusal of its addressee', () => {
    const codes = [
      'invalid_blocks',
      'msg_blocks_too_long',
      'user_disabled',
      'internal_error',
      'invalid_auth',
    ];
    const found = codes.map((code) => contentRefusal(refused(code)));
    expect(found).toEqual(['invalid_blocks', 'msg_blocks_too_long', undefined, undefined, undefined]);
  });

  test.each([
    'internal_error',
    'fatal_error',
    'request_timeout',
    'service_unavailable',
    'ratelimited',
    'rate_limited',
    'message_limit_exceeded',
    'team_added_to_org',
  ])('may be temporary, so that the call is made again: %s', (code) => {
    expect(finalRefusal(refused(code))).toBeUndefined();
    expect(tokenRefusal(refused(code))).toBeUndefined();
  });

  test.each(['invalid_auth', 'token_revoked', 'account_inactive', 'not_allowed_token_type'])(
    'of the token is no fault of the person or the channel: %s',
    (code) => {
      expect(finalRefusal(refused(code))).toBeUndefined();
      expect(tokenRefusal(refused(code))).toBe(code);
    },
  );

  test.each([
    new WebAPIRateLimitedError(1),
    new WebAPIRequestError(new Error('socket hang up')),
    new WebAPIHTTPError(503, 'Service Unavailable', {}),
    new Error('Slack posted a message without a ts'),
  ])('is not seen in a call that failed without one: %s', (cause) => {
    expect(finalRefusal(cause)).toBeUndefined();
    expect(tokenRefusal(cause)).toBeUndefined();
  });
});

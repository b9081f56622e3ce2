import { expect, test } from '@jest/globals';
import { boltLogger } from '../../../src/slack/connection/bolt-logger.js';

/** A line of Slack's libraries as it stands in the bot's log. */
function lineOf(...parts: unknown[]): string {
  let line = '';
  const write = (_: object, message: string) => {
    line += message;
  };
  boltLogger({ info: write, warn: write, error: write }).error(...parts);
  return line;
}

test.each([
  ['a bot token', ['for xoxb-1-hunter2 it failed']],
  ['a token that rotates', ['xoxe.xoxb-1-hunter2']],
  ['an app token', ['xapp-1-A0-hunter2']],
  ['the ticket of a connection', ['to wss://wss-primary.slack.com/link/?ticket=hunter2&app_id=1']],
  ['an error', [new Error('no answer for xoxp-hunter2')]],
  ['an object', [{ sent: { token: 'xoxb-hunter2' } }]],
])('%s in a line of Slack’s libraries stays out of the log', (_, parts) => {
  expect(lineOf(...parts)).toContain('[secret]');
  expect(lineOf(...parts)).not.toContain('hunter2');
});

test('payloads, which are in the lines for debugging, stay out of the log', () => {
  const lines: string[] = [];
  const write = (_: object, message: string) => lines.push(message);
  const logger = boltLogger({ info: write, warn: write, error: write });
  logger.debug('{"text":"what somebody wrote"}');
  logger.info('connected');
  expect(lines).toEqual(['connected']);
});

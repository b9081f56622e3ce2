/** Which Slack statuses say that somebody is away. */
import { expect, test } from '@jest/globals';
import { awayStatus } from '../../../src/slack/connection/away.js';

const NOW = 1_800_000_000_000;

test.each([
  ['Vacationing', ':palm_tree:', 'Vacationing'],
  ['Out sick', ':face_with_thermometer:', 'Out sick'],
  ['', ':palm_tree:', 'away'],
  ['OOO until Monday', ':calendar:', 'OOO until Monday'],
  ['on parental leave', '', 'on parental leave'],
  ['Out of the office', '', 'Out of the office'],
  ['back on 3 Dec', '', 'back on 3 Dec'],
  ['day off', '', 'day off'],
])('the status %s %s says that a person is away', (text, emoji, says) => {
  expect(awayStatus({ status_text: text, status_emoji: emoji, status_expiration: 0 }, NOW)).toBe(says);
});

test.each([
  ['', ''],
  ['In a meeting', ':spiral_calendar_pad:'],
  ['Working remotely', ':house_with_garden:'],
  ['Commuting', ':bus:'],
  ['reading feedback on OPS-412', ''],
])('the status %s %s does not say that a person is away', (text, emoji) => {
  expect(awayStatus({ status_text: text, status_emoji: emoji }, NOW)).toBeUndefined();
});

test('a status that has expired says nothing, and a long status is cut', () => {
  const status = { status_text: `away ${'x'.repeat(200)}`, status_emoji: '' };
  expect(awayStatus({ ...status, status_expiration: NOW / 1000 }, NOW)).toBeUndefined();
  expect(awayStatus({ ...status, status_expiration: NOW / 1000 + 1 }, NOW)).toHaveLength(100);
});

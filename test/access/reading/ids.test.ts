import { describe, expect, test } from '@jest/globals';
import {
  isAlmostTargetId,
  isUserId,
  readTargetId,
  targetById,
  USER_GROUP,
  userGroup,
} from '../../../src/access/reading/ids.js';

const LONGEST = 'a'.repeat(63);

describe('the id of a WorkSpace or a directory', () => {
  test.each([
    ['ws-8kd2x4f9m', 'ws-8kd2x4f9m'],
    ['ws-abcdefgh', 'ws-abcdefgh'],
    [`ws-${LONGEST}`, `ws-${LONGEST}`],
    ['d-9067f01234', 'd-9067f01234'],
    ['d-deadbeef', 'd-deadbeef'],
    ['wsd-8kd2x4f9m', 'wsd-8kd2x4f9m'],
    ['WS-8KD2X4F9M', 'ws-8kd2x4f9m'],
    ['D-9067F01234', 'd-9067f01234'],
    ['Wsd-8kd2x4f9M', 'wsd-8kd2x4f9m'],
    ['ws-8kd2x4f9m.', 'ws-8kd2x4f9m'],
    ['ws-8kd2x4f9m,', 'ws-8kd2x4f9m'],
    ['d-9067f01234?!', 'd-9067f01234'],
    [' d-9067f01234: ', 'd-9067f01234'],
  ])('is read from %j', (text, id) => {
    expect(readTargetId(text)).toBe(id);
    expect(isAlmostTargetId(text)).toBe(true);
  });
});

describe('a mistyped id', () => {
  test.each([
    'ws-',
    'ws-8kd2x4f',
    `ws-${LONGEST}a`,
    'wsd-8kd2x4f',
    'd-9067f01',
    'd-9067f0123x',
    'D-9067F0123X.',
    'WS-123,',
  ])('%j is almost an id', (text) => {
    expect(readTargetId(text)).toBeUndefined();
    expect(isAlmostTargetId(text)).toBe(true);
  });
});

describe('another word', () => {
  test.each([
    '',
    'own',
    'ws',
    'd-day',
    'd-dimensional',
    'ws_8kd2x4f9m',
    'ws-8kd2 x4f9m',
    'ws-8kd2x4f9ſ',
    'ws-8kd2x4f9m/x',
    'eni-0123456789abcdef0',
    'sg-0123456789abcdef0',
  ])('%j is no id', (text) => {
    expect(readTargetId(text)).toBeUndefined();
    expect(isAlmostTargetId(text)).toBe(false);
  });
});

test.each([
  ['ws-8kd2x4f9m', { kind: 'workspace', workspaceId: 'ws-8kd2x4f9m' }],
  ['d-9067f01234', { kind: 'directory', directoryId: 'd-9067f01234' }],
  ['wsd-8kd2x4f9m', { kind: 'directory', directoryId: 'wsd-8kd2x4f9m' }],
] as const)('the id %s stands for its kind of target', (id, target) => {
  expect(targetById(id)).toEqual(target);
});

test.each([
  ['U0JANE', true],
  ['W0123ABC', true],
  ['u0jane', false],
  ['U', false],
  ['S0SECURITY', false],
  ['@jane', false],
  ['<@U0JANE>', false],
])('%j is the id of a Slack user: %j', (text, is) => {
  expect(isUserId(text)).toBe(is);
});

test.each([
  ['S0SECURITY', 'S0SECURITY'],
  ['@security', '@security'],
  ['@Security', '@security'],
  ['On-Call_1.eu', '@on-call_1.eu'],
])('the user group %j of the policy is kept as %j', (text, group) => {
  expect(userGroup(text)).toBe(group);
  expect(group).toMatch(USER_GROUP);
});

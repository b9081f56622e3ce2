import { expect, test } from '@jest/globals';
import { readReason } from '../../../src/access/reading/reason.js';

const limits = { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket, such as OPS-412.' };

test('without a pattern in the policy any reason is accepted', () => {
  expect(readReason('because', undefined)).toEqual({ ok: true });
});

test('a reason without a ticket is answered with the hint', () => {
  expect(readReason('fixing the build', limits)).toEqual({ ok: false, sentence: limits.hint });
});

test('the ticket in a reason becomes a link', () => {
  const link = 'https://tickets.example.com/browse/{ticket}?from={ticket}';
  expect(readReason('the build, OPS-412', { ...limits, link })).toEqual({
    ok: true,
    ticket: { text: 'OPS-412', url: 'https://tickets.example.com/browse/OPS-412?from=OPS-412' },
  });
});

test('a ticket cannot leave its place in the link, whatever characters the pattern finds', () => {
  const open = { pattern: 'for .+', hint: '', link: 'https://t.example.com/{ticket}' };
  expect(readReason('for ../?a=1&b>|$&', open)).toMatchObject({
    ticket: { url: 'https://t.example.com/for%20..%2F%3Fa%3D1%26b%3E%7C%24%26' },
  });
});

test('a capturing group of the pattern says which part of the reason is the ticket', () => {
  expect(readReason('see #412', { pattern: '#(\\d+)', hint: '' })).toMatchObject({ ticket: { text: '412' } });
});

test('a reason that does not fit the card is refused before anything is searched for', () => {
  const tooLong = `${'A'.repeat(494)} OPS-412`;
  const sentence = "Your reason has 502 characters; at most 500 fit the approver's card.";
  expect(readReason(tooLong, limits)).toEqual({ ok: false, sentence });
  expect(readReason(tooLong, undefined)).toEqual({ ok: false, sentence });
  expect(readReason(tooLong.slice(2), limits)).toMatchObject({ ticket: { text: 'OPS-412' } });
});

import { describe, expect, test } from '@jest/globals';
import { quote } from '../../../src/slack/words/blocks.js';
import {
  at,
  code,
  cut,
  cutMarkup,
  escaped,
  mention,
  mentions,
  plain,
  sentence,
} from '../../../src/slack/words/mrkdwn.js';
import { readPrefill, readReference, writePrefill } from '../../../src/slack/words/values.js';

describe('text from people', () => {
  test.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['a & b', 'a &amp; b'],
    ['&lt;', '&amp;lt;'],
  ])('%s is escaped to %s', (typed, safe) => expect(escaped(typed)).toBe(safe));

  test('stays inside the code span that quotes it', () => expect(code('a`b<c')).toBe("`a'b&lt;c`"));

  test('becomes one line in a quote', () => {
    expect(JSON.stringify(quote('yes\n\n*Approved*'))).toContain('"yes *Approved*');
  });

  test('mentions nobody in a sentence of the bot, whose own mentions work', () => {
    expect(sentence('denied by <@UMARIA0001>. <!here>')).toBe('denied by <@UMARIA0001>. &lt;!here&gt;');
  });
});

describe('a text that is cut', () => {
  test('stays whole where it is short', () => expect(cut('abc', 3)).toBe('abc'));
  test('keeps no half of a character', () => expect(cut('a😀b', 3)).toBe('a…'));
  test.each([
    ['aaaa&amp;', 8, 'aaaa…'],
    ['aaaa<@U1>bbbb', 8, 'aaaa…'],
  ])('(%s, to %d characters) keeps no half of a markup', (text, max, whole) =>
    expect(cutMarkup(text, max)).toBe(whole),
  );
});

describe('in a message,', () => {
  test('an instant has a fallback in UTC', () => {
    expect(at(Date.UTC(2026, 10, 23, 16, 45))).toBe('<!date^1795452300^{time}|16:45 UTC>');
  });
  test('a mention is made of a user id alone', () => {
    expect(mention('UMARIA0001')).toBe('<@UMARIA0001>');
    expect(mention('policy')).toBe('policy');
  });
  test('people beyond the first five are counted', () => {
    expect(mentions(['U1', 'U2'])).toBe('<@U1> or <@U2>');
    expect(mentions(['U1', 'U2', 'U3', 'U4', 'U5', 'U6', 'U7'])).toBe(
      '<@U1>, <@U2>, <@U3>, <@U4>, <@U5> or 2 others',
    );
  });
  test('mrkdwn becomes plain text without its markup', () => {
    expect(plain('*Not sent.* `x` <!date^1^{time}|16:45 UTC> &lt;')).toBe('Not sent. x 16:45 UTC <');
  });
});

describe('the value of a button', () => {
  test('carries the id and the version of a request', () => {
    expect(readReference('{"id":"K7QF2","v":3}')).toEqual({ id: 'K7QF2', version: 3 });
  });
  test.each([undefined, '', 'K7QF2', '{"id":"K7QF2"}'])(
    'is refused where the bot did not make it: %s',
    (value) => {
      expect(() => readReference(value)).toThrow();
    },
  );
  test('holds the texts for the fields of a form, with a cut reason where they are too long', () => {
    const text = writePrefill({ target: 'ws-1', reason: '"'.repeat(3000) });
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(readPrefill(text).target).toBe('ws-1');
  });
  test('fills in nothing of a form where the value is nonsense', () =>
    expect(readPrefill('nonsense')).toEqual({}));
});

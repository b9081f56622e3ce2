import { describe, expect, test } from '@jest/globals';
import { cleanDescription } from '../../src/aws/rule-description.js';

describe('the description of a rule has only the characters that EC2 allows:', () => {
  test.each([
    ['plain', 'K7QF2 for jane until 2026-11-23 12:00Z', 'K7QF2 for jane until 2026-11-23 12:00Z'],
    ['every allowed sign', 'aZ09 ._-:/()#,@[]+=&;{}!$*', 'aZ09 ._-:/()#,@[]+=&;{}!$*'],
    ['accents', 'José Müller Łódź', 'Jose Muller _odz'],
    ['smart quotes and dashes', '“it’s” – now—please', '_it_s_ - now-please'],
    ['markup', '<!channel> "a" \\ | `rm`', '_!channel_ _a_ _ _ _rm_'],
    ['wide signs that fold into forbidden ones', '＜script＞', '_script_'],
    ['new lines, tabs and control characters', 'a\r\n\tb\u0000c\u001b[31m', 'a b c [31m'],
    ['an emoji', 'now 🚀', 'now _'],
    ['right-to-left marks', 'a\u202eb', 'a_b'],
    ['a lone surrogate', 'a\ud83d', 'a_'],
    ['white space around', '  x  ', 'x'],
    ['nothing', '', ''],
  ])('%s', (_, text, expected) => {
    expect(cleanDescription(text)).toBe(expected);
  });

  test('a long description of a rule is cut at 255 characters, and does not end in a space', () => {
    expect(cleanDescription('x'.repeat(300))).toHaveLength(255);
    expect(cleanDescription(`${'x'.repeat(254)} y`)).toBe('x'.repeat(254));
    expect(cleanDescription('ﷺ'.repeat(100)).length).toBeLessThanOrEqual(255);
  });
});

/** Times where the bot reads none: at the beginning and at the end of a reason. */
import { describe, expect, test } from '@jest/globals';
import { strayTime } from '../../../../src/access/reading/when/stray-time.js';

const stray = (text: string) => strayTime(text.split(' '));

describe('a reason that begins with a time is asked back', () => {
  test.each([
    ['22:00 fixing', '22:00'],
    ['10pm fixing', '10pm'],
    ['10 pm fixing', '10'],
    ['@22:00 fixing', '@ 22:00'],
    ['@ 22:00 fixing', '@ 22:00'],
    ['from 22:00 fixing', 'from 22:00'],
    ['starting at 22:00 fixing', 'starting at 22:00'],
    ['tomorrow 22:00 fixing', 'tomorrow 22:00'],
    ['tomorrow at 10pm fixing', 'tomorrow at 10pm'],
    ['on Friday at 22:00 fixing', 'on Friday at 22:00'],
    ['next Friday at 22:00 fixing', 'next Friday at 22:00'],
    ['on 2026-12-01 at 07:30 fixing', 'on 2026-12-01 at 07:30'],
    ['2026-12-01 07:30 fixing', '2026-12-01 07:30'],
    ['in 2h fixing', 'in 2h'],
    ['in 2 hours fixing', 'in 2 hours'],
  ])('%s', (text, said) => expect(stray(text)).toContain(`no time in \`${said}\``));
});

describe('a reason that ends with a time is asked back', () => {
  test.each([
    ['fixing at 22:00', 'at 22:00'],
    ['fixing it at 22:00.', 'at 22:00'],
    ['fixing it at 10 pm', 'at 10 pm'],
    ['fixing it @22:00', '@ 22:00'],
    ['fixing at 2026-12-01 07:30', 'at 2026-12-01 07:30'],
    ['fixing at 22:00 tomorrow', 'at 22:00 tomorrow'],
    ['fixing at 22:00 UTC', 'at 22:00 UTC'],
  ])('%s', (text, said) => expect(stray(text)).toContain(`ends with \`${said}\``));
});

test.each([
  '',
  'fixing the build',
  'today the build is broken',
  'on Friday we release',
  '2026-12-01 release',
  '3 builds fail',
  'in 2 places it fails',
  'in production',
  'open tickets',
  'from Tom',
  '1:1 with Tom',
  'fixing what broke at 22:00 in the build',
  'disk is at 95',
  'disk is at 95%',
  'working at the office',
  'deployment of 22:00',
])('any other reason stays a reason: "%s"', (text) => expect(stray(text)).toBeUndefined());

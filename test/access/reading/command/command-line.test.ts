import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LONGEST_COMMAND, readCommand } from '../../../../src/access/reading/command/command-line.js';
import type { Command, Grammar } from '../../../../src/access/reading/command/grammar.js';
import type { Network } from '../../../../src/access/reading/network.js';
import { newRequestId, readRequestId } from '../../../../src/access/reading/request-id.js';
import { anyCharacter } from '../../../any-character.js';
import { runs } from '../../../depth.js';

/** A word for everything that a subcommand can take. */
const WORDS: Grammar[] = [
  { word: 'emergency', takes: 'request' },
  { word: 'list', hints: ['status', 'ls'], takes: 'anything' },
  { word: 'end', synonyms: ['revoke', 'close', 'stop', 'done', 'cancel'], takes: 'id-and-reason' },
  { word: 'extend', takes: 'id-and-time' },
  { word: 'move', takes: 'id-and-source' },
  { word: 'help', takes: 'anything' },
  { word: 'again', takes: 'nothing', notYet: true },
  { word: 'check', takes: 'id', notYet: true },
  { word: 'inspect', takes: 'id' },
  { word: 'pause', takes: 'nothing' },
  { word: 'resume', takes: 'nothing' },
  { word: 'end', takes: 'all' },
  { word: 'end', takes: 'person' },
];

/** The command as it was read; the row of the table is spelled as `end all`: its word and what it takes. */
type Seen = Exclude<Command<Grammar>, { row: unknown }> | { kind: string; row: string };

function read(typed: string, networks: readonly Network[] = []): Seen {
  const command = readCommand(typed, WORDS, networks);
  if (!('row' in command)) return command;
  const { row, ...rest } = command;
  return { ...rest, row: `${row.word} ${row.takes}` };
}

type Case = [typed: string, command: Seen & Record<string, unknown>];

describe('a network of the policy is read as the source where a request begins, and as a word of the reason elsewhere:', () => {
  const networks = [
    { name: 'Office', cidr: '198.51.100.0/24' },
    { name: 'Lists', cidr: '10.9.0.0/16' },
  ];
  test.each<Case>([
    [
      'office 2h why',
      { kind: 'request', parts: { sourceText: 'office', durationText: '2h', reason: 'why' } },
    ],
    [
      '2h Office, why',
      { kind: 'request', parts: { sourceText: 'Office', durationText: '2h', reason: 'why' } },
    ],
    // Beside an address the name of a network begins the reason, as any other word does.
    [
      '203.0.113.25 Office is down',
      { kind: 'request', parts: { sourceText: '203.0.113.25', reason: 'Office is down' } },
    ],
    ['the Office is down', { kind: 'request', parts: { reason: 'the Office is down' } }],
    // The name of a network goes before a subcommand that it is close to.
    ['lists', { kind: 'request', parts: { sourceText: 'lists', reason: '' } }],
  ])('%s', (typed, command) => {
    expect(read(typed, networks)).toEqual(command);
  });
});

describe('a request is read from the command', () => {
  test.each<Case>([
    ['', { kind: 'form' }],
    ['   ', { kind: 'form' }],
    [
      'ws-8kd2x4f9m 203.0.113.25 2h fixing the build',
      {
        kind: 'request',
        parts: {
          targetId: 'ws-8kd2x4f9m',
          sourceText: '203.0.113.25',
          durationText: '2h',
          reason: 'fixing the build',
        },
      },
    ],
    // The parts in any order.
    [
      '2h WS-8KD2X4F9M 203.0.113.25/32 fixing the build, OPS-412',
      {
        kind: 'request',
        parts: {
          targetId: 'ws-8kd2x4f9m',
          sourceText: '203.0.113.25/32',
          durationText: '2h',
          reason: 'fixing the build, OPS-412',
        },
      },
    ],
    // Any part may be missing, and the reason too.
    ['2h', { kind: 'request', parts: { durationText: '2h', reason: '' } }],
    ['203.0.113.25', { kind: 'request', parts: { sourceText: '203.0.113.25', reason: '' } }],
    [
      '2001:db8::7 1h30m deploy',
      { kind: 'request', parts: { sourceText: '2001:db8::7', durationText: '1h30m', reason: 'deploy' } },
    ],
    [
      'd-90670a1b2c 1h audit',
      { kind: 'request', parts: { targetId: 'd-90670a1b2c', durationText: '1h', reason: 'audit' } },
    ],
    [
      'wsd-0a1b2c3d4 1h audit',
      { kind: 'request', parts: { targetId: 'wsd-0a1b2c3d4', durationText: '1h', reason: 'audit' } },
    ],
    // The parts written as a sentence.
    [
      'ws-8kd2x4f9m, 203.0.113.25, 2h: fixing the build',
      {
        kind: 'request',
        parts: {
          targetId: 'ws-8kd2x4f9m',
          sourceText: '203.0.113.25',
          durationText: '2h',
          reason: 'fixing the build',
        },
      },
    ],
    [
      'at 22:00 203.0.113.25 2h fixing the build',
      {
        kind: 'request',
        parts: {
          start: { time: '22:00' },
          sourceText: '203.0.113.25',
          durationText: '2h',
          reason: 'fixing the build',
        },
      },
    ],
    [
      '203.0.113.25 2h at 2026-12-01 07:30: fixing the build at 22:00',
      {
        kind: 'request',
        parts: {
          sourceText: '203.0.113.25',
          durationText: '2h',
          start: { date: '2026-12-01', time: '07:30' },
          reason: 'fixing the build at 22:00',
        },
      },
    ],
    // `for` counts only before a duration.
    [
      '203.0.113.25 for 30m at 22:00 fixing the build',
      {
        kind: 'request',
        parts: {
          sourceText: '203.0.113.25',
          durationText: '30m',
          start: { time: '22:00' },
          reason: 'fixing the build',
        },
      },
    ],
    [
      '203.0.113.25 2h for 30m of tests',
      {
        kind: 'request',
        parts: { sourceText: '203.0.113.25', durationText: '2h', reason: 'for 30m of tests' },
      },
    ],
    ['203.0.113.25 for Tom', { kind: 'request', parts: { sourceText: '203.0.113.25', reason: 'for Tom' } }],
    // `at` counts only before a time.
    [
      '203.0.113.25 2h at the customer',
      {
        kind: 'request',
        parts: { sourceText: '203.0.113.25', durationText: '2h', reason: 'at the customer' },
      },
    ],
    ['2h - fixing the build', { kind: 'request', parts: { durationText: '2h', reason: 'fixing the build' } }],
    // A duration may be said in words.
    ...[
      ['2 hours', '2h'],
      ['2hours', '2h'],
      ['90 minutes', '90m'],
      ['2 h', '2h'],
      ['30 min,', '30m'],
      ['1 hour 30 minutes', '1h30m'],
      ['1 hour and 30 minutes', '1h30m'],
      ['for 2 hours', '2h'],
      ['for 1 day:', '1d'],
    ].map(
      ([typed, durationText = '']): Case => [
        `203.0.113.25 ${typed} fixing`,
        { kind: 'request', parts: { sourceText: '203.0.113.25', durationText, reason: 'fixing' } },
      ],
    ),
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('the first other word begins the reason, which keeps whatever follows', () => {
  test.each<Case>([
    ['because 10.0.0.5 is down', { kind: 'request', parts: { reason: 'because 10.0.0.5 is down' } }],
    ['fix ws-8kd2x4f9m in 2h', { kind: 'request', parts: { reason: 'fix ws-8kd2x4f9m in 2h' } }],
    [
      '2h fix 10.0.0.5 for 30m',
      { kind: 'request', parts: { durationText: '2h', reason: 'fix 10.0.0.5 for 30m' } },
    ],
    ['OPS-412 is on fire', { kind: 'request', parts: { reason: 'OPS-412 is on fire' } }],
    ['deployment of 12:30', { kind: 'request', parts: { reason: 'deployment of 12:30' } }],
    ['d-day preparations', { kind: 'request', parts: { reason: 'd-day preparations' } }],
    ['d-dimensional arrays', { kind: 'request', parts: { reason: 'd-dimensional arrays' } }],
    ['2h 3 builds fail', { kind: 'request', parts: { durationText: '2h', reason: '3 builds fail' } }],
    ['I need   to\nfix the build', { kind: 'request', parts: { reason: 'I need to fix the build' } }],
    ['2h end of the sprint', { kind: 'request', parts: { durationText: '2h', reason: 'end of the sprint' } }],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('a mistyped part of a request is asked back, and not taken for the reason', () => {
  test.each<Case>([
    [
      '203.0.113.999 2h fix',
      { kind: 'request', parts: { sourceText: '203.0.113.999', durationText: '2h', reason: 'fix' } },
    ],
    ['203.0.113.25/99 fix', { kind: 'request', parts: { sourceText: '203.0.113.25/99', reason: 'fix' } }],
    ['2 fix the build', { kind: 'request', parts: { durationText: '2', reason: 'fix the build' } }],
    ['2 hours ago', { kind: 'request', parts: { durationText: '2', reason: 'hours ago' } }],
    ['2hs fix', { kind: 'request', parts: { reason: '2hs fix' } }],
    ['1.5h fix', { kind: 'request', parts: { durationText: '1.5h', reason: 'fix' } }],
    ['-2h fix', { kind: 'request', parts: { durationText: '-2h', reason: 'fix' } }],
    [
      'ws-123 2h fix',
      {
        kind: 'unclear',
        sentence:
          '`ws-123` is not the id of a WorkSpace or a directory. They look like `ws-8kd2x4f9m` and `d-90670a1b2c`; leave it out to ask for your own WorkSpace.',
      },
    ],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('two parts of one kind are asked back', () => {
  test.each([
    [
      '203.0.113.25 203.0.113.26 2h fix',
      'I read two addresses, `203.0.113.25` and `203.0.113.26`. Ask for one at a time; if the second is part of your reason, put a word before it.',
    ],
    [
      '2h 30m fix',
      'I read two durations, `2h` and `30m`. Ask for one at a time; if the second is part of your reason, put a word before it.',
    ],
    [
      'ws-8kd2x4f9m d-90670a1b2c 2h',
      'I read two WorkSpaces or directories, `ws-8kd2x4f9m` and `d-90670a1b2c`. Ask for one at a time; if the second is part of your reason, put a word before it.',
    ],
    [
      'at 22:00 2h at 2026-12-01 07:30',
      'I read two times, `at 22:00` and `at 2026-12-01 07:30`. Ask for one at a time; if the second is part of your reason, put a word before it.',
    ],
    [
      '2h at 25:00 fix',
      'I read no time in `at 25:00`. Write `at 22:00` or `at 2026-12-01 07:30`; where it begins your reason, put a word before it.',
    ],
  ])('%j', (typed, sentence) => {
    expect(read(typed)).toEqual({ kind: 'unclear', sentence });
  });
});

describe('a time that begins or ends a reason is asked back, since the request would open at once', () => {
  test.each([
    ['tomorrow at 22:00', 'tomorrow at 22:00'],
    ['starting at 22:00', 'starting at 22:00'],
    ['2026-12-01 07:30', '2026-12-01 07:30'],
    ['@22:00', '@ 22:00'],
  ])('2h %s fixing', (typed, said) => {
    const sentence = `I read no time in \`${said}\`. Write \`at 22:00\` or \`at 2026-12-01 07:30\`; where it begins your reason, put a word before it.`;
    expect(read(`2h ${typed} fixing`)).toEqual({ kind: 'unclear', sentence });
  });

  test('2h fixing the build at 22:00', () => {
    const sentence =
      'Your reason ends with `at 22:00`. To open it then, write that before the reason; to open it as soon as it is approved, put a word behind it.';
    expect(read('2h fixing the build at 22:00')).toEqual({ kind: 'unclear', sentence });
    expect(read('emergency 2h fixing the build at 22:00')).toEqual({ kind: 'unclear', sentence });
  });

  test('beside a time that was read, a reason may name others', () => {
    expect(read('at 23:00 2h 22:00 failed, fixing at 22:30')).toMatchObject({
      parts: { start: { time: '23:00' }, reason: '22:00 failed, fixing at 22:30' },
    });
  });
});

describe('an end, and a duration without a number before the reason, are asked back', () => {
  const COUNTS = 'such as `2h`: that counts from when access opens.';
  const NO_END = `Say how long instead, ${COUNTS} Where it begins your reason, put a word before it.`;
  const BEGINS = 'where it begins your reason, put a word before it.';
  test.each([
    ['until 22:00 fixing', `I read no end in \`until 22:00\`. ${NO_END}`],
    ['2h until 10 pm fixing', `I read no end in \`until 10 pm\`. ${NO_END}`],
    ['till tomorrow fixing', `I read no end in \`till tomorrow\`. ${NO_END}`],
    ['until 5', `I read no end in \`until 5\`. ${NO_END}`],
    ['at 22:00 until 23:00 fixing', `I read no end in \`until 23:00\`. ${NO_END}`],
    ['at 22:00 - 23:00 fixing', `I read no end in \`23:00\`. ${NO_END}`],
    ['at 22:00 to 23:00 fixing', `I read no end in \`23:00\`. ${NO_END}`],
    [
      'fixing the build until 22:00',
      `Your reason ends with \`until 22:00\`. Say how long before the reason, ${COUNTS} To leave it in the reason, put a word behind it.`,
    ],
    ...['two hours', 'an hour', 'half an hour', 'thirty minutes'].map((typed) => [
      `${typed} fixing`,
      `I read no duration in \`${typed}\`. Write it as \`2h\` or \`30m\`; ${BEGINS}`,
    ]),
    ['for two hours fixing', `I read no duration in \`two hours\`. Write it as \`2h\` or \`30m\`; ${BEGINS}`],
  ])('203.0.113.25 %s', (typed, sentence) => {
    expect(read(`203.0.113.25 ${typed}`)).toEqual({ kind: 'unclear', sentence });
    expect(read(`emergency 203.0.113.25 ${typed}`)).toEqual({ kind: 'unclear', sentence });
  });

  test.each([
    'until the build is fixed',
    'fixing the build until it works',
    'waiting until 22:00 for the release of the build',
    'two builds fail',
    'two hours ago the build broke',
    'an hourly job fails',
    'the build takes two hours',
    'fixing in 2h',
    'it fails for 2 hours each day',
    'for 3 builds',
    'because 10.0.0.5 is down for 3h',
    'fixing the build for 2 hours',
    'fixing the build for two hours',
  ])('any other reason stays a reason: %s', (reason) =>
    expect(read(`203.0.113.25 ${reason}`)).toMatchObject({ parts: { reason } }),
  );

  test('beside a duration that was read, a reason may name others', () => {
    for (const reason of ['two hours of work', 'it fails for 2h', 'fixing until 22:00'])
      expect(read(`203.0.113.25 2h ${reason}`)).toMatchObject({ parts: { durationText: '2h', reason } });
  });
});

describe('a word that begins a request takes its parts', () => {
  test.each<Case>([
    [
      'emergency 203.0.113.25 2h it is down',
      {
        kind: 'with-request',
        row: 'emergency request',
        parts: { sourceText: '203.0.113.25', durationText: '2h', reason: 'it is down' },
      },
    ],
    ['Emergency: help', { kind: 'with-request', row: 'emergency request', parts: { reason: 'help' } }],
    // A mistyped word begins a reason.
    ['emergeny', { kind: 'request', parts: { reason: 'emergeny' } }],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });

  test('after a word that begins a request, two parts of one kind are asked back too', () => {
    expect(read('emergency 2h 3h')).toMatchObject({ kind: 'unclear' });
  });
});

describe('a subcommand is read as its row of the table, with its id, person, time or source:', () => {
  test.each<Case>([
    ['list', { kind: 'alone', row: 'list anything' }],
    ['LIST', { kind: 'alone', row: 'list anything' }],
    ['list all', { kind: 'alone', row: 'list anything' }],
    ['help', { kind: 'alone', row: 'help anything' }],
    ['help me please', { kind: 'alone', row: 'help anything' }],
    ['help!', { kind: 'alone', row: 'help anything' }],
    ['?', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['—help', { kind: 'help' }],
    ['again', { kind: 'not-yet', word: 'again' }],
    ['end', { kind: 'with-reason', row: 'end id-and-reason', reason: '' }],
    ['End k7qf2', { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' }],
    ['revoke', { kind: 'with-reason', row: 'end id-and-reason', reason: '' }],
    ['close K7QF2', { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' }],
    ['end K7QF2.', { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' }],
    [
      'end k7qf2, not needed\u200b any  more',
      {
        kind: 'with-reason',
        row: 'end id-and-reason',
        id: 'K7QF2',
        reason: 'not needed any more',
      },
    ],
    ['extend', { kind: 'with-time', row: 'extend id-and-time' }],
    ['extend 1h', { kind: 'with-time', row: 'extend id-and-time', durationText: '1h' }],
    [
      'extend K7QF2 2 hours',
      { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: '2h' },
    ],
    ['extend 90 minutes', { kind: 'with-time', row: 'extend id-and-time', durationText: '90m' }],
    ['extend 999AM', { kind: 'with-time', row: 'extend id-and-time', id: '999AM' }],
    ['extend 5DAYS', { kind: 'with-time', row: 'extend id-and-time', id: '5DAYS' }],
    ['extend k7qf2, 1h', { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: '1h' }],
    ['Extend 30m K7QF2', { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: '30m' }],
    ['extend 2', { kind: 'with-time', row: 'extend id-and-time', durationText: '2' }],
    ['extend 3988S 1m', { kind: 'with-time', row: 'extend id-and-time', id: '3988S', durationText: '1m' }],
    ['extend 2h 62d5s', { kind: 'with-time', row: 'extend id-and-time', id: '62D5S', durationText: '2h' }],
    ['extend by 1h', { kind: 'with-time', row: 'extend id-and-time', durationText: '1h' }],
    [
      'extend K7QF2 for another hour',
      {
        kind: 'unclear',
        sentence:
          '`extend` takes the id of one request and how much more time, and nothing else: `extend K7QF2 1h` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h extend K7QF2 for another hour`.',
      },
    ],
    [
      'extend another 2 hours K7QF2',
      { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: '2h' },
    ],
    [
      'extend K7QF2 1h more',
      { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: '1h' },
    ],
    // Beside an id the other word is meant as the time, and its refusal names it.
    [
      'extend K7QF2 abit',
      { kind: 'with-time', row: 'extend id-and-time', id: 'K7QF2', durationText: 'abit' },
    ],
    ['extend 2h45m', { kind: 'with-time', row: 'extend id-and-time', durationText: '2h45m' }],
    ['move', { kind: 'with-source', row: 'move id-and-source' }],
    ['move k7qf2', { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2' }],
    ['move 2001:db8::9', { kind: 'with-source', row: 'move id-and-source', sourceText: '2001:db8::9' }],
    [
      'Move K7QF2, 203.0.113.9/28',
      { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2', sourceText: '203.0.113.9/28' },
    ],
    [
      'move 203.0.113.9 K7QF2',
      { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2', sourceText: '203.0.113.9' },
    ],
    [
      'move K7QF2 to 203.0.113.9',
      { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2', sourceText: '203.0.113.9' },
    ],
    ['move to 203.0.113.9', { kind: 'with-source', row: 'move id-and-source', sourceText: '203.0.113.9' }],
    [
      'move K7QF2 to my ip',
      { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2', sourceText: 'my ip' },
    ],
    [
      'move laptop.example.com',
      { kind: 'with-source', row: 'move id-and-source', sourceText: 'laptop.example.com' },
    ],
    ['move home K7QF2', { kind: 'with-source', row: 'move id-and-source', id: 'K7QF2', sourceText: 'home' }],
    ['mov K7QF2', { kind: 'help', unknown: 'mov', meant: 'move' }],
    ['extnd K7QF2', { kind: 'help', unknown: 'extnd', meant: 'extend' }],
    ['inspect', { kind: 'with-id', row: 'inspect id' }],
    ['inspect K7QF2', { kind: 'with-id', row: 'inspect id', id: 'K7QF2' }],
    ['stop', { kind: 'with-reason', row: 'end id-and-reason', reason: '' }],
    ['done.', { kind: 'with-reason', row: 'end id-and-reason', reason: '' }],
    ['cancel K7QF2', { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' }],
    ['pause', { kind: 'alone', row: 'pause nothing' }],
    ['Pause!', { kind: 'alone', row: 'pause nothing' }],
    ['resume', { kind: 'alone', row: 'resume nothing' }],
    ['end all', { kind: 'alone', row: 'end all' }],
    ['stop ALL.', { kind: 'alone', row: 'end all' }],
    ['end <@U0JANE|jane>', { kind: 'with-person', row: 'end person', userId: 'U0JANE' }],
    ['End  <@W0JANE>.', { kind: 'with-person', row: 'end person', userId: 'W0JANE' }],
    ['close <@U0JANE|Jane (Doe) Smith>', { kind: 'with-person', row: 'end person', userId: 'U0JANE' }],
    ['\u200bend <@U0JANE|jane>', { kind: 'with-person', row: 'end person', userId: 'U0JANE' }],
    ['check', { kind: 'not-yet', word: 'check' }],
    ['check K7QF2', { kind: 'not-yet', word: 'check' }],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });

  test.each([
    [
      'close the ticket queue bug',
      '`close` takes the id of one request, and behind it why: `close K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h close the ticket queue bug`.',
    ],
    // Anybody can take a name: only a mention that Slack made says who is meant.
    ['end @jane', "I can't tell who `@jane` is. Type @ and choose the person from Slack's list."],
    [
      'end &lt;@U0JANE&gt;',
      '`end` takes the id of one request, and behind it why: `end K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h end <@U0JANE>`.',
    ],
    ['end <!subteam^S1|@it>', "I can't tell who `@it` is. Type @ and choose the person from Slack's list."],
    ['end <@U0JANE|jane> <@U0TOM|tom>', '`end` takes one person at a time. Name one and nothing else.'],
    ['end <@U0JANE|jane> now', '`end` takes one person at a time. Name one and nothing else.'],
    [
      'close all tickets',
      '`close` takes the id of one request, and behind it why: `close K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h close all tickets`.',
    ],
    // O and 0, I and 1 are in no id.
    [
      'end K7QFO',
      '`end` takes the id of one request, and behind it why: `end K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h end K7QFO`.',
    ],
    [
      'end K7QF2 M3XY9',
      '`end` takes the id of one request, and behind it why: `end K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h end K7QF2 M3XY9`.',
    ],
    [
      'inspect K7QF2 now',
      '`inspect` takes the id of one request and nothing else: `inspect K7QF2` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h inspect K7QF2 now`.',
    ],
    ['extend K7QF2 two hours', 'I read no duration in `two hours`. Write it in digits: `extend K7QF2 2h`.'],
    ['extend for half an hour', 'I read no duration in `half an hour`. Write it in digits: `extend 2h`.'],
    [
      'extend K7QF2 until 22:00',
      'I read no end in `until 22:00`. Say how much more time you need, counted from when access ends now: `extend K7QF2 1h`.',
    ],
    [
      'extend to 10 pm',
      'I read no end in `to 10 pm`. Say how much more time you need, counted from when access ends now: `extend 1h`.',
    ],
    [
      'extend 22:00 K7QF2',
      'I read no end in `22:00`. Say how much more time you need, counted from when access ends now: `extend K7QF2 1h`.',
    ],
    [
      'extend until tomorrow',
      'I read no end in `until tomorrow`. Say how much more time you need, counted from when access ends now: `extend 1h`.',
    ],
    [
      'extend K7QF2 M3XY9',
      '`extend` takes the id of one request and how much more time, and nothing else: `extend K7QF2 1h` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h extend K7QF2 M3XY9`.',
    ],
    [
      'move K7QF2 203.0.113.9 203.0.113.10',
      '`move` takes the id of one request and an address, and nothing else: `move K7QF2 203.0.113.25` (`list` shows yours). If this is the reason of a new request, begin with the time: `2h move K7QF2 203.0.113.9 203.0.113.10`.',
    ],
    [
      'check the logs',
      '`check` does not work yet. If this is the reason of a new request, begin with the time: `2h check the logs`.',
    ],
    [
      'again the build is broken',
      '`again` does not work yet. If this is the reason of a new request, begin with the time: `2h again the build is broken`.',
    ],
  ])('%j is asked back, since nothing is guessed', (typed, sentence) => {
    expect(read(typed)).toEqual({ kind: 'unclear', sentence });
  });
});

describe('a first word close to a subcommand gets help that names it, unless it begins a reason', () => {
  test.each<Case>([
    ['lst', { kind: 'help', unknown: 'lst', meant: 'list' }],
    ['lsit', { kind: 'help', unknown: 'lsit', meant: 'list' }],
    ['hepl', { kind: 'help', unknown: 'hepl', meant: 'help' }],
    ['agian', { kind: 'help', unknown: 'agian', meant: 'again' }],
    ['ends', { kind: 'help', unknown: 'ends', meant: 'end' }],
    ['edn K7QF2', { kind: 'help', unknown: 'edn', meant: 'end' }],
    ['chekc k7qf2', { kind: 'help', unknown: 'chekc', meant: 'check' }],
    ['revoek', { kind: 'help', unknown: 'revoek', meant: 'end' }],
    ['cancle', { kind: 'help', unknown: 'cancle', meant: 'end' }],
    ['kancell', { kind: 'help', unknown: 'kancell', meant: 'end' }],
    ['pasue', { kind: 'help', unknown: 'pasue', meant: 'pause' }],
    ['resum', { kind: 'help', unknown: 'resum', meant: 'resume' }],
    ['status', { kind: 'help', unknown: 'status', meant: 'list' }],
    ['ls', { kind: 'help', unknown: 'ls', meant: 'list' }],
    ['status page is down', { kind: 'request', parts: { reason: 'status page is down' } }],
    ['pause the nightly job', { kind: 'request', parts: { reason: 'pause the nightly job' } }],
    ['resume work on OPS-412', { kind: 'request', parts: { reason: 'resume work on OPS-412' } }],
    ['lost my session', { kind: 'request', parts: { reason: 'lost my session' } }],
    ['lost sleep', { kind: 'request', parts: { reason: 'lost sleep' } }],
    ['send logs', { kind: 'request', parts: { reason: 'send logs' } }],
    ['deploy', { kind: 'request', parts: { reason: 'deploy' } }],
    ['hello', { kind: 'request', parts: { reason: 'hello' } }],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('typographic characters that phones put in are straightened', () => {
  test.each<Case>([
    [
      'ws–8kd2x4f9m\u00a0203.0.113.25\u202f2h “can’t build” — urgent',
      {
        kind: 'request',
        parts: {
          targetId: 'ws-8kd2x4f9m',
          sourceText: '203.0.113.25',
          durationText: '2h',
          reason: '"can\'t build" - urgent',
        },
      },
    ],
    [
      '\u200b203.0.113.25\ufeff 2\u200dh',
      { kind: 'request', parts: { sourceText: '203.0.113.25', durationText: '2h', reason: '' } },
    ],
    ['–2h fix', { kind: 'request', parts: { durationText: '-2h', reason: 'fix' } }],
    [
      '\u2066end\u2069 K7\u200bQF2',
      { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' },
    ],
    ['\u200b', { kind: 'form' }],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('quotes, brackets and marks around a part of the command are taken off', () => {
  const parts = { targetId: 'ws-8kd2x4f9m', sourceText: '203.0.113.25', durationText: '2h' };
  test.each<Case>([
    [
      '`ws-8kd2x4f9m` *203.0.113.25* _2h_ fixing `it`',
      { kind: 'request', parts: { ...parts, reason: 'fixing `it`' } },
    ],
    ['`ws-8kd2x4f9m 203.0.113.25 2h` fixing', { kind: 'request', parts: { ...parts, reason: 'fixing' } }],
    [
      'ws-8kd2x4f9m. (203.0.113.25) "2h" (fixing)',
      { kind: 'request', parts: { ...parts, reason: '(fixing)' } },
    ],
    ['ｗｓ－８ｋｄ２ｘ４ｆ９ｍ ２０３.0.113.25 ２ｈ', { kind: 'request', parts: { ...parts, reason: '' } }],
    [
      '[2001:db8::25] 2h',
      { kind: 'request', parts: { sourceText: '2001:db8::25', durationText: '2h', reason: '' } },
    ],
    ['`list`', { kind: 'alone', row: 'list anything' }],
    ['*end* `K7QF2`', { kind: 'with-reason', row: 'end id-and-reason', id: 'K7QF2', reason: '' }],
    ['"end" <@U0JANE|jane>', { kind: 'with-person', row: 'end person', userId: 'U0JANE' }],
    // The points of a reason are no durations.
    [
      '203.0.113.25 1. restart 2. look',
      { kind: 'request', parts: { sourceText: '203.0.113.25', reason: '1. restart 2. look' } },
    ],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('the name of a computer where an address would stand is read as a source, not as the reason', () => {
  test.each<Case>([
    [
      'laptop.example.com 2h fixing',
      { kind: 'request', parts: { sourceText: 'laptop.example.com', durationText: '2h', reason: 'fixing' } },
    ],
    [
      '<http://laptop.example.com|laptop.example.com> fixing',
      { kind: 'request', parts: { sourceText: 'laptop.example.com', reason: 'fixing' } },
    ],
    [
      'my ip 2h fixing',
      { kind: 'request', parts: { sourceText: 'my ip', durationText: '2h', reason: 'fixing' } },
    ],
    [
      '2h my ip address',
      { kind: 'request', parts: { sourceText: 'my ip address', durationText: '2h', reason: '' } },
    ],
    // With an address in the command the name belongs to the reason.
    [
      '203.0.113.25 github.com is down',
      { kind: 'request', parts: { sourceText: '203.0.113.25', reason: 'github.com is down' } },
    ],
    [
      '2h my ip changed to 203.0.113.25',
      { kind: 'request', parts: { durationText: '2h', reason: 'my ip changed to 203.0.113.25' } },
    ],
  ])('%j', (typed, command) => {
    expect(read(typed)).toEqual(command);
  });
});

describe('a command is read up to a length, whatever its characters are:', () => {
  const tooLong = {
    kind: 'unclear',
    sentence:
      "I read no command of more than 2,000 characters. Shorten the reason: 500 fit the approver's card.",
  };
  /** Rows and networks that nobody may look at. */
  const untouched = <T>(): readonly T[] =>
    new Proxy<readonly T[]>([], {
      get: () => {
        throw new Error('something was read');
      },
    });

  test.each(['.', '<', '`', 'end ', ' ', '\u200b', 'A'])(
    'a longer command of %j alone is refused unread',
    (piece) => {
      const long = piece.repeat(40_000);
      expect(readCommand(long, untouched<Grammar>(), untouched<Network>())).toEqual(tooLong);
      expect(readCommand(long.slice(0, LONGEST_COMMAND + 1), untouched<Grammar>())).toEqual(tooLong);
    },
  );

  test('a command of exactly the longest length is read', () => {
    expect(read(`2h ${'x'.repeat(LONGEST_COMMAND - 3)}`)).toMatchObject({ kind: 'request' });
    expect(() => readCommand('2h x', untouched<Grammar>())).toThrow('something was read');
  });
});

describe('the escapes of Slack are read as people see them', () => {
  test.each([
    ['for <@U123|jane>', 'for @jane'],
    ['for <@U123>', 'for @U123'],
    ['see <#C1|general> and <#C2>', 'see #general and #C2'],
    ['<!here> <!subteam^S1|@it> look', '@here @it look'],
    ['see <https://example.com/a?b=1&amp;c=2>', 'see https://example.com/a?b=1&c=2'],
    ['see <https://evil.example|https://good.example>', 'see https://evil.example'],
    ['on <http://example.com|example.com>', 'on example.com'],
    ['ask <mailto:jane@example.com|jane@example.com>', 'ask jane@example.com'],
    ['call <tel:+442079460000|+44 (20) 7946-0000>', 'call +44 (20) 7946-0000'],
    ['call <tel:911|+44 20 7946 0000>', 'call tel:911'],
    ['R&amp;D &lt;urgent&gt;', 'R&D <urgent>'],
    ['&amp;lt; stays', '&lt; stays'],
    ['if a < b and c > d', 'if a < b and c > d'],
  ])('%j', (typed, reason) => {
    expect(read(typed)).toEqual({ kind: 'request', parts: { reason } });
  });

  test('a link that Slack made of an address is read as the address, one of a telephone number too', () => {
    for (const link of ['<http://203.0.113.25|203.0.113.25>', '<tel:203011325|203.0.113.25>']) {
      expect(read(`${link} 2h fix`)).toEqual({
        kind: 'request',
        parts: { sourceText: '203.0.113.25', durationText: '2h', reason: 'fix' },
      });
    }
  });
});

test.each([
  ['K7QF2', 'K7QF2'],
  ['k7qf2', 'K7QF2'],
  ['K7QF', undefined],
  ['K7QF22', undefined],
  ['K7QF0', undefined],
  ['K7QFO', undefined],
  ['K7QF1', undefined],
  ['K7QFI', undefined],
  ['K7QFL', 'K7QFL'],
  ['K7QFſ', undefined],
  [' K7QF2', undefined],
])('the request id %j is %j', (text, id) => {
  expect(readRequestId(text)).toBe(id);
});

describe('for any input', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'list',
      'pause',
      'all',
      'end',
      'close',
      'check',
      'again',
      'K7QF2',
      'ws-8kd2x4f9m',
      'd-90670a1b2c',
      'ws-1',
    ),
    fc.constantFrom(
      '203.0.113.25',
      '2001:db8::7',
      '2h',
      '2',
      '30m',
      '-',
      '<@U1|x>',
      '&lt;',
      '—',
      'fix',
      'lst',
    ),
    fc.constantFrom('at', 'at', '22:00', '25:00', '2026-12-01', '10pm', 'tomorrow', 'UTC'),
    fc.string({ unit: anyCharacter, maxLength: 12 }),
  );
  const typed = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));

  test('reading answers once, with canonical ids, and never throws', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const command = readCommand(text, WORDS);
        if ('userId' in command) expect(command.userId).toMatch(/^[UW][A-Z0-9]+$/);
        if ('id' in command) expect(command.id).toMatch(/^[2-9A-HJ-NP-Z]{5}$/);
        if (command.kind === 'unclear') expect(command.sentence.length).toBeLessThan(400);
        if (command.kind !== 'request') return;
        const { targetId, reason } = command.parts;
        if (targetId) expect(targetId).toMatch(/^(ws|wsd|d)-[0-9a-z]{8,63}$/);
        expect(reason).toBe(reason.trim());
      }),
      { numRuns: runs(3000) },
    );
  });

  test('the order of id, address and duration does not matter', () => {
    const parts = ['ws-8kd2x4f9m', '203.0.113.25', '2h'];
    const expected = read([...parts, 'fixing it'].join(' '));
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 3 }), (order) => {
        expect(read([...order, 'fixing it'].join(' '))).toEqual(expected);
      }),
    );
  });
});

test('no request gets an id that reads as a duration, or extend would take the one for the other', () => {
  const drawn = ['3988S', '62D5S', '2H45M', '2345M', 'K7QF2'];
  expect(newRequestId(() => drawn.shift() ?? '')).toBe('K7QF2');
});

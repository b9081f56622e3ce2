import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../../src/access/policy/policy.js';
import { readPolicy } from '../../../../src/policy-file/read-policy.js';
import { helpReply, unknownReply } from '../../../../src/slack/answering/commands/help.js';
import { givenBack } from '../../../../src/slack/answering/commands/replies.js';
import { working } from '../../../../src/slack/answering/commands/subcommand.js';
import { SUBCOMMANDS } from '../../../../src/slack/answering/commands/table.js';
import { kindOf, readTyped } from '../../../../src/slack/answering/on-command.js';
import { policy } from '../../parts.js';

const command = '/workspace-ssh';
const [ADMIN, SOMEBODY] = ['U0ADA', 'U0JANE'];
const [rule] = policy.rules;
const withEmergencies: Policy = {
  ...policy,
  rules: rule ? [{ ...rule, emergency: true, outcome: 'approve' }, rule] : [],
};
const names = [...new Set(SUBCOMMANDS.flatMap(({ word, synonyms = [] }) => [word, ...synonyms]))];

describe('the table of subcommands', () => {
  test('has one row for each way to use a word', () => {
    const ways = SUBCOMMANDS.map(({ word, takes }) => `${word} ${takes}`);
    expect(new Set(ways).size).toBe(ways.length);
  });

  test('gives no synonym to two words, and names each word once in the hint for Slack', () => {
    const synonyms = SUBCOMMANDS.flatMap(({ synonyms = [] }) => synonyms);
    const words = new Set<string>(SUBCOMMANDS.map(({ word }) => word));
    expect(new Set(synonyms).size).toBe(synonyms.length);
    expect(synonyms.filter((synonym) => words.has(synonym))).toEqual([]);
    const hinted = working(SUBCOMMANDS).flatMap(({ word, hinted }) => (hinted ? [word] : []));
    expect(new Set(hinted).size).toBe(hinted.length);
  });

  test.each(SUBCOMMANDS.map((row) => [`${row.word} ${row.takes}`, row] as const))(
    'has the row that a typed subcommand leads to: %s',
    (_, row) => {
      const behind = {
        nothing: '',
        anything: 'x',
        id: 'K7QF2',
        'id-and-reason': 'K7QF2 not needed',
        'id-and-time': '1h K7QF2',
        'id-and-source': 'K7QF2 203.0.113.25',
        all: 'all',
        person: '<@U0JANE|jane>',
        request: '2h x',
      };
      const read = readTyped(`${row.word} ${behind[row.takes]}`, policy);
      if (row.notYet) expect(read).toEqual({ kind: 'not-yet', word: row.word });
      else expect(read).toMatchObject({ row });
    },
  );

  test.each(names)('keeps the name "%s" from the networks of a policy', (name) => {
    const read = readPolicy(Buffer.from(`limits: { networks: { ${name}: 198.51.100.0/24 } }`), 'policy.yml');
    expect(JSON.stringify(read)).toContain('is a word of the command already');
  });
});

test.each(working(SUBCOMMANDS).map(({ usage }) => usage))('the README explains "%s"', (usage) => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const [, commands = ''] = readme.split(/^## Commands$/m);
  const [inSlack = ''] = commands.split('in the shell');
  expect(inSlack).toMatch(new RegExp(`\`(?:${command} )?${escapeRegExp(usage)}\``));
});

describe('help', () => {
  const helpOf = (by: string, of: Policy) => helpReply(SUBCOMMANDS, of, { by, command }).text;

  test('names everything that an admin can type', () => {
    expect(helpOf(ADMIN, withEmergencies)).toBe(
      [
        '*SSH to your WorkSpace, closed on time*',
        '`/workspace-ssh`  the form',
        '`/workspace-ssh [ws-…|d-…] [address] [2h] why`  without the form',
        '`/workspace-ssh at 22:00 …` or `at 2026-12-01 07:30 …`  the same, opened then',
        '`/workspace-ssh emergency …`  opens at once where the policy allows it; everybody who decides hears of it',
        '`/workspace-ssh list`  your requests, and what is open or waiting of everybody',
        '`/workspace-ssh again`  the form, filled in with your last request',
        '`/workspace-ssh extend [id] [1h]`  asks for more time',
        '`/workspace-ssh move [id] address`  asks for another address, with the same end',
        '`/workspace-ssh end [id] [why]`  closes open access, or takes back a waiting request',
        'Admins: `/workspace-ssh pause` stops new access, `/workspace-ssh resume` lets it open again',
        '`/workspace-ssh end all` or `/workspace-ssh end @person`  ends all of it, or all of theirs',
        'Your address: run `curl -4 https://checkip.amazonaws.com` on the computer that you will use. Durations: `45s`, `30m`, `2h`, `1h30m`, `1d`, `2 hours`.',
      ].join('\n'),
    );
  });

  test('names to anybody else neither the words of admins nor an emergency that no rule allows', () => {
    expect(helpOf(SOMEBODY, policy)).toBe(
      [
        '*SSH to your WorkSpace, closed on time*',
        '`/workspace-ssh`  the form',
        '`/workspace-ssh [ws-…|d-…] [address] [2h] why`  without the form',
        '`/workspace-ssh at 22:00 …` or `at 2026-12-01 07:30 …`  the same, opened then',
        '`/workspace-ssh list`  your requests',
        '`/workspace-ssh again`  the form, filled in with your last request',
        '`/workspace-ssh extend [id] [1h]`  asks for more time',
        '`/workspace-ssh move [id] address`  asks for another address, with the same end',
        '`/workspace-ssh end [id] [why]`  closes open access, or takes back a waiting request',
        'Your address: run `curl -4 https://checkip.amazonaws.com` on the computer that you will use. Durations: `45s`, `30m`, `2h`, `1h30m`, `1d`, `2 hours`.',
      ].join('\n'),
    );
  });

  test.each(working(SUBCOMMANDS).map((row) => [row.usage, row] as const))(
    'names "%s" to the people who may use it',
    (usage, row) => {
      const shown = (by: string) => helpOf(by, withEmergencies).includes(`\`${command} ${usage}\``);
      if (row.word === 'help') return expect(shown(ADMIN)).toBe(false);
      expect(shown(ADMIN)).toBe(true);
      expect(shown(SOMEBODY)).toBe(row.who === 'everybody');
    },
  );

  test.each([
    ['list', SOMEBODY, true],
    ['pause', SOMEBODY, false],
    ['pause', ADMIN, true],
    // The word is kept free for a feature that is still to come.
    ['check', ADMIN, false],
  ])('guesses the word "%s" for %s only where the word works for that person', (meant, by, guesses) => {
    const { text } = unknownReply(SUBCOMMANDS, policy, { by, command }, { unknown: 'xyz', meant });
    expect(text.startsWith("I don't know `xyz`.")).toBe(true);
    expect(text.includes(`Did you mean \`${command} ${meant}\`?`)).toBe(guesses);
  });
});

test.each([
  ['2h why', 'request'],
  ['emergency 2h why', 'request'],
  ['end', 'close'],
  ['end K7QF2', 'close'],
  ['end <@U0JANE|jane>', 'close'],
  ['pause', 'close'],
  ['resume', 'change'],
  // Nothing ends before the button is pressed.
  ['end all', 'read'],
  ['list', 'read'],
  ['help', 'read'],
  ['lst', 'read'],
  ['check', 'read'],
  ['', 'read'],
])('a fault in "%s" leaves a %s in doubt', (typed, kind) => {
  expect(kindOf(readTyped(typed, policy))).toBe(kind);
});

test.each([
  ['a short text', 'a 🔑', 0],
  ['a long text of characters that take two places each', '🔑'.repeat(8_000), 0],
  ['a text that no message holds', '🔑'.repeat(20_000), 40_000 + command.length + 1 - (2_999 + 9 * 3_000)],
])(
  'a typed command is given back whole, or with the length of the part that is missing: %s',
  (_, typed, missing) => {
    const said = JSON.stringify(givenBack(command, typed));
    const pieces = [...said.matchAll(/"type":"text","text":"([^"]*)"/g)].map(([, piece = '']) => piece);
    expect(`${command} ${typed}`.startsWith(pieces.join(''))).toBe(true);
    // JSON spells half a character as its number.
    expect(said).not.toContain('\\ud');
    expect(/and ([\d,]+) more characters/.exec(said)?.[1] ?? '0').toBe(missing.toLocaleString('en-US'));
  },
);

function escapeRegExp(text: string): string {
  return text.replace(/[[\].…]/g, '\\$&');
}

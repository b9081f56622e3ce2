/**
 * Pastes thousands of hostile names into real shells: each line runs ssh with one word, no other command runs, and
 * no variable changes. One process takes many lines; ssh is a function of the shell.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connection } from '../../../src/access/connecting/connection.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';

/** Characters and words that a shell, an interactive one too, might expand. */
const TRICKS = [
  ...['$(touch owned)', '`touch owned`', ';touch owned', '|touch owned', '&touch owned&', '\ntouch owned\n'],
  ...['>owned', '<owned', '$HOME', '$' + '{HOME}', '$0', '!!', '!$', '^a^b', '~', '*', '?', '[a-z]', '{a,b}'],
  ...['"', "'", '\\', '\\"', "\\'", '%', '#', '@', ' ', '\t', '\r', '\0', '-oProxyCommand=touch', '--', '='],
  ...['\u202e', '\u00a0', '\u2028', '\u{1f600}', 'é', '日'],
];
const plain = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,9}$/);
const name = fc.oneof(
  plain,
  fc.tuple(plain, fc.constantFrom(...TRICKS), plain).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...TRICKS), plain).map((parts) => parts.join('')),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 12 }),
);
const address = fc.oneof(
  { weight: 9, arbitrary: fc.oneof(fc.ipV4(), fc.ipV6()) },
  { weight: 1, arbitrary: fc.constantFrom(...TRICKS, '198.51.100.7;id', '::1 -l root') },
);

interface Line {
  ssh: string;
  word: string;
}

/** The lines that the bot would show, with the one word that ssh must get. */
function linesFor(count: number): { lines: Line[]; refused: number } {
  const facts = fc.record({
    netbios: fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: name }),
    userName: name,
    address,
  });
  let refused = 0;
  const lines = fc.sample(facts, { numRuns: count }).flatMap((one, index): Line[] => {
    const workspaceId = `ws-${index.toString(36).padStart(9, '0')}`;
    const reading = connection({ ...one, workspaceId, operatingSystem: 'UBUNTU_22_04' });
    if (!reading.ok) {
      refused += 1;
      return [];
    }
    const { ssh, needsConfig } = reading.connection;
    return [{ ssh, word: needsConfig ? workspaceId : `${one.netbios}\\${one.userName}@${one.address}` }];
  });
  return { lines, refused };
}

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe('pasted into a shell', () => {
  let folder = '';
  const { lines, refused } = linesFor(runs(2000));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pasted-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    { shell: 'sh', how: 'as it is', before: '' },
    { shell: 'bash', how: 'as it is', before: '' },
    {
      shell: 'bash',
      how: 'with its history',
      before: 'set -o history -o histexpand\necho an earlier command >/dev/null\n',
    },
    { shell: 'zsh', how: 'as it is', before: '' },
  ])('$shell runs ssh with the word that was meant and nothing else ($how)', ({ shell, before }) => {
    if (!has(shell)) return;
    expect(lines.length).toBeGreaterThan(runs(400));
    expect(refused).toBeGreaterThan(runs(300));
    const script = [
      `${before}ssh() { printf '%s\\0' "$#" "$@"; }`,
      ...lines.map(({ ssh }) => ssh),
      "printf 'end\\0'",
      '',
    ].join('\n');
    // Lines come on standard input: an argument is limited to 128 KiB, and a shell expands history line by line.
    const { stdout, stderr, status } = spawnSync(shell, ['-s'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      input: script,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\0')).toEqual([...lines.flatMap(({ word }) => ['1', word]), 'end', '']);
    expect(readdirSync(folder)).toEqual([]);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Connection,
  type ConnectionFacts,
  connection,
} from '../../../src/access/connecting/connection.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';

const jane: ConnectionFacts = {
  netbios: 'CORP',
  userName: 'jane',
  address: '198.51.100.7',
  workspaceId: 'ws-8kd2x4f9m',
  operatingSystem: 'UBUNTU_22_04',
};

function connect(facts: Partial<ConnectionFacts>): Connection {
  const reading = connection({ ...jane, ...facts });
  if (!reading.ok) throw new Error(reading.sentence);
  return reading.connection;
}

describe('a plain name', () => {
  test('is one quoted word on the command line, as AWS documents it', () => {
    expect(connect({})).toEqual({
      ssh: 'ssh "CORP\\jane@198.51.100.7"',
      needsConfig: false,
      ifRefused:
        'If ssh answers "remote username contains invalid characters" (OpenSSH 10.6 or newer), put the entry into `~/.ssh/config` and run `ssh ws-8kd2x4f9m`.',
      putty: { hostName: 'CORP\\jane@198.51.100.7', port: 22, connectionType: 'SSH' },
      config: 'Host ws-8kd2x4f9m\n  HostName 198.51.100.7\n  User CORP\\jane\n  HostKeyAlias ws-8kd2x4f9m\n',
      passwordHint:
        'Password: your Active Directory one. Where Ubuntu refuses it, password login over SSH is still off: its owner sets `ssh_pwauth: true` in cloud-init, or you use a key.',
    });
  });

  test('goes with an IPv6 address, which PuTTY wants in brackets', () => {
    const { ssh, putty, config } = connect({ address: '2001:db8::7' });
    expect(ssh).toBe('ssh "CORP\\jane@2001:db8::7"');
    expect(putty.hostName).toBe('CORP\\jane@[2001:db8::7]');
    expect(config).toContain('HostName 2001:db8::7\n');
  });
});

test('any other name goes through the configuration of ssh, and only an alias is pasted', () => {
  const { ssh, needsConfig, ifRefused, config, putty } = connect({ userName: "jane o'hara" });
  expect({ ssh, needsConfig, ifRefused }).toEqual({
    ssh: 'ssh ws-8kd2x4f9m',
    needsConfig: true,
    ifRefused: undefined,
  });
  expect(config).toContain('  User "CORP\\jane o\'hara"\n');
  expect(putty.hostName).toBe("CORP\\jane o'hara@198.51.100.7");
});

test.each([
  ['AMAZON_LINUX_2', /^Password: your Active Directory one\.$/],
  ['UBUNTU_22_04', /Ubuntu refuses it.*ssh_pwauth: true/],
  ['RHEL_8', /RHEL refuses it.*ssh_pwauth: true/],
  ['ROCKY_8', /Rocky Linux refuses it.*ssh_pwauth: true/],
  ['SOMETHING_NEW_3', /the WorkSpace refuses it.*ssh_pwauth: true/],
  ['', /the WorkSpace refuses it/],
])('the password hint knows %j', (operatingSystem, hint) => {
  expect(connect({ operatingSystem }).passwordHint).toMatch(hint);
});

test.each<[string, Partial<ConnectionFacts>, RegExp]>([
  ['no NetBIOS name', { netbios: '' }, /has no NetBIOS name/],
  ['a long NetBIOS name', { netbios: 'SIXTEEN-LETTERS-' }, /is no NetBIOS name/],
  ['a domain in the NetBIOS name', { netbios: 'CORP\\x' }, /is no NetBIOS name/],
  ['a quote in the NetBIOS name', { netbios: 'CO"RP' }, /is no NetBIOS name/],
  ['no user name', { userName: '' }, /has no user name/],
  ['a double quote', { userName: 'ja"ne' }, /allows in no logon name/],
  ['a backslash', { userName: 'corp\\jane' }, /allows in no logon name/],
  ['a semicolon', { userName: 'jane;id' }, /allows in no logon name/],
  ['a pipe', { userName: 'jane|id' }, /allows in no logon name/],
  ['a new line', { userName: 'jane\nProxyCommand id' }, /invisible character/],
  ['a carriage return', { userName: 'jane\rx' }, /invisible character/],
  ['a line separator', { userName: 'jane\u2028x' }, /invisible character/],
  ['a zero byte', { userName: 'jane\0' }, /invisible character/],
  ['a tab', { userName: 'ja\tne' }, /invisible character/],
  ['a non-breaking space', { userName: 'ja\u00a0ne' }, /invisible character/],
  ['a direction mark', { userName: 'ja\u202ene' }, /invisible character/],
  ['half a character', { userName: 'ja\ud800ne' }, /invisible character/],
  ['a space at the end', { userName: 'jane ' }, /a space at an end/],
  ['a space at the beginning', { netbios: ' CORP' }, /a space at an end/],
  ['a percent sign', { userName: '100%jane' }, /disagree about `%`/],
  ['an environment variable', { userName: '$' + '{HOME}' }, /disagree about `\$\{`/],
  ['a quote that begins it', { userName: "'jane" }, /disagree about the quote/],
  ['a host name', { address: 'example.com' }, /is no address/],
  ['an address with a zone', { address: 'fe80::1%eth0' }, /is no address/],
  ['an address and more', { address: '198.51.100.7 -oProxyCommand=id' }, /is no address/],
  ['a pattern for an id', { workspaceId: 'ws-*' }, /is no WorkSpace's id/],
  ['an option for an id', { workspaceId: '-oProxyCommand=id' }, /is no WorkSpace's id/],
])('%s is refused with a sentence', (_, facts, sentence) => {
  expect(connection({ ...jane, ...facts })).toEqual({ ok: false, sentence: expect.stringMatching(sentence) });
});

/** Names that exist somewhere, and names that an attacker would like to exist. */
const odd = [
  'jane doe',
  "o'hara",
  "x''''",
  'jane$HOME',
  'jane$(id)',
  'jane`id`',
  'jane&id',
  '-jane',
  '-oProxyCommand',
  '#jane',
  'jane#1',
  'jané',
  '日本',
  'jane!!',
  '~root',
  '~',
  'jane@corp.example.com',
  '@',
  '(jane)',
  '{jane}',
  '.jane',
  'a  b',
  '^jane^',
  'none',
];

const letters = 'abzAZ09._-';
const plainName = (most: number) =>
  fc
    .tuple(
      fc.constantFrom(...'abzAZ09'),
      fc.string({ unit: fc.constantFrom(...letters), maxLength: most - 1 }),
    )
    .map(([first, rest]) => first + rest);
const hostileName = (most: number) =>
  fc.string({
    unit: fc.oneof(
      fc.constantFrom(...`${letters} '$\`&()!#~@^{}%;"\\é日\n`),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: most,
  });
const addresses = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::7', '2600:1f18::1', '2001:db8:1:2:3:4:5:6'));

/** Connections to read back, each with an id of its own so that one configuration holds all entries. */
function sampled(
  names: fc.Arbitrary<{ netbios: string; userName: string }>,
  count: number,
): { facts: ConnectionFacts; made: Connection }[] {
  const found = fc.sample(fc.tuple(names, addresses), { numRuns: count });
  return [
    ...found,
    ...odd.map((userName) => [{ netbios: 'CORP', userName }, '198.51.100.7'] as const),
  ].flatMap(([name, address], index) => {
    const facts = { ...jane, ...name, address, workspaceId: `ws-test${index.toString(36).padStart(5, '0')}` };
    const reading = connection(facts);
    return reading.ok ? [{ facts, made: reading.connection }] : [];
  });
}

const has = (program: string, ...args: string[]) => spawnSync(program, args).error === undefined;
const shells = ['sh', 'bash', 'zsh', 'dash', 'ksh'].filter((shell) => has(shell, '-c', 'true'));

describe('in a real shell', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'connection-'));
    // A stand-in for ssh that shows the arguments it got: their number, then each argument and a zero byte.
    writeFileSync(join(folder, 'ssh'), '#!/bin/sh\nprintf \'%s\\0\' "$#" "$@"\n');
    chmodSync(join(folder, 'ssh'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(shells)('%s hands ssh one word, exactly as the bot meant it', (shell) => {
    const plain = sampled(fc.record({ netbios: plainName(15), userName: plainName(20) }), runs(60));
    const script = plain.map(({ made }) => made.ssh).join('\n');
    const output = execFileSync(shell, ['-c', script], {
      env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
      encoding: 'utf8',
    });
    const expected = plain.flatMap(({ facts, made }) => [
      '1',
      made.needsConfig ? facts.workspaceId : `${facts.netbios}\\${facts.userName}@${facts.address}`,
    ]);
    expect(output.split('\0').slice(0, -1)).toEqual(expected);
  });
});

const realSsh = has('ssh', '-V');
const takesBackslash =
  realSsh && spawnSync('ssh', ['-G', '-F', 'none', 'CORP\\jane@198.51.100.7']).status === 0;

describe('in the real ssh', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'connection-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The user, address and alias that ssh would use for each command, asked in one shell. */
  function askSsh(commands: string[], config: string): { user?: string; host?: string; alias?: string }[] {
    const file = join(folder, 'config');
    writeFileSync(file, config);
    const script = [
      'ssh() { command ssh -G -F "$CONFIG" "$@" || echo refused; echo ======; }',
      ...commands,
    ].join('\n');
    const output = execFileSync('sh', ['-c', script], {
      env: { PATH: process.env.PATH, HOME: folder, CONFIG: file },
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    return output
      .split('======\n')
      .slice(0, -1)
      .map((answer) => {
        const setting = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(answer)?.[1] ?? 'nothing';
        return { user: setting('user'), host: setting('hostname'), alias: setting('hostkeyalias') };
      });
  }

  const names = fc.oneof(
    fc.record({ netbios: plainName(15), userName: plainName(20) }),
    fc.record({ netbios: hostileName(15), userName: hostileName(20) }),
  );

  (realSsh ? test : test.skip)(
    'every configuration entry gives exactly the user, address and alias of its facts',
    () => {
      const all = sampled(names, runs(120));
      expect(all.length).toBeGreaterThan(runs(40));
      const answers = askSsh(
        all.map(({ facts }) => `ssh ${facts.workspaceId}`),
        all.map(({ made }) => made.config).join('\n'),
      );
      expect(answers).toEqual(
        all.map(({ facts }) => ({
          user: `${facts.netbios}\\${facts.userName}`,
          host: facts.address,
          alias: facts.workspaceId,
        })),
      );
    },
  );

  (takesBackslash ? test : test.skip)('every command gives exactly the user and address of its facts', () => {
    const all = sampled(names, runs(80));
    const answers = askSsh(
      all.map(({ made }) => made.ssh),
      all.map(({ made }) => (made.needsConfig ? made.config : '')).join('\n'),
    );
    expect(answers.map(({ user, host }) => ({ user, host }))).toEqual(
      all.map(({ facts }) => ({ user: `${facts.netbios}\\${facts.userName}`, host: facts.address })),
    );
  });
});

test('whatever the facts of a WorkSpace are, there is an answer with at most one line to paste', () => {
  const anything = fc.string({ unit: anyCharacter, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.record({
        netbios: fc.oneof(anything, hostileName(15)),
        userName: fc.oneof(anything, hostileName(20)),
        address: fc.oneof(anything, addresses),
        workspaceId: fc.oneof(anything, fc.constant('ws-8kd2x4f9m')),
        operatingSystem: anything,
      }),
      (facts) => {
        const reading = connection(facts);
        if (!reading.ok) {
          expect(reading.sentence).toMatch(/^I can't .{20,300}$/);
          return;
        }
        const { ssh, needsConfig, config } = reading.connection;
        expect(ssh).toMatch(
          needsConfig ? /^ssh ws-[0-9a-z]+$/ : /^ssh "[A-Za-z0-9][\w.-]*\\[A-Za-z0-9][\w.-]*@[0-9a-f.:]+"$/,
        );
        expect(config.split('\n')).toHaveLength(5);
      },
    ),
    { numRuns: runs(1000) },
  );
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import { startAws } from '../../sandbox/aws/server.js';
import { fileOf } from '../../sandbox/town.js';
import { awsWorld, SHARED_GROUP } from '../../sandbox/world.js';
import { INSTALLATION_TAG, type Lease, leaseTagKey, leaseTagValue } from '../../src/access/rules/lease.js';
import { readSigningKeys } from '../../src/access/rules/signature.js';
import { close } from '../../src/commands/close.js';
import { environmentAt, hereAt, runHere, runScript } from './run.js';

const SIGNING_KEYS = Buffer.alloc(32, 7).toString('base64');
const reading = readSigningKeys(SIGNING_KEYS);
if (!reading.ok) throw new Error(reading.problem);
const { keys } = reading;

let aws: AwsTown;
beforeEach(async () => {
  aws = await startAws(awsWorld(), { settings: { staleMs: 0 } });
});
afterEach(() => aws.close());

/** A rule with a lease, as the bot leaves it when it dies. */
function leased(requestId: string, cidr: string, endsInMs: number, installation = 'corp'): string {
  const now = Date.now();
  const lease: Lease = {
    requestId,
    endsAtMs: now + endsInMs,
    openedAtMs: now,
    user: 'U0JANE',
    target: 'ws-1',
  };
  const value = leaseTagValue(lease, { installation, groupId: SHARED_GROUP, source: cidr }, keys);
  const tags = { [INSTALLATION_TAG]: installation, [leaseTagKey(requestId)]: value };
  return aws.addRule(SHARED_GROUP, { cidr, tags }).ruleId;
}

const ENV = { AWS_REGION: 'eu-central-1', INSTALLATION: 'corp', SIGNING_KEYS };
const closes = (args: string[], env: Record<string, string> = {}) =>
  runHere(close, args, hereAt(aws.url, { ...ENV, ...env }));
const closesAsCron = (...args: string[]) => runScript('scripts/close.mjs', args, environmentAt(aws.url, ENV));

const left = () => aws.rules(SHARED_GROUP).filter(({ isEgress }) => !isEgress);

describe('the emergency close, with bot, Slack and Redis dead:', () => {
  test('--expired closes expired rules, and nothing else', async () => {
    const over = leased('AAAAA', '203.0.113.1/32', -1000);
    const runs = leased('BBBBB', '203.0.113.2/32', 3_600_000);
    const others = leased('CCCCC', '203.0.113.3/32', -1000, 'other');
    const foreign = aws.addRule(SHARED_GROUP, { cidr: '203.0.113.4/32' }).ruleId;
    const copied = aws.addRule(SHARED_GROUP, {
      cidr: '203.0.113.5/32',
      tags: { [INSTALLATION_TAG]: 'corp', [leaseTagKey('AAAAA')]: 'v1 1 1 U0JANE ws-1 forged' },
    }).ruleId;
    const { code, out } = await closes(['--expired', '--json']);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ groupId: SHARED_GROUP, ruleId: over, closed: true }]);
    expect(code).toBe(0);
    expect(
      left()
        .map(({ ruleId }) => ruleId)
        .toSorted(),
    ).toEqual([runs, others, foreign, copied].toSorted());
  });

  test('--all closes every rule of the installation, off a terminal only with --yes', async () => {
    leased('AAAAA', '203.0.113.1/32', 60_000);
    leased('BBBBB', '2001:db8::/64', 60_000);
    const without = await closes(['--all']);
    expect(without.code).toBe(2);
    expect(without.err).toMatch(/2 rules would be closed.*--yes/s);
    expect(left()).toHaveLength(2);
    expect((await closes(['--all', '--yes'])).code).toBe(0);
    expect(left()).toEqual([]);
  });

  test('the script as cron runs it builds nothing, and prints JSON alone on stdout', async () => {
    const ruleId = leased('AAAAA', '203.0.113.1/32', -1000);
    leased('BBBBB', '203.0.113.2/32', 3_600_000);
    const first = await closesAsCron('--expired', '--json');
    expect(first.out).toBe(`${JSON.stringify({ groupId: SHARED_GROUP, ruleId, closed: true })}\n`);
    expect(first.err).toContain('1 closed, 0 still open, 1 left alone.');
    expect(first.err).not.toContain('Building');
    expect(first.code).toBe(0);
    const second = await closesAsCron('--expired', '--json');
    expect([second.code, second.out]).toEqual([0, '']);
  });

  describe('settings from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'close-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const settings = () =>
      `INSTALLATION=corp\nAWS_REGION=eu-central-1\nSIGNING_KEYS=${SIGNING_KEYS}\n# für cron\n` +
      `AWS_ACCESS_KEY_ID=AKIASANDBOX000000000\nAWS_SECRET_ACCESS_KEY=not-a-secret\nAWS_ENDPOINT_URL=${aws.url}\n`;

    /** Runs a script with nothing in its environment, and with the file as its --env-file, or as .env. */
    function withFile(name: string, bytes: Uint8Array, script = 'close', args = ['--expired']) {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      const given = name === '.env' ? [] : [`--env-file=${file}`];
      return new Promise<{ code: number; err: string }>((resolve) => {
        const child = execFile(
          process.execPath,
          [...given, fileOf(`scripts/${script}.mjs`), ...args],
          { env: {}, cwd: folder },
          (_, __, err) => resolve({ code: child.exitCode ?? -1, err }),
        );
      });
    }

    test('are read where the file begins with a byte order mark', async () => {
      leased('AAAAA', '203.0.113.1/32', -1000);
      const { code, err } = await withFile('bom.env', Buffer.from(`\uFEFF${settings()}`));
      expect(err).toContain('1 closed, 0 still open, 0 left alone.');
      expect(code).toBe(0);
    });

    test.each([
      ['close', 'close.env', 'latin1', ':4:4 This is not UTF-8: the file is probably Latin-1'],
      ['close', '.env', 'utf16le', ':1:1 This file is UTF-16. Save it as UTF-8.'],
      ['uninstall-aws', '.env', 'latin1', ':4:4 This is not UTF-8: the file is probably Latin-1'],
      ['start', '.env', 'latin1', ':4:4 This is not UTF-8: the file is probably Latin-1'],
    ] as const)('are refused by %s where %s is %s', async (script, name, encoding, problem) => {
      const { code, err } = await withFile(name, Buffer.from(settings(), encoding), script, []);
      expect(err).toContain(`${name}${problem}`);
      expect([code, err.split('\n')]).toEqual([2, [expect.any(String), '']]);
    });
  });

  test('a rule with a tag that does not verify is named, and left alone', async () => {
    const tags = { [INSTALLATION_TAG]: 'corp', [leaseTagKey('AAAAA')]: 'v1 1 1 U0JANE ws-1 forged' };
    const { ruleId } = aws.addRule(SHARED_GROUP, { cidr: '203.0.113.5/32', tags });
    const { code, err } = await closes(['--all', '--yes']);
    expect(err).toContain(`left alone  ${ruleId} in ${SHARED_GROUP}`);
    expect(code).toBe(0);
    expect(left()).toHaveLength(1);
  });

  test('while AWS does not answer no rule counts as closed, and the exit code is 1', async () => {
    aws.settings.denied = ['DescribeSecurityGroupRules'];
    const { code, out, err } = await closes(['--expired']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('AWS could not be read');
  });

  test('a rule that stays open is named, and the exit code is 1', async () => {
    const ruleId = leased('AAAAA', '203.0.113.1/32', -1000);
    aws.settings.denied = ['RevokeSecurityGroupIngress'];
    const { code, out } = await closes(['--expired']);
    expect(out).toMatch(new RegExp(`STILL OPEN  ${ruleId} in ${SHARED_GROUP}  UnauthorizedOperation`));
    expect(code).toBe(1);
  });

  test('throttling by AWS is waited out', async () => {
    leased('AAAAA', '203.0.113.1/32', -1000);
    aws.faults.add({ action: 'RevokeSecurityGroupIngress', times: 3, kind: 'throttle' });
    aws.faults.add({ action: 'DescribeSecurityGroupRules', times: 3, kind: 'throttle' });
    expect((await closes(['--expired'])).code).toBe(0);
    expect(left()).toEqual([]);
  });

  test('the signing keys may come from a file, as the bot takes them', async () => {
    leased('AAAAA', '203.0.113.1/32', -1000);
    const folder = mkdtempSync(join(tmpdir(), 'close-keys-'));
    const SIGNING_KEYS_FILE = join(folder, 'keys');
    writeFileSync(SIGNING_KEYS_FILE, `${SIGNING_KEYS}\n`);
    try {
      const both = await closes(['--expired'], { SIGNING_KEYS_FILE });
      expect(both).toMatchObject({ code: 2, err: expect.stringContaining('are both set: keep one') });
      const none = await closes(['--expired'], { SIGNING_KEYS: '', SIGNING_KEYS_FILE: join(folder, 'none') });
      expect(none.err).toMatch(/^SIGNING_KEYS_FILE names a file that cannot be read \(ENOENT\).*\n$/);
      expect(none.code).toBe(2);
      expect(await closes(['--expired'], { SIGNING_KEYS: '', SIGNING_KEYS_FILE })).toMatchObject({ code: 0 });
      expect(left()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('after a missing setting or a wrong flag the exit code is 2, and no secret is printed', async () => {
    const unset = await closes(['--expired'], { SIGNING_KEYS: '', INSTALLATION: '' });
    expect(unset.code).toBe(2);
    expect(unset.err).toMatch(/INSTALLATION is missing/);
    const elsewhere = await closes(['--expired'], { INSTALLATION: 'My Bot', AWS_REGION: 'Frankfurt' });
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.err).toBe(
      'AWS_REGION is "Frankfurt", which is no Region.\nINSTALLATION is "My Bot", which no bot runs with.\n',
    );
    const wrong = await closes(['--expired'], { SIGNING_KEYS: 'c2hvcnQ=' });
    expect(wrong.code).toBe(2);
    expect(wrong.err).not.toContain('c2hvcnQ=');
    expect((await closes(['--expired', '--all'])).code).toBe(2);
    expect((await closes(['--everything'])).code).toBe(2);
  });
});

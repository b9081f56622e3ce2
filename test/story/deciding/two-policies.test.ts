/**
 * Two replicas with different policy files, as during every change of the policy: neither undoes or closes access that
 * the other opened.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { SHARED_GROUP } from '../../../sandbox/world.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import { type BotProcess, startBotProcess } from '../bot-process.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const SWEEP_MS = 500;
const ENV = { TIME_SWEEP: `${SWEEP_MS}ms`, TIME_ABSENT_FIRST: '600ms' };
const DURATION_MS = 12_000;
const CLOCK_MS = 250;
/** Enough requests that each of the two replicas opens some: the replica that is first takes the next request. */
const FEWEST = 4;
const MOST = 30;
const limits = (longest: string, more = '') =>
  `limits: { sources: { documentation: true${more} }, durations: { choices: [${longest}], default: ${longest}, shortest: 1s, longest: ${longest} } }`;
const ONE = policyWith(`
${limits('1h')}
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
firewall: { existing-group: [${SHARED_GROUP}] }
`);
/** Groups of its own, other approvers, and hardly any time. */
const OTHER = policyWith(`
${limits('15s', ', denied: [203.0.113.128/25]')}
rules:
  - { name: mine, target: own, ask: [{ any-of: [U0MARIA, U0SAM] }] }
firewall: access-group
`);

let story: Story;
let other: BotProcess | undefined;
let folder = '';
afterEach(async () => {
  await other?.stop('SIGKILL');
  await story.end();
  await rm(folder, { recursive: true, force: true });
});

test('each of two replicas opens where its own policy says, and every grant keeps its rule until its end', async () => {
  story = await startStory({ policy: ONE, env: ENV });
  folder = await mkdtemp(join(tmpdir(), 'wssh-policies-'));
  const file = join(folder, 'policy.yml');
  await writeFile(file, OTHER);
  other = await startBotProcess({ ...story.town.env, ...ENV, POLICY_FILE: file });
  const { slack, aws } = story.town;
  await story.until('both are connected', () => slack.connected() === 2);

  const grants: { id: string; cidr: string }[] = [];
  const groups = new Set<string>();
  while (grants.length < FEWEST || (groups.size < 2 && grants.length < MOST)) {
    const address = `203.0.113.${grants.length + 1}`;
    const id = await story.asks('jane', `ws-janedoe01 ${address} ${DURATION_MS / 1000}s two at once`);
    await story.presses('maria', id, 'Approve');
    await story.sees('jane', new RegExp(`(Open until|left).*${id}`));
    grants.push({ id, cidr: `${address}/32` });
    for (const { groupId } of story.rules()) groups.add(groupId);
  }
  expect(groups.has(SHARED_GROUP)).toBe(true);
  expect(groups.size).toBe(2);

  await story.rulesBecome(0);
  for (const { id, cidr } of grants) {
    const changes = aws.history.flatMap((change) =>
      'rule' in change && change.rule.cidr === cidr ? [change] : [],
    );
    expect([cidr, changes.map(({ kind }) => kind)]).toEqual([cidr, ['rule-added', 'rule-removed']]);
    const endsAtMs = Number(changes[0]?.rule.tags[leaseTagKey(id)]?.split(' ')[1]);
    // The bots' clock is Redis', read a moment ago.
    expect(changes[1]?.at).toBeGreaterThanOrEqual(endsAtMs - CLOCK_MS);
    expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('time was up');
  }
  // Neither replica took a rule or a group of the other for drift.
  expect(story.reads('ada')).toEqual([]);
  const own = aws.groups().filter(({ tags }) => INSTALLATION_TAG in tags);
  expect(own.length).toBeLessThanOrEqual(1);
  expect(aws.interfaceOf('ws-janedoe01')?.groups).toContain(SHARED_GROUP);
});

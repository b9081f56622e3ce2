/**
 * Ends come first: the calls that AWS lets through are for rules that have to go, and many ends of one group are one
 * call.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rounds } from '../../depth.js';
import { type Story, startStory } from '../story.js';

let story: Story;
beforeEach(async () => {
  story = await startStory({ env: { TIME_SWEEP: '1s', TIME_AWS: '2s', TIME_ABSENT_AGAIN: '300ms' } });
});
afterEach(() => story.end());

async function approved(address: string, duration = '1h'): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  return id;
}
async function opens(address: string, duration?: string): Promise<string> {
  const id = await approved(address, duration);
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  return id;
}
const callsOf = (name: string) => story.town.aws.journal.filter(({ action }) => action === name);

test('while AWS throttles an end, nothing opens; the end comes first, then the opening', async () => {
  const ending = await opens('203.0.113.1');
  const unthrottle = story.town.aws.faults.add({
    action: 'RevokeSecurityGroupIngress',
    times: 'always',
    kind: 'throttle',
  });
  await story.says('jane', `end ${ending}`);
  await story.until('the end is throttled', () => callsOf('RevokeSecurityGroupIngress').length > 0);
  const waiting = await approved('203.0.113.2');
  expect(await story.sees('jane', new RegExp(`Waiting for AWS.*${waiting}`))).toContain('slow down');
  expect(callsOf('AuthorizeSecurityGroupIngress')).toHaveLength(1);
  unthrottle();
  await story.sees('jane', new RegExp(`Ended.*${ending}`));
  await story.sees('jane', new RegExp(`Open until.*${waiting}`));
});

test('many ends of one group at one moment are few calls, and a rule that is gone already keeps no other open', async () => {
  const ids: string[] = [];
  for (let n = 1; n <= rounds(5, 8); n++) ids.push(await opens(`203.0.113.${n}`));
  const removed = story.rules().find(({ cidr }) => cidr === '203.0.113.3/32');
  story.town.aws.removeRule(removed?.ruleId ?? '');
  const before = callsOf('RevokeSecurityGroupIngress').length;
  await Promise.all(ids.map((id) => story.says('jane', `end ${id}`)));
  await story.rulesBecome(0);
  for (const id of ids) await story.sees('jane', new RegExp(`Ended.*${id}`));
  // Alone each end would take one call. The rule that is gone makes the bot try the others in halves.
  expect(callsOf('RevokeSecurityGroupIngress').length - before).toBeLessThan(3 * ids.length);
});

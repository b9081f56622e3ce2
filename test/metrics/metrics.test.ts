/** Counts the audit records and the calls, and holds that only words of this program stand in the figures. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { EndCause, RequestIn } from '../../src/access/request/request.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { SlackBusy } from '../../src/slack/connection/slack-busy.js';
import { createMemory, DOINGS, FAILURE_CAUSES, type Memory } from '../../src/workflow/memory.js';
import { countFailure } from '../../src/workflow/passes.js';
import { AwsRefused, AwsUnavailable, SlackFailed } from '../../src/workflow/ports.js';
import { type AuditEntry, NewerRecord, type Step, StoreUnreachable } from '../../src/workflow/ports-store.js';
import { sweepIsFresh } from '../../src/workflow/sweep.js';
import { fakeParts } from '../slack/parts.js';
import { NOW, phases, requestIn } from '../slack/requests.js';

let nowMs = NOW;

function ended(cause: EndCause): RequestIn<'ended'> {
  const phase = phases()['ended: expired'];
  if (phase?.state !== 'ended') throw new Error('no phase of an end');
  return { ...requestIn(phase), phase: { ...phase, cause } };
}

function open(memory: Memory = createMemory()) {
  nowMs = NOW;
  const metrics = createMetrics({ memory, times: { sweepMs: 60_000 }, now: () => nowMs });
  const { store } = fakeParts().parts;
  const taken: (Step | AuditEntry[])[] = [];
  let outcome: 'done' | 'conflict' = 'done';
  let fault: Error | undefined;
  const watched = metrics.watched({
    ...store,
    async change(step) {
      taken.push(step);
      return { outcome };
    },
    async audit(entries) {
      taken.push(entries);
      if (fault) throw fault;
    },
  });
  return {
    ...{ metrics, watched, taken },
    answers(next: typeof outcome) {
      outcome = next;
    },
    fails(next: Error | undefined) {
      fault = next;
    },
    /** The figures that are not zero, by name and labels. */
    async figures(part = 'workspace_ssh_'): Promise<Record<string, number>> {
      const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(part));
      const read = lines.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.split(' ').at(-1)),
      ]);
      return Object.fromEntries(read.filter(([, value]) => value !== 0));
    },
  };
}

const entry = (what: string): AuditEntry => ({
  ...{ atMs: NOW, who: 'U0JANE', what, why: 'jane@example.com', requestId: 'K7QF2' },
  ids: { groupId: 'sg-0123456789abcdef0', source: '203.0.113.25/32' },
});

test.each([
  ['approved', { 'workspace_ssh_requests_total{state="approved"}': 1 }],
  ['ended', { 'workspace_ssh_requests_total{state="ended"}': 1 }],
  ['pending (changed)', {}],
  ['audit-trimmed', {}],
  ['rule-revoked', { 'workspace_ssh_rule_changes_total{change="revoked",answered="yes"}': 1 }],
  ['rule-revoked-unanswered', { 'workspace_ssh_rule_changes_total{change="revoked",answered="no"}': 1 }],
  ['noticed-stray-rule', { 'workspace_ssh_admin_notices_total{kind="stray-rule"}': 1 }],
  ['store-lost', { workspace_ssh_store_losses_total: 1 }],
])('an audit record that says %s is counted by its kind', async (what, counted) => {
  const changed = open();
  await changed.watched.change({ audit: [entry(what)] });
  const written = open();
  await written.watched.audit([entry(what)]);
  for (const { figures } of [changed, written]) {
    const { workspace_ssh_sweep_interval_seconds, ...others } = await figures();
    expect(others).toEqual(counted);
  }
});

test('a change that another replica stored first is not counted', async () => {
  const { watched, answers, figures } = open();
  answers('conflict');
  await watched.change({ audit: [entry('approved')] });
  expect(await figures('workspace_ssh_requests_total')).toEqual({});
});

test('a change of a rule is counted even where the store takes no audit record of it, and a loss of the store only once the store takes its record', async () => {
  const { watched, fails, figures } = open();
  fails(new StoreUnreachable(true));
  await expect(watched.audit([entry('rule-revoked'), entry('store-lost')])).rejects.toThrow(StoreUnreachable);
  fails(undefined);
  await watched.audit([entry('store-lost')]);
  expect(await figures('workspace_ssh_rule_changes')).toEqual({
    'workspace_ssh_rule_changes_total{change="revoked",answered="yes"}': 1,
  });
  expect(await figures('workspace_ssh_store_losses')).toEqual({ workspace_ssh_store_losses_total: 1 });
});

test('the lateness of an end by time is counted once, and an end that a person asked for is never late', async () => {
  const { watched, figures } = open();
  const late = ended({ kind: 'expired' });
  const phase = { ...late.phase, endedAtMs: late.phase.grant.endsAtMs + 4_000 };
  const audit = [{ ...entry('ended'), requestId: late.id }];
  await watched.change({ request: { ...late, phase }, audit });
  const around = [{ ...entry('ended (changed)'), requestId: late.id }];
  await watched.change({ request: { ...late, phase }, audit: around });
  await watched.change({ request: ended({ kind: 'revoked', by: 'U0JANE' }), audit });
  const { 'workspace_ssh_end_lateness_seconds_bucket{le="2"}': soon = 0, ...rest } = await figures(
    'workspace_ssh_end_lateness_seconds',
  );
  expect(soon).toBe(0);
  expect(rest).toMatchObject({
    'workspace_ssh_end_lateness_seconds_bucket{le="5"}': 1,
    workspace_ssh_end_lateness_seconds_count: 1,
    workspace_ssh_end_lateness_seconds_sum: 4,
  });
});

test.each([
  [new AwsRefused({ action: 'ec2:X', code: 'Y', message: 'z' }), 'aws-refused'],
  [new AwsUnavailable(), 'aws-away'],
  [new StoreUnreachable(true), 'store-away'],
  [new NewerRecord('K7QF2'), 'newer-record'],
  [new SlackBusy(1_000), 'slack-busy'],
  [new SlackFailed('refused', 'is_archived'), 'slack-refused'],
  [new SlackFailed('away', 'ECONNRESET'), 'slack-away'],
  [new TypeError('x'), 'other'],
])('%s is counted as %s, each time', async (fault, cause) => {
  const memory = createMemory();
  const { figures } = open(memory);
  countFailure(memory, 'sweep', fault);
  countFailure(memory, 'ends', fault);
  await figures();
  countFailure(memory, 'ends', fault);
  expect(await figures('workspace_ssh_failures_total')).toEqual({
    [`workspace_ssh_failures_total{during="sweep",cause="${cause}"}`]: 1,
    [`workspace_ssh_failures_total{during="ends",cause="${cause}"}`]: 2,
  });
});

test('each cause of a failure is shown at 0 before any failure, so that the first one is seen to rise', async () => {
  const text = await open().metrics.text();
  for (const during of DOINGS)
    for (const cause of FAILURE_CAUSES)
      expect(text).toContain(`workspace_ssh_failures_total{during="${during}",cause="${cause}"} 0\n`);
});

test('calls, acknowledgements, queues and the findings of a sweep are shown in seconds and by their words', async () => {
  const memory = createMemory();
  const { metrics, figures } = open(memory);
  metrics.calledAws('RevokeSecurityGroupIngress', 'throttled');
  metrics.calledSlack('chat.postMessage', 'answered');
  metrics.acknowledged(80);
  metrics.queued([{ queue: 'ends', waiting: 2, later: 3, running: 1, oldestMs: 1_500 }]);
  const rules = { owned: 4, expired: 1, forged: 2, orphaned: 3, drifted: 5 };
  memory.watched.found = { openGrants: 7, rules, overdueMs: 2_500 };
  memory.watched.passes.set('rules', { doneAtMs: NOW - 30_000, tookMs: 400 });
  expect(await figures()).toMatchObject({
    'workspace_ssh_aws_calls_total{operation="RevokeSecurityGroupIngress",outcome="throttled"}': 1,
    'workspace_ssh_slack_calls_total{method="chat.postMessage",outcome="answered"}': 1,
    'workspace_ssh_acknowledgement_seconds_bucket{le="0.1"}': 1,
    'workspace_ssh_queue_jobs{queue="ends",state="waiting"}': 2,
    'workspace_ssh_queue_jobs{queue="ends",state="later"}': 3,
    'workspace_ssh_queue_jobs{queue="ends",state="running"}': 1,
    'workspace_ssh_queue_oldest_seconds{queue="ends"}': 1.5,
    workspace_ssh_open_grants: 7,
    'workspace_ssh_rules{kind="owned"}': 4,
    'workspace_ssh_rules{kind="forged"}': 2,
    workspace_ssh_overdue_seconds: 2.5,
    'workspace_ssh_sweep_seconds{pass="rules"}': 0.4,
    workspace_ssh_sweep_age_seconds: 30,
    workspace_ssh_sweep_interval_seconds: 60,
  });
  expect(await figures('nodejs_eventloop_lag_p99_seconds')).toEqual({
    nodejs_eventloop_lag_p99_seconds: expect.any(Number),
  });
});

test('the age of a sweep that was never done counts from the start, and a sweep is fresh for three intervals after it was done', () => {
  const memory = createMemory();
  const parts = { ...fakeParts().parts, memory, now: () => nowMs };
  const { sweepMs } = parts.times;
  expect(sweepIsFresh(parts)).toBe(false);
  memory.watched.passes.set('telling', { doneAtMs: nowMs, tookMs: 1 });
  expect(sweepIsFresh(parts)).toBe(false);
  memory.watched.passes.set('rules', { doneAtMs: nowMs, tookMs: 1 });
  nowMs += 3 * sweepMs - 1;
  expect(sweepIsFresh(parts)).toBe(true);
  nowMs += 1;
  expect(sweepIsFresh(parts)).toBe(false);
});

test('the page for operators names every figure, and no other', async () => {
  const { metrics } = open();
  const shown = [...(await metrics.text()).matchAll(/^# TYPE workspace_ssh_(\w+)/gm)].map(([, name]) => name);
  const table = /\| figure [\s\S]*?\n\n/.exec(readFileSync('docs/operating.md', 'utf8'))?.[0] ?? '';
  const firsts = table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|')[1] ?? '');
  const named = firsts.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual(shown.toSorted());
});

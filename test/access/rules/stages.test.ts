/** Runs every function that changes the stage of a rule's record, and compares where they lead with the table. */
import { expect, test } from '@jest/globals';
import type { Lease } from '../../../src/access/rules/lease.js';
import {
  adoptLeases,
  joinRule,
  leaveRule,
  type RuleRecord,
  type RuleStage,
} from '../../../src/access/rules/rule.js';
import type { SeenRule } from '../../../src/access/rules/seen-rule.js';
import { expireRule, settleRule } from '../../../src/access/rules/settle-rule.js';
import { STAGE_STEPS } from '../../../src/access/rules/stages.js';

const NOW = 1_000_000;
const place = { groupId: 'sg-1', source: '203.0.113.25/32' };
const lease = (requestId: string, endsAtMs: number): Lease => ({
  requestId,
  endsAtMs,
  openedAtMs: 0,
  user: 'UJANE00001',
  target: 'ws-1',
});

const stages: RuleStage[] = [
  { state: 'authorizing', deadlineMs: NOW, openByMs: NOW + 9 },
  { state: 'authorizing', deadlineMs: NOW - 5, earlierMs: NOW - 9, openByMs: NOW + 9, ruleId: 'sgr-1' },
  { state: 'open', ruleId: 'sgr-1' },
  { state: 'open', ruleId: 'sgr-1', deadlineMs: NOW + 5, absentSinceMs: 0 },
  { state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW - 5, answered: true },
  { state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW - 5, absentSinceMs: 0 },
  { state: 'revoking', deadlineMs: NOW + 5 },
  { state: 'gone' },
  { state: 'newer' },
];
const running = [lease('K7QF2', NOW + 9)];
const leases = [[], running, [lease('K7QF2', 0)], [...running, lease('R2D2X', NOW + 9)]];
const records: RuleRecord[] = stages.flatMap((stage) =>
  leases.map((held) => ({ ...place, version: 1, stage, leases: held })),
);
const rule: SeenRule = {
  ruleId: 'sgr-1',
  ...place,
  leases: running,
  tagged: true,
  marked: true,
  plain: true,
  traffic: { protocol: 'tcp', fromPort: 22, toPort: 22, from: { kind: 'range', cidr: place.source } },
  inAccessGroup: true,
};

/** The record that each function makes of a record: undefined where it changes none. */
function next(record: RuleRecord | undefined): (RuleRecord | undefined)[] {
  const by = { nowMs: NOW, openByMs: NOW + 20 };
  const joined = ['K7QF2', 'NEW22'].map((id) => joinRule(record, place, lease(id, NOW + 99), by));
  const after = [
    ...joined.map((joining) => ('joined' in joining ? joining.joined : undefined)),
    adoptLeases(record, rule, running, NOW),
  ];
  if (!record) return after;
  return [
    ...after,
    ...['K7QF2', 'R2D2X'].map((id) => leaveRule(record, [id], NOW)),
    ...[[rule], []].flatMap((seen) => [
      ...[[], ['sgr-1']].map((answered) => settleRule(record, seen, answered, NOW, 1)),
      expireRule(record, seen, ['sgr-1'], NOW)?.rule,
    ]),
  ];
}

test('the stages of a rule follow each other as the table says', () => {
  const found = [undefined, ...records].flatMap((record) =>
    next(record).flatMap((after) => {
      const from = record?.stage.state ?? 'nowhere';
      return after && after.stage.state !== from ? [`${from} → ${after.stage.state}`] : [];
    }),
  );
  const said = Object.entries(STAGE_STEPS).flatMap(([from, leads]) =>
    Object.keys(leads).map((to) => `${from} → ${to}`),
  );
  expect([...new Set(found)].sort()).toEqual(said.sort());
});

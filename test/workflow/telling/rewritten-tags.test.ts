/** Somebody takes the tags off a rule of open access: the next converge of its group writes them again. */
import { expect, test } from '@jest/globals';
import { isIn, type RequestIn } from '../../../src/access/request/request.js';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import type { AdminNotice } from '../../../src/workflow/admin-notice.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { detectDrift } from '../../../src/workflow/repairing/detecting/detect-drift.js';
import { converge } from '../../../src/workflow/rules/converge.js';
import { readRules } from '../../../src/workflow/rules/read-group.js';
import { tellRewritten } from '../../../src/workflow/telling/rewritten-tags.js';
import { lease, SHARED } from '../../aws/town.js';
import { sharedTown, storeOpening } from '../replicas.js';

const here = sharedTown();

let made = 0;

interface Scene {
  parts: Parts;
  id: string;
  ruleId: string;
  /** The AdminNotices that the admins were told. */
  told: AdminNotice[];
  /** Whether the rule carries the lease. */
  isTagged(): boolean;
}

const LONG_MS = 60_000;

/** Access that has been open for so long, and whose rule has just lost all of its tags. */
async function stripped(openForMs = LONG_MS, reaches = () => true): Promise<Scene> {
  made += 1;
  const told: AdminNotice[] = [];
  const plain = await here.replicas.parts();
  const parts: Parts = {
    ...plain,
    // A replica that failed to tell may try again at once here.
    store: {
      ...plain.store,
      turn: async (name, forMs) => name.startsWith('telling:') || plain.store.turn(name, forMs),
    },
    messenger: {
      ...plain.messenger,
      async notify(_, notice) {
        if (!reaches()) throw new Error('Slack does not answer');
        told.push(notice);
      },
    },
  };
  const opening = await storeOpening(parts, `TAGS${made + 1}`, 'a group');
  const { id } = opening;
  const { facts, need, review, grant } = opening.phase;
  const source = `203.0.113.${made}/32`;
  const { ruleId } = here.town.addRule(SHARED, { cidr: source });
  const phase: RequestIn<'open'>['phase'] = {
    state: 'open',
    facts,
    need,
    review,
    grant: { ...grant, groupId: SHARED },
    openedAtMs: parts.now() - openForMs,
    warned: false,
  };
  const leases = [lease(id, { endsAtMs: grant.endsAtMs, openedAtMs: phase.openedAtMs })];
  const rule = { groupId: SHARED, source, version: 1, stage: { state: 'open' as const, ruleId }, leases };
  const request = { ...opening, version: opening.version + 1, phase };
  await parts.store.change({ request, rule, audit: [] });
  const tags = () => here.town.rules(SHARED).find((one) => one.ruleId === ruleId)?.tags ?? {};
  return { parts, id, ruleId, told, isTagged: () => leaseTagKey(id) in tags() };
}

const again = ({ id, ruleId }: Scene) =>
  expect.objectContaining({ kind: 'changed-tags', ruleId, requestIds: [id], restored: true });

test('the admins are told once, at the next pass, of tags that were written again', async () => {
  const scene = await stripped();
  await converge(scene.parts, SHARED);
  expect(scene.isTagged()).toBe(true);
  // No opening and no end waits for Slack.
  expect(scene.told).toEqual([]);
  await tellRewritten(scene.parts);
  await tellRewritten(scene.parts);
  expect(scene.told).toEqual([again(scene)]);
});

test('the admins are told of tags that were written again without an answer', async () => {
  const scene = await stripped();
  here.town.faults.add({ action: 'CreateTags', times: 'always', kind: 'lost-answer' });
  await converge(scene.parts, SHARED);
  here.town.faults.clear();
  await tellRewritten(scene.parts);
  expect([scene.isTagged(), scene.told]).toEqual([true, [again(scene)]]);
});

test('the admins are told of tags that were written again only once AWS shows the tags', async () => {
  const scene = await stripped();
  here.town.settings.denied = ['CreateTags'];
  await converge(scene.parts, SHARED);
  await tellRewritten(scene.parts);
  expect([scene.isTagged(), scene.told]).toEqual([false, []]);
  here.town.settings.denied = [];
  await converge(scene.parts, SHARED);
  await tellRewritten(scene.parts);
  expect([scene.isTagged(), scene.told]).toEqual([true, [again(scene)]]);
});

test('tags of which no admin could be told are told at a later pass', async () => {
  let slackIsUp = false;
  const scene = await stripped(LONG_MS, () => slackIsUp);
  await converge(scene.parts, SHARED);
  await tellRewritten(scene.parts);
  expect(scene.told).toEqual([]);
  slackIsUp = true;
  await tellRewritten(scene.parts);
  expect(scene.told).toEqual([again(scene)]);
});

test('nobody is told of a lease that joined just now, which had no tag to lose', async () => {
  // Opened in the future, however slow this machine is.
  const scene = await stripped(-LONG_MS);
  await converge(scene.parts, SHARED);
  await tellRewritten(scene.parts);
  expect([scene.isTagged(), scene.told]).toEqual([true, []]);
});

test('a tag with another end is written again, and nobody is told', async () => {
  const scene = await stripped();
  const { source } =
    (await scene.parts.firewall.rules(SHARED)).find(({ ruleId }) => ruleId === scene.ruleId) ?? {};
  const record = await scene.parts.store.loadRule(SHARED, source ?? '');
  if (!record) throw new Error('there is no record');
  await scene.parts.firewall.tag(scene.ruleId, SHARED, record.source, record.leases);
  // The record of an adopted lease ends earlier than its tag where the policy allows less.
  const leases = record.leases.map((one) => ({ ...one, endsAtMs: one.endsAtMs - 60_000 }));
  await scene.parts.store.change({ rule: { ...record, version: record.version + 1, leases }, audit: [] });
  await converge(scene.parts, SHARED);
  await tellRewritten(scene.parts);
  const seen = (await scene.parts.firewall.rules(SHARED)).find(({ ruleId }) => ruleId === scene.ruleId);
  expect([seen?.leases[0]?.endsAtMs, scene.told]).toEqual([leases[0]?.endsAtMs, []]);
});

test('tags that access loses right after it opened are written again at once, and the admins are told', async () => {
  const scene = await stripped(1_000);
  const { id } = scene;
  const parts: Parts = { ...scene.parts, times: { ...scene.parts.times, absentFirstMs: 2 * LONG_MS } };
  const look = async () => {
    const request = await parts.store.load(id);
    if (!request || !isIn(request, 'open')) throw new Error(`${id} is not open`);
    await detectDrift(parts, await readRules(parts, SHARED), [request]);
  };
  await look();
  expect(scene.isTagged()).toBe(true);
  expect(scene.told).toEqual([again(scene)]);
  await look();
  expect(scene.told).toHaveLength(1);
});

test('the sweep leaves a lease that an opening has yet to write to its opening, and tells nobody of the rule', async () => {
  const { parts, id, ruleId, told } = await stripped();
  await converge(parts, SHARED);
  const { source = '' } = (await readRules(parts, SHARED)).seen.find((one) => one.ruleId === ruleId) ?? {};
  const rule = await parts.store.loadRule(SHARED, source);
  const open = await parts.store.load(id);
  if (!rule || !open || !isIn(open, 'open')) throw new Error('not open');
  const more = await storeOpening(parts, `${id}M`, 'a group');
  const leases = [...rule.leases, lease(more.id, { endsAtMs: more.phase.grant.endsAtMs })];
  await parts.store.change({ rule: { ...rule, version: rule.version + 1, leases }, audit: [] });
  const from = here.town.journal.length;
  await detectDrift(parts, await readRules(parts, SHARED), [open]);
  expect(here.town.journal.slice(from).filter(({ action }) => action === 'CreateTags')).toEqual([]);
  expect(told).toEqual([]);
});

/** The audit log of a story: each call that changed a rule at AWS has its record, and no number is missing. */
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Call } from '../../../sandbox/aws/state/journal.js';
import { type Story, startStory } from '../story.js';

let story: Story;
let redis: Redis;
afterEach(async () => {
  redis?.disconnect();
  await story.end();
});

interface Audited {
  seq: number;
  who: string;
  what: string;
  requestId?: string;
  ids?: Record<string, string | number>;
}

async function audits(): Promise<Audited[]> {
  const entries = await redis.xrange(`{wssh:${story.config.installation}}:audit`, '-', '+');
  return entries.map(([, fields]) => ({ seq: Number(fields[1]), ...JSON.parse(fields[3] ?? '{}') }));
}

const opened = (id: string) => new RegExp(`Open until[^\\n]*${id}`);
const ended = (id: string) => new RegExp(`Ended[^\\n]*${id}`);

/** The audit record that a call should have left: its name, and the ids that it must have. */
function expected({ action, request, code }: Call): { what: string; ids: object }[] {
  const lost = code === 'OK' ? '' : '-unanswered';
  const all = (field: string) =>
    Object.entries(request).flatMap(([key, value]) => (key.startsWith(`${field}.`) ? [String(value)] : []));
  switch (action) {
    case 'AuthorizeSecurityGroupIngress': {
      const ids = { groupId: request.GroupId, source: request['IpPermissions.1.IpRanges.1.CidrIp'] };
      return [{ what: `rule-authorized${lost}`, ids }];
    }
    case 'RevokeSecurityGroupIngress':
      return all('SecurityGroupRuleId').map((ruleId) => ({
        what: `rule-revoked${lost}`,
        ids: { groupId: request.GroupId, ruleId },
      }));
    case 'CreateTags':
      return all('ResourceId').map((ruleId) => ({ what: `rule-tagged${lost}`, ids: { ruleId } }));
    case 'DeleteTags':
      return all('ResourceId').map((ruleId) => ({ what: `rule-untagged${lost}`, ids: { ruleId } }));
    default:
      return [];
  }
}

const TOOK_EFFECT = ['OK', 'lost-answer'];

test('each call that changed a rule has an audit record with its ids, also where its answer was lost', async () => {
  story = await startStory();
  redis = new Redis(story.town.env.REDIS_URL ?? '');
  const { aws } = story.town;
  aws.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
  const first = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', first, 'Approve');
  await story.sees('jane', opened(first));
  const second = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h another thing');
  await story.presses('maria', second, 'Approve');
  await story.sees('jane', opened(second));
  const third = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h a third one');
  await story.presses('maria', third, 'Approve');
  await story.sees('jane', opened(third));
  aws.faults.add({ action: 'RevokeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
  for (const id of [first, second, third]) {
    await story.says('jane', `end ${id}`);
    await story.sees('jane', ended(id));
  }

  const records = await audits();
  const called = aws.journal.filter(({ code }) => TOOK_EFFECT.includes(code)).flatMap(expected);
  const names = new Set(called.map(({ what }) => what));
  expect([...names].sort()).toEqual([
    'rule-authorized',
    'rule-authorized-unanswered',
    'rule-revoked',
    'rule-revoked-unanswered',
    'rule-tagged',
    'rule-untagged',
  ]);
  for (const one of called) {
    const what = expect.objectContaining({ what: one.what, ids: expect.objectContaining(one.ids) });
    expect(records).toContainEqual(what);
  }
  for (const what of names) {
    const count = (list: readonly { what: string }[]) => list.filter((one) => one.what === what).length;
    expect([what, count(records)]).toEqual([what, count(called)]);
  }
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
  expect(records.find(({ what }) => what === 'rule-tagged')).toMatchObject({ requestId: second });
  expect(records.find(({ what }) => what === 'rule-untagged')).toMatchObject({ requestId: first });
  for (const id of [first, second, third]) {
    const states = records.flatMap(({ what, requestId }) =>
      requestId === id && !/^(rule|group)-|changed/.test(what) ? [what] : [],
    );
    expect(states).toEqual(['submitted', 'pending', 'approved', 'opening', 'open', 'closing', 'ended']);
  }
});

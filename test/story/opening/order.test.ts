/** The order of an opening: its end is stored first, and an end that comes before the call to EC2 wins. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Due } from '../../../src/access/request/duties.js';
import { isIn } from '../../../src/access/request/request.js';
import type { Timers } from '../../../src/workflow/ports.js';
import type { Firewall } from '../../../src/workflow/ports-firewall.js';
import { type Store, StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { type Story, startStory } from '../story.js';

let story: Story;
/** The events that each test looks at, and the levers by which it lets something go wrong. */
let timersSet: Map<string, Due[]>;
let beforeAuthorize: ((...call: Parameters<Firewall['authorize']>) => Promise<void>) | undefined;
let beforeMark: (() => Promise<void>) | undefined;
let failingTimers = 0;
let store: Store;

beforeAll(async () => {
  timersSet = new Map();
  story = await startStory({
    wrap(rooms) {
      const { parts } = rooms;
      store = parts.store;
      const firewall: Firewall = {
        ...parts.firewall,
        async authorize(...call) {
          await beforeAuthorize?.(...call);
          return parts.firewall.authorize(...call);
        },
      };
      const timers: Timers = {
        ...parts.timers,
        async set(id, dues) {
          if (failingTimers > 0 && dues.some(({ queue }) => queue === 'ends')) {
            failingTimers -= 1;
            throw new StoreUnreachable(true);
          }
          await parts.timers.set(id, dues);
          timersSet.set(id, [...(timersSet.get(id) ?? []), ...dues]);
        },
      };
      const marking: Store = {
        ...parts.store,
        async change(step) {
          // The deadline of an authorize, just before the call.
          if (!step.request && step.rule?.stage.state === 'authorizing') await beforeMark?.();
          return parts.store.change(step);
        },
      };
      return { ...rooms, parts: { ...parts, firewall, timers, store: marking } };
    },
  });
});
afterEach(() => {
  [beforeAuthorize, beforeMark, failingTimers] = [undefined, undefined, 0];
});
afterAll(() => story.end());

let asked = 0;
async function approved(): Promise<{ id: string; source: string }> {
  const source = `203.0.113.${++asked}`;
  const id = await story.asks('jane', `ws-janedoe01 ${source} 1h fixing the build`);
  await story.presses('maria', id, 'Approve');
  return { id, source: `${source}/32` };
}
const added = (source: string) =>
  story.town.aws.history.filter((change) => change.kind === 'rule-added' && change.rule.cidr === source);

test('the end of access is stored, with its timer, before EC2 is asked to authorize anything', async () => {
  const found: object[] = [];
  beforeAuthorize = async (groupId, source, leases) => {
    for (const lease of leases) {
      const request = await store.load(lease.requestId);
      const rule = await store.loadRule(groupId, source);
      if (!request || !isIn(request, 'opening')) throw new Error('it is not opening');
      const { grant } = request.phase;
      found.push({
        sameEnd: grant.endsAtMs === lease.endsAtMs,
        timer: timersSet
          .get(request.id)
          ?.some(({ queue, atMs }) => queue === 'ends' && atMs === grant.endsAtMs),
        deadline: rule?.stage.state === 'authorizing' && rule.stage.deadlineMs > Date.now(),
      });
    }
  };
  const { id } = await approved();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(found).toEqual([{ sameEnd: true, timer: true, deadline: true }]);
});

test('nothing is authorized while the timer of its end cannot be set', async () => {
  const left: number[] = [];
  beforeAuthorize = async () => {
    left.push(failingTimers);
  };
  failingTimers = 3;
  const { id, source } = await approved();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(left).toEqual([0]);
  expect(added(source)).toHaveLength(1);
});

test('an end that comes before the authorize keeps the bot from making that call', async () => {
  let id = '';
  const ended = new Promise<void>((resolve) => {
    beforeMark = async () => {
      beforeMark = undefined;
      await story.until('its id is known', () => id !== '');
      await story.says('jane', `end ${id}`);
      resolve();
    };
  });
  const one = await approved();
  id = one.id;
  await ended;
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(added(one.source)).toEqual([]);
});

test('a pause that comes before the authorize keeps the bot from making that call, until new access is resumed', async () => {
  const paused = new Promise<void>((resolve) => {
    beforeMark = async () => {
      beforeMark = undefined;
      await story.says('ada', 'pause');
      resolve();
    };
  });
  const { id, source } = await approved();
  await paused;
  await story.sees('jane', new RegExp(`paused.*${id}|${id}.*paused`, 'is'));
  expect(added(source)).toEqual([]);
  await story.says('ada', 'resume');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(added(source)).toHaveLength(1);
});

/** Some changes of a request are told by a new message, the others by an edit of the posted card. */
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { isOver } from '../../../src/access/request/duties.js';
import type { Phase, Request } from '../../../src/access/request/request.js';
import { advance } from '../../../src/workflow/advance.js';
import { acknowledging } from '../../../src/workflow/ends-first.js';
import type { Card, Parts } from '../../../src/workflow/ports.js';
import type { Posted } from '../../../src/workflow/ports-store.js';
import { takePlace } from '../../../src/workflow/rules/revoke-line.js';
import { tell } from '../../../src/workflow/telling/tell.js';
import { fakeParts } from '../../slack/parts.js';
import { NOW, phases, requestIn } from '../../slack/requests.js';

/**
 * Tells of a request again and again, and keeps each call to Slack for a card, and each stored record of posted cards.
 */
function teller() {
  const { parts } = fakeParts();
  let request: Request = requestIn({ state: 'submitted', giveUpAtMs: NOW, waitsForAws: false });
  let saves = 0;
  let posted: Posted = { requestId: request.id, version: 0, surfaces: {} };
  let nowMs = NOW;
  let calls: string[] = [];
  const looks: (string | undefined)[] = [];
  let slackIsBusy = false;
  let isArchived = false;
  const call = (what: string, { surface, folded, request: shown }: Card) =>
    calls.push(`${what} ${surface}: ${folded ? 'folded' : shown.phase.state}`);
  const told = {
    ...parts,
    now: () => nowMs,
    store: {
      ...parts.store,
      savePosted: async (next: Posted) => {
        posted = next;
        saves += 1;
        return true;
      },
      telling: async <T>(_: string, work: (found: Request, cards: Posted) => Promise<T>) => ({
        ran: true as const,
        result: await work(request, posted),
      }),
    },
    messenger: {
      ...parts.messenger,
      post: async (_: string, card: Card) =>
        isArchived
          ? { unreachable: 'is_archived' }
          : { channel: 'D1', ts: String(call('post', card)), look: 'new' },
      edit: async (where: { look?: string }, card: Card) => {
        call('edit', card);
        if (card.folded && slackIsBusy) throw new Error('Slack asks to wait');
        looks.push(where.look);
        return { look: 'edited' };
      },
    },
  };
  const tells = async (phase: Phase, atMs = NOW) => {
    nowMs = atMs;
    calls = [];
    saves = 0;
    looks.length = 0;
    request = { ...request, version: request.version + 1, phase };
    const progress = await tell(told, request.id);
    const mine = calls.filter((one) => one.includes('access'));
    return { progress, calls: mine, all: calls, saves, looks: [...looks] };
  };
  /** Tells of the request as an older version of the bot does, which carries over stored fields that it does not know. */
  const olderTells = (phase: Phase) => {
    request = { ...request, version: request.version + 1, phase };
    const { version } = request;
    const surfaces = Object.entries(posted.surfaces).map(([key, shown]) => [key, { ...shown, version }]);
    posted = { ...posted, version: posted.version + 1, surfaces: Object.fromEntries(surfaces) };
  };
  const again = () => {
    calls = [];
    return tell(told, request.id);
  };
  const folding = (works: boolean) => {
    slackIsBusy = !works;
  };
  const archive = () => {
    isArchived = true;
  };
  const { failures } = parts.memory.watched;
  return Object.assign(tells, { olderTells, again, folding, archive, failures, calls: () => calls });
}

function phase(name: string): Phase {
  const found = phases()[name];
  if (!found) throw new Error(`no phase ${name}`);
  return found;
}

const ASKED_MS = NOW - 60_000;
const own = phase('ended: revoked');
const byAdmin: Phase = own.state === 'ended' ? { ...own, cause: { kind: 'revoked', by: 'UMARIA0001' } } : own;

/** Every way in which a request can end, whoever ended it. */
const over = Object.entries<Phase>({ ...phases(), 'taken back by its requester': takenBack() }).filter(
  ([, one]) => isOver(requestIn(one)),
);

function takenBack(): Phase {
  const byOther = phase('taken back');
  return byOther.state === 'cancelled' ? { ...byOther, by: requestIn(byOther).ask.requester } : byOther;
}

test.each(over)(
  'an outcome is told by a newer message, since a crash may have left a second card that waits: "%s"',
  async (_, last) => {
    const tells = teller();
    await tells(phase('pending'));
    expect((await tells(last)).calls).toEqual([`post access: ${last.state}`, 'edit access: folded']);
  },
);

describe('a requester', () => {
  test.each<[string, Phase[], string[]]>([
    ['access that opened', [phase('pending'), phase('open')], ['post access: open', 'edit access: folded']],
    ['the warning', [phase('open'), phase('warning')], ['post access: open', 'edit access: folded']],
    ['an end by time', [phase('open'), phase('ended')], ['post access: ended', 'edit access: folded']],
    ['an end by somebody else', [phase('open'), byAdmin], ['post access: ended', 'edit access: folded']],
    [
      'an end of their own, since a crash may have left a second card that says Open',
      [phase('open'), phase('closing'), own],
      ['post access: ended', 'edit access: folded'],
    ],
    [
      'an end of their own that took long',
      [phase('open'), phase('not closed yet'), own],
      ['post access: ended', 'edit access: folded'],
    ],
    [
      'approved access that needs another yes',
      [phase('waiting for the WorkSpace'), phase('pending once more')],
      ['post access: pending', 'edit access: folded'],
    ],
    ['an answer that is waited for', [phase('checking'), phase('pending')], ['edit access: pending']],
  ])('is told of %s by a new message or an edit', async (_, before, expected) => {
    const tells = teller();
    const all = [];
    for (const one of before) all.push(await tells(one));
    expect(all.at(-1)?.calls).toEqual(expected);
  });

  test('gets no card while the check has only begun, and one where it takes longer', async () => {
    const tells = teller();
    expect(await tells(phase('checking'), ASKED_MS + 1_999)).toMatchObject({ progress: 'again', all: [] });
    expect((await tells(phase('checking'), ASKED_MS + 2_000)).calls).toEqual(['post access: submitted']);
    const quick = teller();
    await quick(phase('checking'), ASKED_MS);
    expect((await quick(phase('refused'), ASKED_MS + 1_000)).calls).toEqual(['post access: refused']);
    const away = teller();
    expect((await away(phase('waiting for AWS'), ASKED_MS)).calls).toEqual(['post access: submitted']);
  });
});

test('edits of cards go with the first post and are stored with it, and each further post is stored alone', async () => {
  const tells = teller();
  const asked = await tells(phase('pending'));
  expect(asked.all).toEqual(['post access: pending', 'post approval: pending']);
  expect(asked.saves).toBe(2);
  const opened = await tells(phase('open'));
  expect([...opened.all].sort()).toEqual(['edit access: folded', 'edit approval: open', 'post access: open']);
  expect(opened.saves).toBe(1);
});

test('an older card that Slack did not let the bot fold stays owed, and only its fold is tried again', async () => {
  const tells = teller();
  await tells(phase('pending'));
  tells.folding(false);
  await expect(tells(phase('open'))).rejects.toThrow('Slack asks to wait');
  await expect(tells.again()).rejects.toThrow('Slack asks to wait');
  expect(tells.calls()).toEqual(['edit access: folded']);
  await expect(tells(phase('ended'))).rejects.toThrow('Slack asks to wait');
  tells.folding(true);
  expect(await tells.again()).toBe('done');
  expect(tells.calls()).toEqual(['edit access: folded', 'edit access: folded']);
  tells.folding(false);
  expect(await tells.again()).toBe('done');
});

test('a card that Slack refuses for good is counted, and not tried again', async () => {
  const tells = teller();
  tells.archive();
  expect((await tells(phase('pending'))).progress).toBe('done');
  expect(tells.failures).toEqual([{ during: 'tell', cause: 'slack-refused', times: expect.any(Number) }]);
});

test('the messenger is told how a posted card looks, unless an older version of the bot may have edited the card since', async () => {
  const tells = teller();
  await tells(phase('pending'));
  await tells(phase('open'));
  expect((await tells(phase('warning'))).looks).toContain('edited');
  tells.olderTells(phase('closing'));
  expect((await tells(phase('ended'))).looks).toEqual([undefined, undefined]);
});

test.each([
  ['revokes wait', 2, (parts: Parts) => takePlace(parts).leave],
  ['Slack waits to be answered', 1, (parts: Parts) => acknowledging(parts.memory.beside)],
])(
  'while %s, cards of %i at once are written, and the others follow once nothing waits or one of those is done',
  async (_, atOnce, waits) => {
    const { parts } = fakeParts();
    const begun: string[] = [];
    const gates = new Map<string, () => void>();
    const telling = async (id: string) => {
      begun.push(id);
      await new Promise<void>((resolve) => gates.set(id, resolve));
      return { ran: false as const };
    };
    const told = { ...parts, store: { ...parts.store, telling } };
    const done = waits(told);
    const all = ['A', 'B', 'C', 'D', 'E'].map((id) => tell(told, id));
    await immediate();
    expect(begun).toEqual(['A', 'B'].slice(0, atOnce));
    gates.get('A')?.();
    await immediate();
    expect(begun).toEqual(['A', 'B', 'C'].slice(0, atOnce + 1));
    done();
    await immediate();
    expect(begun).toEqual(['A', 'B', 'C', 'D', 'E']);
    const again = waits(told);
    const last = tell(told, 'F');
    for (const id of begun) gates.get(id)?.();
    await Promise.all(all);
    await immediate();
    expect(begun.at(-1)).toBe('F');
    gates.get('F')?.();
    await last;
    again();
  },
);

test('while Slack waits to be answered, one request is decided at once', async () => {
  const { parts } = fakeParts();
  const begun: string[] = [];
  const gates: (() => void)[] = [];
  const decided: Parts = {
    ...parts,
    store: {
      ...parts.store,
      async atRequest(_lock, id, work) {
        const request = { ...requestIn({ state: 'submitted', giveUpAtMs: NOW + 1, waitsForAws: false }), id };
        return { ran: true, result: await work(request) };
      },
      async ofPerson() {
        begun.push('one');
        await new Promise<void>((resolve) => gates.push(resolve));
        return { requests: [], newer: [] };
      },
    },
    policy: { ...parts.policy, limits: { ...parts.policy.limits, perPerson: { waiting: 20, open: 3 } } },
    now: () => NOW,
  };
  const done = acknowledging(decided.memory.beside);
  const all = ['A', 'B', 'C'].map((id) => advance(decided, id));
  await immediate();
  expect(begun).toHaveLength(1);
  done();
  await immediate();
  expect(begun).toHaveLength(3);
  decided.store.ofPerson = parts.store.ofPerson;
  for (const open of gates) open();
  await Promise.all(all);
});

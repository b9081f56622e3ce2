/**
 * What follows access that is open: more time, which joins the rule that is there, and another address with the same end.
 * And access that is asked for later, which waits for its time.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { leaseIdOfTag } from '../../../src/access/rules/lease.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { ahead, answered, formOf, shows } from '../asking/asking.js';
import { keepingAudit } from '../audited.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const HOUR = 3_600_000;

const POLICY = policyWith(`
limits: { sources: { documentation: true }, networks: { VPN: 192.0.2.0/28 }, durations: { longest: 4h, longest-total: 4h } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
`);

const records: AuditEntry[] = [];
let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY, env: { TIME_SWEEP: '300ms' }, wrap: keepingAudit(records) });
});
afterAll(() => story.end());

/** The ids of the requests whose leases the rule from this address carries. */
function leasesOn(address: string): string[] {
  const rule = story.rules().find(({ cidr }) => cidr === `${address}/32`);
  return Object.keys(rule?.tags ?? {}).flatMap((key) => leaseIdOfTag(key) ?? []);
}

async function opened(address: string, duration: string): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
  return id;
}

/** The id of the request that follows, as the approver's card says it. */
async function followerOf(id: string, what = 'more'): Promise<string> {
  const card = await story.sees('maria', new RegExp(`${what}.*${id} → [2-9A-Z]{5}`));
  return new RegExp(`${id} → ([2-9A-Z]{5})`).exec(card)?.[1] ?? '';
}

test('one tap asks for more time, and a yes extends the access on the rule that is there', async () => {
  const first = await opened('203.0.113.25', '2h');
  const [rule] = story.rules();
  await story.presses('jane', first, 'Extend 1 h');
  const more = await followerOf(first);
  expect(await story.sees('maria', more)).toMatch(/asks for 1 hour more\* · until .*, 3 hours in all · /);
  const asked = await story.sees('jane', new RegExp(`Waiting for @maria[^\\n]*${more}`));
  expect(asked).toMatch(new RegExp(`1 hour more for ${first}, until .*${first} still ends`));
  const before = await story.sees('jane', `${more} asks for more time. Without a yes this ends`);
  expect(before).not.toContain('[Extend');
  await story.presses('maria', more, 'Approve 1 h');
  const card = await story.sees('jane', new RegExp(`Open until[^\\n]*${more}`));
  expect(card).toContain('ssh "CORP\\jane@198.51.100.7"');
  expect(card).toContain('[Extend 1 h]');
  await story.sees('jane', new RegExp(`Ended[^\\n]*continued as ${more}[^\\n]*${first}`));
  await story.until('the first lease is off the rule', () => leasesOn('203.0.113.25').join() === more);
  expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([rule?.ruleId]);

  story.passes(2 * HOUR + 60_000);
  await story.sweeps(2);
  expect(story.rules()).toHaveLength(1);
  story.passes(HOUR);
  await story.rulesBecome(0);
  await story.sees('jane', new RegExp(`Ended[^\\n]*time was up[^\\n]*${more}`));
});

test('more time that is not possible is answered with a sentence, and after a no the button is there again', async () => {
  expect(await story.says('jane', 'extend')).toBe('Nothing of yours is open, so there is nothing to extend.');
  const id = await opened('203.0.113.26', '1h');
  expect(await story.says('jane', 'extend 2')).toContain('2h');
  expect(await story.says('jane', `extend ${id} for the build`)).toMatch(
    /takes the id of one request and how much more time/,
  );
  expect(await story.says('tom', `extend ${id}`)).toMatch(/^Only <@U0JANE> can ask for more time/);
  expect(await story.says('jane', 'extend 4h')).toContain(
    'at most 4 hours in all. Ask for `3h` more, or less.',
  );
  expect(await story.says('jane', 'extend 30m')).toMatch(
    new RegExp(`Checking.*: 30 minutes more for ${id}, until .* Access still ends`),
  );
  const more = await followerOf(id);
  expect(await story.says('jane', `extend ${id} 1h`)).toMatch(
    new RegExp(`^${more} asks for more time for ${id} already`),
  );
  await story.presses('maria', more, 'Deny');
  const form = await formOf(story, 'maria');
  await story.person('maria').submit(form);
  await story.sees(
    'jane',
    new RegExp(`Denied by @maria[^\\n]*${more}\\nNo time was added: ${id} keeps its end`),
  );
  await story.until('Extend is back', () =>
    story.reads('jane').some((card) => card.includes(`· ${id}`) && card.includes('[Extend 1 h]')),
  );
  // Another time, and why, are asked for in a form.
  await story.presses('jane', new RegExp(`Denied by @maria[^\\n]*${more}`), 'Ask again');
  const again = await formOf(story, 'jane');
  expect(shows(story, again)).toMatch(new RegExp(`${id} ends .* unless somebody says yes before`));
  expect(shows(story, again)).toContain('@maria will be asked');
  const jane = story.person('jane');
  await jane.fill(again, { duration: '2 h', reason: 'the build takes longer' });
  await jane.submit(again);
  const asked = await story.sees('maria', new RegExp(`asks for 2 hours more[^\\n]*${id} → `));
  expect(asked).toContain('the build takes longer');
  await story.presses('jane', new RegExp(`Waiting for @maria[^]*2 hours more for ${id}`), 'Take back');
  await story.until('the form is back', () =>
    story.reads('jane').some((card) => card.includes(`· ${id}`) && card.includes('[Extend…]')),
  );
  expect(story.rules()).toHaveLength(1);
  await story.says('jane', `end ${id}`);
  await story.rulesBecome(0);
});

test('another address is asked for in a form and opens with the same end, and then the earlier address is closed', async () => {
  const id = await opened('203.0.113.27', '1h');
  await story.presses('jane', id, 'My address changed');
  const form = await formOf(story, 'jane');
  expect(shows(story, form)).toContain(`${id} stays open from 203.0.113.27 until the new address is open`);
  expect(shows(story, form)).toContain('@maria will be asked');
  const jane = story.person('jane');
  await jane.fill(form, { network: 'VPN · 192.0.2.0/28' });
  await jane.submit(form);
  const move = await followerOf(id, 'another address');
  const asked = await story.sees('maria', move);
  expect(asked).toContain('VPN, 192.0.2.0/28');
  expect(asked).toMatch(/until .*, as before/);
  expect(asked).toContain(`${id} is open from 203.0.113.27. With your yes it opens from 192.0.2.0/28`);
  expect(asked).toContain('[Approve]');
  await story.sees(
    'jane',
    `${move} asks for another address. Without a yes this stays open from 203.0.113.27.`,
  );
  const waits = await story.sees('jane', new RegExp(`Waiting for @maria[^\\n]*${move}`));
  expect(waits).toContain(`${id} stays open from 203.0.113.27 alone unless somebody says yes.`);
  await story.presses('maria', move, 'Approve');
  const card = await story.sees('jane', new RegExp(`Open until[^\\n]*from 192.0.2.0/28[^\\n]*${move}`));
  expect(card).toContain('ssh "CORP\\jane@198.51.100.7"');
  expect(card).toContain(`In place of 203.0.113.27: the card of ${id} says whether that is closed.`);
  const old = await story.sees(
    'jane',
    new RegExp(`Ended[^\\n]*continued as ${move}, from 192.0.2.0/28[^\\n]*${id}`),
  );
  expect(old).toContain('the rule is gone, new connections from 203.0.113.27 are blocked.');
  expect(old).not.toContain('[Request again]');
  expect(leasesOn('203.0.113.27')).toEqual([]);
  expect(story.rules().map(({ cidr }) => cidr)).toEqual(['192.0.2.0/28']);
  await story.says('jane', `end ${move}`);
  await story.rulesBecome(0);
});

test('a move that makes no sense is answered with a sentence, and the command moves without the form', async () => {
  expect(await story.says('jane', 'move 203.0.113.29')).toBe(
    'Nothing of yours is open, so there is nothing to move.',
  );
  const id = await opened('203.0.113.28', '1h');
  expect(await story.says('jane', 'move 203.0.113.28')).toBe(`${id} is open from 203.0.113.28 already.`);
  expect(await story.says('jane', 'move 203.0.113.299')).toContain('203.0.113.299');
  expect(await story.says('jane', `move ${id} to the office`)).toMatch(
    /takes the id of one request and an address/,
  );
  expect(await story.says('tom', `move ${id} 203.0.113.29`)).toMatch(
    /^Only <@U0JANE> can ask for another address/,
  );
  expect(await story.says('jane', `move ${id} 203.0.113.29`)).toMatch(
    new RegExp(
      `Checking.*: from 203.0.113.29, in place of 203.0.113.28 for ${id}, until .* stays open from 203.0.113.28 until`,
    ),
  );
  const move = await followerOf(id, 'another address');
  expect(await story.says('jane', 'move 203.0.113.30')).toMatch(
    new RegExp(`^${move} asks for another address for ${id} already`),
  );
  expect(await story.says('jane', `end ${move}`)).toMatch(/Taken back.*Nothing was moved\./);
  await story.until('the button is back', () =>
    story.reads('jane').some((text) => text.includes(`· ${id}`) && text.includes('[My address changed]')),
  );
  // A WorkSpace without IPv6 is refused once AWS says so.
  await story.says('jane', `move ${id} 2001:db8::9`);
  await story.sees('jane', /Not allowed[^\n]*\n.*Your address is IPv6/);
  expect(story.rules().map(({ cidr }) => cidr)).toEqual(['203.0.113.28/32']);
  await story.says('jane', `end ${id}`);
  await story.rulesBecome(0);
});

/** The next day on which clocks in Berlin go so many hours forward, `2027-03-28`. */
function clockChange(fromMs: number, hours: 1 | -1): string {
  const DAY = 24 * HOUR;
  const zone = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const offsetAt = (ms: number) => Number(zone.format(ms)) - new Date(ms).getUTCHours();
  const first = Math.ceil(fromMs / DAY) * DAY;
  for (let ms = first; ms < first + 400 * DAY; ms += DAY)
    if (offsetAt(ms + 12 * HOUR) - offsetAt(ms - 12 * HOUR) === hours)
      return new Date(ms).toISOString().slice(0, 10);
  throw new Error('clocks in Berlin change no more');
}

describe('access that is asked for later', () => {
  const becomes = (atMs: number) => story.passes(Math.max(0, atMs - story.now()));

  async function approved(address: string, minutes: number) {
    const { typed, atMs } = ahead(story, minutes);
    const said = await story.says('jane', `at ${typed} ws-janedoe01 ${address} 1h fixing the build`);
    const id = /\b[2-9A-Z]{5}\b/.exec(said)?.[0] ?? '';
    const card = await story.sees('maria', new RegExp(`for 1 hour\\*, to open [^\\n]*${id}`));
    expect(card).toContain('[Approve 1 h]');
    await story.presses('maria', id, 'Approve');
    const waits = await story.sees('jane', new RegExp(`\\*Opens [^\\n]*approved by @maria[^\\n]*${id}`));
    expect(waits).toContain(`For 1 hour from ${address}, to ws-janedoe01. I look at everything again then.`);
    await story.sees('maria', new RegExp(`${id}[^]*Approved by @maria [^\\n]* · opens `));
    return { id, atMs, said };
  }

  test('waits for its time, is announced a quarter of an hour before it, and lasts from its time on', async () => {
    const { id, atMs } = await approved('203.0.113.40', 120);
    expect(await answered(story, 'jane', 'list')).toMatch(new RegExp(`^${id} · Opens `, 'm'));
    const told = records.filter(({ requestId }) => requestId === id);
    expect(told.map(({ what }) => what)).toEqual(['submitted', 'pending', 'approved']);
    expect(told[0]?.ids).toMatchObject({ time: expect.stringMatching(/^\d\d:\d\d$/) });
    for (const { ids } of told.slice(1)) expect(ids).toMatchObject({ startsAtMs: atMs });
    becomes(atMs - 15 * 60_000);
    const soon = await story.sees('jane', new RegExp(`\\*Soon\\*: opens [^\\n]*${id}`));
    expect(soon).toContain('[Take back]');
    expect(story.rules()).toEqual([]);
    becomes(atMs);
    await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
    story.passes(HOUR - 60_000);
    await story.sweeps(2);
    expect(story.rules()).toHaveLength(1);
    story.passes(60_000);
    await story.rulesBecome(0);
    await story.sees('jane', new RegExp(`Ended[^\\n]*time was up[^\\n]*${id}`));
  });

  test('is asked for during a pause too, and opens after the pause, a restart and a stop of its WorkSpace; a request that was taken back does not', async () => {
    await story.says('ada', 'pause');
    const { id, atMs, said } = await approved('203.0.113.41', 60);
    expect(said).toMatch(/\nNew access is paused by .* At its time it opens once that is over\.$/);
    const back = await approved('203.0.113.42', 60);
    await story.stopBot();
    await story.startBot(POLICY);
    await story.presses('jane', new RegExp(`\\*Opens [^\\n]*${back.id}`), 'Take back');
    await story.sees('jane', new RegExp(`Taken back[^\\n]*${back.id}`));
    becomes(atMs);
    await story.sees('jane', new RegExp(`Paused[^\\n]*${id}`));
    story.town.aws.setState('ws-janedoe01', 'STOPPED');
    await story.says('ada', 'resume');
    await story.sees('jane', new RegExp(`Waiting for AWS[^\\n]*${id}[^]*is not running`));
    expect(story.rules()).toEqual([]);
    story.town.aws.setState('ws-janedoe01', 'AVAILABLE');
    await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
    expect(story.rules().map(({ cidr }) => cidr)).toEqual(['203.0.113.41/32']);
    await story.says('jane', `end ${id}`);
    await story.rulesBecome(0);
  });

  test('is asked for again, or refused, where the policy has changed until its time', async () => {
    const { id, atMs } = await approved('203.0.113.43', 60);
    const refused = await approved('203.0.113.200', 60);
    await story.stopBot();
    const denied = POLICY.replace('documentation: true', 'documentation: true, denied: [203.0.113.192/28]');
    await story.startBot(denied.replace('ask: [manager]', 'ask: [{ any-of: [U0SAM] }]'));
    becomes(atMs);
    await story.sees('jane', new RegExp(`Not allowed[^\\n]*${refused.id}[^]*203.0.113.200 touches`));
    await story.sees('jane', new RegExp(`Waiting for @sam[^\\n]*${id}[^]*the policy now needs`));
    expect(story.rules()).toEqual([]);
    await story.presses('sam', id, 'Approve');
    await story.sees('jane', new RegExp(`Open until[^\\n]*approved by @sam[^\\n]*${id}`));
    await story.says('jane', `end ${id}`);
    await story.rulesBecome(0);
    await story.stopBot();
    await story.startBot(POLICY);
  });

  test.each([
    ['2026-01-01 10:00', 'has passed in your time zone, Europe/Berlin\\. Ask for a later time'],
    ['2099-01-01 10:00', 'The policy allows at most 7 days ahead\\. Ask for an earlier time\\.'],
  ])('is refused once the time zone is known, where its time makes no sense: %s', async (typed, sentence) => {
    const id = await story.asks('jane', `at ${typed} ws-janedoe01 203.0.113.44 1h fixing the build`);
    await story.sees('jane', new RegExp(`Not allowed[^\\n]*${id}[^]*${sentence}`));
  });

  test('in the night in which clocks go forward or back: a time that does not exist is refused, and of two the first is taken', async () => {
    const forward = clockChange(story.now(), 1);
    becomes(Date.parse(forward) - 24 * HOUR);
    const missing = await story.asks(
      'jane',
      `at ${forward} 02:30 ws-janedoe01 203.0.113.45 1h fixing the build`,
    );
    const no = await story.sees('jane', new RegExp(`Not allowed[^\\n]*${missing}`));
    expect(no).toContain(`${forward} 02:30 does not exist in Europe/Berlin: clocks go forward over it.`);
    expect(no).toContain(`Ask for \`at ${forward} 03:30\`, or another time.`);

    const back = clockChange(story.now(), -1);
    becomes(Date.parse(back) - 24 * HOUR);
    const id = await story.asks('jane', `at ${back} 02:30 ws-janedoe01 203.0.113.46 1h fixing the build`);
    await story.presses('maria', new RegExp(`to open [^\\n]*${id}`), 'Approve');
    const waits = await story.sees('jane', new RegExp(`\\*Opens [^\\n]*${id}`));
    expect(waits).toContain('Clocks go back that night and show this time twice. I took the first one.');
    becomes(Date.parse(`${back}T00:30Z`) - 60_000);
    await story.sweeps(1);
    expect(story.rules()).toEqual([]);
    becomes(Date.parse(`${back}T00:30Z`));
    await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
    await story.says('jane', `end ${id}`);
    await story.rulesBecome(0);
  });
});

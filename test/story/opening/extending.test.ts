/** More time for access that is open: a request of its own, which joins the rule that is there and takes over. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leaseIdOfTag } from '../../../src/access/rules/lease.js';
import { formOf } from '../asking/asking.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const HOUR = 3_600_000;

let story: Story;
beforeAll(async () => {
  const policy = policyWith(`
limits: { sources: { documentation: true }, durations: { longest: 4h, longest-total: 4h } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
`);
  story = await startStory({ policy, env: { TIME_SWEEP: '300ms' } });
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
async function followerOf(id: string): Promise<string> {
  const card = await story.sees('maria', new RegExp(`more.*${id} → [2-9A-Z]{5}`));
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

test('what cannot be extended is answered with a sentence, and a no gives the button back', async () => {
  expect(await story.says('jane', 'extend')).toBe('Nothing of yours is open, so there is nothing to extend.');
  const id = await opened('203.0.113.26', '1h');
  expect(await story.says('jane', 'extend 2')).toContain('2h');
  expect(await story.says('jane', `extend ${id} for the build`)).toMatch(
    /takes the id of one request and a time/,
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
  expect(story.rules()).toHaveLength(1);
});

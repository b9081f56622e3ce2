import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { type Story, startStory } from '../story.js';
import { formOf, seen, shows } from './asking.js';

let story: Story;
beforeAll(async () => {
  story = await startStory();
});
afterAll(() => story.end());

/** Tom's WorkSpace is not Jane's: Sam and Ada are asked. */
const askTwo = (why: string, address = '203.0.113.25') =>
  story.asks('jane', `ws-tombecker1 ${address} 1h ${why}`);
const copies = () => [...story.reads('sam'), ...story.reads('ada')];
const copiesOf = (id: string) => copies().filter((text) => text.includes(id));
const answersTo = (id: string) =>
  ['U0SAM', 'U0ADA'].flatMap((who) =>
    [...story.town.slack.ephemerals(who), ...story.town.slack.dm(who)]
      .map(({ text }) => text)
      .filter((text) => text.startsWith(`${id} was`)),
  );

describe('a decision', () => {
  test('to deny asks for a reason, shows the reason to the requester, and takes the buttons off every copy', async () => {
    const id = await askTwo('to borrow it');
    const ada = await seen(story, 'ada', id);
    await story.presses('sam', id, 'Deny');
    const form = await formOf(story, 'sam');
    expect(form.view).toMatchObject({ title: { text: `Deny ${id}` } });
    await story.person('sam').fill(form, { 'Why not?': 'ask Tom himself, he is back on Monday' });
    expect((await story.person('sam').submit(form)).errors).toBeUndefined();
    expect(form.open).toBe(false);

    const card = await story.sees('jane', new RegExp(`Denied by @sam[^\\n]*${id}`));
    expect(card).toContain('"ask Tom himself, he is back on Monday"');
    expect(card).toContain('[Ask again]');
    await story.until(
      'both copies show it',
      () => copiesOf(id).filter((t) => t.includes('Denied by @sam')).length === 2,
    );
    for (const text of copiesOf(id)) {
      expect(text).toContain('ask Tom himself');
      expect(text).not.toMatch(/\[(?:Approve|Deny|End)/);
    }

    // Ada's screen still shows the copy from before the denial.
    await story.person('ada').press(ada, 'Approve 1 h');
    expect(await story.hears('ada', id)).toBe(`${id} was denied by @sam.`);
    await story.person('ada').press(ada, 'Deny');
    await story.until('she is told again', () => answersTo(id).length === 2);
    expect(story.person('ada').views()).toEqual([]);
    expect(story.rules()).toEqual([]);
  });

  test('to approve shows on every copy, and gives a button to the people who may end the access', async () => {
    const id = await askTwo('to fix his build');
    const sam = await seen(story, 'sam', id);
    await story.presses('ada', id, 'Approve');
    await story.until(
      'both copies show it',
      () => copiesOf(id).filter((t) => /Approved by @ada/.test(t)).length === 2,
    );
    await story.rulesBecome(1);
    await story.until('it is open', () => copiesOf(id).filter((t) => /open until/.test(t)).length === 2);
    for (const text of copiesOf(id)) expect(text).not.toMatch(/\[(?:Approve|Deny)/);
    expect(story.reads('ada').join()).toContain('[End access]');
    expect(story.reads('sam').join()).not.toContain('[End access]');

    await story.person('sam').press(sam, 'Deny');
    expect(await story.hears('sam', id)).toBe(`${id} was approved by @ada and is open.`);
    expect(story.person('sam').views()).toEqual([]);
    expect(story.rules()).toHaveLength(1);
    await story.presses('ada', id, 'End access');
    const form = await formOf(story, 'ada');
    expect(shows(story, form)).toContain('A session that is open may go on');
    await story.person('ada').fill(form, { 'Why?': 'the build works <!channel>' });
    expect((await story.person('ada').submit(form)).errors).toBeUndefined();
    await story.rulesBecome(0);
    const ended = await story.sees('jane', new RegExp(`Ended[^\\n]*${id}`));
    expect(ended).toContain('@ada ended it');
    expect(ended).toContain('"the build works <!channel>"');
    await story.until(
      'both copies say who ended it and why',
      () => copiesOf(id).filter((t) => /@ada ended it[\s\S]*"the build works/.test(t)).length === 2,
    );
  });

  test.each([1, 2, 3])(
    'to approve and one to deny at the same moment have one outcome (round %i)',
    async (round) => {
      const id = await askTwo(`race ${round}`, `203.0.113.3${round}`);
      const sam = await seen(story, 'sam', id);
      await story.presses('ada', id, 'Deny');
      const form = await formOf(story, 'ada');
      await Promise.all([story.person('sam').press(sam, 'Approve 1 h'), story.person('ada').submit(form)]);
      const outcome = () =>
        copiesOf(id).map((text) => text.match(/(?:Approved|Denied) by @(?:sam|ada)/)?.[0]);
      await story.until('both copies show the same', () => {
        const [one, other] = outcome();
        return one !== undefined && one === other;
      });
      await story.until('the slower one is told', () => answersTo(id).length === 1);
      const yes = outcome()[0]?.startsWith('Approved') ?? false;
      if (yes) {
        await story.rulesBecome(1);
        await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
        await story.says('jane', `end ${id}`);
        await story.sees('jane', new RegExp(`Ended[^\\n]*${id}`));
      } else await story.sees('jane', new RegExp(`Denied by @ada[^\\n]*${id}`));
      await story.rulesBecome(0);
    },
  );

  test('of the requester on their own request is refused, also by a forged click', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h let me in');
    const card = await seen(story, 'maria', id);
    const own = await seen(story, 'jane', id);
    const jane = story.person('jane');
    await jane.press({ ...own, blocks: card.blocks }, 'Approve 1 h');
    expect(await story.hears('jane', /approves their own/)).toMatch(/Nobody approves their own request/);
    await jane.press({ ...own, blocks: card.blocks }, 'Deny');
    await jane.submit(await formOf(story, 'jane'));
    expect(await story.sees('jane', /approves their own/)).toMatch(/Nobody approves their own request/);
    expect(await story.sees('maria', id)).toContain('[Approve 1 h]');
    expect(story.rules()).toEqual([]);
  });

  test('to approve for longer than was asked, by a forged click, approves the duration that was asked for', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.28 1h just an hour');
    const card = await seen(story, 'maria', id);
    const forged = JSON.stringify(card.blocks).replaceAll('\\"v\\":', `\\"d\\":${8 * 3_600_000},\\"v\\":`);
    expect(forged).not.toBe(JSON.stringify(card.blocks));
    await story.person('maria').press({ ...card, blocks: JSON.parse(forged) }, 'Approve 1 h');
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    const [, end, opened] = (story.rules()[0]?.tags[leaseTagKey(id)] ?? '').split(' ').map(Number);
    expect((end ?? 0) - (opened ?? 0)).toBe(3_600_000);
    await story.says('jane', `end ${id}`);
    await story.rulesBecome(0);
  });

  test('of a person who was not asked is refused', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h anybody?');
    const card = await seen(story, 'maria', id);
    await story.asks('tom', 'ws-tombecker1 203.0.113.27 1h his own');
    const his = await seen(story, 'tom', /Waiting for/);
    await story.person('tom').press({ ...his, blocks: card.blocks }, 'Approve 1 h');
    await story.hears('tom', /not among the people who may decide this now/);
    expect(story.rules()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Story, startStory } from '../story.js';
import { answered, FORM, filledForm, heard, holds, typesAddress } from './asking.js';

let story: Story;
beforeAll(async () => {
  story = await startStory();
  story.town.slack.world.app.commands.push('/ssh-please');
});
afterAll(() => story.end());

const reads = (text: string, command?: string) => answered(story, 'jane', text, command);

test('a flood of one person’s requests fills their 20 places, and the request of somebody else behind the flood is decided', async () => {
  const tom = story.person('tom');
  const texts = Array.from({ length: 24 }, (_, n) => `ws-tombecker1 203.0.113.${n} 1h flood`);
  const flood = await Promise.all(texts.map((text) => tom.command(text)));
  const answers = flood.map(({ ephemeral, failure }) => /^\*.+?\*/.exec(ephemeral ?? '')?.[0] ?? failure);
  expect(answers.sort()).toEqual([...Array(20).fill('*Checking*'), ...Array(4).fill('*Not sent.*')]);
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h after the flood');
  await story.sees('maria', id);
});

describe('the command', () => {
  test.each([
    ['ws-janedoe01 203.0.113.25 2h one'],
    ['2h 203.0.113.25 ws-janedoe01 two'],
    ['203.0.113.25, 2h: three'],
    ['WS-JANEDOE01 2h 203.0.113.25/32 - four'],
  ])('takes its parts in any order: %s', async (text) => {
    const reason = text.split(' ').at(-1) ?? '';
    const id = await story.asks('jane', text);
    const card = await story.sees('maria', new RegExp(`"${reason}"`));
    expect(card).toContain(id);
    expect(card).toContain('for 2 hours');
    expect(card).toContain('From 203.0.113.25 (one address');
    expect(card).toContain('ws-janedoe01');
  });

  test('has no address and no time after the first word of the reason', async () => {
    await story.asks('jane', '203.0.113.25 because 10.0.0.5 is down for 3h');
    const card = await story.sees('maria', /because 10\.0\.0\.5 is down for 3h/);
    expect(card).toContain('From 203.0.113.25');
    expect(card).toContain('for 1 minute');
  });

  test.each([
    ['the address', 'ws-janedoe01 2h fixing the build', /address is missing/, /Say why/],
    ['the reason', 'ws-janedoe01 203.0.113.25 2h', /Say why/, /address is missing/],
    ['both', 'ws-janedoe01', /address is missing[\s\S]*Say why/, /WorkSpace id/],
  ])('names the missing part: %s', async (_, text, missing, given) => {
    const answer = await reads(text);
    expect(answer).toMatch(missing);
    expect(answer).not.toMatch(given);
    expect(answer).toContain(`[${FORM}]`);
  });

  test('with a missing part offers the form with everything that was typed', async () => {
    await reads('ws-tombecker1 2h 203.0.0.0/16 fixing the build, OPS-412');
    const jane = story.person('jane');
    await jane.press(await heard(story, 'jane', /policy allows at most/), FORM);
    const view = await filledForm(story, 'jane');
    expect(holds(view, 'workspace-id')).toBe('ws-tombecker1');
    expect(holds(view, 'source')).toBe('203.0.0.0/16');
    expect(holds(view, 'duration')).toBe('2h');
    expect(holds(view, 'reason')).toBe('fixing the build, OPS-412');
    await typesAddress(story, 'jane', view, '203.0.113.31');
    await jane.submit(view);
    await story.sees('jane', /ws-tombecker1, from 203\.0\.113\.31/);
  });

  test('is read with the quotes and dashes of phones straightened', async () => {
    await story.asks('jane', 'ws\u2011janedoe01 203.0.113.25 it\u2019s \u201cdown\u201d \u2014 again');
    expect(await story.sees('maria', /again/)).toContain(`it's "down" - again`);
  });

  test('with a reason of 1,900 characters is answered with a sentence, and given back whole', async () => {
    const words = Array.from({ length: 600 }, (_, n) => `w${String(n).padStart(3, '0')}`).join(' ');
    const reason = `"&" <b> ${words}`.slice(0, 1900);
    const answer = await reads(`203.0.113.25 2h ${reason}`);
    expect(answer).toMatch(/characters; at most 500/);
    expect(answer.replaceAll('\n', '')).toContain(`/workspace-ssh 203.0.113.25 2h ${reason}`);
    const jane = story.person('jane');
    await jane.press(await heard(story, 'jane', /at most 500/), FORM);
    const view = await filledForm(story, 'jane');
    expect(holds(view, 'source')).toBe('203.0.113.25');
    expect(holds(view, 'reason')?.slice(0, 400)).toBe(reason.slice(0, 400));
    await jane.close(view);
  });

  test('of more than 2,000 characters is refused, and given back', async () => {
    const reason = Array.from({ length: 600 }, (_, n) => `w${String(n).padStart(3, '0')}`).join(' ');
    const answer = await reads(`203.0.113.25 2h ${reason}`);
    expect(answer).toContain('I read no command of more than 2,000 characters.');
    expect(answer.replaceAll('\n', '')).toContain(`/workspace-ssh 203.0.113.25 2h ${reason}`);
  });

  test('with two parts of one kind is asked back, and given back', async () => {
    const answer = await reads('203.0.113.25 203.0.113.26 from home & office');
    expect(answer).toMatch(/two addresses/);
    expect(answer).toContain('/workspace-ssh 203.0.113.25 203.0.113.26 from home & office');
  });

  test.each([
    ['203.0.113.25 2 fixing', /`2` is not a duration\. Write `2h` or `30m`/],
    ['203.0.113.25 0h fixing', /`0h` is no time at all/],
    ['203.0.113.25 9h fixing', /at most 8 hours/],
    ['203.0.113.25 1s fixing', /shortest is 5 seconds/],
  ])('with a mistaken duration is answered with the mistake: %s', async (text, words) => {
    expect(await reads(text)).toMatch(words);
  });

  test.each([
    ['lst', /I don't know `lst`\. Did you mean `\/workspace-ssh list`\?/],
    ['hepl', /Did you mean `\/workspace-ssh help`\?/],
    ['status', /I don't know `status`\. Did you mean `\/workspace-ssh list`\?/],
    ['revok', /Did you mean `\/workspace-ssh end`\?/],
    ['help', /^SSH to your WorkSpace|^\*SSH to your WorkSpace/],
  ])('answers "%s" with help', async (text, words) => {
    const answer = await reads(text);
    expect(answer).toMatch(words);
    expect(answer).toContain('/workspace-ssh end [id] [why]');
    expect(answer).toContain('curl -4 https://checkip.amazonaws.com');
  });

  test('is called in every answer by the name that the company gave it', async () => {
    for (const text of ['help', 'lst', '203.0.113.25 203.0.113.26 x']) {
      const answer = await reads(text, '/ssh-please');
      expect(answer).toContain('/ssh-please');
      expect(answer).not.toContain('/workspace-ssh');
    }
    await reads('ws-janedoe01 203.0.113.7/28 renamed', '/ssh-please');
    const card = await story.sees('jane', /203\.0\.113\.0\/28/);
    expect(card).toMatch(/`\/ssh-please end [2-9A-Z]{5}`/);
  });
});

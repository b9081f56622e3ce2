import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pings } from '../../../sandbox/slack/reading/plain.js';
import { people } from '../../../sandbox/world.js';
import { type Story, startStory } from '../story.js';
import { everybodysPings, FORM, filledForm, formOf, heard, holds, seen } from './asking.js';

/** A text with all that Slack would take for a call, a mention, a link, formatting or a line of the bot. */
const HOSTILE =
  '<!channel> <!subteam^S0SECURITY> <@U0TOM> <#C0ACCESS> *bold* _it_ `code` <https://evil.example|Approve> &lt;!here&gt;';

let story: Story;
beforeAll(async () => {
  story = await startStory();
});
afterAll(() => story.end());

/** The people whom the bot's own words name. */
const OURS = ['U0JANE', 'U0MARIA'];

describe('text from people neither notifies nor formats', () => {
  test('as a reason, from the request to the end', async () => {
    const id = await story.asks('jane', `ws-janedoe01 203.0.113.25 1h ${HOSTILE}`);
    const card = await seen(story, 'maria', id);
    expect(pings(card).filter((who) => !OURS.includes(who))).toEqual([]);
    const quote = card.blocks.find((block) => JSON.stringify(block).includes('bold'));
    expect(quote).toMatchObject({ type: 'section', text: { type: 'plain_text' } });
    expect(await story.sees('maria', id)).toContain(`"${HOSTILE}"`);

    await story.presses('maria', id, 'Approve');
    await story.sees('jane', /ssh "/);
    await story.presses('jane', /ssh "/, 'End now');
    const ended = await seen(story, 'jane', /Ended/);
    await story.person('jane').press(ended, 'Request again');
    const view = await filledForm(story, 'jane');
    expect(holds(view, 'reason')).toBe(HOSTILE);
    // The bot itself says that Maria will be asked, and a form notifies nobody.
    expect(pings({ text: '', blocks: view.view.blocks }).filter((id) => id !== people.maria)).toEqual([]);
    await story.person('jane').close(view);
    expect(everybodysPings(story).toSorted()).toEqual(OURS);
  });

  test('as a reason with a real mention of somebody', async () => {
    await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h ask @tom or @here about #it-access');
    const card = await story.sees('maria', /ask @tom or @here about #it-access/);
    expect(card).toContain('ask @tom');
    expect(everybodysPings(story).filter((who) => !OURS.includes(who))).toEqual([]);
  });

  test('as an approver’s reason against a request', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h please');
    await story.presses('maria', id, 'Deny');
    const maria = story.person('maria');
    const form = await formOf(story, 'maria');
    await maria.fill(form, { 'deny-reason': HOSTILE });
    await maria.submit(form);
    expect(await story.sees('jane', /Denied/)).toContain(`"${HOSTILE}"`);
    expect(everybodysPings(story).filter((who) => !OURS.includes(who))).toEqual([]);
  });

  test.each([
    ['an address', `203.0.113.<@U0TOM> ${HOSTILE}`, /is not an IP address/, true],
    ['an id', 'ws-<!channel> <@U0TOM>', /address is missing/, true],
    ['two addresses', `203.0.113.1 203.0.113.<!channel> ${HOSTILE}`, /two addresses/, false],
    ['the words behind `end`', 'end <@U0TOM>', /takes the id/, false],
    ['a subcommand', 'lst<!here>', /missing/, true],
    ['a reason that is too long', `203.0.113.1 ${HOSTILE.repeat(5)}`, /at most 500/, true],
    [
      'a command that is too long',
      `203.0.113.1 ${HOSTILE.repeat(30)}`,
      /no command of more than 2,000/,
      false,
    ],
  ])('as %s, in a command that is asked back', async (_, text, answer, opensForm) => {
    await story.says('jane', text);
    const message = await heard(story, 'jane', answer);
    expect(pings(message)).toEqual([]);
    expect(JSON.stringify(message.blocks).includes(FORM)).toBe(opensForm);
    if (!opensForm) return;
    await story.person('jane').press(message, FORM);
    const view = await filledForm(story, 'jane');
    expect(pings({ text: '', blocks: view.view.blocks }).filter((id) => id !== people.maria)).toEqual([]);
    await story.person('jane').close(view);
  });
});

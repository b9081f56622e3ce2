import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plainBlocks } from '../../../sandbox/slack/reading/plain.js';
import { PATIENCE_MS } from '../../patience.js';
import { type Story, startStory } from '../story.js';
import { answered, filledForm, formOf, holds } from './asking.js';

let story: Story;
beforeAll(async () => {
  story = await startStory();
});
afterAll(() => story.end());

const TIME = '\\d\\d:\\d\\d';
const list = () => answered(story, 'jane', 'list');

/** Jane asks and Maria approves. Resolves once Jane reads how to connect. */
async function opens(address: string): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} 1h working from ${address}`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
  return id;
}

describe('list and end:', () => {
  let first = '';

  test('a person without requests reads that there are none', async () => {
    expect(await list()).toMatch(/no requests yet.*`\/workspace-ssh` opens the form/);
    expect(await answered(story, 'jane', 'end')).toBe('Nothing of yours is open or waiting.');
    expect(await answered(story, 'jane', 'end K7QF2')).toMatch(/I know no request K7QF2.*`list` shows yours/);
  });

  test('a waiting request is listed with the time at which it was asked for, and end takes it back', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h nothing yet');
    await story.sees('maria', id);
    expect(await list()).toMatch(
      new RegExp(`^${id} · Waiting for @maria, asked ${TIME} · ws-janedoe01 from 203\\.0\\.113\\.25$`, 'm'),
    );
    expect(await answered(story, 'jane', 'cancel')).toMatch(new RegExp(`Taken back.*${id}`));
    await story.sees('jane', /Taken back/);
    await story.until('Maria’s card has no buttons', () => !story.reads('maria').join().includes('[Approve'));
    expect(story.reads('maria').join()).toMatch(/Taken back by @jane/);
    expect(await list()).toMatch(new RegExp(`^${id} · Taken back today at ${TIME}`, 'm'));
  });

  test('the button on the card of a waiting request takes the request back', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h not yet either');
    await story.presses('jane', new RegExp(`Waiting for[^\\n]*${id}`), 'Take back');
    await story.sees('jane', new RegExp(`Taken back[^\\n]*${id}`));
    expect(story.rules()).toEqual([]);
  });

  test('a requester reads which admin took the request back', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h not wanted');
    await story.sees('maria', id);
    expect(await answered(story, 'ada', `end ${id} asked twice`)).toMatch(new RegExp(`Taken back.*${id}`));
    const card = await story.sees('jane', new RegExp(`Taken back by @ada.*${id}`));
    expect(card).not.toContain('see below');
    expect(card).toContain('"asked twice"');
    expect(await story.sees('maria', /Taken back by @ada/)).toContain('"asked twice"');
    const every = await answered(story, 'jane', 'stop every night job, OPS-1');
    expect(every).toContain('I know no request EVERY.');
    expect(every).toContain('/workspace-ssh stop every night job, OPS-1');
  });

  test('another person’s access is neither listed nor ended', async () => {
    first = await opens('203.0.113.27');
    expect(await answered(story, 'tom', `end ${first}`)).toBe(
      `Only the requester, the approver or an admin can end ${first}.`,
    );
    expect(await answered(story, 'tom', 'end')).toBe('Nothing of yours is open or waiting.');
    expect(await answered(story, 'tom', 'list')).not.toContain(first);
    expect(story.rules()).toHaveLength(1);
  });

  test('admins list the open and waiting requests of everybody, and end a request by its id', async () => {
    const other = await opens('203.0.113.29');
    const text = await answered(story, 'ada', 'list');
    expect(text).toContain('You have no requests yet.');
    expect(text).toContain('Of everybody else');
    for (const id of [first, other]) expect(text).toMatch(new RegExp(`^@jane · ${id} · Open until`, 'm'));
    expect(await list()).not.toContain('Of everybody else');
    expect(await answered(story, 'tom', `end ${other} not yours`)).toContain(
      'Only the requester, the approver',
    );
    expect(await answered(story, 'ada', `end ${other} the audit is today`)).toMatch(/^\*Closing\*/);
    await story.rulesBecome(1);
    expect(await story.sees('jane', new RegExp(`Ended.*@ada ended it.*${other}`))).toContain(
      '"the audit is today"',
    );
    expect(await answered(story, 'ada', 'list')).not.toContain(other);
  });

  test('`end` without an id asks which of several requests is meant, and with an id ends that request', async () => {
    const second = await opens('203.0.113.28');
    expect(await story.sees('jane', new RegExp(`Open until[^\\n]*${second}`))).toContain(
      `You had asked for ws-janedoe01 before: ${first} was open, from 203.0.113.27, until`,
    );
    const asked = await answered(story, 'jane', 'end');
    expect(asked).toMatch(/Which one\? `\/workspace-ssh end ID`/);
    expect(asked.match(/Open until/g)).toHaveLength(2);
    expect(story.rules()).toHaveLength(2);

    expect(await answered(story, 'jane', `end ${second.toLowerCase()}.`)).toMatch(/^\*Closing\*/);
    await story.rulesBecome(1);
    await story.sees('jane', new RegExp(`Ended[^\\n]*${second}`));
    expect(await answered(story, 'jane', `end ${second}`)).toBe(`${second} has ended.`);
  });

  test('`end` needs no id where one request is open', async () => {
    await story.until('one is left', () => story.rules().length === 1);
    expect(await answered(story, 'jane', 'revoke')).toMatch(/^\*Closing\*/);
    await story.rulesBecome(0);
    await story.sees('jane', new RegExp(`Ended[^\\n]*${first}`));
    const text = await list();
    expect(text).toMatch(/^Nothing of yours is open or waiting\.$/m);
    expect(text.match(new RegExp(`Ended today at ${TIME}`, 'g'))).toHaveLength(3);
    expect(text).not.toContain('takes it back');
  });
});

describe('Home and the conversation with the bot:', () => {
  const home = async () => {
    const jane = story.person('jane');
    await jane.openHome();
    return story.town.slack.until(() => jane.home(), PATIENCE_MS, 'Home');
  };
  const shown = async () => JSON.stringify((await home()).view.blocks);

  test('Home shows open access, asks for more time with one tap, and End now ends it', async () => {
    const id = await opens('203.0.113.30');
    const view = await home();
    await story.until('Home shows it', () => JSON.stringify(view.view.blocks).includes(`${id} · Open until`));
    const buttons = () =>
      plainBlocks(view.view.blocks, story.town.slack.world, view.userId).match(/\[[^\]]+\]/g);
    expect(buttons()).toEqual(
      expect.arrayContaining(['[Extend 1 min]', '[My address changed]', '[End now]']),
    );
    await story.person('jane').pressInView(view, 'Extend 1 min');
    await story.sees('maria', new RegExp(`${id} → `));
    await story.until('Home shows what is asked for', () => !!buttons()?.includes('[Take back]'));
    expect(buttons()).not.toContain('[Extend 1 min]');
    expect((await story.person('jane').pressInView(view, 'End now')).acked).toBe(true);
    await story.rulesBecome(0);
    await story.until('Home shows the end', () => !JSON.stringify(view.view.blocks).includes('End now'));
    await story.sees('jane', new RegExp(`Ended[^\\n]*${id}`));
    await shown();
    await story.until('Home shows that it is over', () =>
      JSON.stringify(view.view.blocks).includes(`${id} · Ended`),
    );
  });

  test('Home shows an approver the requests that wait for them, which can be decided there', async () => {
    const { slack } = story.town;
    const first = await story.asks('jane', 'ws-janedoe01 203.0.113.31 1h yes from Home');
    const second = await story.asks('jane', 'ws-janedoe01 203.0.113.32 1h no from Home');
    for (const id of [first, second]) await story.sees('maria', id);
    const maria = story.person('maria');
    await maria.openHome();
    const home = await slack.until(() => maria.home(), PATIENCE_MS, 'Home');
    const shown = () => plainBlocks(home.view.blocks, slack.world, home.userId);
    expect(shown()).toContain('*2 requests wait for you*');
    expect(shown().indexOf('yes from Home')).toBeLessThan(shown().indexOf('no from Home'));
    await maria.pressInView(home, 'Approve 1 h');
    await story.sees('jane', new RegExp(`Open until[^\\n]*approved by @maria[^\\n]*${first}`));
    await story.until('one is left', () => shown().includes('*1 request waits for you*'));
    await maria.pressInView(home, 'Deny');
    const form = await formOf(story, 'maria');
    await maria.fill(form, { 'Why not?': 'one is enough' });
    await maria.submit(form);
    await story.sees('jane', new RegExp(`Denied by @maria[^\\n]*${second}`));
    await story.until('none is left', () => !shown().includes('for you'));
    // A person who is not asked reads nothing of the request.
    await story.person('tom').openHome();
    const toms = await slack.until(() => story.person('tom').home(), PATIENCE_MS, 'Home');
    expect(JSON.stringify(toms.view.blocks)).not.toContain(first);
  });

  test('Home opens the form with the last request', async () => {
    const view = await home();
    await story.until('Home is drawn', () => JSON.stringify(view.view.blocks).includes('yes from Home'));
    await story.person('jane').pressInView(view, 'Request again');
    const form = await filledForm(story, 'jane');
    expect([holds(form, 'network'), holds(form, 'reason')]).toEqual(['203.0.113.31', 'yes from Home']);
    await story.person('jane').close(form);
  });

  test('Home shows an admin which access is open and who approved it, and ends access with a reason', async () => {
    const { slack } = story.town;
    const ada = story.person('ada');
    await ada.openHome();
    const home = await slack.until(() => ada.home(), PATIENCE_MS, 'Home');
    const shown = () => plainBlocks(home.view.blocks, slack.world, home.userId);
    expect(shown()).toMatch(/^\*Everybody else\*: 1 open$/m);
    expect(shown()).toMatch(
      /^@jane · \w{5} · Open until \S+ · ws-janedoe01 from 203\.0\.113\.31 · approved by @maria/m,
    );
    await ada.pressInView(home, 'End…');
    const form = await formOf(story, 'ada');
    await ada.fill(form, { 'Why?': 'the day is over' });
    await ada.submit(form);
    await story.rulesBecome(0);
    await story.sees('jane', /Ended[^\n]*@ada ended it[^\n]*\n"the day is over"/);
    await story.until('Home shows no button any more', () => !shown().includes('[End…]'));
  });

  test('a word in the conversation is answered with help once, and the bot never answers itself', async () => {
    const { slack } = story.town;
    const helps = () => story.reads('ada').filter((text) => text.includes('closed on time'));
    slack.settings.faults.push({ method: 'message.im', times: 1, kind: 'twice' });
    await story.person('ada').say('hi');
    await story.sees('ada', /closed on time/);
    // Slack told the bot of the bot's own message before Ada's second word, and the bot answers in that order.
    await story.person('ada').say('thanks');
    await story.until('the second answer', () => helps().length >= 2);
    await answered(story, 'ada', 'list');
    expect(helps()).toHaveLength(2);
  });
});

/** The admins' `end all` and `end @person`. */
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { answered, heard } from '../asking/asking.js';
import { type Story, startStory } from '../story.js';

let story: Story;
afterEach(() => story.end());

const POLICY = `
version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c:
    people: { from: email-local-part, domains: [example.com] }
    start-stopped: true
managers: { profile-field: Xf0MANAGER }
limits: { sources: { private: true, documentation: true } }
rules:
  - { name: own, target: own, ask: [manager] }
  - { name: any, target: any, approve: at-once }
`;

async function town(): Promise<{ janes: string; waiting: string; toms: string }> {
  story = await startStory({ policy: POLICY });
  const janes = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', janes, 'Approve');
  await story.sees('jane', new RegExp(`Open until[^\\n]*${janes}`));
  const toms = await story.asks('tom', 'ws-janedoe01 203.0.113.26 1h helping jane');
  await story.sees('tom', new RegExp(`Open until[^\\n]*${toms}`));
  const waiting = await story.asks('jane', 'ws-janedoe01 203.0.113.27 1h another thing');
  await story.sees('maria', waiting);
  return { janes, waiting, toms };
}

test('`end all` says how many requests would end, asks back, and ends everything only once that is confirmed', async () => {
  const { janes, waiting, toms } = await town();
  expect(await answered(story, 'ada', 'end all')).toBe(
    '*End everything?* 3 requests are open, waiting or closing. Nothing is done yet.\n[End all 3]',
  );
  expect(story.rules()).toHaveLength(2);
  const message = await heard(story, 'ada', 'End everything');
  const { confirmed } = await story.person('ada').press(message, 'End all 3');
  expect(confirmed?.text).toMatch(
    /^Open access is closed; SSH sessions that are open may go on\. Waiting requests are/,
  );
  await story.hears('ada', /^\*Ending 2, took back 1\*\./);
  await story.rulesBecome(0);
  await story.sees('jane', new RegExp(`Ended[^\\n]*@ada ended it[^\\n]*${janes}`));
  await story.sees('tom', new RegExp(`Ended[^\\n]*@ada ended it[^\\n]*${toms}`));
  await story.sees('jane', new RegExp(`Taken back by @ada[^\\n]*${waiting}`));

  const redis = new Redis(story.town.env.REDIS_URL ?? '');
  const stream = await redis.xrange(`{wssh:${story.config.installation}}:audit`, '-', '+');
  redis.disconnect();
  const records = stream.map(([, fields]) => JSON.parse(fields[3] ?? '{}'));
  expect(records).toContainEqual(
    expect.objectContaining({ who: 'U0ADA', what: 'end-all', ids: expect.objectContaining({ ending: 2 }) }),
  );
  for (const [id, what] of [
    [janes, 'closing'],
    [toms, 'closing'],
    [waiting, 'cancelled'],
  ]) {
    expect(records).toContainEqual(expect.objectContaining({ who: 'U0ADA', what, requestId: id }));
  }
  await story.person('ada').press(message, 'End all 3');
  await story.hears('ada', /^Nothing is open or waiting\.$/);
  expect(await answered(story, 'ada', 'end all')).toBe('Nothing is open or waiting.');
});

test('the button of `end all` does nothing for somebody who is no admin any more', async () => {
  await town();
  await answered(story, 'ada', 'end all');
  const message = await heard(story, 'ada', 'End everything');
  Object.assign(story.config.policy, { admins: ['U0SAM'] });
  await story.person('ada').press(message, 'End all 3');
  await story.hears('ada', /^That is for admins: @sam\.$/);
  expect(story.rules()).toHaveLength(2);
});

test('`end @person` ends that person’s access, takes back their waiting requests, and leaves other people’s alone', async () => {
  const { janes, waiting, toms } = await town();
  expect(await answered(story, 'ada', 'end @jane')).toMatch(/^\*Ending 1, took back 1\* of @jane\./);
  await story.sees('jane', new RegExp(`Ended[^\\n]*${janes}`));
  await story.sees('jane', new RegExp(`Taken back by @ada[^\\n]*${waiting}`));
  expect(JSON.stringify(story.rules())).toContain(toms);
  expect(story.rules()).toHaveLength(1);
  expect(await answered(story, 'ada', 'end @jane')).toBe('@jane has nothing open or waiting.');
  expect(await answered(story, 'ada', 'end @nobody')).toMatch(/^I can't tell who `@nobody` is\./);
});

test('an approval at the same moment does not carry a request past `end all`', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.sees('maria', id);
  await Promise.all([story.presses('maria', id, 'Approve'), answered(story, 'ada', 'end @jane')]);
  await story.sees('jane', new RegExp(`(Ended|Taken back by @ada|Failed)[^\\n]*${id}`));
  await story.rulesBecome(0);
});

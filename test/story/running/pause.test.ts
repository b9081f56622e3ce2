/** A pause stops new openings up to the moment before a rule is added, and leaves open access as it is. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Rooms } from '../../../src/app.js';
import type { Step } from '../../../src/workflow/ports-store.js';
import { atFullDepth, firstOf } from '../../depth.js';
import { PATIENCE_MS } from '../../patience.js';
import { answered, filledForm, formOf, shows as shown, typesAddress } from '../asking/asking.js';
import { SOURCE, type Story, startStory } from '../story.js';

let story: Story;
afterEach(() => story.end());

const ASK = 'ws-janedoe01 203.0.113.25 1h fixing the build';
const calls = (action: string) => story.town.aws.journal.filter((call) => call.action === action);
const shows = (id: string, what: string) => new RegExp(`${what}[^\\n]*${id}`);

async function pauses(): Promise<void> {
  expect(await answered(story, 'ada', 'pause')).toMatch(
    /^\*Paused\.\* Nothing new opens until an admin says `\/workspace-ssh resume`/,
  );
}
const resumes = () => answered(story, 'ada', 'resume');

async function audits(): Promise<{ who: string; what: string; why?: string }[]> {
  const redis = new Redis(story.town.env.REDIS_URL ?? '');
  const entries = await redis.xrange(`{wssh:${story.config.installation}}:audit`, '-', '+');
  redis.disconnect();
  return entries.map(([, fields]) => JSON.parse(fields[3] ?? '{}'));
}

describe('while new access is paused', () => {
  test('a person who asks is told who paused new access, and gets the typed command back', async () => {
    story = await startStory();
    await pauses();
    const said = await answered(story, 'jane', ASK);
    expect(said).toMatch(/^\*Not sent\.\* New access is paused by @ada since today at \d\d:\d\d\./);
    expect(said).toContain('Ask again when it is resumed, or now for a later time: `at 22:00`.');
    expect(said).toContain(`/workspace-ssh ${ASK}`);
    expect(said).toContain('[Open the form, filled in]');

    await story.person('jane').command('');
    const form = await filledForm(story, 'jane');
    expect(shown(story, form)).toMatch(
      /^\*New access is paused\* by @ada since today at \d\d:\d\d\..* Until it is resumed, only access for a later time can be asked for\./,
    );
    await typesAddress(story, 'jane', form, '203.0.113.25');
    await story.person('jane').fill(form, { reason: 'fixing the build' });
    const { errors } = await story.person('jane').submit(form);
    expect(errors?.reason).toMatch(
      /^Not sent\. New access is paused by Ada Novak since \d{4}-\d\d-\d\d \d\d:\d\d UTC\./,
    );
    expect(await formOf(story, 'jane')).toBe(form);

    expect(await answered(story, 'jane', 'list')).toMatch(/^\*New access is paused\* by @ada/);
    await story.person('jane').openHome();
    const home = await story.town.slack.until(() => story.person('jane').home(), PATIENCE_MS, 'Home');
    expect(JSON.stringify(home.view.blocks)).toContain('*New access is paused* by <@U0ADA>');
    expect(story.reads('maria')).toEqual([]);

    expect(await resumes()).toBe('*Resumed.* New access opens again.');
    await pauses();
    expect(JSON.stringify(home.view.blocks)).not.toContain('"Resume"');
    await story.person('ada').openHome();
    const admins = await story.town.slack.until(() => story.person('ada').home(), PATIENCE_MS, 'Home');
    const resumed = await story.person('ada').pressInView(admins, 'Resume');
    expect(resumed.confirmed?.text).toContain('New access opens again for everybody');
    await story.sees('ada', /^\*Resumed\.\* New access opens again\./);
    await story.until('Home says so', () => !JSON.stringify(admins.view.blocks).includes('paused'));
    expect(await answered(story, 'jane', 'list')).not.toContain('paused');
    expect(await answered(story, 'jane', ASK)).toContain('*Checking*');
    const told = (await audits()).map(({ who, what }) => `${who} ${what}`);
    expect(told.slice(0, 2)).toEqual(['U0ADA paused', 'U0ADA resumed']);
  });

  test('only admins can pause, resume and end access of others, and only they read of these commands in help', async () => {
    story = await startStory();
    for (const command of ['pause', 'resume', 'end all', 'end @tom']) {
      expect(await answered(story, 'jane', command)).toBe('That is for admins: @ada.');
    }
    expect(await answered(story, 'jane', 'help')).not.toContain('pause');
    expect(await answered(story, 'ada', 'help')).toContain('`/workspace-ssh pause` stops new access');
    expect(await answered(story, 'jane', 'pasue')).not.toContain('Did you mean');
    expect(await answered(story, 'ada', 'pasue')).toContain('Did you mean `/workspace-ssh pause`?');
    expect(await resumes()).toBe('Nothing is paused.');
    await pauses();
    expect(await answered(story, 'ada', 'pause')).toMatch(
      /^\*New access is paused\* by @ada.*`\/workspace-ssh resume` lifts it\.$/,
    );
    expect(await audits()).toHaveLength(1);
  });

  test('a request that waits can be decided, and opens when new access is resumed', async () => {
    story = await startStory();
    const id = await story.asks('jane', ASK);
    await story.sees('maria', id);
    await pauses();
    await story.presses('maria', id, 'Approve');
    expect(await story.sees('jane', shows(id, 'Paused'))).toMatch(
      /approved by @maria, but an admin has paused new access/,
    );
    await story.sees('maria', /not open yet: new access is paused/);
    expect(await answered(story, 'jane', 'list')).toMatch(new RegExp(`^${id} · Paused, until`, 'm'));
    expect(calls('AuthorizeSecurityGroupIngress')).toEqual([]);
    expect(calls('CreateSecurityGroup')).toEqual([]);
    expect(await answered(story, 'ada', 'resume')).toBe(
      '*Resumed.* New access opens again. 1 that waited opens now.',
    );
    await story.sees('jane', shows(id, 'Open until'));
    expect(story.rules()).toHaveLength(1);
    expect(await audits()).toContainEqual(
      expect.objectContaining({ what: 'approved (changed)', why: 'paused by U0ADA' }),
    );
  });

  atFullDepth('an approved request lapses when it would have, and can be taken back', async () => {
    story = await startStory({ env: { TIME_LATE_YES: '10m', TIME_SWEEP: '300ms' } });
    const lapsing = await story.asks('jane', ASK);
    const back = await story.asks('jane', ASK.replace('.25', '.26'));
    await story.sees('maria', lapsing);
    await story.sees('maria', back);
    await pauses();
    await story.presses('maria', lapsing, 'Approve');
    await story.presses('maria', back, 'Approve');
    await story.presses('jane', shows(back, 'Paused'), 'Take back');
    await story.sees('jane', shows(back, 'Taken back'));
    await story.sees('jane', shows(lapsing, 'Paused'));
    story.passes(600_000);
    await story.sees('jane', shows(lapsing, 'Not opened in time'));
    expect(await resumes()).toBe('*Resumed.* New access opens again.');
    expect(calls('AuthorizeSecurityGroupIngress')).toEqual([]);
  });

  test('open access stays open, and ends on time', async () => {
    story = await startStory({ env: { TIME_SWEEP: '300ms' } });
    const id = await story.asks('jane', ASK);
    await story.presses('maria', id, 'Approve');
    await story.sees('jane', shows(id, 'Open until'));
    expect(await answered(story, 'ada', 'pause')).toContain(
      '1 is open and ends on time; `/workspace-ssh end all` ends it now.',
    );
    expect(story.rules()).toHaveLength(1);
    story.passes(3_600_000);
    await story.rulesBecome(0);
    await story.sees('jane', shows(id, 'Ended'));
  });
});

describe('an opening during which new access is paused', () => {
  /** Pauses once, as an admin on another replica would, at a moment of the test's choice. */
  function pausing(rooms: Rooms): () => Promise<void> {
    const { changePause } = rooms.parts.store;
    let done = false;
    readsBefore = Number.POSITIVE_INFINITY;
    return async () => {
      if (!done) await changePause({ paused: true, by: 'U0ADA', atMs: Date.now() });
      if (!done) readsBefore = calls('DescribeSecurityGroupRules').length;
      done = true;
    };
  }
  /** How often rules had been read when new access was paused. */
  let readsBefore: number;

  async function approved(ask = ASK): Promise<string> {
    const id = await story.asks('jane', ask);
    await story.presses('maria', id, 'Approve');
    return id;
  }

  async function nothingWasAdded(id: string): Promise<void> {
    expect(calls('AuthorizeSecurityGroupIngress')).toEqual([]);
    expect(await resumes()).toMatch(/^\*Resumed/);
    await story.sees('jane', shows(id, 'Open until'));
    expect(story.rules()).toHaveLength(1);
  }

  test('waits where its group was not ready, and opens when new access is resumed', async () => {
    story = await startStory({
      wrap(rooms) {
        const pause = pausing(rooms);
        const { firewall } = rooms.parts;
        const attach: typeof firewall.attach = async (...given) => {
          await pause();
          return firewall.attach(...given);
        };
        return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, attach } } };
      },
    });
    const id = await approved();
    await story.sees('jane', shows(id, 'Paused'));
    await nothingWasAdded(id);
  });

  const moments = [
    // The answer to that step says whether openings are paused, and the call follows at once.
    [
      'before the call’s deadline is stored',
      'before',
      ({ request, rule }: Step) => rule?.stage.state === 'authorizing' && !request,
    ],
    [
      'after its lease was stored',
      'after',
      ({ request, rule }: Step) => rule?.stage.state === 'authorizing' && !!request,
    ],
  ] as const;
  test.each(firstOf(1, moments))('adds no rule where new access is paused %s', async (_, side, isMoment) => {
    story = await startStory({
      env: { TIME_SWEEP: '300ms' },
      wrap(rooms) {
        const pause = pausing(rooms);
        const { store } = rooms.parts;
        const change: typeof store.change = async (step) => {
          if (side === 'before' && isMoment(step)) await pause();
          const outcome = await store.change(step);
          if (side === 'after' && isMoment(step)) await pause();
          return outcome;
        };
        return { ...rooms, parts: { ...rooms.parts, store: { ...store, change } } };
      },
    });
    const id = await approved();
    await story.until('it is paused', () => calls('DescribeSecurityGroupRules').length > readsBefore + 12);
    await nothingWasAdded(id);
  });

  atFullDepth(
    'leaves the open rule of somebody else that it had joined, where its tag was not set yet',
    async () => {
      story = await startStory({ env: { TIME_SWEEP: '300ms' } });
      const first = await approved();
      await story.sees('jane', shows(first, 'Open until'));
      const { aws } = story.town;
      const again = aws.faults.add({ action: 'CreateTags', times: 'always', kind: 'throttle' });
      const joined = story.until('it joined', () => calls('CreateTags').length > 0);
      const second = await story.asks('jane', ASK);
      await story.presses('maria', second, 'Approve');
      await joined;
      await pauses();
      await story.sees('jane', shows(second, 'Paused'));
      again();
      expect(JSON.stringify(story.rules())).toContain(first);
      expect(JSON.stringify(story.rules())).not.toContain(second);
      await resumes();
      await story.sees('jane', shows(second, 'Open until'));
      expect(story.rules().map(({ cidr }) => cidr)).toEqual([SOURCE]);
    },
  );
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Rooms } from '../../../src/app.js';
import { StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { type Story, startStory } from '../story.js';
import { filledForm, formOf, holds, typesAddress } from './asking.js';

/** The errors that the bot's parts throw now. */
const broken: { person?: Error; change?: Error } = {};
let logged: object[] = [];

function breakable(rooms: Rooms): Rooms {
  const { people, store, log } = rooms.parts;
  const parts: Rooms['parts'] = {
    ...rooms.parts,
    people: {
      ...people,
      person: async (id) => (broken.person ? Promise.reject(broken.person) : people.person(id)),
    },
    store: {
      ...store,
      change: async (step) =>
        broken.change && step.delivery ? Promise.reject(broken.change) : store.change(step),
    },
    log: {
      info: (fields, message) => log.info(fields, message),
      warn: (fields, message) => log.warn(fields, message),
      error: (fields) => logged.push(fields),
    },
  };
  return { ...rooms, parts };
}

let story: Story;
beforeAll(async () => {
  story = await startStory({ wrap: breakable });
});
afterEach(() => {
  delete broken.person;
  delete broken.change;
  logged = [];
});
afterAll(() => story.end());

/**
 * Expects that the sentence has the log's reference, that the log has the cause, and that the sentence tells nothing of
 * the cause.
 */
function expectReference(said: string, cause: Error): void {
  const reference = said.match(/reference ([0-9A-F]{4})\b/)?.[1];
  expect(reference).toBeDefined();
  expect(logged).toContainEqual(expect.objectContaining({ reference, err: cause }));
  expect(said).not.toContain(cause.message);
  expect(said).not.toMatch(/Error|\bat .*\.[jt]s|node_modules/);
}

describe('a fault', () => {
  test('behind a button is answered with a reference that stands in the log too, and the request stays as it is', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
    await story.sees('maria', id);
    broken.person = new Error('kaboom in people');
    await story.presses('maria', id, 'Approve');
    const said = await story.hears('maria', /reference/);
    expectReference(said, broken.person);
    expect(said).toContain('@ada');
    expect(story.rules()).toEqual([]);
    delete broken.person;
    await story.presses('maria', id, 'Approve');
    await story.rulesBecome(1);
  });

  test('behind the deny form is answered by a message', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h something else');
    await story.presses('maria', id, 'Deny');
    const form = await formOf(story, 'maria');
    broken.person = new Error('kaboom in people');
    await story.person('maria').submit(form);
    expectReference(await story.sees('maria', /reference/), broken.person);
  });

  test.each([
    [
      'that nobody foresaw,',
      new Error('kaboom in the store'),
      /can't say whether it was done.*`\/workspace-ssh list`/,
    ],
    [
      'of the storage that certainly recorded nothing,',
      new StoreUnreachable(true),
      /Not sent\.[\s\S]*nothing was recorded/,
    ],
    [
      'of the storage that may have recorded something,',
      new StoreUnreachable(false),
      /could not confirm.*`\/workspace-ssh list`/,
    ],
  ])('%s after a command, gives back the typed command', async (_, cause, words) => {
    broken.change = cause;
    const typed = '203.0.113.25 1h Tom & I <both> ask @ada';
    await story.says('jane', typed);
    const said = await story.hears('jane', /reference/);
    expect(said).toMatch(words);
    expect(said).toContain(`You typed: \`${typed}\``);
    expectReference(said, cause);
  });

  test('in the form is answered with the command as it was invoked', async () => {
    story.town.slack.world.app.commands.push('/ssh-please');
    const jane = story.person('jane');
    await jane.command('', { command: '/ssh-please' });
    const view = await filledForm(story, 'jane');
    await typesAddress(story, 'jane', view, '203.0.113.28');
    await jane.fill(view, { reason: 'by another name' });
    broken.change = new StoreUnreachable(false);
    expect((await jane.submit(view)).errors?.reason).toMatch(
      /could not confirm.* \/ssh-please list shows it/,
    );
    await jane.close(view);
  });

  test('in the form is answered under Why?, and the typed text stays', async () => {
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    await typesAddress(story, 'jane', view, '203.0.113.27');
    await jane.fill(view, { reason: 'typed with care' });
    broken.change = new StoreUnreachable(true);
    const sent = await jane.submit(view);
    expect(Object.keys(sent.errors ?? {})).toEqual(['reason']);
    const said = sent.errors?.reason ?? '';
    expect(said).toMatch(/^Not sent\. My storage is unreachable/);
    expect(said).not.toMatch(/[<>*`]/);
    expectReference(said, broken.change);
    expect(view.open).toBe(true);
    expect(holds(view, 'reason')).toBe('typed with care');
    delete broken.change;
    expect((await jane.submit(view)).errors).toBeUndefined();
    await story.sees('maria', /typed with care/);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JournalEntry } from '../../../sandbox/slack/state/journal.js';
import type { PersonName } from '../../../sandbox/world.js';
import { PATIENCE_MS } from '../../patience.js';
import { type Story, startStory } from '../story.js';
import { filledForm, seen, typesAddress } from './asking.js';

/**
 * Each asker has a card to press and a form to send. Openers are other people, so that their late forms cover none of
 * these.
 */
const ASKERS: PersonName[] = ['jane', 'tom', 'maria', 'sam'];
const OPENERS: PersonName[] = ['ada', 'lee', 'gina'];
/** Each answer of AWS and of Slack takes this long in slow weather. */
const LATENCY_MS = 8_000;
/**
 * An acknowledgement may take this much longer than in fine weather, on a machine that does much else. Waiting for
 * a single answer takes four times as long.
 */
const ALLOWANCE_MS = LATENCY_MS / 4;

type Weather = 'fine' | 'slow' | 'silent';
type Acks = Record<'command' | 'form' | 'button' | 'emptyCommand', number>;

let story: Story;
beforeAll(async () => {
  story = await startStory({ env: { TIME_AWS: '10s', TIME_DRAIN: '500ms' } });
  // Acknowledgements are compared with each other, so that a slow machine may take longer than Slack's three seconds.
  story.town.slack.settings.ackTimeoutMs = PATIENCE_MS;
});
afterAll(() => story.end());

function turn(weather: Weather): void {
  const { aws, slack } = story.town;
  const latencyMs = weather === 'slow' ? LATENCY_MS : 0;
  aws.settings.latencyMs = latencyMs;
  slack.settings.latencyMs = latencyMs;
  slack.settings.down = weather === 'silent' ? 'hang' : 'no';
  if (weather === 'silent') aws.faults.add({ action: '*', times: 'always', kind: 'timeout' });
  else aws.faults.clear();
}

/** The median time to the acknowledgement of each kind. Cards and forms are brought while the weather is fine. */
async function acks(weather: Weather): Promise<Acks> {
  turn('fine');
  const ready = [];
  for (const name of ASKERS) {
    const person = story.person(name);
    const id = await story.asks(name, `ws-janedoe01 203.0.113.25 1h before ${weather}`);
    const card = await seen(story, name, new RegExp(`Waiting for[^\\n]*${id}`));
    await person.command('');
    const form = await filledForm(story, name);
    await typesAddress(story, name, form, '203.0.113.26');
    await person.fill(form, { reason: `during ${weather}`, 'workspace-id': 'ws-janedoe01' });
    ready.push({ person, card, form });
  }
  turn(weather);
  const { journal } = story.town.slack;
  const before = journal.length;
  const all: Record<keyof Acks, number[]> = { command: [], form: [], button: [], emptyCommand: [] };
  for (const { person, card, form } of ready) {
    const sent = {
      form: await person.submit(form),
      button: await person.press(card, 'Take back'),
      command: await person.command(`ws-janedoe01 203.0.113.27 1h command while ${weather}`),
    };
    expect(Object.values(sent).map(({ acked }) => acked)).toEqual([true, true, true]);
    all.form.push(sent.form.ackMs);
    all.button.push(sent.button.ackMs);
    all.command.push(sent.command.ackMs);
  }
  for (const name of OPENERS) {
    const { acked, ackMs } = await story.person(name).command('');
    expect(acked).toBe(true);
    all.emptyCommand.push(ackMs);
  }
  // The weather holds until the bot felt it: the bot asks for the openers' forms only after the acknowledgement.
  await story.until('Slack was asked for their forms', () => {
    const asked = journal.slice(before).filter(({ method }) => method === 'views.open');
    return asked.filter((entry) => felt(entry, weather)).length === OPENERS.length;
  });
  turn('fine');
  return {
    command: median(all.command),
    form: median(all.form),
    button: median(all.button),
    emptyCommand: median(all.emptyCommand),
  };
}

function felt({ ms, response }: JournalEntry, weather: Weather): boolean {
  if (weather === 'silent') return response === 'no answer';
  return weather === 'fine' || ms >= LATENCY_MS - 100;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test('an acknowledgement waits neither for AWS nor for Slack', async () => {
  const fine = await acks('fine');
  const slow = await acks('slow');
  const silent = await acks('silent');
  for (const kind of ['command', 'form', 'button', 'emptyCommand'] as const) {
    for (const worse of [slow[kind], silent[kind]]) {
      expect(worse).toBeLessThan(fine[kind] + ALLOWANCE_MS);
    }
  }
  if (process.env.TEST_LOG) process.stdout.write(`${JSON.stringify({ fine, slow, silent })}\n`);
});

/** A loss of Redis that was noticed and could not be recorded or told at once. */
import { expect, test } from '@jest/globals';
import { rememberLoss, tellLosses } from '../../src/workflow/losses.js';
import { type Notice, type Parts, StoreUnreachable } from '../../src/workflow/ports.js';
import { sharedTown } from './replicas.js';

const here = sharedTown();

interface Scene {
  parts: Parts;
  recorded: string[];
  told: Notice[];
  broken: 'nothing' | 'Redis' | 'Slack';
}

async function scene(): Promise<Scene> {
  const plain = await here.replicas.parts();
  const made: Scene = {
    recorded: [],
    told: [],
    broken: 'nothing',
    parts: {
      ...plain,
      store: {
        ...plain.store,
        // Who failed to tell may try again at once here.
        turn: async (name, forMs) => name.startsWith('telling:') || plain.store.turn(name, forMs),
        async audit(entries) {
          if (made.broken === 'Redis') throw new StoreUnreachable(true);
          made.recorded.push(...entries.map(({ what }) => what));
          await plain.store.audit(entries);
        },
      },
      messenger: {
        ...plain.messenger,
        async notify(_, notice) {
          if (made.broken === 'Slack') throw new Error('Slack does not answer');
          made.told.push(notice);
        },
      },
    },
  };
  return made;
}

const lost = { recorded: ['store-lost', 'noticed-store-lost'], told: [{ kind: 'store-lost', adopted: 2 }] };

test.each(['nothing', 'Redis', 'Slack'] as const)(
  'is recorded and told once, where %s was broken at first',
  async (broken) => {
    const here = await scene();
    here.broken = broken;
    rememberLoss(here.parts, 2);
    await tellLosses(here.parts);
    here.broken = 'nothing';
    await tellLosses(here.parts);
    await tellLosses(here.parts);
    expect(here).toMatchObject(lost);
  },
);

test('two losses are told apart', async () => {
  const here = await scene();
  rememberLoss(here.parts, 2);
  await new Promise((resolve) => setTimeout(resolve, 5));
  rememberLoss(here.parts, 0);
  await tellLosses(here.parts);
  expect(here.told).toMatchObject([{ adopted: 2 }, { adopted: 0 }]);
});

/** Shares steps between the tests of the weather: opening access, turning to the tab, reading a verdict. */
import { afterEach } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { PATIENCE_MS } from '../patience.js';
import { longEnough, type Stage, type Visitor } from './visitor.js';

/** After each test removes its rules, ends its outages, and starts a bot that is gone. */
export function clearsUp(scene: Stage): void {
  afterEach(async () => {
    const { town, redis, keeper } = scene.console;
    for (const rule of town.aws.rules().filter(({ isEgress }) => !isEgress)) town.aws.removeRule(rule.ruleId);
    redis.down = false;
    town.aws.down = false;
    if (!keeper.bot.running) await keeper.start();
  }, PATIENCE_MS);
}

/** Opens access as Jane and Maria would. */
export async function opens(visitor: Visitor, source: string, duration: string): Promise<void> {
  const { types, becomes, sees, presses } = visitor;
  await becomes('jane');
  await types(`/workspace-ssh ws-janedoe01 ${source} ${duration} weather`);
  await becomes('maria');
  await sees(source);
  await presses(/^Approve/, source);
  await visitor.opens(`${source}/32`);
}

/** How many seconds access lasts; the first access lasts this long, since no opening was timed yet. */
let endsAfter = 15;

/** Opens access that ends by itself within the test. */
export async function opensBriefly(visitor: Visitor, source: string): Promise<void> {
  const startedMs = Date.now();
  await opens(visitor, source, `${endsAfter}s`);
  endsAfter = longEnough(Date.now() - startedMs);
}

export async function weatherTab({ page }: Visitor): Promise<void> {
  await page.getByRole('tab', { name: /Weather/ }).click();
}

export async function held(card: Locator): Promise<string> {
  await card.locator('.verdict-held, .verdict-broken').waitFor();
  return card.locator('.verdict').innerText();
}

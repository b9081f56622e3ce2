/** What weather is made of: something goes wrong on purpose, and a judge that measures whether the promise held. */

import type { AwsTown } from '../../aws/aws-town.js';
import type { Rule } from '../../aws/state/resources.js';
import type { SlackTown } from '../../slack/slack-town.js';
import type { BotKeeper } from '../keeper.js';
import type { RedisLine } from '../redis-line.js';
import type { Verdict } from '../shown/shapes.js';

export interface Sky {
  slack: SlackTown;
  aws: AwsTown;
  redis: RedisLine;
  keeper: BotKeeper;
  sweepMs: number;
  absentMs: number;
  now(): number;
}

/** What the page may fill in: the rule, the group, the WorkSpace, the source. */
export interface Wish {
  target?: string | undefined;
  source?: string | undefined;
}

/** Looks again and again until it has made up its mind. */
export type Judge = (now: number) => Verdict;

/** Something that is on for a while. */
export interface Switch {
  id: string;
  begin(sky: Sky): void | Promise<void>;
  end(sky: Sky): void | Promise<void>;
  /** `span.toMs` is set once it is over. */
  judge(sky: Sky, span: Span): Judge;
}

export interface Span {
  fromMs: number;
  toMs?: number;
}

/** Something that somebody does once. */
export interface Deed {
  id: string;
  /** @returns what was done, in words, and who judges the consequences */
  act(sky: Sky, wish: Wish): { did: string; judge: Judge };
}

/** What a sweep itself may take, and EC2's reads with it. */
export const WORK_MS = 5_000;

/** How long something may stand that so many sweeps must see to. */
export const allowedMs = ({ sweepMs }: Sky, sweeps = 1): number => sweeps * sweepMs + WORK_MS;

export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

/** A rule at AWS, and when it went. */
export interface RuleLife {
  rule: Rule;
  goneAtMs?: number;
  /** It was not the bot that removed it. */
  goneByHand?: boolean;
}

/** Every ingress rule that has been there since `fromMs`, by its id, as it was last. */
export function rulesSince(aws: AwsTown, fromMs: number): Map<string, RuleLife> {
  const lives = new Map<string, RuleLife>();
  for (const change of aws.history) {
    if (change.kind !== 'rule-added' && change.kind !== 'rule-changed' && change.kind !== 'rule-removed')
      continue;
    const { rule, at } = change;
    if (rule.isEgress) continue;
    if (change.kind !== 'rule-removed') lives.set(rule.ruleId, { rule });
    else if (at < fromMs) lives.delete(rule.ruleId);
    else lives.set(rule.ruleId, { rule, goneAtMs: at, goneByHand: change.byHand === true });
  }
  return lives;
}

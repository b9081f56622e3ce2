/** Describes weather: something goes wrong on purpose, and a judge measures whether the bot kept its promise. */
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

/** The fields of a card: the rule, the group or the WorkSpace as `target`, and the source. */
export interface Wish {
  target?: string | undefined;
  source?: string | undefined;
}

/** Called again and again until the verdict is final. */
export type Judge = (now: number) => Verdict;

/** Weather that lasts from its begin to its end. */
export interface Switch {
  id: string;
  begin(sky: Sky): void | Promise<void>;
  end(sky: Sky): void | Promise<void>;
  /** Makes the judge of one use of the switch. `span.toMs` is set once the weather is over. */
  judge(sky: Sky, span: Span): Judge;
}

export interface Span {
  fromMs: number;
  toMs?: number;
}

/** A manual change at AWS, done once. */
export interface Deed {
  id: string;
  /** @returns what was done, in words, and the judge of the consequences */
  act(sky: Sky, wish: Wish): { did: string; judge: Judge };
}

/** How long a sweep may work, EC2's late reads included. */
export const WORK_MS = 5_000;

/** How long something may last that so many sweeps must end. */
export const allowedMs = ({ sweepMs }: Sky, sweeps = 1): number => sweeps * sweepMs + WORK_MS;

export const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

/** A rule at AWS, and when it was removed. */
export interface RuleLife {
  rule: Rule;
  goneAtMs?: number;
  /** Whether a manual change removed the rule. */
  goneManually?: boolean;
}

/** Every ingress rule that was there at `fromMs` or later, by its id, in its last version. */
export function rulesSince(aws: AwsTown, fromMs: number): Map<string, RuleLife> {
  const lives = new Map<string, RuleLife>();
  for (const change of aws.history) {
    if (change.kind !== 'rule-added' && change.kind !== 'rule-changed' && change.kind !== 'rule-removed')
      continue;
    const { rule, at } = change;
    if (rule.isEgress) continue;
    if (change.kind !== 'rule-removed') lives.set(rule.ruleId, { rule });
    else if (at < fromMs) lives.delete(rule.ruleId);
    else lives.set(rule.ruleId, { rule, goneAtMs: at, goneManually: change.manual === true });
  }
  return lives;
}

/** Tries what a policy decides: the limits first, as the form does, and then the rules. */
import { type Decision, decide } from '../access/policy/decide.js';
import { beyondTotal, unknownDirectory } from '../access/policy/limits.js';
import type { FollowUp, Policy } from '../access/policy/policy.js';
import { checkDuration } from '../access/reading/duration.js';
import { readSourceOrName } from '../access/reading/network.js';
import { nameMissing, type PolicyFacts, requesterOf, targetOf } from './facts.js';

/** A made-up request. `source` is as a person would type it, `target` is `own`, `ws-…`, `d-…` or `wsd-…`. */
export interface Trial {
  requester: string;
  target: string;
  source: string;
  durationMs: number;
  /** Of a follow-up: what it asks for, and how long the access that it follows lasts already. */
  follows?: { what: FollowUp; lastsMs: number };
  atMs: number;
  emergency: boolean;
  facts: PolicyFacts;
}

/** Decides a made-up request as the bot would. `missing` of an unknown decision is the path to add to the file of facts. */
/** Decides a made-up request as the bot would. `missing` of an unknown decision is the path to add to the file of facts. */
export function tryPolicy(policy: Policy, trial: Trial): Decision {
  const { facts, requester, durationMs, atMs, emergency, follows } = trial;
  const { limits } = policy;
  const reading = readSourceOrName(trial.source, limits.sources, limits.networks);
  if (!reading.ok) return { decision: 'refuse', sentence: reading.sentence, skipped: [] };
  const isMove = follows?.what === 'moves';
  const length = isMove ? undefined : checkDuration(durationMs, limits.durations);
  if (length?.ok === false) return { decision: 'refuse', sentence: length.sentence, skipped: [] };
  const addedMs = isMove ? 0 : durationMs;
  const wholeMs = addedMs + (follows?.lastsMs ?? 0);
  const beyond = follows && beyondTotal({ durationMs: addedMs, wholeMs }, limits.durations);
  if (beyond) return { decision: 'refuse', sentence: beyond, skipped: [] };
  const target = targetOf(policy, facts, trial.target, requester);
  if (target.directoryId !== undefined && !policy.directories[target.directoryId]) {
    return { decision: 'refuse', sentence: unknownDirectory(target.directoryId), skipped: [] };
  }
  const { cidr, isPrivate } = reading.source;
  const asker = requesterOf(facts, requester);
  const source = { cidr, isPrivate };
  const followed = follows && { what: follows.what, shortened: false };
  const asked = { source, durationMs: wholeMs, atMs, emergency, follows: followed };
  const question = { requester: asker, target, movedGroups: [], ...asked };
  const decision = decide(policy, question);
  if (decision.decision !== 'unknown') return decision;
  return { ...decision, missing: nameMissing(facts, decision.missing, requester) };
}

/** Who would be asked, told while a form is filled in: as far as the policy decides it by what is known then. */

import type { Desktop } from '../../access/connecting/found.js';
import type { Question } from '../../access/policy/conditions.js';
import { type Decision, decide } from '../../access/policy/decide.js';
import { type Asked, looksAtTags, type Policy } from '../../access/policy/policy.js';
import type { Facts } from '../../access/request/facts.js';
import { isMove } from '../../access/request/others/follows.js';
import type { Ask, Target } from '../../access/request/request.js';
import { directoryOf } from '../../access/request/target.js';
import { asSlackSays, groupsOfRules } from '../finding/question.js';
import type { Parts } from '../ports.js';
import { askPolicy } from './ask-policy.js';
import { findParts } from './find-approvers.js';

/** A request that nobody has sent. */
export interface Draft {
  requester: string;
  /** The person's own WorkSpaces, of which any may be chosen; or a target that is not theirs. */
  of: readonly Desktop[] | Target;
  /** Undefined where none is chosen yet. */
  source: Question['source'] | undefined;
  /** The durations that can be chosen, the one that is chosen first. */
  durationsMs: readonly number[];
  emergency: boolean;
  /** When access is to open, where that is not now. */
  atMs?: number;
}

/** `always`: whatever else is chosen of the draft. */
export type Foreseen =
  | { kind: 'asks'; asked: readonly Asked[]; managers: readonly string[]; channel?: string; always: boolean }
  | { kind: 'at-once'; always: boolean }
  | { kind: 'refused'; sentence: string; always: boolean }
  /** The decision depends on where the requester connects from. */
  | { kind: 'by-source' };

/**
 * What the policy would make of a draft; undefined where that cannot be known yet. Of those who would be asked only a
 * manager is looked up, since Slack counts look-ups and many people open the form.
 */
export async function foresee(parts: Parts, draft: Draft): Promise<Foreseen | undefined> {
  const { policy } = parts;
  const bySource = policy.rules.some(({ source }) => source !== undefined);
  if (bySource && !draft.source) return { kind: 'by-source' };
  const decisions = (await questionsOf(parts, draft)).map((question) => decide(policy, question));
  // Which of several WorkSpaces is chosen is not known.
  if (!areSame(decisions) && Array.isArray(draft.of) && draft.of.length > 1) return undefined;
  return saidOf(parts, draft.requester, decisions, !bySource);
}

/**
 * {@link foresee}, for more time or another address for access that is open.
 * @param asks the follow-up with each duration that can be chosen, the one that is chosen first; once for a move, to whatever
 *   source
 * @param facts of the access that is open
 * @throws where Slack or AWS does not answer
 */
export async function foreseeFollowUp(
  parts: Parts,
  asks: readonly Ask[],
  facts: Facts,
): Promise<Foreseen | undefined> {
  const [first] = asks;
  if (!first) return undefined;
  if (isMove({ ask: first }) && parts.policy.rules.some(({ source }) => source !== undefined))
    return { kind: 'by-source' };
  const decisions = await Promise.all(asks.map((ask) => askPolicy(parts, ask, facts)));
  return saidOf(parts, first.requester, decisions, true);
}

/**
 * @param decisions on each choice, the one that is chosen first
 * @param isAnySource whether they hold wherever the requester connects from
 */
async function saidOf(
  parts: Parts,
  requester: string,
  decisions: readonly Decision[],
  isAnySource: boolean,
): Promise<Foreseen | undefined> {
  const [first] = decisions;
  if (!first || first.decision === 'unknown') return undefined;
  const byTime = parts.policy.rules.some(({ when }) => when !== undefined);
  const always = areSame(decisions) && isAnySource && !byTime;
  switch (first.decision) {
    case 'approve':
      return { kind: 'at-once', always };
    case 'refuse':
      return { kind: 'refused', sentence: first.sentence, always };
    case 'ask': {
      const { needs, notify, fallback, selfApproval } = first;
      const managers = needs.filter(({ kind }) => kind === 'manager');
      const orElse = { ask: fallback?.ask.filter(isFew) ?? [], always: false, sooner: [] };
      const found = await findParts(parts, requester, managers, selfApproval, orElse);
      const people = found.flatMap((part) => part.people);
      if (managers.length > 0 && people.length === 0 && !fallback)
        return {
          kind: 'refused',
          sentence: 'I find no manager of yours who may approve. Ask an admin.',
          always,
        };
      const channel = notify === 'approvers' ? {} : notify;
      return { kind: 'asks', asked: needs, managers: people, ...channel, always };
    }
  }
}

/** Whether few people stand for what is asked: those of a group are not looked up. */
function isFew({ kind }: Asked): boolean {
  return kind !== 'group';
}

function areSame([first, ...others]: readonly Decision[]): boolean {
  return others.every((one) => first !== undefined && saidBy(one) === saidBy(first));
}

function saidBy({ skipped: _, ...decision }: Decision): string {
  return JSON.stringify(decision);
}

async function questionsOf(parts: Parts, draft: Draft): Promise<Question[]> {
  const person = await parts.people.person(draft.requester);
  const groups = await groupsOfRules(parts);
  const mine = groups.of(draft.requester);
  const { source = { cidr: '0.0.0.0/32', isPrivate: false }, emergency, durationsMs } = draft;
  return targetsOf(parts.policy, draft, mine).flatMap((target) =>
    durationsMs.map((durationMs) => ({
      requester: { ...asSlackSays(draft.requester, person), groups: mine },
      target,
      movedGroups: groups.moved,
      source,
      durationMs,
      atMs: draft.atMs ?? parts.now(),
      emergency,
      follows: undefined,
    })),
  );
}

/** The targets that can be chosen. None for somebody else's WorkSpace, of which nothing is known before AWS was asked. */
function targetsOf(
  policy: Policy,
  { of, requester }: Draft,
  groups: readonly string[],
): Question['target'][] {
  if ('kind' in of) {
    const directoryId = directoryOf(of);
    if (directoryId === undefined) return [];
    const unknown = {
      workspaceId: undefined,
      own: false,
      system: undefined,
      tags: undefined,
      owner: undefined,
    };
    return [{ wholeDirectory: true, directoryId, ...unknown }];
  }
  return of.map(({ directoryId, workspaceId, operatingSystem }) => ({
    wholeDirectory: false,
    directoryId,
    workspaceId,
    own: true,
    system: operatingSystem,
    tags: looksAtTags(policy) ? undefined : {},
    owner: { id: requester, groups },
  }));
}

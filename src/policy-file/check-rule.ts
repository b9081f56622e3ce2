/** Where a rule and the rest of the file contradict each other. */
import type { z } from 'zod';
import { coversMany } from '../access/policy/policy.js';
import { isWithin } from '../access/reading/address-block.js';
import type { Network } from '../access/reading/network.js';
import type { NeedPart } from '../access/request/need.js';
import { canBeFilled } from '../access/request/needs.js';
import { kindOf, sourceProblem, toSource } from './read-conditions.js';
import { type rule, toAsked } from './rules.js';

type TargetBlock = Exclude<z.output<typeof rule>['target'], string>;

/** Whether a key of a target's block is for single WorkSpaces alone, and so contradicts a whole directory. */
const FOR_SINGLE: Readonly<Record<keyof TargetBlock, boolean>> = {
  is: false,
  directory: false,
  workspace: true,
  system: true,
  tags: true,
  owner: true,
};

/** The parts of the file that a rule may contradict. */
/** The parts of the file that a rule may contradict. */
interface RestOfFile {
  networks: readonly Network[];
  admins: readonly string[];
  directories: readonly string[];
  unansweredMs: number;
  shortestMs: number;
  denied: readonly string[];
}

/** Reports where a rule and the rest of the file contradict each other. */
export function checkRule(
  { source = [], target, ask = [], remind = 0, fallback, 'up-to': upToMs }: z.output<typeof rule>,
  { networks, admins, directories, unansweredMs, shortestMs, denied }: RestOfFile,
  problemAt: (path: PropertyKey[], sentence: string) => void,
): void {
  source.forEach((word, index) => {
    const wrong = sourceProblem(word, networks);
    const [range] = wrong === undefined ? toSource([word], networks).ranges : [];
    const always = range && denied.find((one) => isWithin(range.cidr, one));
    if (wrong) problemAt(['source', index], wrong);
    if (always)
      problemAt(['source', index], `The limits deny all of it, by ${always}. Remove it here or there.`);
  });
  if (upToMs !== undefined && upToMs < shortestMs)
    problemAt(['up-to'], 'Nobody can ask for so little: "shortest" in limits is longer. Change one of them.');
  const late = 'A request closes unanswered before that. Change it, or "unanswered" in limits.';
  if (remind >= unansweredMs) problemAt(['remind'], late);
  if (fallback && fallback.after >= unansweredMs) problemAt(['fallback', 'after'], late);
  const known = ask.flatMap((who): NeedPart[] => {
    const asked = toAsked(who);
    if (asked.kind === 'admins') return [{ asked, people: [...new Set(admins)] }];
    return asked.kind === 'any-of' ? [{ asked, people: [...asked.users] }] : [];
  });
  const most = new Set(admins).size;
  const tooMany = ask.map(toAsked).findIndex((need) => need.kind === 'admins' && need.count > most);
  const wanted = tooMany < 0 ? undefined : toAsked(ask[tooMany] ?? 'admins');
  if (wanted?.kind === 'admins')
    problemAt(
      ['ask', tooMany],
      `It needs ${wanted.count} of ${most} admins, which never happens. Lower it, or name more.`,
    );
  else if (!canBeFilled(known) && known.every((part) => canBeFilled([part])))
    problemAt(
      ['ask'],
      'It needs more people than it names: one person gives one yes. Ask for fewer, or name more.',
    );
  fallback?.ask.forEach((who, index) => {
    if (typeof who === 'string' ? / of /.test(who) : who.count > 1)
      problemAt(
        ['fallback', 'ask', index],
        'The fallback only adds people to those who may decide: it takes no number. Write admins, or @security.',
      );
  });
  if (typeof target === 'string') return;
  target.directory?.forEach((id, index) => {
    if (!directories.includes(id))
      problemAt(
        ['target', 'directory', index],
        `${id} is not among the directories of this file. Add it there.`,
      );
  });
  const one = Object.entries(FOR_SINGLE).find(([key, single]) => single && Object.hasOwn(target, key))?.[0];
  if (one !== undefined && coversMany(kindOf(target))) {
    problemAt(
      ['target', one],
      `"${one}" is for single WorkSpaces. Write is: any, own or other, or remove it.`,
    );
  }
}

/**
 * Shares steps between the sequences of follow-ups: changes of access beside the bot, and everything that has to hold
 * after them.
 */
import { expect } from '@jest/globals';
import { Redis } from 'ioredis';
import { people } from '../../../sandbox/world.js';
import { isIn } from '../../../src/access/request/request.js';
import { beginClosing } from '../../../src/workflow/ending/begin-closing.js';
import { type Access, type Follower, MODES } from './following.js';

const JANE = people.jane;
/** The steps that the audit log has of access once it is open. */
export const ASKED = [`submitted by ${JANE}`, 'pending by policy'];
export const openedBy = (access: Access) => [...ASKED, approvedBy(access), 'opening by bot', 'open by bot'];
export function approvedBy({ modeName }: Access): string {
  return `approved by ${people[MODES[modeName].approver]}`;
}

/** Resumes new access, and waits until the follow-up begins to open. */
export async function resumes({ town }: Access, more: Follower): Promise<void> {
  await town.story.says('ada', 'resume');
  await town.story.until('the follow-up has begun to open', () =>
    town.audited(more.id).includes('opening by bot'),
  );
}

export function addedTo({ town, to }: Access) {
  return town.story.town.aws.history.filter(
    (change) => change.kind === 'rule-added' && change.rule.cidr === `${to}/32`,
  );
}

/**
 * Takes the group of the rule off all its WorkSpaces, or an existing group off Jane's alone. The function that comes
 * back puts the group there again.
 */
export function takesGroupOff({ town, modeName }: Access): () => void {
  const { aws } = town.story.town;
  const [rule] = town.story.rules();
  const jane = aws.interfaceOf('ws-janedoe01')?.id;
  const carriers = aws
    .interfaces()
    .filter(
      ({ id, groups }) => groups.includes(rule?.groupId ?? '') && (modeName === 'directory' || id === jane),
    )
    .map(({ id, groups }) => ({ id, groups: [...groups] }));
  for (const { id, groups } of carriers)
    aws.setGroups(
      id,
      groups.filter((one) => one !== rule?.groupId),
    );
  return () => {
    for (const { id, groups } of carriers) aws.setGroups(id, groups);
  };
}

/** Waits until the approver's card of a request of the sequence says what became of it. */
export async function approverReads(
  { town, id, modeName }: Access,
  which: string,
  says: string,
): Promise<void> {
  const card = which === id ? '· ' : '→ ';
  await town.story.sees(MODES[modeName].approver, new RegExp(`${card}${which}[^]*${says}`));
}

/** Waits until the access and its follow-up, which had begun to open, are over, and no rule of either is left at EC2. */
export async function bothEnd(access: Access, more: Follower, because: string): Promise<void> {
  const { town, id, lets } = access;
  const { story } = town;
  await story.rulesBecome(0);
  expect(lets()).toEqual({});
  const ended = await story.sees('jane', new RegExp(`Ended[^\\n]*: ${because}[^\\n]*${id}`));
  expect(ended).toContain('[Request again]');
  // An authorize whose answer is not known could still take effect until its deadline.
  story.passes(10_000);
  await story.sees('jane', new RegExp(`Ended[^\\n]*: ${because}[^\\n]*${more.id}[^]*It had not been opened`));
  for (const one of [id, more.id]) await approverReads(access, one, `ended [^\\n]*: ${because}`);
}

/** Waits until the waiting follow-up is taken back by the step that ended the access. */
export async function isTakenBack(
  access: Access,
  more: Follower,
  [why, ended]: [string, string],
): Promise<void> {
  const { town, id } = access;
  const { story } = town;
  await story.rulesBecome(0);
  // An authorize whose answer is not known could still take effect until its deadline.
  story.passes(10_000);
  await story.sees('jane', new RegExp(`Ended[^\\n]*: ${ended}[^\\n]*${id}`));
  await story.sees('jane', new RegExp(`Taken back${why}[^\\n]*${more.id}`));
  await approverReads(access, id, `ended [^\\n]*: ${ended}`);
  await approverReads(access, more.id, `Taken back${why}`);
}

/** Holds that the access stays as it was, with its rule, its end and its buttons, and can be ended. */
export async function staysAsItWas(access: Access): Promise<void> {
  const { town, id, from, lets } = access;
  const { story } = town;
  expect(lets()).toEqual({ [from]: [id] });
  await story.sees('jane', new RegExp(`Open until[^\\n]*${id}[^]*\\[Extend 1 h\\]`));
  await approverReads(access, id, 'open until[^]*\\[End access\\]');
  await story.says('jane', `end ${id}`);
  await story.rulesBecome(0);
}

export const whatAreThey = ({ town, id }: Access, more: Follower) => [
  town.audited(id),
  town.audited(more.id),
];

/**
 * Waits until the follow-up is open and the access goes on as the follow-up. EC2 has only its lease then, beside the
 * leases of `others`.
 */
export async function takesOver(
  access: Access,
  more: Follower,
  others: readonly string[] = [],
): Promise<void> {
  const { town, id, what, from, to, modeName } = access;
  const { story } = town;
  const open = await story.sees('jane', new RegExp(`Open until[^\\n]*${more.id}`));
  if (modeName !== 'directory') expect(open).toContain('ssh "CORP\\jane@198.51.100.7"');
  const where = what === 'moves' ? `, from ${to}` : '';
  const ended = await story.sees(
    'jane',
    new RegExp(`Ended[^\\n]*continued as ${more.id}${where}[^\\n]*${id}`),
  );
  if (what === 'moves') expect(ended).toContain(`new connections from ${from} are blocked`);
  await story.until(
    'the lease of the access is gone',
    () => !Object.values(access.lets()).flat().includes(id),
  );
  expect(access.lets()).toEqual({ [to]: [more.id, ...others].sort() });
  await approverReads(access, more.id, 'open until[^]*\\[End access\\]');
  await approverReads(access, id, `continued as ${more.id}${where}`);
}

/** Redis loses the keys of the installation whose names match. */
export async function loses({ town }: Access, which: string): Promise<void> {
  const { config, town: around } = town.story;
  const redis = new Redis(around.env.REDIS_URL ?? '');
  await redis.del(await redis.keys(`{wssh:${config.installation}}:${which}`));
  redis.disconnect();
}

/**
 * Remembers what Redis holds of the installation. The function that comes back brings Redis back to that, as a failover to
 * a copy that lagged does.
 */
export async function remembers({ town }: Access): Promise<() => Promise<void>> {
  const { config, town: around } = town.story;
  const redis = new Redis(around.env.REDIS_URL ?? '');
  const all = `{wssh:${config.installation}}:*`;
  const keys = await redis.keys(all);
  const auditGoesBack = town.remembersAudit();
  const kept = await Promise.all(keys.map(async (key) => ({ key, dump: await redis.dumpBuffer(key) })));
  return async () => {
    const back = redis.multi();
    for (const key of await redis.keys(all)) back.del(key);
    for (const { key, dump } of kept) if (dump) back.restore(key, 0, dump);
    await back.exec();
    auditGoesBack();
    redis.disconnect();
  };
}

export async function isFoundAgain({ town }: Access, id: string): Promise<void> {
  await town.story.sees('jane', new RegExp(`Open until[^\\n]*${id}[^]*My storage was lost`));
  expect(town.audited(id).at(-1)).toBe('adopted by sweep');
}

/**
 * Ends the access as a version without chains does: it takes the lease of the access off the rule, and leaves the
 * follow-up alone.
 */
export async function endedByAnOlderVersion({ town, id }: Access): Promise<void> {
  const parts = town.parts();
  const found = await parts.store.load(id);
  if (!found || !isIn(found, 'open')) throw new Error('not open');
  const { followedBy: _, moving: __, ...phase } = found.phase;
  await beginClosing(parts, { ...found, phase }, { kind: 'revoked', by: JANE }, { who: 'older' });
}

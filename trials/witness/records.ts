/** What the bot wrote down, read from Redis past all of its code: the requests, and the audit stream. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RuleLives } from './rule-lives.js';

const requestShape = z.object({
  id: z.string(),
  ask: z.object({ requester: z.string(), source: z.object({ cidr: z.string() }) }),
  phase: z.looseObject({ state: z.string(), grant: z.object({ groupId: z.string().optional() }).optional() }),
});
/** A request as it is recorded. */
export type Recorded = z.infer<typeof requestShape>;

const entryShape = z.object({ who: z.string(), what: z.string(), requestId: z.string().optional() });
/** One audit record with its number. */
export type AuditRecord = z.infer<typeof entryShape> & { seq: number };

export const OVER = ['ended', 'refused', 'denied', 'cancelled', 'lapsed', 'failed', 'already-open'];

/** Every request that Redis holds of an installation. */
export async function readRequests(redis: Redis, prefix: string): Promise<Recorded[]> {
  const bodies: string[] = [];
  for await (const keys of redis.scanStream({ match: `${prefix}:request:*`, count: 500 })) {
    for (const key of z.array(z.string()).parse(keys)) {
      const body = await redis.hget(key, 'body');
      if (body) bodies.push(body);
    }
  }
  return bodies.map((body) => requestShape.parse(JSON.parse(body)));
}

/** The audit stream as it stands. */
export async function readAudit(redis: Redis, prefix: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const [, fields] of await redis.xrange(`${prefix}:audit`, '-', '+')) {
    const at = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    records.push({ seq: Number(at('seq')), ...entryShape.parse(JSON.parse(at('record'))) });
  }
  return records;
}

/**
 * What is wrong with an audit stream that starts at `firstSeq`: gaps, and requests decided or opened twice. `wentBack`
 * says of which requests Redis lost that they had opened.
 */
export function auditProblems(
  records: readonly AuditRecord[],
  firstSeq: number | undefined,
  wentBack: (requestId: string) => boolean,
): string[] {
  const problems: string[] = [];
  let expected = firstSeq ?? records[0]?.seq ?? 1;
  for (const { seq } of records) {
    if (seq !== expected) problems.push(`audit: record ${expected} is missing, ${seq} comes next`);
    expected = seq + 1;
  }
  const stories = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const { requestId } = record;
    if (requestId) stories.set(requestId, [...(stories.get(requestId) ?? []), record]);
  }
  for (const [id, story] of stories) problems.push(...storyProblems(id, story, wentBack(id)));
  return problems;
}

function storyProblems(id: string, story: readonly AuditRecord[], wentBack: boolean): string[] {
  const problems: string[] = [];
  let asked = 0;
  let decided = 0;
  let opened = 0;
  let over: string | undefined;
  for (const { who, what } of story) {
    // Another replica may have been at it too, and only now gives up on its own call, or lets nothing out of the group
    // that it made; a tag that no read showed in time is taken off a shared rule afterwards; and what Redis forgot to be
    // open is removed once it is over.
    const late =
      what.endsWith('-unanswered') ||
      what === 'rule-untagged' ||
      (what === 'group-egress-emptied' && over === 'failed') ||
      (what === 'rule-revoked' && wentBack);
    if (over && !late) problems.push(`audit: ${id} was ${over}, and then ${what}`);
    if (what === 'pending') asked += 1;
    // The bot itself puts a request back to approved while its WorkSpace starts: nobody decides then.
    if ((what === 'approved' || what === 'denied') && who !== 'bot') decided += 1;
    if (what === 'open') opened += 1;
    if (OVER.includes(what)) over = what;
  }
  // A request that grew is asked again. The policy decides without asking anybody.
  const times = Math.max(1, asked);
  if (decided > times) problems.push(`audit: ${id} was asked ${times} times and decided ${decided} times`);
  if (opened > 1) problems.push(`audit: ${id} was opened ${opened} times`);
  return problems;
}

/** Where the records and AWS do not say the same. @param settled nothing should be under way any more */
export function recordProblems(requests: readonly Recorded[], lives: RuleLives, settled: boolean): string[] {
  return requests.flatMap(({ id, phase: { state } }) => {
    const held = lives
      .of(id)
      .filter((life) => life.removedAtMs === undefined && life.leases.get(id)?.leftAtMs === undefined);
    if (state === 'open' && held.length === 0) return [`${id} is recorded open, and has no rule at AWS`];
    if (OVER.includes(state) && held.length > 0) {
      return [`${id} is recorded ${state}, and ${held[0]?.rule.ruleId} still carries its lease`];
    }
    return settled && !OVER.includes(state) ? [`${id} is still ${state} when all should be over`] : [];
  });
}

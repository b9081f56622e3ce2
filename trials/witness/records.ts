/**
 * Reads the bot's requests and its audit stream from Redis without the bot's own code, and says what is wrong in
 * them.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { State } from '../../src/access/request/request.js';
import type { RuleLives } from './rule-lives.js';

const requestShape = z.object({
  id: z.string(),
  ask: z.object({
    requester: z.string(),
    source: z.object({ cidr: z.string() }),
    follows: z.looseObject({ id: z.string() }).optional(),
  }),
  phase: z.looseObject({
    state: z.string(),
    grant: z.object({ groupId: z.string().optional() }).optional(),
    cause: z.looseObject({ kind: z.string(), as: z.string().optional() }).optional(),
  }),
});
/** The parts of a stored request that the witness compares with AWS. */
export type Recorded = z.infer<typeof requestShape>;

const entryShape = z.object({
  atMs: z.number(),
  who: z.string(),
  what: z.string(),
  requestId: z.string().optional(),
});
/** One audit record with its number. */
export type AuditRecord = z.infer<typeof entryShape> & { seq: number };

/** Whether a request in each state is over, as the witness has it. The compiler asks for a new state. */
const IS_OVER: Readonly<Record<State, boolean>> = {
  submitted: false,
  pending: false,
  approved: false,
  opening: false,
  open: false,
  closing: false,
  ended: true,
  refused: true,
  denied: true,
  cancelled: true,
  lapsed: true,
  failed: true,
  'already-open': true,
};
export const OVER = Object.entries(IS_OVER).flatMap(([state, isOver]) => (isOver ? [state] : []));

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

/** Every record of the audit stream, oldest first. */
export async function readAudit(redis: Redis, prefix: string): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for (const [, fields] of await redis.xrange(`${prefix}:audit`, '-', '+')) {
    const at = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    records.push({ seq: Number(at('seq')), ...entryShape.parse(JSON.parse(at('record'))) });
  }
  return records;
}

/**
 * What is wrong with an audit stream: gaps, and requests that were decided or opened twice.
 * @param firstSeq the number that the first record must have; undefined where Redis may have lost older records
 * @param seen of a request: whether Redis lost that it had opened, and when the last of its rules went at AWS, which is
 *   infinite where one is there
 */
export function auditProblems(
  records: readonly AuditRecord[],
  firstSeq: number | undefined,
  seen: { wentBack(requestId: string): boolean; goneAtMs(requestId: string): number },
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
  for (const [id, story] of stories) {
    problems.push(...storyProblems(id, story, { wentBack: seen.wentBack(id), goneAtMs: seen.goneAtMs(id) }));
  }
  return problems;
}

function storyProblems(
  id: string,
  story: readonly AuditRecord[],
  { wentBack, goneAtMs }: { wentBack: boolean; goneAtMs: number },
): string[] {
  const problems: string[] = [];
  let asked = 0;
  let decided = 0;
  let opened = 0;
  let over: string | undefined;
  let overAtMs = Number.NaN;
  for (const { atMs, who, what } of story) {
    // Six records may follow the end of a request. An end is looked at once more, for what else lets the source in.
    // Another replica that worked on the same request gives up its own call, or empties the egress of the group that it
    // made, or writes down its revoke after an end that was told once the rule was gone. A tag that no read showed in time
    // is taken off a shared rule. And a rule of which Redis lost that it had opened is revoked once the request is over.
    const late =
      what.endsWith('-unanswered') ||
      what === 'rule-untagged' ||
      (what === 'ended (changed)' && over === 'ended') ||
      (what === 'group-egress-emptied' && over === 'failed') ||
      (what === 'rule-revoked' && (wentBack || goneAtMs <= overAtMs));
    if (over && !late) problems.push(`audit: ${id} was ${over}, and then ${what}`);
    if (what === 'pending') asked += 1;
    // The bot puts a request back to approved while the WorkSpace starts, which is no decision.
    if ((what === 'approved' || what === 'denied') && who !== 'bot') decided += 1;
    if (what === 'open') opened += 1;
    if (!OVER.includes(what)) continue;
    over = what;
    overAtMs = atMs;
  }
  // A request that grew is asked about again. If the policy decides, nobody was asked.
  const times = Math.max(1, asked);
  if (decided > times) problems.push(`audit: ${id} was asked ${times} times and decided ${decided} times`);
  if (opened > 1) problems.push(`audit: ${id} was opened ${opened} times`);
  return problems;
}

/** Where the records contradict AWS. @param settled every request should be over by now */
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

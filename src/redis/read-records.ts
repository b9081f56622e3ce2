/**
 * Reads requests and rules out of Redis. One record that cannot be read keeps no other from being listed, and what a
 * newer version of the bot wrote is named as that, never guessed at.
 */
import type { Redis } from 'ioredis';
import { isOver, lifeOf } from '../access/request/duties.js';
import type { Request, RequestId } from '../access/request/request.js';
import { type RuleRecord, ruleKey } from '../access/rules/rule.js';
import type { Log } from '../workflow/ports.js';
import { ENDS_AT_ONCE, type Listed, NewerRecord, type Records } from '../workflow/ports-store.js';
import { GROUPS_USED } from './change-script.js';
import { readRules } from './read-together.js';
import { FIELDS, type Fields, type Seal, UnverifiedRecord } from './record.js';
import { isMistyped, read } from './script.js';

const LOADED_AT_ONCE = 200;

/** At most this many requests are taken up at once; the rest is still owed at the next sweep. */
const OWED_AT_ONCE = 500;

/** The methods that only read. */
export type Reader = Pick<
  Records,
  | 'look'
  | 'load'
  | 'loadRule'
  | 'ruleOf'
  | 'rulesOf'
  | 'ofPerson'
  | 'live'
  | 'countLive'
  | 'owed'
  | 'endsDue'
  | 'countingOn'
  | 'groupsUsed'
>;

/** The reader of one installation: `prefix` is that of its keys. */
export function createReader(
  redis: Redis,
  prefix: string,
  seal: Seal,
  log: Log,
): Reader & {
  /** What {@link Reader.load} makes of fields that were read already. @throws NewerRecord */
  open(id: RequestId, fields: Fields): Request | undefined;
  /** What {@link Reader.look} makes of them. */
  openLook(id: RequestId, fields: Fields): Request | 'newer' | undefined;
  /** What {@link Reader.loadRule} makes of them. */
  openRule(groupId: string, source: string, fields: Fields): Promise<RuleRecord | undefined>;
} {
  let warnedOfNewer = false;

  function warnOfNewer(key: string): void {
    if (!warnedOfNewer) {
      log.warn({ key }, 'a newer version writes records here: this one only ends their access, on time');
    }
    warnedOfNewer = true;
  }

  async function look(id: RequestId): Promise<Request | 'newer' | undefined> {
    return openLook(id, await read(() => redis.hmget(`${prefix}:request:${id}`, ...FIELDS)));
  }

  function openLook(id: RequestId, fields: Fields): Request | 'newer' | undefined {
    const key = `${prefix}:request:${id}`;
    const request = seal.openRequest(id, fields, key);
    if (request === 'newer') warnOfNewer(key);
    return request;
  }

  async function load(id: RequestId): Promise<Request | undefined> {
    return known(id, await look(id));
  }

  function known(id: RequestId, request: Request | 'newer' | undefined): Request | undefined {
    if (request === 'newer') throw new NewerRecord(id);
    return request;
  }

  async function loadRule(groupId: string, source: string): Promise<RuleRecord | undefined> {
    const key = `${prefix}:rule:${ruleKey(groupId, source)}`;
    return openRule(groupId, source, await read(() => redis.hmget(key, ...FIELDS)));
  }

  async function openRule(groupId: string, source: string, fields: Fields): Promise<RuleRecord | undefined> {
    const key = `${prefix}:rule:${ruleKey(groupId, source)}`;
    const rule = seal.openRule(groupId, source, fields, key);
    if (rule?.stage.state !== 'newer') return rule;
    warnOfNewer(key);
    // A rule leaves the group's list in the step in which it goes, whichever version takes that step.
    const isListed = await read(() => redis.sismember(`${prefix}:rules:${groupId}`, source));
    return isListed === 1 ? rule : { ...rule, stage: { state: 'gone' } };
  }

  /** @param isLive whether a newer version's request is one that can still change; the others are left out */
  async function list(ids: readonly RequestId[], isLive: (id: RequestId) => boolean): Promise<Listed> {
    const listed: Listed = { requests: [], newer: [] };
    for (let at = 0; at < ids.length; at += LOADED_AT_ONCE) {
      const some = ids.slice(at, at + LOADED_AT_ONCE);
      const found = await Promise.all(
        some.map(async (id) => ({ id, request: await loadListed(() => look(id)) })),
      );
      for (const { id, request } of found) {
        if (request === 'newer') listed.newer.push(...(isLive(id) ? [id] : []));
        else if (request) listed.requests.push(request);
      }
    }
    return listed;
  }

  /** Undefined, and a line in the log, where a record does not verify or is no record at all. */
  async function loadListed<T>(loadOne: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await loadOne();
    } catch (error) {
      if (error instanceof UnverifiedRecord) {
        log.warn({ key: error.key }, 'left out a record that does not verify');
        return undefined;
      }
      if (!isMistyped(error)) throw error;
      log.warn({ err: error }, 'left out what is no record at all');
      return undefined;
    }
  }

  /** Rules of a group that are not gone, or the one with that source. */
  async function listedRules(groupId: string, only?: string): Promise<RuleRecord[]> {
    const [list, place] = [`${prefix}:rules:${groupId}`, `${prefix}:rule:${ruleKey(groupId, '')}`];
    const found = (await loadListed(() => readRules(redis, list, place, only))) ?? [];
    const rules = await Promise.all(
      found.map(({ source, fields }) =>
        loadListed(async () => {
          if (!fields) return loadRule(groupId, source);
          const key = `${place}${source}`;
          const rule = seal.openRule(groupId, source, fields, key);
          if (rule?.stage.state === 'newer') warnOfNewer(key);
          return rule;
        }),
      ),
    );
    return rules.filter((rule) => rule !== undefined).filter(({ stage }) => stage.state !== 'gone');
  }

  return {
    look,
    load,
    open: (id, fields) => known(id, openLook(id, fields)),
    openLook,
    loadRule,
    openRule,

    async rulesOf(groupId) {
      const rules = await listedRules(groupId);
      return rules.sort((a, b) => (a.source < b.source ? -1 : 1));
    },

    ruleOf: async (groupId, source) => (await listedRules(groupId, source))[0],

    async ofPerson(userId) {
      const [live, finished] = await read(() =>
        Promise.all([
          redis.zrange(`${prefix}:live:${userId}`, 0, '-1'),
          redis.zrange(`${prefix}:person:${userId}`, 0, '-1'),
        ]),
      );
      const ids = [...new Set([...live, ...finished])];
      const { requests, newer } = await list(ids, (id) => live.includes(id));
      return { requests: requests.sort((a, b) => b.ask.askedAtMs - a.ask.askedAtMs), newer };
    },

    // Each request that can still change owes something, if only its own end.
    async live(most) {
      const last = most === undefined ? '-1' : String(most - 1);
      const ids = await read(() => redis.zrange(`${prefix}:owed:work`, 0, last));
      const { requests, newer } = await list(ids, () => true);
      return { requests: requests.filter((request) => !isOver(request)), newer };
    },

    countLive: () => read(() => redis.zcard(`${prefix}:owed:work`)),

    async owed(nowMs) {
      const [work, telling] = await read(() =>
        Promise.all([
          redis.zrangebyscore(`${prefix}:owed:work`, '-inf', String(nowMs), 'LIMIT', 0, OWED_AT_ONCE),
          redis.zrangebyscore(`${prefix}:owed:tell`, '-inf', String(nowMs), 'LIMIT', 0, OWED_AT_ONCE),
        ]),
      );
      return { work, telling };
    },

    endsDue: (nowMs) =>
      read(() => redis.zrangebyscore(`${prefix}:owed:ends`, '-inf', String(nowMs), 'LIMIT', 0, ENDS_AT_ONCE)),

    async countingOn(group) {
      const ids = await read(() => redis.smembers(`${prefix}:${countingKey(group)}`));
      const { requests, newer } = await list(ids, () => true);
      return [...requests.filter(countsOnItsGroup).map(({ id }) => id), ...newer];
    },

    async groupsUsed() {
      const flat = await read(() => redis.zrange(`${prefix}:${GROUPS_USED}`, 0, '-1', 'WITHSCORES'));
      return new Map(pairs(flat).map(([groupId, atMs]) => [groupId, Number(atMs)]));
    },
  };
}

/** Where the requests that count on an access group are listed; its id is not known before it is made. */
export function countingKey({ name, vpcId }: { name: string; vpcId: string }): string {
  return `counting:${vpcId}|${name}`;
}

/** True while a rule of the request is in its access group, or is about to be. */
export function countsOnItsGroup(request: Request): boolean {
  const life = lifeOf(request);
  return life === 'granted' || life === 'closing';
}

/** `[a, 1, b, 2]`, as Redis gives scores, or `[[a, 1], [b, 2]]`, as it does by the newer protocol. */
function pairs(reply: unknown[]): [string, unknown][] {
  const flat = reply.flat();
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), flat[index + 1]] satisfies [string, unknown]] : [],
  );
}

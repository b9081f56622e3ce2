/**
 * Reads requests and rules out of Redis. A record that cannot be read keeps no other record from being listed. A record
 * that a newer version of the bot wrote comes back as `newer`: its content is never guessed at.
 */
import type { Redis } from 'ioredis';
import { isOver, lifeOf } from '../access/request/duties.js';
import type { Request, RequestId } from '../access/request/request.js';
import { type RuleRecord, ruleKey } from '../access/rules/rule.js';
import type { Log } from '../workflow/ports.js';
import { ENDS_AT_ONCE, type Listed, NewerRecord, type Records } from '../workflow/ports-store.js';
import { GROUPS_USED } from './change-script.js';
import { areListed, pairs, readOfSets, readRecords, readRules } from './read-together.js';
import { FIELDS, type Fields, type Seal, UnverifiedRecord } from './record.js';
import { isMistyped, read } from './script.js';

/** A sweep takes up this many requests at most; the others are still owed at the next sweep. */
const OWED_AT_ONCE = 500;

/** The methods that only read. */
export type Reader = Pick<
  Records,
  | 'look'
  | 'lookAll'
  | 'load'
  | 'loadRule'
  | 'ruleOf'
  | 'rulesAt'
  | 'rulesOf'
  | 'ofPerson'
  | 'live'
  | 'countLive'
  | 'liveIds'
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
  /** Does what {@link Reader.load} does, with fields that were read already. @throws NewerRecord */
  open(id: RequestId, fields: Fields): Request | undefined;
  /** Does what {@link Reader.look} does, with fields that were read already. */
  openLook(id: RequestId, fields: Fields): Request | 'newer' | undefined;
  /** Does what {@link Reader.loadRule} does, with fields that were read already. */
  openRule(groupId: string, source: string, fields: Fields): Promise<RuleRecord | undefined>;
} {
  const requestKey = (id: RequestId) => `${prefix}:request:${id}`;
  const keyOf = (groupId: string, source: string) => `${prefix}:rule:${ruleKey(groupId, source)}`;
  let warnedOfNewer = false;

  function warnOfNewer(key: string): void {
    if (!warnedOfNewer) {
      log.warn({ key }, 'a newer version writes records here: this one only ends their access, on time');
    }
    warnedOfNewer = true;
  }

  async function look(id: RequestId): Promise<Request | 'newer' | undefined> {
    return openLook(id, await read(() => redis.hmget(requestKey(id), ...FIELDS)));
  }

  function openLook(id: RequestId, fields: Fields): Request | 'newer' | undefined {
    const request = seal.openRequest(id, fields, requestKey(id));
    if (request === 'newer') warnOfNewer(requestKey(id));
    return request;
  }

  /** The requests that can still change: each of them is in the index of what is owed, if only for its own end. */
  const liveIds = (most = 0): Promise<RequestId[]> =>
    read(() => redis.zrange(`${prefix}:owed:work`, 0, String(most - 1)));

  async function load(id: RequestId): Promise<Request | undefined> {
    return known(id, await look(id));
  }

  function known(id: RequestId, request: Request | 'newer' | undefined): Request | undefined {
    if (request === 'newer') throw new NewerRecord(id);
    return request;
  }

  async function loadRule(groupId: string, source: string): Promise<RuleRecord | undefined> {
    return openRule(groupId, source, await read(() => redis.hmget(keyOf(groupId, source), ...FIELDS)));
  }

  async function openRule(groupId: string, source: string, fields: Fields): Promise<RuleRecord | undefined> {
    const rule = openAnyRule(groupId, source, fields);
    if (rule?.stage.state !== 'newer') return rule;
    // Whichever version of the bot removes a rule, the same step takes the rule off its group's list.
    const isListed = await read(() => redis.sismember(`${prefix}:rules:${groupId}`, source));
    return isListed === 1 ? rule : { ...rule, stage: { state: 'gone' } };
  }

  /** Reads a rule's record. A record of a newer version may be of a rule that is gone: the group's list says that. */
  function openAnyRule(groupId: string, source: string, fields: Fields): RuleRecord | undefined {
    const key = keyOf(groupId, source);
    const rule = seal.openRule(groupId, source, fields, key);
    if (rule?.stage.state === 'newer') warnOfNewer(key);
    return rule;
  }

  const lookAll: Reader['lookAll'] = async (ids) =>
    openAll(ids, await readRecords(redis, ids.map(requestKey)));

  function openAll(
    ids: readonly RequestId[],
    fields: readonly (Fields | undefined)[],
  ): ReadonlyMap<RequestId, Request | 'newer' | undefined> {
    const found = new Map<RequestId, Request | 'newer' | undefined>();
    ids.forEach((id, n) => {
      const opened = openListed(requestKey(id), fields[n], (its) => openLook(id, its));
      if (opened !== 'unreadable') found.set(id, opened);
    });
    return found;
  }

  /** @param isLive whether a request of a newer version can still change; requests that cannot are left out */
  function list(
    found: ReadonlyMap<RequestId, Request | 'newer' | undefined>,
    isLive: (id: RequestId) => boolean,
  ): Listed {
    const listed: Listed = { requests: [], newer: [] };
    for (const [id, request] of found) {
      if (request === 'newer') listed.newer.push(...(isLive(id) ? [id] : []));
      else if (request) listed.requests.push(request);
    }
    return listed;
  }

  /** Opens a record. One that does not verify, or is no record at all, is `unreadable`, and logged. */
  function openListed<T>(key: string, fields: Fields | undefined, open: (its: Fields) => T) {
    if (!fields) {
      log.warn({ key }, 'left out what is no record at all');
      return 'unreadable' as const;
    }
    try {
      return open(fields);
    } catch (error) {
      if (!(error instanceof UnverifiedRecord)) throw error;
      log.warn({ key }, 'left out a record that does not verify');
      return 'unreadable' as const;
    }
  }

  /** Loads a record. One that does not verify, or is no record at all, is undefined, and logged. */
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

  /** The rules of a group that are not gone; with `only` the one with that source alone. */
  async function listedRules(groupId: string, only?: string): Promise<RuleRecord[]> {
    const [list, place] = [`${prefix}:rules:${groupId}`, `${prefix}:rule:${ruleKey(groupId, '')}`];
    const found = (await loadListed(() => readRules(redis, list, place, only))) ?? [];
    const rules = await Promise.all(
      found.map(({ source, fields }) =>
        loadListed(async () => (fields ? openAnyRule(groupId, source, fields) : loadRule(groupId, source))),
      ),
    );
    return rules.filter((rule) => rule !== undefined).filter(({ stage }) => stage.state !== 'gone');
  }

  return {
    look,
    lookAll,
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

    async rulesAt(places) {
      const keys = places.map(({ groupId, source }) => keyOf(groupId, source));
      const lists = places.map(({ groupId }) => `${prefix}:rules:${groupId}`);
      const sources = places.map(({ source }) => source);
      const [fields, listed] = await Promise.all([
        readRecords(redis, keys),
        areListed(redis, lists, sources),
      ]);
      return places.map(({ groupId, source }, n) => {
        if (!listed[n]) return undefined;
        const rule = openListed(keys[n] ?? '', fields[n], (its) => openAnyRule(groupId, source, its));
        return rule === 'unreadable' || rule?.stage.state === 'gone' ? undefined : rule;
      });
    },

    async ofPerson(userId) {
      const sets = [`${prefix}:live:${userId}`, `${prefix}:person:${userId}`] as const;
      const { first: live, ids, found } = await readOfSets(redis, sets, requestKey);
      const { requests, newer } = list(openAll(ids, found), (id) => live.includes(id));
      return { requests: requests.sort((a, b) => b.ask.askedAtMs - a.ask.askedAtMs), newer };
    },

    liveIds,

    async live(most) {
      const { requests, newer } = list(await lookAll(await liveIds(most)), () => true);
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
      const { requests, newer } = list(await lookAll(ids), () => true);
      return [...requests.filter(countsOnItsGroup).map(({ id }) => id), ...newer];
    },

    async groupsUsed() {
      const flat = await read(() => redis.zrange(`${prefix}:${GROUPS_USED}`, 0, '-1', 'WITHSCORES'));
      return new Map(pairs(flat).map(([groupId, atMs]) => [groupId, Number(atMs)]));
    },
  };
}

/** The key of the list of requests that count on an access group, by the group's name: its id comes once it is made. */
export function countingKey({ name, vpcId }: { name: string; vpcId: string }): string {
  return `counting:${vpcId}|${name}`;
}

/** True while a rule of the request is in its access group, or is about to be. */
export function countsOnItsGroup(request: Request): boolean {
  const life = lifeOf(request);
  return life === 'granted' || life === 'closing';
}

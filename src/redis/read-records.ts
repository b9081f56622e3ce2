/**
 * Reads requests and rules out of Redis. One record that cannot be read keeps no other from being listed, and what a
 * newer version of the bot wrote is named as that, never guessed at.
 */
import type { Redis } from 'ioredis';
import type { Request, RequestId } from '../access/request/request.js';
import { type RuleRecord, ruleKey } from '../access/rules/rule.js';
import { type Listed, type Log, NewerRecord, type Store } from '../workflow/ports.js';
import { FIELDS, type Seal, UnverifiedRecord } from './record.js';
import { isMistyped, read } from './script.js';

const LOADED_AT_ONCE = 200;

export interface Reader extends Pick<Store, 'look' | 'load' | 'loadRule'> {
  /** Undefined, and a line in the log, where a record does not verify or is no record at all. */
  loadListed<T>(loadOne: () => Promise<T | undefined>): Promise<T | undefined>;
  /** @param isLive whether a newer version's request is one that can still change; the others are left out */
  list(ids: readonly RequestId[], isLive: (id: RequestId) => boolean): Promise<Listed>;
}

/** The reader of one installation: `prefix` is that of its keys. */
export function createReader(redis: Redis, prefix: string, seal: Seal, log: Log): Reader {
  let warnedOfNewer = false;

  function warnOfNewer(key: string): void {
    if (!warnedOfNewer) {
      log.warn({ key }, 'a newer version writes records here: this one only ends their access, on time');
    }
    warnedOfNewer = true;
  }

  async function look(id: RequestId): Promise<Request | 'newer' | undefined> {
    const key = `${prefix}:request:${id}`;
    const request = seal.openRequest(id, await read(() => redis.hmget(key, ...FIELDS)), key);
    if (request === 'newer') warnOfNewer(key);
    return request;
  }

  async function load(id: RequestId): Promise<Request | undefined> {
    const request = await look(id);
    if (request === 'newer') throw new NewerRecord(id);
    return request;
  }

  async function loadRule(groupId: string, source: string): Promise<RuleRecord | undefined> {
    const key = `${prefix}:rule:${ruleKey(groupId, source)}`;
    const rule = seal.openRule(groupId, source, await read(() => redis.hmget(key, ...FIELDS)), key);
    if (rule?.stage.state !== 'newer') return rule;
    warnOfNewer(key);
    // Rules that are gone leave the list in the step in which they go, whichever version takes that step.
    const isListed = await read(() => redis.sismember(`${prefix}:rules:${groupId}`, source));
    return isListed === 1 ? rule : { ...rule, stage: { state: 'gone' } };
  }

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

  return { look, load, loadRule, loadListed, list };
}

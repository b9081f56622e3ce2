/** Lua scripts, sent by their hash, and what a failed command tells about whether it took effect. */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { StoreUnreachable } from '../workflow/ports-store.js';

export interface Script {
  lua: string;
  sha: string;
}

/**
 * How long an operation is remembered, in seconds: longer than any repetition of it may take, since a command that was stuck
 * in a connection may arrive after the one that repeats it.
 */
export const OPERATION_S = 600;

/** A script and its hash, by which Redis knows the script after the first time. */
export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script; sends the text only to a server that does not know the script yet. */
export async function run(
  redis: Redis,
  { lua, sha }: Script,
  keys: string[],
  args: (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await redis.eval(lua, keys.length, ...keys, ...args);
  }
}

/** Refusals that Redis gives before a command, or the first write of a script, takes effect. */
const REFUSED =
  /\b(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|MOVED|ASK|CROSSSLOT|TRYAGAIN|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** The message of a command that Redis did not answer in time. */
export const TIMED_OUT = 'Command timed out';

/** The refusal of a command inside of a script, for a user without that right. The script's commands before it took effect. */
const BROKEN_OFF = /The user executing the script can't|ACL failure in script/;

/**
 * Whether a command that failed took effect. `nothing`: certainly not. `part`: some of the commands of a script did.
 * `unknown`: it may have, or may still do. Undefined: Redis answered that the command is wrong.
 */
export function fateOf(error: unknown): 'nothing' | 'part' | 'unknown' | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'ReplyError') {
    if (BROKEN_OFF.test(error.message)) return 'part';
    return REFUSED.test(error.message) ? 'nothing' : undefined;
  }
  // Three errors of ioredis have no class or code to know them by. Tests hold their texts.
  if (error.message.startsWith("Stream isn't writeable")) return 'nothing';
  if (error.message === TIMED_OUT || error.message === 'Connection is closed.') return 'unknown';
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError') return 'unknown';
  return 'code' in error || 'syscall' in error ? 'unknown' : undefined;
}

/** Whether a key holds another kind of value than the bot stores there, so that somebody else has written it. */
export function isMistyped(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && error.message.startsWith('WRONGTYPE');
}

/** Runs a read. @throws StoreUnreachable when Redis did not answer; a read changes nothing, so that is certain. */
export async function read<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    if (fateOf(error)) throw new StoreUnreachable(true, { cause: error });
    throw error;
  }
}

/**
 * Runs a change that may be repeated without harm, twice at most: when the first answer was lost the change is sent
 * again on a working connection. The second try gets half of the time-out, so that both end well before Slack's 3 s.
 *
 * @throws StoreUnreachable, `certain` only when the change was never sent.
 */
export async function change<T>(redis: Redis, command: () => Promise<T>): Promise<T> {
  let first: unknown;
  try {
    return await command();
  } catch (error) {
    const fate = fateOf(error);
    if (!fate) throw error;
    if (fate === 'nothing') throw new StoreUnreachable(true, { cause: error });
    // A change that took effect in part is not sent again: it would take its own first half for somebody else's, or for done.
    if (fate === 'part') throw new StoreUnreachable(false, { cause: error });
    first = error;
  }
  const timeoutMs = secondTryMs(redis.options.commandTimeout ?? 1_500);
  try {
    return await within(timeoutMs, async (signal) => {
      await ready(redis, signal);
      return command();
    });
  } catch (error) {
    if (error instanceof TimedOut || fateOf(error)) throw new StoreUnreachable(false, { cause: first });
    throw error;
  }
}

/** How many milliseconds the second try of a change gets, after a first one of `timeoutMs`. */
export function secondTryMs(timeoutMs: number): number {
  return timeoutMs / 2;
}

class TimedOut extends Error {}

async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new TimedOut(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const timeout = new Promise<never>((_, reject) => {
    giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(giveUp.signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves once the connection can take commands. */
function ready(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onReady = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = () => {
      redis.off('ready', onReady);
      reject(signal.reason);
    };
    redis.once('ready', onReady);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

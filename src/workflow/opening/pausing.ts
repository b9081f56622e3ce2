/**
 * Admins pause new openings and resume them. What is open stays open and ends on time; nothing new opens, on any
 * replica, until an admin resumes.
 */
import type { Pause } from '../../access/request/pause.js';
import { isIn, type Request } from '../../access/request/request.js';
import { adminsOnly } from '../answer.js';
import type { Parts } from '../ports.js';
import type { Listed } from '../ports-store.js';

/** The answer to a pause or resume, with the pause that holds now. `counts` is undefined where requests could not be counted. */
export type PauseAnswer =
  | { ok: true; changed: boolean; pause?: Pause; counts?: { open: number; waiting: number } }
  | { ok: false; sentence: string };

/** Stops new openings. */
export async function pauseOpenings(parts: Parts, by: string): Promise<PauseAnswer> {
  const refused = adminsOnly(parts.policy, by);
  if (refused) return { ok: false, sentence: refused };
  const name = await nameOf(parts, by);
  const next = { paused: true, by, atMs: parts.now(), ...(name ? { name } : {}) };
  const { outcome, pause } = await parts.store.changePause(next);
  const counts = await countLive(parts);
  return {
    ok: true,
    changed: outcome === 'done',
    ...(pause ? { pause } : {}),
    ...(counts ? { counts } : {}),
  };
}

/** Lets access open again, and wakes what was approved meanwhile. */
export async function resumeOpenings(parts: Parts, by: string): Promise<PauseAnswer> {
  const refused = adminsOnly(parts.policy, by);
  if (refused) return { ok: false, sentence: refused };
  // Before the resume: a sweep may let a held request go at once, which opened by this resume all the same.
  const held = (await liveOrNone(parts))?.requests.filter(isHeld);
  const { outcome, pause } = await parts.store.changePause({ paused: false, by, atMs: parts.now() });
  const counts = outcome === 'done' && held ? await wakeHeld(parts, held) : undefined;
  return {
    ok: true,
    changed: outcome === 'done',
    ...(pause ? { pause } : {}),
    ...(counts ? { counts } : {}),
  };
}

/** The admin's name, for places that cannot show a mention. Where Slack fails, new access is paused without the name. */
async function nameOf(parts: Parts, userId: string): Promise<string | undefined> {
  const person = await parts.people.person(userId).catch((err: unknown) => {
    parts.log.warn({ err, user: userId }, 'paused without the name of who did it');
    return undefined;
  });
  return person?.name;
}

async function countLive(parts: Parts): Promise<{ open: number; waiting: number } | undefined> {
  const live = await liveOrNone(parts);
  if (!live || live.newer.length > 0) return undefined;
  const { requests } = live;
  const open = requests.filter((request) => isIn(request, 'open')).length;
  const waiting = requests.filter((request) => isIn(request, 'approved', 'opening')).length;
  return { open, waiting };
}

/** A list that fails must not look as if nothing had been paused or resumed. */
function liveOrNone(parts: Parts): Promise<Listed | undefined> {
  return parts.store.live().catch((err: unknown) => {
    parts.log.warn({ err }, 'paused or resumed, but what is held could not be counted');
    return undefined;
  });
}

async function wakeHeld(
  parts: Parts,
  held: readonly Request[],
): Promise<{ open: number; waiting: number } | undefined> {
  try {
    const atMs = parts.now();
    await Promise.all(held.map(({ id }) => parts.timers.set(id, [{ queue: 'work', atMs }])));
    return { open: 0, waiting: held.length };
  } catch (err) {
    parts.log.warn({ err }, 'resumed; what waited is found by the sweep');
    return undefined;
  }
}

/** True also for a request in `opening`, whose call may be under way: its next try may be a while off. */
function isHeld(request: Request): boolean {
  return isIn(request, 'opening') || (isIn(request, 'approved') && request.phase.waitsFor === 'resume');
}

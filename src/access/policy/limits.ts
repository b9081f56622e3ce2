/**
 * The policy's limits. No rule can allow more, and they are checked again when a request waited while the policy
 * changed.
 */
import { checkDuration, compactDuration, spellDuration } from '../reading/duration.js';
import { networkNamed, readNetwork } from '../reading/network.js';
import { readReason } from '../reading/reason.js';
import { readSource, type Source, type SourceReading } from '../reading/source.js';
import type { Policy } from './policy.js';

/** The parts of a request that the limits are about. */
export interface Limited {
  source: Source;
  /** The policy's name for the network that the source is in; `whole` where the network itself was asked for. */
  network?: { name: string; whole: boolean };
  durationMs: number;
  /** How long the access lasts in all, where the request follows another one. */
  wholeMs?: number;
  /** How long after the asking the access is to open. */
  startsInMs?: number;
  /** Another address adds no time, so that no duration is too short or too long for it. */
  addsNoTime?: true;
  reason: string;
}

/** Why a request lies outside of the limits, as its requester reads it; undefined where it keeps to them. */
export function whyOutsideLimits(
  policy: Policy,
  ask: Limited,
  { directoryId }: { directoryId: string },
): string | undefined {
  const { durations, reason } = policy.limits;
  const source = readAgain(policy, ask);
  if (!source.ok) return source.sentence;
  const length = ask.addsNoTime ? undefined : checkDuration(ask.durationMs, durations);
  if (length?.ok === false) return length.sentence;
  const beyond = beyondTotal(ask.addsNoTime ? { ...ask, durationMs: 0 } : ask, durations);
  if (beyond) return beyond;
  const tooFar = tooFarAhead(policy, ask.startsInMs);
  if (tooFar) return tooFar;
  const ticket = readReason(ask.reason, reason);
  if (!ticket.ok) return ticket.sentence;
  return policy.directories[directoryId] ? undefined : unknownDirectory(directoryId);
}

/** Why access is not to open so long after the asking; undefined where it may. */
export function tooFarAhead({ limits: { laterMs } }: Policy, startsInMs = 0): string | undefined {
  if (startsInMs <= laterMs) return undefined;
  return `The policy allows at most ${spellDuration(laterMs)} ahead. Ask for an earlier time.`;
}

/** Why a follow-up goes beyond the longest total; undefined where it does not, or where nothing is followed. */
export function beyondTotal(
  { durationMs, wholeMs = 0 }: Pick<Limited, 'durationMs' | 'wholeMs'>,
  { longestTotalMs, shortestMs }: Policy['limits']['durations'],
): string | undefined {
  if (wholeMs <= longestTotalMs) return undefined;
  const most = `The policy allows at most ${spellDuration(longestTotalMs)} in all`;
  const leftMs = wholeMinutes(longestTotalMs - (wholeMs - durationMs));
  return leftMs >= shortestMs
    ? `${most}. Ask for \`${compactDuration(leftMs)}\` more, or less.`
    : `${most}, and it lasts that long already. Ask for new access when it has ended.`;
}

/** Rounded down to minutes, since nobody asks for 13 minutes and 7 seconds; less than a minute stays as it is. */
function wholeMinutes(ms: number): number {
  return ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000;
}

/**
 * The step by which one tap extends access: the form's default, or the longest choice that fits into what is left of the
 * longest total. Undefined where nothing fits.
 * @param lastsMs how long the access lasts already, in all
 */
export function stepOf(
  { choicesMs, defaultMs, shortestMs, longestTotalMs }: Policy['limits']['durations'],
  lastsMs: number,
): number | undefined {
  const leftMs = longestTotalMs - lastsMs;
  const fits = [...choicesMs, shortestMs].filter((ms) => ms <= Math.min(leftMs, defaultMs));
  return fits.length > 0 ? Math.max(...fits) : undefined;
}

/** The refusal of a directory that the policy does not name. */
export function unknownDirectory(directoryId: string): string {
  return `The policy does not name directory ${directoryId}. Ask an admin.`;
}

/** A whole network may be wider than other sources, but only while the policy names it with the same range. */
function readAgain({ limits }: Policy, { source, network }: Limited): SourceReading {
  const named = network?.whole ? networkNamed(network.name, limits.networks) : undefined;
  const whole = named && readNetwork(named, limits.sources);
  if (whole?.ok && whole.source.cidr === source.cidr) return whole;
  return readSource(source.cidr, limits.sources);
}

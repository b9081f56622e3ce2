/** The policy's limits hold whatever a rule says: for what is asked, and for what waits when they have changed since. */
import { checkDuration } from '../reading/duration.js';
import { networkNamed, readNetwork } from '../reading/network.js';
import { readReason } from '../reading/reason.js';
import { readSource, type SourceReading } from '../reading/source.js';
import type { Ask, Facts } from '../request/request.js';
import type { Policy } from './policy.js';

/** What of a request the limits are about. */
export type Limited = Pick<Ask, 'source' | 'network' | 'durationMs' | 'reason'>;

/** Why a request lies outside of the limits, as its requester reads it; undefined where it keeps to them. */
export function whyOutsideLimits(
  policy: Policy,
  ask: Limited,
  facts: Pick<Facts, 'directoryId'>,
): string | undefined {
  const { durations, reason } = policy.limits;
  const source = readAgain(policy, ask);
  if (!source.ok) return source.sentence;
  const length = checkDuration(ask.durationMs, durations);
  if (!length.ok) return length.sentence;
  const ticket = readReason(ask.reason, reason);
  if (!ticket.ok) return ticket.sentence;
  return policy.directories[facts.directoryId] ? undefined : unknownDirectory(facts.directoryId);
}

/** Why nothing of a directory may be asked for. */
export function unknownDirectory(directoryId: string): string {
  return `The policy does not name directory ${directoryId}. Ask an admin.`;
}

/** A network that was asked for as a whole may be wide only while the policy names it, and with that range. */
function readAgain({ limits }: Policy, { source, network }: Limited): SourceReading {
  const named = network?.whole ? networkNamed(network.name, limits.networks) : undefined;
  const whole = named && readNetwork(named, limits.sources);
  if (whole?.ok && whole.source.cidr === source.cidr) return whole;
  return readSource(source.cidr, limits.sources);
}

/** What the request form knows of a person's earlier requests. */

import type { Policy } from '../../access/policy/policy.js';
import { spellDuration } from '../../access/reading/duration.js';
import { readSourceOrName } from '../../access/reading/network.js';
import { lastOf, usedUntilMs } from '../../access/request/last-used.js';
import { factsOf, type Request } from '../../access/request/request.js';
import { workspaceOf } from '../../access/request/target.js';
import { from } from '../words/card-words.js';

const HOUR_MS = 3_600_000;

/** Each part is missing where nothing is known of it. */
export interface Known {
  /** The address that was used last, as people type it, and how long ago that was. */
  address?: { text: string; ago: string };
  /** The id of the WorkSpace that was used last. */
  workspaceId?: string;
  durationMs?: number;
}

/** @param requests of one person, newest first */
export function knownFrom(policy: Policy, requests: readonly Request[], nowMs: number): Known {
  const { sources, networks } = policy.limits;
  const last = lastOf(requests, nowMs);
  const workspaceId = last && (workspaceOf(last.ask.target) ?? factsOf(last)?.desktops[0]?.workspaceId);
  const used = requests.flatMap((request) => {
    const untilMs = usedUntilMs(request, nowMs);
    if (untilMs === undefined || request.ask.network?.whole) return [];
    // The policy may allow less by now, and the form offers no address that would be refused.
    return readSourceOrName(from(request), sources, networks).ok ? [{ text: from(request), untilMs }] : [];
  });
  const [newest] = used.sort((a, b) => b.untilMs - a.untilMs);
  return {
    ...(newest ? { address: { text: newest.text, ago: ago(nowMs - newest.untilMs) } } : {}),
    ...(last ? { durationMs: last.ask.durationMs } : {}),
    ...(workspaceId ? { workspaceId } : {}),
  };
}

/** `now`, `less than an hour ago`, `5 hours ago`, `1 day ago`: true in every time zone, as a field holds plain text. */
function ago(ms: number): string {
  if (ms <= 0) return 'now';
  if (ms < HOUR_MS) return 'less than an hour ago';
  const hours = Math.floor(ms / HOUR_MS);
  return `${spellDuration((hours < 24 ? hours : Math.floor(hours / 24) * 24) * HOUR_MS)} ago`;
}

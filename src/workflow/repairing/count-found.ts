/** What a list of all tagged rules says in numbers, for whoever watches the bot. */
import { isIn } from '../../access/request/request.js';
import { isOwned } from '../../access/rules/seen-rule.js';
import type { Found, Listing } from '../memory.js';
import { idsOn, isOrphaned } from './read-tagged.js';

/** @param nowMs a lease that ended before this instant is overdue; epoch milliseconds */
export function countFound(read: Listing, nowMs: number): Found {
  const { tagged, requests, staying, live } = read;
  const open = [
    ...[...live].flatMap(([id, one]) => (one.open ? [id] : [])),
    ...[...requests].flatMap(([id, request]) => (request && isIn(request, 'open') ? [id] : [])),
  ];
  const owned = tagged.filter(isOwned);
  const ends = owned.flatMap(({ leases }) => leases.map(({ endsAtMs }) => endsAtMs));
  return {
    openGrants: new Set(open).size,
    rules: {
      owned: staying.size + owned.length,
      expired: owned.filter(({ leases }) => leases.every(({ endsAtMs }) => endsAtMs <= nowMs)).length,
      orphaned: owned.filter((rule) => idsOn([rule]).some((id) => isOrphaned(read, id))).length,
      drifted: owned.filter(({ plain }) => !plain).length,
      forged: tagged.length - owned.length,
    },
    overdueMs: ends.reduce((longest, endsAtMs) => Math.max(longest, nowMs - endsAtMs), 0),
  };
}

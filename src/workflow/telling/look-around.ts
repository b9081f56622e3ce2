/**
 * What else lets a source in, once its rule is gone: read before "ended" is told, so that the card does not call blocked
 * what another rule lets in. No end waits for these reads; where one fails the card says less.
 */
import type { Request, RequestIn, Surroundings } from '../../access/request/request.js';
import { lookAround } from '../../access/request/transitions/ending.js';
import { type Lists, surroundingsOf } from '../../access/rules/coverage.js';
import { isOwned, type SeenRule } from '../../access/rules/seen-rule.js';
import { change } from '../change.js';
import { endsAreHeldUp } from '../ends-first.js';
import type { Parts } from '../ports.js';

const UNREAD: Surroundings = { read: false, rules: [] };

/** Looks where nobody has looked yet. @returns the request as it stands then; undefined where somebody else changed it */
export async function lookedAround(parts: Parts, request: RequestIn<'ended'>): Promise<Request | undefined> {
  const { openedAtMs, around, cause } = request.phase;
  // Where more time took over, the source is let in by that request, as its card says.
  const goesOn = cause.kind === 'continued' && cause.to === undefined;
  if (around || openedAtMs === undefined || goesOn) return request;
  const found = await read(parts, request).catch((err: unknown) => {
    parts.log.warn({ err, id: request.id }, 'what else lets its source in could not be read');
    return UNREAD;
  });
  const named = found.rules.map(({ ruleId }) => ruleId).join(' ');
  const rules = found.more ? `${named} and ${found.more} more` : named;
  const why = found.read || rules ? `what else lets its source in: ${rules || 'nothing'}` : 'not read';
  return change(parts, request, lookAround(request, found), { who: 'bot', why });
}

async function read(parts: Parts, { id, ask, phase }: RequestIn<'ended'>): Promise<Surroundings> {
  if (await endsAreHeldUp(parts)) return UNREAD;
  const interfaceIds = phase.facts.desktops.map(({ interfaceId }) => interfaceId);
  const interfaces = await parts.firewall.interfacesById(interfaceIds);
  const carried = interfaces.flatMap(({ groups }) => groups.map(({ groupId }) => groupId));
  const groupIds = new Set([...carried, ...(phase.grant.groupId ? [phase.grant.groupId] : [])]);
  const rules = (await Promise.all([...groupIds].map((groupId) => parts.firewall.rules(groupId)))).flat();
  // A read that lags may still show the rule that is gone.
  const others = rules.filter((rule) => !isOnlyOf(id, rule));
  const found = surroundingsOf(
    others.map((rule) => ({ ...rule, ours: isOwned(rule) })),
    ask.source,
    await listsOf(parts, others),
  );
  const isComplete = interfaceIds.length > 0 && interfaces.length === interfaceIds.length;
  return isComplete ? found : { ...found, read: false };
}

function isOnlyOf(id: string, { leases }: SeenRule): boolean {
  return leases.length > 0 && leases.every(({ requestId }) => requestId === id);
}

async function listsOf(parts: Parts, rules: readonly SeenRule[]): Promise<Lists> {
  const ids = rules.flatMap(({ traffic: { from } }) => (from.kind === 'list' ? [from.listId] : []));
  const lists = await Promise.all(
    [...new Set(ids)].map(async (listId): Promise<[string, readonly string[]][]> => {
      const ranges = await parts.firewall.prefixList(listId).catch((err: unknown) => {
        parts.log.warn({ err, listId }, 'a prefix list could not be read');
        return undefined;
      });
      return ranges ? [[listId, ranges]] : [];
    }),
  );
  return new Map(lists.flat());
}

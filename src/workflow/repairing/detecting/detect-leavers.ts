/** Requesters who were deactivated in Slack: their access ends, and what they asked for is taken back. */
import { isGranted, isWaiting } from '../../../access/request/duties.js';
import type { Request, RequestId } from '../../../access/request/request.js';
import { cancel } from '../../../access/request/transitions/deciding.js';
import { change } from '../../change.js';
import { beginClosing } from '../../ending/begin-closing.js';
import { nextShare } from '../../passes.js';
import type { Parts } from '../../ports.js';
import { readSome } from '../live-requests.js';

/** Slack's users.info is tier 4: about a hundred a minute, and others need it too. */
const PEOPLE_A_PASS = 40;
const DEACTIVATED = { who: 'sweep', why: 'the requester was deactivated in Slack' };

/** Looks up some of the requesters, others at each pass. */
export async function detectLeavers(
  parts: Parts,
  byRequester: ReadonlyMap<string, readonly RequestId[]>,
): Promise<void> {
  const some = nextShare(parts, 'leavers', [...byRequester.keys()], (userId) => userId, PEOPLE_A_PASS);
  for (const userId of some) {
    const person = await parts.people.person(userId);
    if (!person || person.active) continue;
    for (const request of await readSome(parts, byRequester.get(userId) ?? [])) await endFor(parts, request);
  }
}

async function endFor(parts: Parts, request: Request): Promise<void> {
  if (isGranted(request)) {
    await beginClosing(parts, request, { kind: 'deactivated' }, DEACTIVATED);
  } else if (isWaiting(request)) {
    await change(parts, request, cancel(request, 'sweep', parts.now()), DEACTIVATED);
  }
}

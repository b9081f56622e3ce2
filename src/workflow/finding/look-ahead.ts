/**
 * While Slack says whether a click counts, AWS says what an opening looks at: the WorkSpace, what carries its group, and
 * the group. Only reads are made so early, and only for a group that the WorkSpace carries.
 */
import { isAhead } from '../../access/request/later.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import type { Ahead } from '../memory.js';
import type { Parts } from '../ports.js';

/** How old an answer may be when an opening takes it: the reach is counted right before a rule is added. */
const FRESH_MS = 1_000;
/** How many reads are kept. Most clicks are followed by an opening at once, which takes what was read. */
const MOST = 100;

/** Begins to read. Whoever takes the answers meets a failure by reading again. */
export function lookAhead(parts: Parts, { id, ask, phase }: RequestIn<'pending'>): void {
  const { desktops, group } = phase.facts;
  const [known] = isMany(ask.target) ? [] : desktops;
  // An extension joins the rule that is there, or its requester is asked first; a move is rare; a request for a later time
  // does not open now.
  if (ask.follows || isAhead({ ask }, parts.now())) return;
  if (!known || group.kind !== 'access' || group.carriedAs === undefined) return;
  const { desktops: workspaces, firewall, memory } = parts;
  const atMs = parts.now();
  const read = Promise.all([
    workspaces.byIds([known.workspaceId]),
    firewall.carriersOf(group.carriedAs),
    firewall.standingGroup(group.name, group.vpcId, atMs),
  ]).then(
    ([found, carriers, made]): Ahead | undefined => made && { atMs, desktops: found, carriers, made },
    () => undefined,
  );
  if (memory.ahead.size >= MOST) memory.ahead.clear();
  memory.ahead.set(id, read);
}

/** Takes what was read ahead for a request. Undefined where nothing was, or it is some moments old. */
export async function takeAhead(parts: Parts, { id }: Request): Promise<Ahead | undefined> {
  const { ahead } = parts.memory;
  const read = ahead.get(id);
  ahead.delete(id);
  const found = await read;
  return found && parts.now() - found.atMs < FRESH_MS ? found : undefined;
}

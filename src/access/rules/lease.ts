/**
 * A lease is a grant's claim on an ingress rule. The rule's record and the rule's tags both say who holds it and
 * until when, so that either can be lost and access still ends.
 */
import { type SigningKeys, sign, verify } from './signature.js';

/** One grant's claim on a rule. Instants are epoch milliseconds. */
export interface Lease {
  requestId: string;
  endsAtMs: number;
  openedAtMs: number;
  /** The requester's Slack user id. */
  user: string;
  /** The WorkSpace's or directory's id. */
  target: string;
}

/** Where a lease holds: a tag copied to another rule, group or installation does not verify. */
export interface LeasePlace {
  installation: string;
  groupId: string;
  /** Canonical CIDR. */
  source: string;
}

/** At most 40 of a rule's 50 tags are leases. */
export const LEASES_PER_RULE = 40;
const KEY_PREFIX = 'workspace-ssh:lease:';
/** Epoch milliseconds, in the only way in which a tag may write them. */
const INSTANT = /^(?:0|[1-9]\d{0,14})$/;
/** The key of the tag that finds all rules of one installation with one filter. It grants nothing: only signatures do. */
export const INSTALLATION_TAG = 'workspace-ssh:installation';
/** The key of the tag that an access group carries, with `v1 createdMs sig`. */
export const GROUP_TAG = 'workspace-ssh:group';

/** The key of a lease's tag. */
export function leaseTagKey(requestId: string): string {
  return KEY_PREFIX + requestId;
}

/** The request id in a tag's key, or undefined where the tag is no lease. */
export function leaseIdOfTag(key: string): string | undefined {
  return key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : undefined;
}

/** The value of a lease's tag: `v1 endMs openedMs user target sig`, at most 256 characters. */
export function leaseTagValue(lease: Lease, place: LeasePlace, keys: SigningKeys): string {
  const { endsAtMs, openedAtMs, user, target } = lease;
  return ['v1', endsAtMs, openedAtMs, user, target, sign(keys, 'lease', leaseFields(lease, place))].join(' ');
}

/** Reads a lease from a tag; undefined where it is malformed or its signature does not verify for this place. */
export function readLeaseTag(
  key: string,
  value: string,
  place: LeasePlace,
  keys: SigningKeys,
): Lease | undefined {
  const requestId = leaseIdOfTag(key);
  const [version, end, opened, user, target, signature, ...rest] = value.split(' ');
  if (
    !requestId ||
    version !== 'v1' ||
    !end ||
    !opened ||
    !user ||
    !target ||
    !signature ||
    rest.length > 0
  ) {
    return undefined;
  }
  if (!INSTANT.test(end) || !INSTANT.test(opened)) return undefined;
  const lease: Lease = { requestId, endsAtMs: Number(end), openedAtMs: Number(opened), user, target };
  return verify(keys, 'lease', leaseFields(lease, place), signature) ? lease : undefined;
}

function leaseFields(lease: Lease, place: LeasePlace): (string | number)[] {
  return [
    lease.endsAtMs,
    lease.openedAtMs,
    lease.user,
    lease.target,
    place.installation,
    place.groupId,
    place.source,
    lease.requestId,
  ];
}

/** What an access group's tag is signed over. The group's id is not known yet when the tag is sent. */
export interface GroupMark {
  installation: string;
  vpcId: string;
  name: string;
}

/** The value of an access group's tag: `v1 createdMs sig`. */
export function groupTagValue(mark: GroupMark, createdAtMs: number, keys: SigningKeys): string {
  return `v1 ${createdAtMs} ${sign(keys, 'group', [mark.installation, mark.vpcId, mark.name, createdAtMs])}`;
}

/** When the group was made (epoch ms), or undefined where the tag is malformed or does not verify. */
export function readGroupTag(value: string, mark: GroupMark, keys: SigningKeys): number | undefined {
  const [version, created, signature, ...rest] = value.split(' ');
  if (version !== 'v1' || !created || !signature || rest.length > 0 || !INSTANT.test(created))
    return undefined;
  const createdAtMs = Number(created);
  const fields = [mark.installation, mark.vpcId, mark.name, createdAtMs];
  return verify(keys, 'group', fields, signature) ? createdAtMs : undefined;
}

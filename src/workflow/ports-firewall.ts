/** What the story asks of EC2: groups, the interfaces that carry them, and the rules in them. `aws` implements it. */
import type { Carriers, NetworkInterface } from '../access/connecting/found.js';
import type { Lease } from '../access/rules/lease.js';
import type { SeenRule } from '../access/rules/seen-rule.js';

/** The groups of an interface as they were read at an instant, in epoch milliseconds. */
export interface GroupsRead {
  groupIds: readonly string[];
  atMs: number;
}

/** An access group of this installation, by its signed tag. */
export interface OwnGroup {
  groupId: string;
  name: string;
  vpcId: string;
  createdAtMs: number;
  /** How many ingress rules the group shows, anybody's. */
  ingress: number;
}

/** One call that changed a group, or an interface that carries it. `unanswered`: the call may have taken effect. */
export interface GroupChange {
  what: 'group-made' | 'group-egress-emptied' | 'group-attached' | 'group-detached' | 'group-deleted';
  ids: { groupId?: string; name?: string; interfaceId?: string };
  unanswered?: true;
}

/** Is told of each {@link GroupChange} as soon as AWS answered, or failed to. */
export type Witness = (change: GroupChange) => Promise<void>;

/**
 * Security groups at EC2. Each method throws AwsUnavailable where AWS does not answer or asks to slow down, and AwsRefused
 * where AWS refuses the call. EC2's reads lag behind its writes, so a read may show what was a moment ago.
 */
export interface Firewall {
  /** The interface with this private address in this subnet: an address alone can be somebody else's. */
  interfaceAt(privateAddress: string, subnetId: string): Promise<NetworkInterface | undefined>;
  /** The access group as {@link Firewall.accessGroup} would find it, where nothing has to be changed for that. */
  standingGroup(
    name: string,
    vpcId: string,
    nowMs: number,
  ): Promise<{ groupId: string; isEmpty: boolean } | undefined>;
  /**
   * Finds or makes the access group, every egress rule removed. `taken`: a group of that name is not ours. `isEmpty`: the
   * same read showed no ingress rule either.
   */
  accessGroup(
    name: string,
    vpcId: string,
    nowMs: number,
    witness?: Witness,
  ): Promise<{ groupId: string; isEmpty: boolean } | { refused: 'taken' | 'quota' }>;
  /**
   * Attaches the group beside the interface's other groups and reads that back. One at a time for an interface.
   * @param options.known the interface's groups as the caller read them, of no use once they are some seconds old. Then the
   *   caller also reads back, with {@link Firewall.carriersOf}, before anybody else may change the list
   */
  attach(
    interfaceId: string,
    groupId: string,
    options?: { known?: GroupsRead; witness?: Witness },
  ): Promise<'attached' | 'gone' | 'quota'>;
  /**
   * Takes the group off the interface and reads that back. One at a time for an interface. `may` is asked between
   * the read and the write; `kept`: `may` said no. `only`: the interface carries no other group, and EC2 wants one.
   */
  detach(
    interfaceId: string,
    groupId: string,
    options?: { may?: () => Promise<boolean>; witness?: Witness },
  ): Promise<'detached' | 'gone' | 'kept' | 'only'>;
  /** Every access group of this installation, or the one with this id. */
  ownGroups(groupId?: string): Promise<OwnGroup[]>;
  /** The interfaces that carry each of the groups; a group that nothing carries is absent. */
  carriers(groupIds: string[]): Promise<ReadonlyMap<string, string[]>>;
  /** `in-use`: something carries it or refers to it. */
  deleteGroup(groupId: string, witness?: Witness): Promise<'deleted' | 'gone' | 'in-use'>;
  /**
   * The interfaces that carry the group.
   * @param expected interfaces that should: the read is made again for some seconds until it shows them, as it may lag
   */
  carriersOf(groupId: string, expected?: readonly string[]): Promise<Carriers>;
  /** All ingress rules of a group; `plain` tells which are tcp/22 and nothing else, whoever they belong to. */
  rules(groupId: string): Promise<SeenRule[]>;
  /** The ranges of a managed prefix list. */
  prefixList(listId: string): Promise<string[]>;
  /** The interfaces with these ids; those that are gone are absent. */
  interfacesById(interfaceIds: readonly string[]): Promise<NetworkInterface[]>;
  /** Authorizes tcp/22 from `source` with the leases as tags. `duplicate`: such a rule is there already. */
  authorize(
    groupId: string,
    source: string,
    leases: Lease[],
    description: string,
  ): Promise<{ ruleId: string } | 'duplicate' | 'quota' | 'no-group'>;
  /**
   * Revokes by rule id. Returns the ids that EC2 says it revoked; an id that EC2 does not know proves nothing.
   * @param unanswered gets the ids of a later call whose answer was lost, where an earlier call revoked others
   * @param heldUp is told again and again while AWS' rate keeps the call waiting
   */
  revoke(
    groupId: string,
    ruleIds: string[],
    unanswered?: (ruleIds: readonly string[]) => void,
    heldUp?: () => void,
  ): Promise<string[]>;
  tag(ruleId: string, groupId: string, source: string, leases: Lease[]): Promise<void>;
  untag(ruleId: string, requestIds: string[]): Promise<void>;
  /**
   * Every tagged rule of this installation, in all groups. There may be very many: `keep` gets each page of them as soon as
   * it is read, and says which of them are wanted.
   */
  tagged(keep?: (page: SeenRule[]) => SeenRule[] | Promise<SeenRule[]>): Promise<SeenRule[]>;
}

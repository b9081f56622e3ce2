/** The network interfaces of WorkSpaces, and the security groups that they carry. Reads that come together are one call. */
import {
  type NetworkInterface as Ec2Interface,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface } from '../access/connecting/found.js';
import { AwsUnavailable } from '../workflow/ports.js';
import type { Firewall, GroupChange, GroupsRead, Witness } from '../workflow/ports-firewall.js';
import { type AwsClients, tryUntil } from './clients.js';
import { awsCode, mayHaveHappened } from './faults.js';
import { FILTER_VALUES } from './groups/access-groups.js';
import { createInterfaceReads, groupIdsOf, toInterface } from './interface-reads.js';

/** How often a change is made when another writer undoes it in between. */
const ATTEMPTS = 3;
/** A read after this time shows a write of another process that came right after ours. */
const SETTLE_MS = 250;
/** A list that was read longer ago is not written: others had time to change the interface while this process was held up. */
const FRESH_MS = 3_000;

/** A change of the groups of one interface. */
interface Change {
  interfaceId: string;
  /** Whether the interface's list of groups is as it should be. */
  holds(groups: readonly string[]): boolean;
  /** The list of groups as it should be. */
  wanted(groups: readonly string[]): string[];
  /** Called between the read and the write; false keeps the list as it is. */
  may?: (() => Promise<boolean>) | undefined;
  /** Called after each write; `unanswered` for a write whose answer was lost. */
  wrote(unanswered?: true): Promise<void>;
  /** The list as the caller has read it. Such a caller reads the interface back itself. */
  known?: GroupsRead | undefined;
}

export function createInterfaces(
  clients: AwsClients,
): Pick<Firewall, 'interfaceAt' | 'interfacesById' | 'attach' | 'detach' | 'carriersOf' | 'carriers'> {
  const { list, at, groupsOn } = createInterfaceReads(clients);

  const setGroups = async (interfaceId: string, Groups: string[]): Promise<'set' | 'gone' | 'quota'> => {
    try {
      await clients.call((within) =>
        clients.write.ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: interfaceId, Groups }),
          within,
        ),
      );
      return 'set';
    } catch (error) {
      switch (awsCode(error)) {
        case 'InvalidNetworkInterfaceID.NotFound':
          return 'gone';
        case 'SecurityGroupsPerInterfaceLimitExceeded':
          return 'quota';
        case 'InvalidGroup.NotFound':
        case 'InvalidSecurityGroupID.NotFound':
          throw new AwsUnavailable(`EC2 does not know a group of ${interfaceId} (yet)`, { cause: error });
        default:
          throw error;
      }
    }
  };

  /** Reads the list, writes it and reads it back, because ModifyNetworkInterfaceAttribute replaces the whole list. */
  const rewrite = async (change: Change): Promise<'holds' | 'gone' | 'kept' | 'quota' | 'empty'> => {
    const { interfaceId, holds, wanted, may, wrote } = change;
    let { known } = change;
    const callerReadsBack = known !== undefined;
    const shows = async () => {
      const groups = await groupsOn(interfaceId);
      return groups === undefined || holds(groups);
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const readAtMs = known?.atMs ?? clients.now();
      const groups = known?.groupIds ?? (await groupsOn(interfaceId));
      known = undefined;
      if (!groups) return 'gone';
      if (holds(groups)) return 'holds';
      const list = wanted(groups);
      if (list.length === 0) return 'empty';
      if (may && !(await may())) return 'kept';
      const ageMs = clients.now() - readAtMs;
      if (ageMs < 0 || ageMs > FRESH_MS) continue;
      let unanswered: unknown;
      try {
        const outcome = await setGroups(interfaceId, list);
        if (outcome !== 'set') return outcome;
        await wrote();
        if (callerReadsBack) return 'holds';
      } catch (error) {
        if (!mayHaveHappened(error)) throw error;
        unanswered = error;
        await wrote(true);
      }
      // Read back twice: another replica that read before our write may replace the list right after it.
      if (await tryUntil(clients, shows, Boolean)) {
        await clients.sleep(SETTLE_MS);
        if (await shows()) return 'holds';
      }
      // A write whose answer is missing may still take effect, so no list that is read now is certain.
      if (unanswered) throw unanswered;
    }
    throw new AwsUnavailable(`the groups of ${interfaceId} do not stay as they were set`);
  };

  const inTurn = oneAtATime();

  return {
    interfaceAt: (privateAddress, subnetId) => at({ privateAddress, subnetId }),

    /** A filter, because one unknown id in `NetworkInterfaceIds` rejects the whole call. */
    async interfacesById(interfaceIds) {
      const found: NetworkInterface[] = [];
      for (let at = 0; at < interfaceIds.length; at += FILTER_VALUES) {
        const Values = interfaceIds.slice(at, at + FILTER_VALUES);
        const some = await list({ Filters: [{ Name: 'network-interface-id', Values }], MaxResults: 1000 });
        found.push(...some.flatMap((item) => toInterface(item, item.PrivateIpAddress ?? '')));
      }
      return found;
    },

    attach: (interfaceId, groupId, { known, witness } = {}) =>
      inTurn(interfaceId, async () => {
        const outcome = await rewrite({
          interfaceId,
          known,
          holds: (groups) => groups.includes(groupId),
          wanted: (groups) => [...groups, groupId],
          wrote: (unanswered) => tell(witness, 'group-attached', { groupId, interfaceId }, unanswered),
        });
        return outcome === 'gone' || outcome === 'quota' ? outcome : 'attached';
      }),

    detach: (interfaceId, groupId, { may, witness } = {}) =>
      inTurn(interfaceId, async () => {
        const outcome = await rewrite({
          interfaceId,
          holds: (groups) => !groups.includes(groupId),
          wanted: (groups) => groups.filter((id) => id !== groupId),
          may,
          wrote: (unanswered) => tell(witness, 'group-detached', { groupId, interfaceId }, unanswered),
        });
        if (outcome === 'empty') return 'only';
        return outcome === 'gone' || outcome === 'kept' ? outcome : 'detached';
      }),

    async carriers(groupIds) {
      const carriers = new Map<string, string[]>();
      for (let at = 0; at < groupIds.length; at += FILTER_VALUES) {
        const Values = groupIds.slice(at, at + FILTER_VALUES);
        const found = await list({ Filters: [{ Name: 'group-id', Values }], MaxResults: 1000 });
        for (const item of found) {
          for (const groupId of groupIdsOf(item)) {
            if (!Values.includes(groupId) || !item.NetworkInterfaceId) continue;
            carriers.set(groupId, [...(carriers.get(groupId) ?? []), item.NetworkInterfaceId]);
          }
        }
      }
      return carriers;
    },

    async carriersOf(groupId, expected = []) {
      const Filters = [{ Name: 'group-id', Values: [groupId] }];
      let found: Ec2Interface[] = [];
      const look = async () => {
        found = await list({ Filters, MaxResults: 1000 });
      };
      const isShown = (id: string) => found.some(({ NetworkInterfaceId }) => NetworkInterfaceId === id);
      await tryUntil(clients, look, () => expected.every(isShown));
      const interfaces = found.flatMap((item) => toInterface(item, item.PrivateIpAddress ?? ''));
      return { reach: found.length, interfaces };
    },
  };
}

function tell(
  witness: Witness | undefined,
  what: GroupChange['what'],
  ids: GroupChange['ids'],
  unanswered?: true,
): Promise<void> {
  return witness?.({ what, ids, ...(unanswered ? { unanswered } : {}) }) ?? Promise.resolve();
}

/** Runs pieces of work with the same name one after the other, in this process. */
function oneAtATime(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name);
    const mine = (before ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}

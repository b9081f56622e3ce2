/** Reads ingress rules with the leases in their tags: those of some groups, and every one that is this installation's. */
import {
  DescribeSecurityGroupRulesCommand,
  type Filter,
  GetManagedPrefixListEntriesCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { INSTALLATION_TAG, leaseTagKey } from '../access/rules/lease.js';
import type { SeenRule } from '../access/rules/seen-rule.js';
import type { Firewall } from '../workflow/ports-firewall.js';
import { allPages } from './clients.js';
import type { AccessGroups } from './groups/access-groups.js';
import type { Ours } from './groups/group-marks.js';
import { together } from './interface-reads.js';
import { seenRule } from './seen-rule.js';

/** How long a read waits for reads of other groups while one is under way. */
const GATHERED_FOR_MS = 10;

export function createRuleReads(
  { clients, installation, keys }: Ours,
  accessGroups: Pick<AccessGroups, 'amongThese'>,
): Pick<Firewall, 'rules' | 'prefixList' | 'tagged'> {
  /** Reads rules. Whose group a rule stands in is asked only where that decides whose the rule is. */
  const see = async (rules: SecurityGroupRule[]): Promise<SeenRule[]> => {
    const seen = rules.flatMap((rule) => seenRule(rule, { installation, keys }) ?? []);
    const undecided = seen.filter(({ plain, leases }) => !plain || leases.length === 0);
    const ours = await accessGroups.amongThese(undecided.map(({ groupId }) => groupId));
    for (const rule of undecided) rule.inAccessGroup = ours.has(rule.groupId);
    return seen;
  };

  /**
   * @param of takes from each page what the caller needs, so that only one page of AWS's answer is held in memory
   * @param before has to resolve before each page is read
   */
  const ingress = (
    filter: Filter,
    of: (page: SecurityGroupRule[]) => Promise<SeenRule[]>,
    before?: () => Promise<void>,
  ): Promise<SeenRule[]> =>
    allPages(async (NextToken) => {
      await before?.();
      const { SecurityGroupRules = [], NextToken: nextToken } = await clients.call((within) =>
        clients.read.ec2.send(
          new DescribeSecurityGroupRulesCommand({ Filters: [filter], MaxResults: 1000, NextToken }),
          within,
        ),
      );
      return { items: await of(SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)), nextToken };
    });

  /** Reads that are asked for together are one call, since many grants may end at one moment, in many groups. */
  const ofGroups = together<string, SeenRule[]>(GATHERED_FOR_MS, async (groupIds) => {
    const found = new Map<string, SeenRule[]>(groupIds.map((groupId) => [groupId, []]));
    for (const rule of await ingress({ Name: 'group-id', Values: [...groupIds] }, see))
      found.get(rule.groupId)?.push(rule);
    return groupIds.map((groupId) => found.get(groupId) ?? []);
  });

  return {
    rules: (groupId) => ofGroups.load(groupId),

    async prefixList(PrefixListId) {
      const entries = await allPages(async (NextToken) => {
        const page = await clients.call((within) =>
          clients.read.ec2.send(
            new GetManagedPrefixListEntriesCommand({ PrefixListId, MaxResults: 100, NextToken }),
            within,
          ),
        );
        return { items: page.Entries, nextToken: page.NextToken };
      });
      return entries.flatMap(({ Cidr }) => (Cidr ? [Cidr] : []));
    },

    /**
     * Rules of any port: a rule of ours that somebody changed must not hide. Where somebody took the installation's tag
     * off, the signature in a lease's tag still says whose rule it is.
     */
    tagged: (keep = (page) => page) =>
      ingress(
        { Name: 'tag-key', Values: [INSTALLATION_TAG, leaseTagKey('*')] },
        async (page) => {
          const seen = await see(page);
          return keep(seen.filter(({ marked, leases }) => marked || leases.length > 0));
        },
        () => clients.spare('DescribeSecurityGroupRules'),
      ),
  };
}

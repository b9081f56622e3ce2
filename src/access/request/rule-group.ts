/** Which security group takes a request's rule. */

/**
 * The group that takes the rule, by the policy's firewall mode (`way-in.ts` chooses): `existing-group` leads to one
 * that is there already; `access-group`, and every request for a directory, to one to be made under this name.
 */
export type RuleGroup =
  | { kind: 'existing'; groupId: string }
  | {
      kind: 'access';
      name: string;
      vpcId: string;
      /** The id of the group of this name that the WorkSpace carried when it was found: where to look first. */
      carriedAs?: string;
    };

/** Whether the bot makes and attaches the group. An existing one is on a WorkSpace, or off it, by others' decision. */
export function isAccessGroup({ kind }: RuleGroup): boolean {
  switch (kind) {
    case 'access':
      return true;
    case 'existing':
      return false;
  }
}

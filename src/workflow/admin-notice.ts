/** What the admins must know and no card of a request says. */
import type { RequestId } from '../access/request/request.js';

/**
 * A message to every admin. Each kind has a card of its own in Slack. The kinds are stored, in the audit log as
 * `noticed-…` and in the names of turns: `unverified-rule` and `stray-rule` keep their old names for forged rules.
 */
export type AdminNotice =
  /** Somebody else's ingress rule stands in a group that this bot made. */
  | { kind: 'foreign-rule'; ruleId: string; groupId: string; source: string }
  /** A forged rule stands in a group of somebody else: it is left alone. */
  | { kind: 'unverified-rule'; ruleId: string; groupId: string; source: string }
  /** A forged rule stood in an access group, and was removed. */
  | { kind: 'stray-rule'; ruleId: string; groupId: string; source: string }
  /** The rule of open access had drifted, and was removed. */
  | { kind: 'changed-rule'; ruleId: string; groupId: string; source: string; requestIds: RequestId[] }
  /** Somebody changed the tags of open access at AWS. `restored`: they are there again. */
  | {
      kind: 'changed-tags';
      ruleId: string;
      groupId: string;
      source: string;
      requestIds: RequestId[];
      restored: boolean;
    }
  /** AWS refuses a call that no request fails for, by its IAM action and AWS's code: that of a sweep, mostly. */
  | { kind: 'aws-refused'; action: string; code: string }
  /** The policy names people or user groups that Slack does not know. */
  | { kind: 'unknown-names'; policy: string; names: string[] }
  /** Another user group has the handle now by which the policy names one. */
  | { kind: 'moved-handle'; group: string; wasId: string; isId: string }
  /** Slack lets the bot post nothing in a channel that the policy names. `why`: Slack's code. */
  | { kind: 'refusing-channel'; channel: string; why: string }
  /** The store lost what it held (detected at `atMs`); so many grants were found again by their tags. */
  | { kind: 'store-lost'; atMs: number; adopted: number };

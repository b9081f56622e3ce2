/** What the admins must know and no card of a request says. */
import type { RequestId } from '../access/request/request.js';

/** A message to every admin. Each kind has a card of its own in Slack. */
export type AdminNotice =
  /** Somebody else's ingress rule stands in a group that this bot made. */
  | { kind: 'foreign-rule'; ruleId: string; groupId: string; source: string }
  /** A rule carries our tag, and no signature of ours: it is left alone. */
  | { kind: 'unverified-rule'; ruleId: string; groupId: string; source: string }
  /** A rule in an access group carried our tag and was not as we make them; it was removed. */
  | { kind: 'stray-rule'; ruleId: string; groupId: string; source: string }
  /** The rule of open access was changed by hand; it was removed. */
  | { kind: 'changed-rule'; ruleId: string; groupId: string; source: string; requestIds: RequestId[] }
  /** Tags of open access were changed by hand. `restored`: they are there again. */
  | {
      kind: 'changed-tags';
      ruleId: string;
      groupId: string;
      source: string;
      requestIds: RequestId[];
      restored: boolean;
    }
  /** The policy names people or user groups that Slack does not know. */
  | { kind: 'unknown-names'; policy: string; names: string[] }
  /** The store lost what it held (noticed at `atMs`); so many grants were found again by their tags. */
  | { kind: 'store-lost'; atMs: number; adopted: number };

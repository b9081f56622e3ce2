/** What a request is about, as it was found at AWS, in Slack and in the store. */

import type { Besides } from './others/kept.js';
import type { RuleGroup } from './rule-group.js';

/** One WorkSpace as it was found at AWS, with what is needed to reach it. */
export interface DesktopFacts {
  workspaceId: string;
  directoryId: string;
  /** The owner's user name in the directory. */
  userName: string;
  operatingSystem: string;
  computerName?: string;
  /** As AWS says it: `AVAILABLE`, `STOPPED`… */
  state: string;
  /** Its running mode is AUTO_STOP. */
  stopsByItself: boolean;
  interfaceId: string;
  subnetId: string;
  vpcId: string;
  privateAddress: string;
  /** The address that fits the requester's source. */
  address?: string;
  /** Why the address leads nowhere now; looked at only once the request was approved. */
  away?: 'stopped' | 'no-address';
}

/** What was found out about a request before anybody is asked. */
export interface Facts {
  /** A single WorkSpace, or all that a request for a directory would open. */
  desktops: DesktopFacts[];
  directoryId: string;
  netbios: string;
  /** The directory's user name that the requester will log in with. */
  loginName: string;
  /** The WorkSpace is the requester's own. */
  own: boolean;
  /** The Slack user id of another owner, where the policy lets it be known. */
  owner?: string;
  /** The tags of a single WorkSpace, where the policy goes by tags. */
  tags?: Readonly<Record<string, string>>;
  /** The address to connect to; none for a directory, where there are many. */
  address?: string;
  /** How many WorkSpaces the rule would open. */
  reach: number;
  /** How many Linux WorkSpaces of a directory can't be opened now, or not from this source. */
  skipped?: number;
  group: RuleGroup;
  /** The policy has stopped WorkSpaces of the directory started after the approval. */
  startsStopped?: true;
  /** What the requester had already when the facts were gathered. */
  besides?: Besides;
}

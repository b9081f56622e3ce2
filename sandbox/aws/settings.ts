/** Says how the pretend AWS behaves: how slow, how stale, how strict, and which actions IAM forbids. */

export interface Bucket {
  size: number;
  refillPerSecond: number;
}

/** Every value may be changed while the town runs. Times are milliseconds. */
export interface AwsSettings {
  /** How long a call takes before it has its effect. Default 0. */
  latencyMs: number;
  /** How long after a change Describe calls still answer with the state before. Default 100. */
  staleMs: number;
  /** With a seed each change becomes visible after its own part of `staleMs`, so changes are seen out of order. */
  staleSeed: number | undefined;
  /** The most entries of a page. Default 1000, which is EC2's own limit. */
  pageSize: number;
  /**
   * The sizes of the buckets by kind of action; each action has a bucket of its own. EC2's sizes are the documented
   * ones. AWS publishes none for WorkSpaces and Directory Service, so `workspaces` is a guess.
   */
  buckets: {
    on: boolean;
    mutate: Bucket;
    modifyInterface: Bucket;
    describe: Bucket;
    workspaces: Bucket;
  };
  startTakesMs: number;
  stopTakesMs: number;
  rebuildTakesMs: number;
  terminateTakesMs: number;
  quotas: { rulesPerGroup: number; groupsPerInterface: number; groupsPerRegion: number };
  /** What VPC Block Public Access does. Default `off`. */
  blockPublicAccess: 'off' | 'block-ingress' | 'block-bidirectional';
  /** The names of actions that IAM forbids. Default none. */
  denied: string[];
}

export const DEFAULTS: AwsSettings = {
  latencyMs: 0,
  staleMs: 100,
  staleSeed: undefined,
  pageSize: 1000,
  buckets: {
    on: true,
    mutate: { size: 50, refillPerSecond: 5 },
    modifyInterface: { size: 100, refillPerSecond: 5 },
    describe: { size: 100, refillPerSecond: 20 },
    workspaces: { size: 50, refillPerSecond: 10 },
  },
  startTakesMs: 2000,
  stopTakesMs: 2000,
  rebuildTakesMs: 3000,
  terminateTakesMs: 1000,
  quotas: { rulesPerGroup: 60, groupsPerInterface: 5, groupsPerRegion: 2500 },
  blockPublicAccess: 'off',
  denied: [],
};

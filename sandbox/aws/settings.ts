/** How the pretend AWS behaves: how slow, how stale, how strict, and what IAM forbids. */

export interface Bucket {
  size: number;
  refillPerSecond: number;
}

/** All of it may be changed while the town runs. */
export interface AwsSettings {
  /** How long a call takes before it has its effect. Default 0. */
  latencyMs: number;
  /** How long after a change Describe* still answers what was before it. Default 100. */
  staleMs: number;
  /** With a seed each change is stale for its own part of `staleMs`, so changes are not seen in their order. */
  staleSeed: number | undefined;
  /** Never more than this in one page. Default 1000 (EC2's own limit). */
  pageSize: number;
  /**
   * One bucket for each action, of the size of its kind; those of EC2 are the documented ones. AWS does not
   * publish WorkSpaces' and Directory Service's, so `workspaces` is our guess.
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
  /** Actions that IAM forbids, by name. Default none. */
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
  denied: [],
};

/** What a request keeps of other requests: the one that it follows, and those that its requester had already. */

/** The request that a follow-up follows, as it stood when the follow-up was asked for. Instants are epoch milliseconds. */
export interface Follows {
  id: string;
  /** When the first request of the chain began to open. */
  sinceMs: number;
  /** When the followed one ends, unless somebody ends it before. */
  endsAtMs: number;
  /** An approver made some earlier request of the chain shorter: no rule extends the access without asking anybody. */
  shortened?: true;
  /** The followed one's own time was over first: from then on the extension is an ordinary request for its duration. */
  alone?: true;
  /** The source of the followed one, as a CIDR block, where the follow-up moves the access to another; absent for more time. */
  movesFrom?: string;
}

/** Other requests of the same person: open ones, and those for the same WorkSpace that still waited. */
export interface Besides {
  shown: Beside[];
  /** How many more were open. */
  more: number;
  /** How many more meant the same WorkSpace, open or waiting. */
  moreSame?: number;
}

/** One of these other requests, as it stood when the new one was asked for. */
export interface Beside {
  id: string;
  /** The id of the WorkSpace or of the directory. */
  of: string;
  /** The source, as a CIDR block. */
  source: string;
  /** Whether both requests are for a same WorkSpace. */
  same: boolean;
  /** Absent while the other request only waited. */
  endsAtMs?: number;
  /** The step by which the other one could be extended, where it has the same source. */
  stepMs?: number;
  /** The other one has another source, and could be moved to this one. */
  movable?: true;
}

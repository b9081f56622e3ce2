/** What a trial is told of the servers that it runs the bot on. */
import type { Machine } from '../machine.js';

/** Something that happens to Redis while access is open. */
export interface Failure {
  name: string;
  /** Whether the newest writes may be lost by it. */
  loses: boolean;
  /** What happens some time before. */
  prepare?(): Promise<void>;
  /** Resolves once it has happened. */
  strike(): Promise<void>;
  /** Puts back what can fail the next time. */
  mend(): Promise<void>;
}

/** A mistake in the settings, and what the doctor must say of it. */
export interface Mistake {
  env: Record<string, string>;
  id: string;
  fix: RegExp;
}

export interface Servers {
  /** What the bot is given. */
  env: Record<string, string>;
  mistakes: Mistake[];
  failures: Failure[];
  /** The processes that hold the installation's data, the primary first. Asks them, so it takes a moment. */
  holders(): Promise<readonly [Machine, ...Machine[]]>;
  close(): Promise<void>;
}

/** Starts servers. @param folder where data, settings and certificates go */
export type Start = (folder: string, installation: string) => Promise<Servers>;

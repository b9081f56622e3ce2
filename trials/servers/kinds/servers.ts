/** Describes the servers that a trial runs the bot on. */
import type { Machine } from '../machine.js';

/** Something that happens to Redis while access is open. */
export interface Failure {
  name: string;
  /** Whether the failure may lose the newest writes. */
  loses: boolean;
  /** Prepares the failure, some time before. */
  prepare?(): Promise<void>;
  /** Makes the failure happen. Resolves once it has happened. */
  strike(): Promise<void>;
  /** Puts the servers back, so that the next failure can happen. */
  mend(): Promise<void>;
}

/** A mistake in the settings, and the finding that the doctor must make of it. */
export interface Mistake {
  env: Record<string, string>;
  id: string;
  fix: RegExp;
}

export interface Servers {
  /** The bot's environment variables for these servers. */
  env: Record<string, string>;
  mistakes: Mistake[];
  failures: Failure[];
  /** The processes that hold the installation's data, the primary first. Asks them, so it takes a moment. */
  holders(): Promise<readonly [Machine, ...Machine[]]>;
  close(): Promise<void>;
}

/** Starts servers. @param folder where data, settings and certificates go */
export type Start = (folder: string, installation: string) => Promise<Servers>;

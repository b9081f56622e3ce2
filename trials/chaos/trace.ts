/** What happened in a run, one JSON line each, so that a violation can be understood afterwards. */
import { createWriteStream } from 'node:fs';

export interface Trace {
  readonly file: string;
  /** `what` such as `ask`, `fault`, `rule-added`; the time is this machine's true clock. */
  note(what: string, fields?: object): void;
  close(): Promise<void>;
}

/** @param startedMs the instant that the lines count from */
export function openTrace(file: string, startedMs: number): Trace {
  const stream = createWriteStream(file);
  return {
    file,
    note(what, fields = {}) {
      const atMs = Date.now();
      stream.write(`${JSON.stringify({ t: atMs - startedMs, atMs, what, ...fields })}\n`);
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

/** Writes down all that happens in a run, one JSON line for each event, so that a violation can be understood. */
import { createWriteStream } from 'node:fs';
import { z } from 'zod';
import type { Town } from '../../sandbox/town.js';

export interface Trace {
  readonly file: string;
  /** `what` is such as `ask`, `fault`, `rule-added`. The line gets the time of this machine's true clock. */
  note(what: string, fields?: object): void;
  close(): Promise<void>;
}

/** @param startedMs the instant from which `t` of each line counts, epoch milliseconds */
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

const wroteShape = z.object({ channel: z.string(), ts: z.string(), text: z.string() }).partial();
const isEmpty = (fields: object) => Object.keys(fields).length === 0;

/** Notes the messages that bots write, calls that fail at Slack or AWS, and every change at AWS. */
export function traceTown(town: Town, trace: Trace): void {
  town.slack.onEvent((event) => {
    if (event.type !== 'journal' || event.entry.kind !== 'api') return;
    const { at, method, request, response, ms } = event.entry;
    const said = wroteShape.safeParse(request).data;
    const failed = typeof response === 'object' ? {} : { failed: response };
    if (said?.text || !isEmpty(failed)) trace.note('slack-call', { at, method, ms, ...said, ...failed });
  });
  town.aws.onEvent((event) => {
    if (event.kind === 'call') {
      const { call } = event;
      if (call.code !== 'OK') trace.note('aws-call', { action: call.action, code: call.code, at: call.at });
      return;
    }
    const { change } = event;
    if (!('rule' in change)) {
      trace.note(change.kind);
      return;
    }
    const { ruleId, groupId, cidr, tags, isEgress } = change.rule;
    if (!isEgress) trace.note(change.kind, { ruleId, groupId, cidr, tags });
  });
}

/** Reads audit records from the bot's log, which is their durable copy and has them even while Redis is away. */
import { z } from 'zod';
import type { AuditShown } from './shapes.js';

const logged = z.looseObject({
  audit: z.looseObject({
    seq: z.coerce.number().optional(),
    atMs: z.number(),
    who: z.string(),
    what: z.string(),
    why: z.string().optional(),
    requestId: z.string().optional(),
    ids: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** @returns undefined for a line without an audit record. A record that Redis did not take has no number */
export function auditOf(line: string): AuditShown | undefined {
  if (!line.includes('"audit"')) return undefined;
  const parsed = logged.safeParse(parse(line));
  if (!parsed.success) return undefined;
  const { seq, atMs, who, what, why = '', ids = {}, requestId } = parsed.data.audit;
  const named = Object.entries({ ...(requestId ? { request: requestId } : {}), ...ids }).map(([name, id]) => [
    name,
    String(id),
  ]);
  return { ...(seq === undefined ? {} : { seq }), atMs, who, what, why, ids: Object.fromEntries(named) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

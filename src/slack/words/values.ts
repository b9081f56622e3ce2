/** What a button or a form carries back to us. It comes over the wire, so it is read with care. */
import { z } from 'zod';
import type { Request } from '../../access/request/request.js';
import { LIMITS } from './blocks.js';
import { cut } from './mrkdwn.js';

const json = z.string().transform((text, problems): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    problems.addIssue({ code: 'custom', message: 'not JSON' });
    return z.NEVER;
  }
});
const reference = json.pipe(z.object({ id: z.string(), v: z.int(), d: z.int().optional() }));
const prefill = json.pipe(
  z.object({
    command: z.string().optional(),
    target: z.string().optional(),
    source: z.string().optional(),
    duration: z.string().optional(),
    reason: z.string().optional(),
    emergency: z.literal(true).optional(),
  }),
);

/** A request as a card showed it: a click on a stale card loses politely. */
export interface Reference {
  id: string;
  version: number;
  /** The shorter duration that was chosen with it. */
  durationMs?: number;
}

/** What a form opens with; all of it as a person would type it. */
export type Prefill = z.infer<typeof prefill>;

/** Of a button: `{"id":"K7QF2","v":3}`. */
export function referenceTo(request: Pick<Request, 'id' | 'version'>): string {
  return JSON.stringify({ id: request.id, v: request.version });
}

/** Of an option in a menu, which holds at most 75 characters. */
export function shorterReference(request: Pick<Request, 'id' | 'version'>, durationMs: number): string {
  return JSON.stringify({ id: request.id, v: request.version, d: durationMs });
}

/** @throws where the value is none of ours */
export function readReference(value: string | undefined): Reference {
  const { id, v, d } = reference.parse(value ?? '');
  return { id, version: v, ...(d === undefined ? {} : { durationMs: d }) };
}

/** @param max how long the text may be; the reason gives way (a button's value holds 2,000 characters) */
export function writePrefill(filled: Prefill, max = LIMITS.value): string {
  const text = JSON.stringify(filled);
  if (text.length <= max) return text;
  const { reason = '', ...rest } = filled;
  if (reason.length > 1)
    return writePrefill({ ...rest, reason: cut(reason, Math.floor(reason.length * 0.7)) }, max);
  return '{}';
}

/** Nothing filled in where the value is none of ours. */
export function readPrefill(value: string | undefined): Prefill {
  return prefill.safeParse(value ?? '').data ?? {};
}

/** The values that a button or a form carries back to the bot. They come over the wire, so zod checks them. */
import { z } from 'zod';
import { showSource } from '../../access/reading/address-block.js';
import { compactDuration } from '../../access/reading/duration.js';
import { isIn, type Request } from '../../access/request/request.js';
import { idOf } from '../../access/request/target.js';
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
const page = z.int().min(0).max(10_000);
const pages = z.object({ waits: page, own: page, others: page });
const reference = json.pipe(
  z.object({
    id: z.string(),
    v: z.int(),
    d: z.int().optional(),
    home: pages.optional(),
    instead: z.string().optional(),
  }),
);
const prefill = json.pipe(
  z.object({
    command: z.string().optional(),
    target: z.string().optional(),
    source: z.string().optional(),
    duration: z.string().optional(),
    /** The time as it was typed, and the instant that it means. */
    start: z.object({ date: z.string().optional(), time: z.string() }).optional(),
    startsAtMs: z.int().optional(),
    reason: z.string().optional(),
    emergency: z.literal(true).optional(),
    /** The form still looks for WorkSpaces. */
    looking: z.literal(true).optional(),
  }),
);

/** A request in the version that a card showed, so that a click on an outdated card is noticed. */
export interface Reference {
  id: string;
  /** 0 where the button means any version. */
  version: number;
  /** The duration that was chosen: a shorter one in an approver's menu, or the time by which access is extended. */
  durationMs?: number;
  /** The pages that Home showed, where a form was opened there. */
  home?: Pages;
  /** The id of a request that its requester takes back once this is asked for. */
  insteadOf?: string;
}

/** Which page of each list Home shows, counted from zero. */
export type Pages = z.infer<typeof pages>;
export const FIRST_PAGES: Pages = { waits: 0, own: 0, others: 0 };

/** The fields that a form opens with, each as a person would type it. */
export type Prefill = z.infer<typeof prefill>;

/** The form's fields as a request has them. */
export function prefillOf(request: Request): Prefill {
  const { ask } = request;
  const { target, network, durationMs, later, reason, command, emergency } = ask;
  const id = idOf(target);
  const source = network?.whole ? network.name : showSource(ask.source.cidr);
  // A refused or failed request opened nothing, so asking again is the same emergency. After an end or a denial it is
  // not.
  const still = emergency && isIn(request, 'refused', 'failed') ? { emergency } : {};
  const start = later && ('typed' in later ? { start: later.typed } : { startsAtMs: later.startsAtMs });
  const filled = { command, source, duration: compactDuration(durationMs), ...start, reason, ...still };
  return id ? { ...filled, target: id } : filled;
}

/** The part of a form's state that the bot reads, as Slack sends it. */
export type Values = Record<
  string,
  Record<
    string,
    {
      value?: string | null | undefined;
      selected_option?: { value: string } | null | undefined;
      selected_date_time?: number | null | undefined;
    }
  >
>;

/** The value of a button: `{"id":"K7QF2","v":3}`. */
export function referenceTo({ id, version, home }: Pick<Reference, 'id' | 'version' | 'home'>): string {
  return JSON.stringify({ id, v: version, ...(home ? { home } : {}) });
}

/**
 * The value of a button that means the request in whichever version it is: `{"id":"K7QF2","v":0}`. It stays the same, so
 * that a card which says the same is no other card.
 */
export function referenceToAny({ id }: Pick<Request, 'id'>): string {
  return referenceTo({ id, version: 0 });
}

/** A request and a duration. The value of an option in a menu holds at most 75 characters. */
export function timedReference(request: Pick<Request, 'id' | 'version'>, durationMs: number): string {
  return JSON.stringify({ id: request.id, v: request.version, d: durationMs });
}

/** The value of a button that asks for a follow-up of a request in place of another request, which is taken back then. */
export function insteadReference({ id, durationMs, insteadOf }: Omit<Reference, 'version' | 'home'>): string {
  const long = durationMs === undefined ? {} : { d: durationMs };
  return JSON.stringify({ id, v: 0, ...long, ...(insteadOf === undefined ? {} : { instead: insteadOf }) });
}

/** @throws ZodError where the bot did not make the value */
export function readReference(value: string | undefined): Reference {
  const { id, v, d, home, instead } = reference.parse(value ?? '');
  return {
    ...{ id, version: v },
    ...(d === undefined ? {} : { durationMs: d }),
    ...(home ? { home } : {}),
    ...(instead === undefined ? {} : { insteadOf: instead }),
  };
}

export function writePages(shown: Pages): string {
  return JSON.stringify(shown);
}

/** The pages that a value names; the first ones where the bot did not make the value. */
export function readPages(value: string | undefined): Pages {
  return json.pipe(pages).safeParse(value ?? '').data ?? FIRST_PAGES;
}

/** @param max the longest text, in characters; the reason is cut to fit (a button's value holds 2,000) */
export function writePrefill(filled: Prefill, max = LIMITS.value): string {
  const text = JSON.stringify(filled);
  if (text.length <= max) return text;
  const { reason = '', ...rest } = filled;
  if (reason.length > 1)
    return writePrefill({ ...rest, reason: cut(reason, Math.floor(reason.length * 0.7)) }, max);
  return '{}';
}

/** An empty prefill where the bot did not make the value. */
export function readPrefill(value: string | undefined): Prefill {
  return prefill.safeParse(value ?? '').data ?? {};
}

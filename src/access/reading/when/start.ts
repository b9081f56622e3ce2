/**
 * From a time on somebody's clock to the instant that it means. In the nights in which clocks change, a time may not
 * exist, or exist twice.
 */
import type { ClockTime } from './clock-time.js';

/**
 * The time at which access is to open: as typed until the time zone of whoever typed it was read, and an instant, epoch
 * milliseconds, from then on. `twice`: which one was taken of two instants at which the clock shows that time.
 */
export type Start = { typed: ClockTime } | { startsAtMs: number; twice?: 'first' | 'second' };

export type KnownStart = Exclude<Start, { typed: ClockTime }>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Whoever types a time that passed a moment ago did not mean the same time tomorrow. */
const JUST_PASSED_MS = 60 * MINUTE_MS;

/**
 * The instant of a time in a time zone. A time without a date is the next one after `askedAtMs`, and of two instants at
 * which the clock shows it the first that is still to come.
 * @param timeZone IANA's name, `Europe/Berlin`; undefined where Slack says none
 * @returns a sentence where there is no such instant
 */
export function startAt(
  { date, time }: ClockTime,
  timeZone: string | undefined,
  askedAtMs: number,
): KnownStart | { sentence: string } {
  if (timeZone === undefined)
    return { sentence: 'Slack does not say your time zone. Choose the time in the form instead.' };
  const format = formatOf(timeZone);
  if (!format)
    return { sentence: `I do not know your time zone ${timeZone}. Choose the time in the form instead.` };
  const zone: Zone = { timeZone, format };
  if (date !== undefined) {
    return onDay(zone, date, time, askedAtMs) ?? { sentence: passed(`${date} ${time}`, timeZone) };
  }
  const [today = '', now = ''] = shown(zone, askedAtMs).split(' ');
  const still = onDay(zone, today, time, askedAtMs);
  if (still && !('sentence' in still && time <= now)) return still;
  const last = instantsOf(zone, today, time).at(-1);
  if (last !== undefined && askedAtMs - last < JUST_PASSED_MS)
    return {
      sentence: `${time} has just passed in your time zone, ${timeZone}. Ask without \`at\` for now, or write the date: \`at ${dayAfter(today)} ${time}\`.`,
    };
  const tomorrow = dayAfter(today);
  return onDay(zone, tomorrow, time, askedAtMs) ?? { sentence: passed(`${tomorrow} ${time}`, timeZone) };
}

/** The first instant of that time still to come; undefined where it has passed, a sentence where it does not exist. */
function onDay(
  zone: Zone,
  date: string,
  time: string,
  askedAtMs: number,
): KnownStart | { sentence: string } | undefined {
  const instants = instantsOf(zone, date, time);
  if (instants.length === 0) return { sentence: missing(zone, date, time) };
  const startsAtMs = instants.find((ms) => ms > askedAtMs);
  if (startsAtMs === undefined) return undefined;
  if (instants.length === 1) return { startsAtMs };
  return { startsAtMs, twice: startsAtMs === instants[0] ? 'first' : 'second' };
}

function passed(what: string, timeZone: string): string {
  return `${what} has passed in your time zone, ${timeZone}. Ask for a later time, or without \`at\` for now.`;
}

/** The sentence for a time that clocks skip as they go forward; it names the time that they show instead. */
function missing(zone: Zone, date: string, time: string): string {
  const wallMs = Date.parse(`${date}T${time}Z`);
  const there = shown(zone, wallMs - offsetMs(zone, wallMs - DAY_MS));
  return `${date} ${time} does not exist in ${zone.timeZone}: clocks go forward over it. Ask for \`at ${there}\`, or another time.`;
}

/** A time zone and what spells instants in it. */
interface Zone {
  timeZone: string;
  format: Intl.DateTimeFormat;
}

/** Undefined for a name that this runtime does not know. */
function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  } catch {
    return undefined;
  }
}

/** What the clock shows: `2026-12-01 07:30`. */
function shown({ format }: Zone, ms: number): string {
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
}

/** How far the clock is ahead of UTC. */
function offsetMs(zone: Zone, ms: number): number {
  const wholeMinute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  return Date.parse(`${shown(zone, ms).replace(' ', 'T')}Z`) - wholeMinute;
}

/** Every instant at which the clock shows that time on that day, soonest first: mostly one. */
function instantsOf(zone: Zone, date: string, time: string): number[] {
  const wallMs = Date.parse(`${date}T${time}Z`);
  // A clock that changes that night has one offset the day before and another one the day after.
  const offsets = [wallMs - DAY_MS, wallMs, wallMs + DAY_MS].map((ms) => offsetMs(zone, ms));
  const found = offsets.map((offset) => wallMs - offset);
  const right = found.filter((ms) => shown(zone, ms) === `${date} ${time}`);
  return [...new Set(right)].sort((a, b) => a - b);
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

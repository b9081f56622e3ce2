/** Times of day and weekdays in a time zone, for rules that hold in office hours only. */

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Minutes since midnight; `toMinute` at or before `fromMinute` is on the next day. */
export interface Schedule {
  days: readonly Day[];
  fromMinute: number;
  toMinute: number;
  /** IANA's name of a place, `Europe/Berlin`, or `UTC`. */
  timeZone: string;
}

const DAY_MINUTES = 24 * 60;

/** `mon-fri`, `sat` → days; over the end of the week too (`sat-mon`). Undefined for anything else. */
export function readDays(text: string): Day[] | undefined {
  const [first, last = first, ...more] = text.trim().toLowerCase().split('-');
  const known: readonly string[] = DAYS;
  const [from, to] = [known.indexOf(first ?? ''), known.indexOf(last ?? '')];
  if (from < 0 || to < 0 || more.length > 0) return undefined;
  const count = ((to - from + DAYS.length) % DAYS.length) + 1;
  return Array.from({ length: count }, (_, n) => DAYS[(from + n) % DAYS.length] ?? 'mon');
}

/** `09:00-17:30`, `22:00-06:00` → minutes. Undefined for anything else. */
export function readHours(text: string): { fromMinute: number; toMinute: number } | undefined {
  const [, fromHour, fromRest, toHour, toRest] =
    /^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/.exec(text.trim()) ?? [];
  const fromMinute = Number(fromHour) * 60 + Number(fromRest);
  const toMinute = Number(toHour) * 60 + Number(toRest);
  const fine = Number(fromRest) < 60 && Number(toRest) < 60 && fromMinute < DAY_MINUTES;
  return fine && toMinute <= DAY_MINUTES && fromMinute !== toMinute ? { fromMinute, toMinute } : undefined;
}

/** The areas of IANA's places, and the countries that have older names for theirs: US/Eastern is America/New_York. */
const AREAS =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Europe|Indian|Mexico|Pacific|US)\//i;

/** The place whose clock people mean by an abbreviation. IANA's zone of that name has no summer time, or another one. */
const MEANT: Readonly<Record<string, string>> = {
  EST: 'America/New_York',
  CST: 'America/Chicago',
  MST: 'America/Denver',
  PST: 'America/Los_Angeles',
  HST: 'Pacific/Honolulu',
  GMT: 'UTC, or Europe/London',
  BST: 'Europe/London',
  WET: 'Europe/Lisbon',
  CET: 'Europe/Berlin',
  MET: 'Europe/Berlin',
  EET: 'Europe/Athens',
};

/**
 * Why a text is no time zone for a schedule; undefined for IANA's name of a place and for `UTC`. Completes a sentence that
 * begins with the text. Other zones that Node knows mean other hours than they say: EST has no summer time, BST is
 * Bangladesh's, and Etc/GMT+2 is two hours behind UTC.
 */
export function timeZoneProblem(text: string): string | undefined {
  const zone = /^[A-Za-z]/.test(text) ? resolved(text) : undefined;
  if (zone === undefined) return 'is no IANA time zone. Write Area/City, such as Europe/Berlin, or UTC.';
  if (text === 'UTC' || AREAS.test(text)) return undefined;
  const isAbbreviation = /^[A-Z]{3,4}$/.test(text);
  const place = zone === 'UTC' || (!isAbbreviation && AREAS.test(zone)) ? zone : undefined;
  const meant = MEANT[text] ?? place ?? 'Area/City, such as Europe/Berlin, or UTC';
  return `names no place, and may be another hour than you think. Write ${meant}.`;
}

function resolved(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** Whether an instant lies in the schedule. Hours over midnight belong to the day on which they begin. */
export function isWithinSchedule(schedule: Schedule, atMs: number): boolean {
  const { days, fromMinute, toMinute } = schedule;
  const { day, minute } = localTime(schedule.timeZone, atMs);
  const index = DAYS.indexOf(day);
  const yesterday = DAYS[(index + DAYS.length - 1) % DAYS.length] ?? day;
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
  return (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute);
}

/** Why an instant is not in the schedule: `sun 22:10 in Europe/Berlin is outside of mon, tue 09:00-17:00`. */
export function outsideSchedule(schedule: Schedule, atMs: number): string {
  const { day, minute } = localTime(schedule.timeZone, atMs);
  const hours = `${clock(schedule.fromMinute)}-${clock(schedule.toMinute)}`;
  return `${day} ${clock(minute)} in ${schedule.timeZone} is outside of ${spellDays(schedule.days)} ${hours}`;
}

function spellDays(days: readonly Day[]): string {
  const [first] = days;
  const last = days.at(-1);
  if (first && last && days.length > 2 && readDays(`${first}-${last}`)?.join() === days.join())
    return `${first}-${last}`;
  return days.join(', ');
}

function clock(minute: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function localTime(timeZone: string, atMs: number): { day: Day; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = DAYS.find((known) => known === parts.weekday?.toLowerCase());
  if (!day) throw new Error(`no weekday at ${atMs} in ${timeZone}`);
  return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** The time at which access is to open, as people type it behind the word `at`. */
import { bare } from '../plain-text.js';
import { quoted } from '../quoting.js';

/** A time on the clock of whoever typed it. Without a date, the next such time is meant. */
export interface ClockTime {
  /** `2026-12-01`, a day that the calendar has. */
  date?: string;
  /** `07:30`, from `00:00` to `23:59`. */
  time: string;
}

/** A time that was read, or the sentence that asks back. */
export type ClockReading =
  /** `words`: how many words say it, the `at` included. */
  { ok: true; start: ClockTime; words: number } | { ok: false; sentence: string };

/** No time takes more words: `at 10 pm on 2026-12-01`. */
export const LONGEST = 6;
const HOW = 'Write `at 22:00` or `at 2026-12-01 07:30`';
const TIME = /^(\d{1,2}):(\d\d)$/;
const HALF_DAYS = /^(\d{1,2})(?::(\d\d))?([ap])\.?m\.?$/i;
/** Times in other spellings: `22.00`, `25:00`, `7h30`, `5`, `noon`. */
const MEANT_AS_TIME = /^(?:\d{1,2}|\d{1,2}[.h]\d{0,2}|\d{1,3}:\d{0,3}|\d{1,3}[ap]\.?m\.?|noon|midnight)$/i;
/** A time, whatever stands right behind it (`22:00Z`, `22:00+02:00`, `22:00-23:00`), in anybody's digits. */
const BEGINS_AS_TIME = /^\p{Nd}{1,3}(?::\p{Nd}\p{Nd}|[ap]\.?m\b)/iu;
/** Days in other spellings than the calendar's: `1/12/2026`, `2026-13-01`, `tomorrow`, `friday`. */
const MEANT_AS_DAY =
  /^(?:\d{1,4}([-./])\d{1,4}(?:\1\d{1,4})?|today|tonight|tomorrow|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)$/i;
const MONTH = /^(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?$/i;
const NUMBER = /^\d{1,2}(?:st|nd|rd|th)?$/i;
/** Only in capitals: `est` and `met` are words as well. */
const ZONE =
  /^(?:[Uu][Tt][Cc]|[Gg][Mm][Tt]|Z|(?:[ECMP]|AK|H)[SD]?T|[CEW]ES?T|MES?Z|BST|MSK|[IJK]ST|A[CEW]?[SD]T)(?:[+-]\d.*)?$/;
/** `+02:00`, `Europe/Berlin`. */
const OTHER_ZONE =
  /^(?:[+-]\d{1,2}(?::?\d\d)?|(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific|US)\/\w.*)$/i;
/** Behind a time these words may move it by twelve hours: `7:00 in the evening`. */
const HALF_OF_DAY = /^in the (?:morning|afternoon|evening)$/i;
/** A word that says when behind `next`, `this` or `coming`. */
const SPAN =
  /^(?:week|month|morning|afternoon|evening|night|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)$/i;

/**
 * Reads a time where `words` begin with `at` and a time: `at 22:00`, `at 10pm`, `at 2026-12-01 07:30`, and the day behind
 * the time. Undefined where no time follows, as in "at the office". Words that are meant as a time and say none for certain
 * are asked back: taken for a part of the reason, they would let the request open at once.
 */
export function readClockTime(words: readonly string[]): ClockReading | undefined {
  if (bare(words[0] ?? '').toLowerCase() !== 'at') return undefined;
  const rest = words.slice(1, LONGEST).map((word) => bare(word).replace(/:$/, ''));
  const [first = '', second = ''] = rest;
  const [dayAlone, timeAlone] = first.split(/t(?=\d)/i);
  if (timeAlone !== undefined && isDate(dayAlone)) return behind(dayAlone, [timeAlone, ...rest.slice(1)], 1);
  if (isDate(first)) return second === '' ? notRead(first) : behind(first, rest.slice(1), 2);
  return behind(undefined, rest, 1);
}

/**
 * A time, and the day behind it.
 * @param date the date that stands before the time
 * @param before how many words stand before the time
 */
function behind(
  date: string | undefined,
  words: readonly string[],
  before: number,
): ClockReading | undefined {
  const [first = '', second = ''] = words;
  const joined = readTime(`${first}${second}`);
  const isJoined = /^[ap]\.?m\.?$/i.test(second) && joined !== undefined;
  const time = isJoined ? joined : readTime(first);
  if (time === undefined) {
    if (date !== undefined) return notRead(`${date} ${first}`);
    const isMeant =
      MEANT_AS_TIME.test(first) || BEGINS_AS_TIME.test(first) || namesDay(first, second) !== undefined;
    return isMeant ? notRead(first) : undefined;
  }
  const count = before + (isJoined ? 2 : 1);
  const [next = '', ...after] = words.slice(isJoined ? 2 : 1);
  if (ZONE.test(next) || OTHER_ZONE.test(next)) {
    const sentence = `I read times in your own time zone, as your Slack profile has it. Write \`at ${time}\` without ${quoted(next)}.`;
    return { ok: false, sentence };
  }
  const half = [next, ...after.slice(0, 2)].join(' ');
  if (HALF_OF_DAY.test(half)) return notRead(`${time} ${half}`);
  const [day = '', afterDay = ''] = next.toLowerCase() === 'on' ? after : [next, ...after];
  if (date !== undefined) return { ok: true, start: { date, time }, words: count };
  if (isDate(day)) return { ok: true, start: { date: day, time }, words: count + (day === next ? 1 : 2) };
  const named = namesDay(day, afterDay);
  if (named !== undefined) {
    const sentence = `Which day is ${quoted(named)}? Write its date: \`at 2026-12-01 ${time}\`. Without a date it is the next ${time}.`;
    return { ok: false, sentence };
  }
  return { ok: true, start: { time }, words: count };
}

/**
 * The words that name a day otherwise than by its date: `friday`, `next week`, `1 December`. Nobody can tell without the
 * time zone which day that is. Undefined for other words.
 */
export function namesDay(word: string, next: string): string | undefined {
  const both = `${word} ${next}`;
  const isOfBoth =
    (/^(?:next|this|coming)$/i.test(word) && SPAN.test(next)) ||
    /^(?:day after|the \d{1,2}(?:st|nd|rd|th))$/i.test(both);
  if (isOfBoth) return both;
  const isOfMonth = (MONTH.test(word) && NUMBER.test(next)) || (NUMBER.test(word) && MONTH.test(next));
  return MEANT_AS_DAY.test(word) || /^\d{1,2}(?:st|nd|rd|th)$/i.test(word) || isOfMonth ? word : undefined;
}

/** Whether words begin with a time of the clock for certain, as `22:00` and `10 pm` do and `5` does not. */
export function beginsWithTime([first = '', second = '']: readonly string[]): boolean {
  return (
    BEGINS_AS_TIME.test(first) ||
    (/^[ap]\.?m\.?$/i.test(second) && readTime(`${first}${second}`) !== undefined)
  );
}

function notRead(typed: string): ClockReading {
  return { ok: false, sentence: noTimeIn(`at ${typed}`) };
}

/** The sentence for words that are meant as a time and say none. */
export function noTimeIn(typed: string): string {
  return `I read no time in ${quoted(typed)}. ${HOW}; where it begins your reason, put a word before it.`;
}

function readTime(text: string): string | undefined {
  const [, hour = '', minute = ''] = TIME.exec(text) ?? [];
  if (hour !== '') return spelled(Number(hour), Number(minute));
  const [, half = '', minutes = '0', letter = ''] = HALF_DAYS.exec(text) ?? [];
  if (half === '' || Number(half) < 1 || Number(half) > 12) return undefined;
  return spelled((Number(half) % 12) + (letter.toLowerCase() === 'p' ? 12 : 0), Number(minutes));
}

function spelled(hour: number, minute: number): string | undefined {
  const two = (n: number) => String(n).padStart(2, '0');
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : undefined;
}

/** A day that the calendar has, written as `2026-12-01`. */
export function isDate(text: string | undefined): text is string {
  if (text === undefined || !/^20\d\d-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/**
 * Durations as people type and read them. The grammar is written down here because libraries read `2` as two
 * milliseconds and `-2h` as a time in the past.
 */
import { quoted } from './quoting.js';

const UNITS = [
  { letter: 'd', ms: 86_400_000, short: 'd', one: 'day', many: 'days' },
  { letter: 'h', ms: 3_600_000, short: 'h', one: 'hour', many: 'hours' },
  { letter: 'm', ms: 60_000, short: 'min', one: 'minute', many: 'minutes' },
  { letter: 's', ms: 1_000, short: 's', one: 'second', many: 'seconds' },
] as const;

/** A year: longer is a slip of the finger, whatever a policy says. */
const LONGEST_MS = 365 * 86_400_000;
const GRAMMAR = /^(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m)?(?:(?<s>\d{1,9})s)?$/i;
const NUMBER = String.raw`\d+(?:[.,]\d+)?`;
const UNIT = '(?:w(?:eeks?|ks?)?|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)';
const MEANT_AS_DURATION = new RegExp(`^[-+~]?${NUMBER}(?:${UNIT}${NUMBER})*${UNIT}?$`, 'i');
const ONE_AMOUNT = new RegExp(`^(?<amount>${NUMBER})(?<unit>${UNIT})$`, 'i');

/**
 * Milliseconds of `45s`, `30m`, `2h`, `1h30m`, `1d12h`: days, hours, minutes and seconds in this order, each at most
 * once, in either case. Undefined for anything else (spaces, bare numbers, signs, decimals), for no time at all
 * (`0m`) and for more than 365 days.
 */
export function parseDuration(text: string): number | undefined {
  const ms = totalMs(text);
  return ms !== undefined && ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

/**
 * True for a word that is meant as a duration, written right (`2h`) or not (`2`, `2hours`, `1.5h`, `-2h`): a wrong
 * duration is asked back, and not taken for the first word of a reason.
 */
export function looksLikeDuration(word: string): boolean {
  return word.length <= 40 && MEANT_AS_DURATION.test(word);
}

/** For sentences: `2 hours`, `1 hour 30 minutes`, `45 seconds`. Rounded to seconds; below zero is `0 seconds`. */
export function spellDuration(ms: number): string {
  const spelled = amounts(ms).map(({ count, unit }) => `${count} ${count === 1 ? unit.one : unit.many}`);
  return spelled.join(' ') || '0 seconds';
}

/** For buttons and cards: `2 h`, `1 h 30 min`, `45 s`. */
export function shortDuration(ms: number): string {
  return (
    amounts(ms)
      .map(({ count, unit }) => `${count} ${unit.short}`)
      .join(' ') || '0 s'
  );
}

/** As a person types it, so that {@link parseDuration} reads it back: `1h30m`. */
export function compactDuration(ms: number): string {
  return (
    amounts(ms)
      .map(({ count, unit }) => `${count}${unit.letter}`)
      .join('') || '0s'
  );
}

export type DurationCheck = { ok: true } | { ok: false; sentence: string };

/** Whether a duration keeps to what the policy allows; both limits are included. */
export function checkDuration(ms: number, limits: { shortestMs: number; longestMs: number }): DurationCheck {
  const { shortestMs, longestMs } = limits;
  if (ms > longestMs) {
    return {
      ok: false,
      sentence: `${spellDuration(ms)} is longer than the policy allows. Ask for \`${compactDuration(longestMs)}\` or less.`,
    };
  }
  // `!(ms >= …)` refuses NaN too, which `ms < …` would let pass.
  if (!(ms >= shortestMs)) {
    return {
      ok: false,
      sentence: `${spellDuration(ms)} is shorter than the policy allows. Ask for \`${compactDuration(shortestMs)}\` or more.`,
    };
  }
  return { ok: true };
}

/** The sentence for a text that {@link parseDuration} does not read; with the right spelling where it is clear. */
export function durationProblem(text: string): string {
  const typed = text.trim();
  if (typed === '') return 'There is no duration yet. Write `2h` or `30m`.';
  const total = totalMs(typed);
  if (total === 0) return `${quoted(typed)} is no time at all. Write \`2h\` or \`30m\`.`;
  if (total !== undefined) return `${quoted(typed)} is more than a year. Write \`2h\` or \`30m\`.`;
  const meant = meantMs(typed);
  const better = meant === undefined ? '`2h` or `30m`' : `\`${compactDuration(meant)}\``;
  return `${quoted(typed)} is not a duration. Write ${better}.`;
}

function totalMs(text: string): number | undefined {
  const groups = text === '' ? undefined : GRAMMAR.exec(text)?.groups;
  if (!groups) return undefined;
  return UNITS.reduce((sum, { letter, ms }) => sum + Number(groups[letter] ?? 0) * ms, 0);
}

/** `2hours`, `1.5h` and `1w` mean one thing only; `2` does not. */
function meantMs(text: string): number | undefined {
  const groups = ONE_AMOUNT.exec(text.replace(/\s+/g, ''))?.groups;
  const letter = groups?.unit?.charAt(0).toLowerCase();
  const unitMs = letter === 'w' ? 7 * UNITS[0].ms : UNITS.find((unit) => unit.letter === letter)?.ms;
  const ms = Number(groups?.amount?.replace(',', '.')) * (unitMs ?? Number.NaN);
  return ms >= 1000 && ms <= LONGEST_MS && Number.isInteger(ms / 1000) ? ms : undefined;
}

function amounts(ms: number): { count: number; unit: (typeof UNITS)[number] }[] {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const found: { count: number; unit: (typeof UNITS)[number] }[] = [];
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) found.push({ count, unit });
  }
  return found;
}

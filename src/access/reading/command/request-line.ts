/**
 * The parts of a request as people type them: an id, an address, a duration and a time in any order, then the reason.
 */
import { looksLikeDuration, parseDuration } from '../duration.js';
import { durationInWords, strayDuration } from '../duration-in-words.js';
import { isAlmostTargetId, readTargetId } from '../ids.js';
import { type Network, networkNamed } from '../network.js';
import { bare } from '../plain-text.js';
import { quoted } from '../quoting.js';
import { isSourceByName, looksLikeSource } from '../source.js';
import { type ClockTime, readClockTime } from '../when/clock-time.js';
import { strayEnd } from '../when/stray-end.js';
import { strayTime } from '../when/stray-time.js';

/** `targetId` is lower case; `sourceText` and `durationText` are as typed, and may be mistyped. */
export interface RequestParts {
  targetId?: string;
  sourceText?: string;
  durationText?: string;
  /** The time behind the word `at`. */
  start?: ClockTime;
  reason: string;
}

export interface TypedRequest {
  kind: 'request';
  parts: RequestParts;
}

/** A sentence that asks back, without the slash command's name: companies rename the command. */
export interface Unclear {
  kind: 'unclear';
  sentence: string;
}

/** Reads the parts in any order, then the reason; asks back where a part comes twice or is almost an id. */
export function readRequest(words: readonly string[], networks: readonly Network[]): TypedRequest | Unclear {
  const parts: Omit<RequestParts, 'reason'> = {};
  let next = 0;
  while (next < words.length) {
    const word = bare(words[next] ?? '');
    // Punctuation separates the parts in a sentence: `2h, fixing`, `2h - fixing`.
    if (/^(?:\||-*)$/.test(word)) {
      next += 1;
      continue;
    }
    // `1.` and `2)` number the points of a reason.
    if (/^\(?\d+[.)]$/.test(words[next] ?? '')) break;
    const at = readClockTime(words.slice(next));
    if (at && !at.ok) return { kind: 'unclear', sentence: at.sentence };
    if (at) {
      if (parts.start !== undefined) return twice('times', spell(parts.start), spell(at.start));
      parts.start = at.start;
      next += at.words;
      continue;
    }
    // `for` counts only before a duration.
    const isFor = word.toLowerCase() === 'for' && parts.durationText === undefined;
    if (isFor && parseDuration(bare(words[next + 1] ?? '')) !== undefined) {
      next += 1;
      continue;
    }
    const spoken = durationInWords(words.slice(isFor ? next + 1 : next).map(bare));
    if (spoken && parts.durationText === undefined) {
      parts.durationText = spoken.text;
      next += spoken.words + (isFor ? 1 : 0);
      continue;
    }
    const targetId = readTargetId(word);
    if (targetId !== undefined) {
      if (parts.targetId !== undefined) return twice('WorkSpaces or directories', parts.targetId, word);
      parts.targetId = targetId;
    } else if (isAlmostTargetId(word)) {
      return {
        kind: 'unclear',
        sentence: `${quoted(word)} is not the id of a WorkSpace or a directory. They look like \`ws-8kd2x4f9m\` and \`d-90670a1b2c\`; leave it out to ask for your own WorkSpace.`,
      };
    } else if (looksLikeSource(word)) {
      if (parts.sourceText !== undefined) return twice('addresses', parts.sourceText, word);
      parts.sourceText = word;
    } else if (parts.sourceText === undefined && networkNamed(word, networks)) {
      parts.sourceText = word;
    } else if (looksLikeDuration(word) && parts.durationText === undefined) {
      parts.durationText = word;
    } else if (parts.durationText !== undefined && parseDuration(word) !== undefined) {
      return twice('durations', parts.durationText, word);
    } else {
      const named = parts.sourceText === undefined ? sourceByName(words.slice(next).map(bare)) : [];
      if (named.length === 0) break;
      parts.sourceText = named.join(' ');
      next += named.length - 1;
    }
    next += 1;
  }
  const reason = words.slice(next);
  const known = { start: parts.start !== undefined, duration: parts.durationText !== undefined };
  const stray =
    (known.start ? undefined : strayTime(reason)) ??
    strayEnd(reason, known) ??
    (known.duration ? undefined : strayDuration(reason));
  if (stray !== undefined) return { kind: 'unclear', sentence: stray };
  return { kind: 'request', parts: { ...parts, reason: reason.join(' ') } };
}

/**
 * The first words, where they name a computer or mean `my ip`. They are taken for a source, since the refusal then says
 * why they are none, and not only that the address is missing. Where an address follows, they begin the reason.
 */
function sourceByName(words: readonly string[]): readonly string[] {
  if (words.some(looksLikeSource)) return [];
  const begins = [3, 2, 1].map((count) => words.slice(0, count));
  return begins.find((begin) => isSourceByName(begin.join(' '))) ?? [];
}

function spell({ date, time }: ClockTime): string {
  return date === undefined ? `at ${time}` : `at ${date} ${time}`;
}

function twice(what: string, one: string, other: string): Unclear {
  return {
    kind: 'unclear',
    sentence: `I read two ${what}, ${quoted(one)} and ${quoted(other)}. Ask for one at a time; if the second is part of your reason, put a word before it.`,
  };
}

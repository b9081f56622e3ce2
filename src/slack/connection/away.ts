/**
 * Whether a Slack status says that a person is away. People write their status freely, so only the usual words are
 * known.
 */
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { cut } from '../words/mrkdwn.js';

/** Slack's own suggestions Vacationing and Out sick. "In a meeting" and "Working remotely" do not count as away. */
const EMOJI = new Set([':palm_tree:', ':face_with_thermometer:']);
const WORDS =
  /\b(away|vacation(ing)?|holidays?|(on|parental|maternity|paternity|sick) leave|out (sick|today|of (the )?office)|ooo|pto|sick|days? off|off (today|until|till|sick)|back (on|at|in) )/i;

/** A status as `users.info` gives it; `status_expiration` is epoch seconds, 0 for never. */
export interface Status {
  status_text?: string | undefined;
  status_emoji?: string | undefined;
  status_expiration?: number | undefined;
}

/** The status text, at most 100 characters; undefined where it has expired or does not say that the person is away. */
export function awayStatus(status: Status, nowMs: number): string | undefined {
  const { status_text: text = '', status_emoji: emoji = '', status_expiration: untilS = 0 } = status;
  if (untilS > 0 && untilS * 1000 <= nowMs) return undefined;
  if (!EMOJI.has(emoji) && !WORDS.test(text)) return undefined;
  return cut(oneStraightLine(text), 100) || 'away';
}

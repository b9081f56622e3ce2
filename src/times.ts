/** The waiting times in the environment, each with its default. */
import type { Times } from './workflow/ports.js';

/** The waiting times of the story and those of the rooms around it, all milliseconds. */
export interface AllTimes extends Times {
  /** After this time without a sign of life a job is given to another worker. */
  stalledMs: number;
  redisMs: number;
  /** How long running work may take to finish after the signal to stop. */
  drainMs: number;
}

/** A time that differs from its default, to be logged. */
export interface ChangedTime {
  name: string;
  value: string;
  usual: string;
}

/** The name of each time in the environment, and its default. */
const variables: Record<keyof AllTimes, { name: string; usual: string }> = {
  sweepMs: { name: 'TIME_SWEEP', usual: '60s' },
  openByMs: { name: 'TIME_OPEN_BY', usual: '20m' },
  absentFirstMs: { name: 'TIME_ABSENT_FIRST', usual: '2m' },
  absentAgainMs: { name: 'TIME_ABSENT_AGAIN', usual: '30s' },
  alertMs: { name: 'TIME_ALERT', usual: '5m' },
  lateYesMs: { name: 'TIME_LATE_YES', usual: '30m' },
  nudgeMs: { name: 'TIME_NUDGE', usual: '10m' },
  groupAgeMs: { name: 'TIME_GROUP_AGE', usual: '1d' },
  stalledMs: { name: 'TIME_STALLED', usual: '30s' },
  awsMs: { name: 'TIME_AWS', usual: '10s' },
  lookMs: { name: 'TIME_LOOK', usual: '1500ms' },
  faultMs: { name: 'TIME_FAULT', usual: '60s' },
  redisMs: { name: 'TIME_REDIS', usual: '1500ms' },
  drainMs: { name: 'TIME_DRAIN', usual: '10s' },
};

/** Reads every time. @param given the text of a variable, undefined where it is not set */
export function readTimes(given: (name: string) => string | undefined): {
  times: AllTimes;
  changedTimes: ChangedTime[];
  problems: string[];
} {
  const changedTimes: ChangedTime[] = [];
  const problems: string[] = [];
  const time = (key: keyof AllTimes): number => {
    const { name, usual } = variables[key];
    const usualMs = readTime(usual) ?? Number.NaN;
    const value = given(name);
    if (value === undefined) return usualMs;
    const ms = readTime(value);
    if (ms === undefined) {
      problems.push(
        `${name} is "${value}", which is wrong: a number with ms, s, m, h or d, below 24 days; leave it out for ${usual}.`,
      );
      return usualMs;
    }
    if (ms !== usualMs) changedTimes.push({ name, value, usual });
    return ms;
  };
  const times: AllTimes = {
    sweepMs: time('sweepMs'),
    openByMs: time('openByMs'),
    absentFirstMs: time('absentFirstMs'),
    absentAgainMs: time('absentAgainMs'),
    alertMs: time('alertMs'),
    lateYesMs: time('lateYesMs'),
    nudgeMs: time('nudgeMs'),
    groupAgeMs: time('groupAgeMs'),
    stalledMs: time('stalledMs'),
    awsMs: time('awsMs'),
    lookMs: time('lookMs'),
    faultMs: time('faultMs'),
    redisMs: time('redisMs'),
    drainMs: time('drainMs'),
  };
  return { times, changedTimes, problems };
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1500ms`, `60s`, `20m`, `1d` → milliseconds; undefined for anything else, zero, and what a Node timer can't hold. */
function readTime(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,10})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(count) * (unitsMs[unit] ?? Number.NaN);
  return ms > 0 && ms < 2 ** 31 ? ms : undefined;
}

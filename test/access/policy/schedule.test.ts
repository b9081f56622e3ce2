import { describe, expect, test } from '@jest/globals';
import {
  isWithinSchedule,
  outsideSchedule,
  readDays,
  readHours,
  type Schedule,
  timeZoneProblem,
} from '../../../src/access/policy/schedule.js';

const office: Schedule = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  fromMinute: 9 * 60,
  toMinute: 17 * 60 + 30,
  timeZone: 'Europe/Berlin',
};
const nights: Schedule = { ...office, days: ['fri'], fromMinute: 22 * 60, toMinute: 6 * 60 };

describe('days and hours are read as the policy writes them, or refused:', () => {
  test.each([
    ['mon', 'mon'],
    ['Mon-Wed', 'mon,tue,wed'],
    ['sat-mon', 'sat,sun,mon'],
    ['mon-sun', 'mon,tue,wed,thu,fri,sat,sun'],
    ['monday', undefined],
    ['mon-tue-wed', undefined],
    ['', undefined],
  ])('%s', (text, days) => {
    expect(readDays(text)?.join()).toBe(days);
  });

  test.each([
    ['09:00-17:30', { fromMinute: 540, toMinute: 1050 }],
    ['9:00 - 17:30', { fromMinute: 540, toMinute: 1050 }],
    ['22:00-06:00', { fromMinute: 1320, toMinute: 360 }],
    ['00:00-24:00', { fromMinute: 0, toMinute: 1440 }],
    ['24:00-06:00', undefined],
    ['09:00-25:00', undefined],
    ['09:60-10:00', undefined],
    ['09:00-09:00', undefined],
    ['9-17', undefined],
  ])('%s', (text, hours) => {
    expect(readHours(text)).toEqual(hours);
  });

  test.each([
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Asia/Kolkata',
    'Europe/Kyiv',
    'US/Eastern',
    'UTC',
  ])('%s is a time zone', (zone) => {
    expect(timeZoneProblem(zone)).toBeUndefined();
  });

  test.each(['Europe/Paradise', 'America/EST', '+02:00', 'UTC+2', ''])('%j is no time zone', (zone) => {
    expect(timeZoneProblem(zone)).toBe(
      'is no IANA time zone. Write Area/City, such as Europe/Berlin, or UTC.',
    );
  });

  test.each([
    ['EST', 'America/New_York'],
    ['EST5EDT', 'America/New_York'],
    ['BST', 'Europe/London'],
    ['CET', 'Europe/Berlin'],
    ['GMT', 'UTC, or Europe/London'],
    ['Etc/UTC', 'UTC'],
    ['Zulu', 'UTC'],
    ['Japan', 'Asia/Tokyo'],
    ['AST', 'Area/City, such as Europe/Berlin, or UTC'],
    ['Etc/GMT+2', 'Area/City, such as Europe/Berlin, or UTC'],
    ['SystemV/EST5', 'Area/City, such as Europe/Berlin, or UTC'],
  ])('%s may be another hour than its name says', (zone, meant) => {
    const sentence = `names no place, and may be another hour than you think. Write ${meant}.`;
    expect(timeZoneProblem(zone)).toBe(sentence);
  });
});

describe('office hours in Berlin', () => {
  test.each([
    ['Wednesday 09:00 is the first minute', '2026-11-25T09:00+01:00', true],
    ['Wednesday 08:59 is before', '2026-11-25T08:59+01:00', false],
    ['17:29 is the last minute', '2026-11-25T17:29:59+01:00', true],
    ['17:30 is after', '2026-11-25T17:30+01:00', false],
    ['Saturday is none', '2026-11-28T10:00+01:00', false],
    ['in summer 09:00 is 07:00 UTC', '2026-07-01T07:00Z', true],
    ['in winter 07:00 UTC is 08:00', '2026-11-25T07:00Z', false],
    ['Monday in Berlin counts while it is Sunday in Honolulu', '2026-11-29T23:30-10:00', true],
  ])('%s', (_, at, within) => {
    expect(isWithinSchedule(office, Date.parse(at))).toBe(within);
  });
});

describe('hours over midnight belong to the day on which they begin', () => {
  test.each([
    ['Friday 23:00', '2026-11-27T23:00+01:00', true],
    ['Saturday 05:59', '2026-11-28T05:59+01:00', true],
    ['Saturday 06:00', '2026-11-28T06:00+01:00', false],
    ['Friday 05:00', '2026-11-27T05:00+01:00', false],
    ['Saturday 23:00', '2026-11-28T23:00+01:00', false],
  ])('%s', (_, at, within) => {
    expect(isWithinSchedule(nights, Date.parse(at))).toBe(within);
  });
});

test('the reason says the local time, and the hours that it lies outside of', () => {
  expect(outsideSchedule(office, Date.parse('2026-11-29T21:10Z'))).toBe(
    'sun 22:10 in Europe/Berlin is outside of mon-fri 09:00-17:30',
  );
});

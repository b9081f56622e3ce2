import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Need, NeedPart, Review } from '../../../src/access/request/need.js';
import {
  askingNobody,
  canBeFilled,
  canHandOver,
  filledBy,
  placesIn,
  progressOf,
  standingReviews,
  waitedFor,
} from '../../../src/access/request/needs.js';

const manager: NeedPart = { asked: { kind: 'manager' }, people: ['MARIA'] };
const security: NeedPart = {
  asked: { kind: 'group', group: '@security', count: 2 },
  people: ['SAM', 'ADA', 'MARIA'],
};
const either: NeedPart = {
  asked: { kind: 'any-of', users: ['SAM', 'TOM'], count: 1 },
  people: ['SAM', 'TOM'],
};

describe('one person fills one place', () => {
  test.each<[what: string, parts: NeedPart[], yes: string[], filled: number]>([
    ['the manager alone', [manager], ['MARIA'], 1],
    ['somebody who is not asked', [manager], ['TOM'], 0],
    ['the same person twice', [security], ['SAM', 'SAM'], 1],
    ['a manager who is in the group too fills one place of two parts', [manager, security], ['MARIA'], 1],
    [
      'a manager in the group fills the place that leaves room for the others',
      [manager, security],
      ['MARIA', 'SAM', 'ADA'],
      3,
    ],
    ['the order of the yeses does not matter', [security, manager], ['MARIA', 'ADA', 'SAM'], 3],
    ['a third yes fills none of two places', [security], ['SAM', 'ADA', 'MARIA'], 2],
    ['two parts that one person could fill take two people', [either, security], ['SAM', 'ADA', 'TOM'], 3],
  ])('%s', (_, parts, yes, filled) => {
    expect(filledBy(parts, yes)).toBe(filled);
  });

  test('a need has to be one that the people who may decide can fill', () => {
    expect(canBeFilled([manager, security])).toBe(true);
    expect(canBeFilled([manager, { ...security, people: ['MARIA', 'SAM'] }])).toBe(false);
    expect(canBeFilled([{ ...manager, people: [] }])).toBe(false);
  });

  test('the filled places are no more than the people or the places, and one more yes never undoes another', () => {
    const person = fc.constantFrom('A', 'B', 'C', 'D', 'E');
    const part = fc.record({
      asked: fc.record({ kind: fc.constant('admins' as const), count: fc.integer({ min: 1, max: 3 }) }),
      people: fc.uniqueArray(person),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.uniqueArray(person), person, (parts, yes, one) => {
        const before = filledBy(parts, yes);
        const after = filledBy(parts, [...yes, one]);
        expect(before).toBeLessThanOrEqual(Math.min(yes.length, placesIn(parts)));
        expect([before, before + 1]).toContain(after);
        expect(filledBy(parts, [...yes].reverse())).toBe(before);
      }),
    );
  });
});

const yesOf = (by: string): Review => ({ by, decision: 'approve', atMs: 0 });
function askingParts(parts: NeedPart[], reviews: Review[] = []): Need {
  const need = askingNobody('r');
  return { ...need, asks: { ...need.asks, parts, reviews } };
}

test('progress names who said yes, and who may still help with a yes', () => {
  const parts = [manager, security];
  const need = askingParts(parts);
  expect(progressOf(need)).toMatchObject({ got: 0, of: 3, by: [], waitsFor: ['MARIA', 'SAM', 'ADA'] });
  const two = askingParts(parts, [yesOf('SAM'), yesOf('ADA')]);
  expect(progressOf(two)).toMatchObject({ got: 2, of: 3, by: ['SAM', 'ADA'], waitsFor: ['MARIA'] });
});

test('a yes of somebody who may no longer decide does not count', () => {
  expect(standingReviews([manager], [yesOf('MARIA'), yesOf('TOM')])).toEqual([yesOf('MARIA')]);
});

describe('a request that an approver hands over', () => {
  const handed = (need: Need, ...handedOver: string[]): Need => ({
    ...need,
    hears: { ...need.hears, handedOver },
  });
  const fallback = { atMs: 1, ask: [{ kind: 'admins' as const, count: 1 }], done: false };
  const three = askingParts([{ ...security, asked: { kind: 'group', group: '@security', count: 1 } }]);

  test('waits for the others who may decide, and for everybody where none is left', () => {
    expect(waitedFor(handed(three, 'SAM'))).toEqual(['ADA', 'MARIA']);
    expect(waitedFor(handed(three, 'SAM', 'ADA', 'MARIA'))).toEqual(['SAM', 'ADA', 'MARIA']);
    expect(progressOf(handed(three, 'SAM')).waitsFor).toContain('SAM');
  });

  test.each<[what: string, need: Need, by: string, may: boolean]>([
    ['goes to the other approvers where they are enough', three, 'SAM', true],
    ['goes to nobody where the last approver hands it over', handed(three, 'SAM', 'ADA'), 'MARIA', false],
    ['is handed over once by each approver', handed(three, 'SAM'), 'SAM', false],
    ['is not handed over by somebody who is not asked', three, 'TOM', false],
    [
      'stays with the approver where the others are too few',
      askingParts([{ ...security, people: ['SAM', 'ADA'] }]),
      'SAM',
      false,
    ],
    ['stays with the approver where there is no fallback', askingParts([manager]), 'MARIA', false],
    ['goes to the fallback', { ...askingParts([manager]), due: { fallback } }, 'MARIA', true],
    [
      'stays with the approver where the fallback is asked already',
      { ...askingParts([manager]), due: { fallback: { ...fallback, done: true } } },
      'MARIA',
      false,
    ],
    [
      'counts a yes that was given before',
      askingParts([{ ...security, people: ['SAM', 'ADA', 'MARIA'] }], [yesOf('SAM')]),
      'ADA',
      true,
    ],
  ])('%s', (_, need, by, may) => {
    expect(canHandOver(need, by)).toBe(may);
  });
});

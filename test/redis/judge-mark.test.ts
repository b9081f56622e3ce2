/** How a process judges the mark that it finds in the store: one row a case. */
import { expect, test } from '@jest/globals';
import { judgeMark, type MarkKnowledge, type MarkVerdict } from '../../src/redis/marks.js';

const NONE = '';
const KNOWN = 'known';
const OTHER = 'other';
const EARLIER = 'earlier';
const OF_NEW_STORE = 'new other';

const knows = (more: Partial<MarkKnowledge> = {}): MarkKnowledge => ({
  known: KNOWN,
  earlier: new Set([EARLIER]),
  isRewound: false,
  isOld: false,
  ...more,
});
/** The knowledge of a process that has just started. */
const starts = (more: Partial<MarkKnowledge> = {}): MarkKnowledge =>
  knows({ known: undefined, earlier: new Set(), ...more });

test.each<[what: string, found: string, knowledge: MarkKnowledge, verdict: MarkVerdict]>([
  ['a new process finds no mark: the store is new', NONE, starts(), 'fresh'],
  ['a new process finds no mark, and open access', NONE, starts({ isOld: true }), 'lost'],
  ['a new process finds no mark, and its own records are gone', NONE, starts({ isRewound: true }), 'fresh'],
  ['a new process finds the mark of others', OTHER, starts(), 'kept'],
  ['a new process finds the mark of others, and open access', OTHER, starts({ isOld: true }), 'kept'],
  ['a new process finds a mark, and its own records are gone', OTHER, starts({ isRewound: true }), 'lost'],
  ['a new process finds a new store marked by others', OF_NEW_STORE, starts(), 'kept'],
  [
    'a new process finds open access in a store that others took for new',
    OF_NEW_STORE,
    starts({ isOld: true }),
    'lost',
  ],
  ['the mark is gone', NONE, knows(), 'lost'],
  ['the known mark is there', KNOWN, knows(), 'kept'],
  ['the known mark is there, and open access', KNOWN, knows({ isOld: true }), 'kept'],
  ['the known mark is there, and records are gone', KNOWN, knows({ isRewound: true }), 'lost'],
  ['an earlier mark is there again', EARLIER, knows(), 'lost'],
  ['an earlier mark is there again, and the last one was none', EARLIER, knows({ known: undefined }), 'lost'],
  ['another replica has said a loss', OTHER, knows(), 'said'],
  ['another replica has said the loss of these records', OTHER, knows({ isRewound: true }), 'said'],
  ['a new replica took the emptied store for a new one', OF_NEW_STORE, knows(), 'lost'],
  ['the own mark arrived though its answer was lost', 'mine', knows({ pending: 'mine' }), 'lost'],
  ['the own mark of a new store arrived', 'new mine', starts({ pending: 'new mine' }), 'fresh'],
  ['the own mark has not arrived', NONE, knows({ pending: 'mine' }), 'lost'],
  ['another replica was faster with its mark', OTHER, knows({ pending: 'mine' }), 'said'],
])('a loss of the store is judged where %s', (_, found, knowledge, verdict) => {
  expect(judgeMark(found, knowledge)).toBe(verdict);
});

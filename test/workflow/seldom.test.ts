import { expect, test } from '@jest/globals';
import { seldom } from '../../src/workflow/seldom.js';

test('a warning that anybody can cause is written once a minute, with how many there were since', () => {
  const written: object[] = [];
  const unused = () => undefined;
  const log = { info: unused, error: unused, warn: (fields: object) => written.push(fields) };
  let nowMs = 5_000;
  const warn = seldom(log, 'too many', () => nowMs);
  for (const from of ['a', 'b', 'c']) warn({ from });
  expect(written).toEqual([{ from: 'a', times: 1 }]);
  nowMs += 59_999;
  warn({ from: 'd' });
  expect(written).toHaveLength(1);
  nowMs += 1;
  for (const from of ['e', 'f']) warn({ from });
  expect(written.slice(1)).toEqual([{ from: 'e', times: 4 }]);
});

/** The line to Redis reads what passes by, however it is cut into pieces. */
import { expect, test } from '@jest/globals';
import { respReader } from '../../../sandbox/console/resp.js';

const WIRE =
  '*2\r\n$3\r\nGET\r\n$4\r\nkäy\r\n+OK\r\n:42\r\n$-1\r\n*-1\r\n-ERR no\r\n*2\r\n*1\r\n:1\r\n$0\r\n\r\n';
const READ = [['GET', 'käy'], 'OK', 42, null, null, { error: 'ERR no' }, [[1], '']];

test('all at once', () => {
  expect(respReader().push(Buffer.from(WIRE))).toEqual(READ);
});

test('byte by byte', () => {
  const reader = respReader();
  const bytes = Buffer.from(WIRE);
  expect([...bytes].flatMap((byte) => reader.push(Buffer.from([byte])))).toEqual(READ);
});

/** Holds that calls to Redis are read correctly however the network cuts them into pieces. */
import { expect, test } from '@jest/globals';
import { respReader } from '../../../sandbox/console/resp.js';

const WIRE =
  '*2\r\n$3\r\nGET\r\n$4\r\nkäy\r\n+OK\r\n:42\r\n$-1\r\n*-1\r\n-ERR no\r\n*2\r\n*1\r\n:1\r\n$0\r\n\r\n';
const READ = [['GET', 'käy'], 'OK', 42, null, null, { error: 'ERR no' }, [[1], '']];

test('values of Redis that arrive in one piece are read', () => {
  expect(respReader().push(Buffer.from(WIRE))).toEqual(READ);
});

test('values of Redis that arrive byte by byte are read', () => {
  const reader = respReader();
  const bytes = Buffer.from(WIRE);
  expect([...bytes].flatMap((byte) => reader.push(Buffer.from([byte])))).toEqual(READ);
});

/** Reads from the answer to a failed command whether the command took effect. */
import { expect, test } from '@jest/globals';
import { fateOf } from '../../src/redis/script.js';

const REFUSALS = [
  'LOADING Redis is loading the dataset in memory',
  "READONLY You can't write against a read only replica.",
  "OOM command not allowed when used memory > 'maxmemory'.",
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN Hash slot not served',
  'MOVED 3999 127.0.0.1:6381',
  'ASK 3999 127.0.0.1:6381',
  "CROSSSLOT Keys in request don't hash to the same slot",
  "NOPERM this user has no permissions to run the 'set' command",
];

test.each(REFUSALS)('a command that Redis refused with %s certainly took no effect', (message) => {
  expect(fateOf(Object.assign(new Error(message), { name: 'ReplyError' }))).toBe('nothing');
});

test.each([
  "ERR The user executing the script can't run this command or subcommand script: 4e0a, on @user_script:4.",
  "ERR ACL failure in script: User bot has no permissions to run the 'xadd' command script: 4e0a, on @user_script:4.",
])('a script that Redis broke off with %s has taken effect in part', (message) => {
  expect(fateOf(Object.assign(new Error(message), { name: 'ReplyError' }))).toBe('part');
});

test.each(['ERR syntax error', 'WRONGTYPE Operation against a key'])(
  'a command that Redis answered with %s was wrong',
  (message) => {
    expect(fateOf(Object.assign(new Error(message), { name: 'ReplyError' }))).toBeUndefined();
  },
);

/** Holds which lines of the trace and of the bots' logs are printed with a violation. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { storyOf } from '../../trials/chaos/story.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-story-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, lines: readonly unknown[], cut = ''): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n${cut}`);
  return file;
}

test('a violation’s story has the events of its request alone, in order, and the outages during them', () => {
  const trace = fileOf('trace.jsonl', [
    { atMs: 100, what: 'outage', of: 'aws' },
    { atMs: 5_000, what: 'request', id: 'YFE3U' },
    { atMs: 5_001, what: 'request', id: 'V8ZXC' },
    { atMs: 6_000, what: 'redis-loses', kind: 'newest' },
    { atMs: 7_000, what: 'slack-call', text: 'Failed · YFE3U\nAWS did not let me.' },
  ]);
  const log = fileOf(
    'replica-1.log',
    [
      { audit: { atMs: 5_500, who: 'bot', what: 'open', requestId: 'YFE3U' } },
      { audit: { atMs: 5_600, who: 'bot', what: 'open', requestId: 'V8ZXC' } },
      { msg: 'YFE3U is told' },
    ],
    '{"audit":{"atMs":5700,"requestId":"YFE',
  );
  expect(storyOf('YFE3U lost sgr-037ee9d60e76e0e0b 5522 ms before its end', trace, [log])).toEqual([
    '0 {"what":"request","id":"YFE3U"}',
    '500 {"who":"bot","what":"open","requestId":"YFE3U"}',
    '1000 {"what":"redis-loses","kind":"newest"}',
    '2000 {"what":"slack-call","text":"Failed · YFE3U"}',
  ]);
});

test('a violation’s story follows the rule where no request is named, and is empty without a request and a rule', () => {
  const trace = fileOf('trace.jsonl', [{ atMs: 1, what: 'rule-removed', ruleId: 'sgr-0a' }]);
  expect(storyOf('foreign rule sgr-0a (10.0.0.1/32) was removed', trace, [])).toHaveLength(1);
  expect(storyOf('replica-1 ended by itself, exit code 1', trace, [])).toEqual([]);
});

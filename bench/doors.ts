/**
 * `npm run bench -- doors`: how the time to read a text grows with its length, at each door by which people's texts come
 * in. The growth is the time for 2n characters over the time for n, the worst of many texts that are costly to read:
 * about 2 in proportion, about 4 where the time is squared, and below 2 where the door reads no text of that length.
 */
import { readFileSync } from 'node:fs';
import { fileOf } from '../sandbox/town.js';
import { LONGEST_COMMAND, readCommand } from '../src/access/reading/command/command-line.js';
import { LONGEST_REASON, readReason } from '../src/access/reading/reason.js';
import { asTyped } from '../src/access/reading/slack-text.js';
import { withoutSecrets } from '../src/log.js';
import { readPolicy } from '../src/policy-file/read-policy.js';
import { readReasonForm } from '../src/slack/forms/reason-forms.js';
import { readRequestForm } from '../src/slack/forms/request-form.js';
import { quote } from '../src/slack/words/blocks.js';
import { cutMarkup, plain, sentence } from '../src/slack/words/mrkdwn.js';
import { readPrefill } from '../src/slack/words/values.js';
import { checkAsk } from '../src/workflow/asking/check-ask.js';

const PIECES = [
  '.,:;!?',
  '`',
  '<',
  '<a:',
  '<@U',
  '&lt;@U',
  '(',
  '[',
  '"x" ',
  '- ',
  '1.',
  'a:',
  'a.',
  'x:/',
  'A',
];
const ENDINGS = ['', ' x'];
/** Characters of a text that no door has to take: long enough for squared time to be seen. */
const LONG = 20_000;
const TRIES = 3;

const read = readPolicy(readFileSync(fileOf('policy.example.yml')), 'policy.example.yml');
if (!read.ok) throw new Error(read.problems.join('\n'));
const { policy } = read;
const by = { requester: 'U0JANE', atMs: 0 };
const ticket = { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket.' };

/** Each door: the n of its growth, and the function that reads. */
const DOORS: Readonly<Record<string, readonly [n: number, read: (text: string) => unknown]>> = {
  command: [LONGEST_COMMAND / 2, readTheCommand],
  'command beyond its bound': [LONG, readTheCommand],
  form: [LONG, readTheForm],
  'form against a request': [LONG, readTheDenial],
  'value of a button': [LONG, (text) => readPrefill(JSON.stringify({ reason: text }))],
  mrkdwn: [LONG, (text) => [sentence(text), plain(text), quote(text), cutMarkup(text, text.length - 1)]],
  'ticket in a reason': [LONGEST_REASON / 2, (text) => readReason(text, ticket)],
  'line of the log': [LONG, withoutSecrets(['a secret of the environment'])],
};

function readTheCommand(text: string): unknown {
  const command = readCommand(text, [], policy.limits.networks);
  return [asTyped(text), command.kind === 'request' ? checkAsk(policy, command.parts, by) : command];
}

function readTheForm(value: string): unknown {
  const field = (name: string) => ({ [name]: { [name]: { value } } });
  const values = { ...field('workspace-id'), ...field('source'), ...field('reason') };
  return checkAsk(policy, readRequestForm({ private_metadata: value, state: { values } }).typed, by);
}

function readTheDenial(value: string): unknown {
  const values = { 'deny-reason': { text: { value } } };
  return readReasonForm({ private_metadata: '{"id":"K7QF2","v":1}', state: { values } });
}

/** Processor time of one reading, in microseconds: the least of some tries, which other work disturbed least. */
function timeOf(reader: (text: string) => unknown, text: string): number {
  const tries = Array.from({ length: TRIES }, () => {
    const begun = process.cpuUsage();
    for (let times = 1; ; times += 1) {
      reader(text);
      const { user, system } = process.cpuUsage(begun);
      if (user + system > 4_000) return (user + system) / times;
    }
  });
  return Math.min(...tries);
}

function growthOf(reader: (text: string) => unknown, n: number, piece: string, ending: string): number {
  const textOf = (length: number) => piece.repeat((length - ending.length) / piece.length) + ending;
  const growth = () => timeOf(reader, textOf(2 * n)) / timeOf(reader, textOf(n));
  const first = growth();
  // Other work on the machine makes a growth seem large now and then, so the least of some tries counts.
  return first < 2.5 ? first : Math.min(first, growth(), growth(), growth());
}

for (const [door, [n, reader]] of Object.entries(DOORS)) {
  const grown = PIECES.flatMap((piece) =>
    ENDINGS.map((ending) => ({ of: piece + ending, growth: growthOf(reader, n, piece, ending) })),
  );
  const worst = grown.reduce((one, other) => (other.growth > one.growth ? other : one));
  console.log(JSON.stringify({ door, n, growth: Number(worst.growth.toFixed(1)), of: worst.of }));
}

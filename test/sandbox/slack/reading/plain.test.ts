/**
 * Holds that Slack's markup is read as Slack shows it, and who is notified: all stories compare messages by these
 * words.
 */
import { describe, expect, test } from '@jest/globals';
import { pings, plain, plainMrkdwn } from '../../../../sandbox/slack/reading/plain.js';
import { slackDate } from '../../../../sandbox/slack/reading/slack-date.js';
import { smallWorld } from '../fixture.js';

const world = smallWorld();

test.each([
  ['a &lt;b&gt; &amp; c', 'a <b> & c'],
  ['&amp;lt;', '&lt;'],
  ['<@U0JANE> <@U0JANE|x> <@U9|who> <@U9>', '@jane @jane @who @U9'],
  ['<#C0GENERAL> <!subteam^S0ADMINS> <!here> <!channel|channel>', '#general @it-admins @here @channel'],
  ['<https://x.example/?a=1&amp;b=2|the page> <https://y.example>', 'the page https://y.example'],
  ['run `curl -4 <https://x.example>` now', 'run `curl -4 https://x.example` now'],
  ['<!date^1700000000^Until {time} on {date_short}|later>', 'Until 22:13 on Nov 14, 2023'],
  ['<!date^soon^{time}|later>', 'later'],
  ['&lt;!channel&gt; stays words', '<!channel> stays words'],
])('%s is read as %s', (mrkdwn, text) => {
  expect(plainMrkdwn(mrkdwn, world)).toBe(text);
});

test.each([
  ['{date_num}', '2023-11-14'],
  ['{date}', 'November 14th, 2023'],
  ['{date_short}', 'Nov 14, 2023'],
  ['{date_long}', 'Tuesday, November 14th, 2023'],
  ['{date_pretty}', 'yesterday'],
  ['{date_short_pretty}', 'yesterday'],
  ['{time}', '17:13'],
  ['{time_secs}', '17:13:20'],
  ['{never_heard_of}', undefined],
])('the date token %s in New York is %s', (token, text) => {
  const now = new Date('2023-11-15T20:00:00Z');
  expect(slackDate(`!date^1700000000^${token}`, 'America/New_York', now)).toBe(text);
});

test('blocks are read in the reader’s time zone, with buttons in brackets', () => {
  const message = {
    text: 'not shown',
    blocks: [
      { type: 'header' as const, text: { type: 'plain_text' as const, text: 'Open & <b>' } },
      {
        type: 'section' as const,
        text: { type: 'mrkdwn' as const, text: 'until <!date^1700000000^{time}|x> for <@U0JANE>' },
        fields: [{ type: 'plain_text' as const, text: '<@U0JANE>' }],
        accessory: { type: 'button' as const, text: { type: 'plain_text' as const, text: 'End now' } },
      },
    ],
  };
  expect(plain(message, world, 'U0MARIA')).toBe('Open & <b>\nuntil 23:13 for @jane\n<@U0JANE>\n[End now]');
});

describe('pings', () => {
  test.each([
    ['<@U1> <!subteam^S1|@x> <!here> <#C1|c>', ['U1', 'S1', 'here', 'C1']],
    ['`<!channel>` and ```\n<@U1>\n```', ['channel', 'U1']],
    ['&lt;@U1&gt; in words', []],
    ['&lt;!channel&gt; @here <https://x.example|<@U1>', ['U1']],
  ])('the text %s notifies %j', (text, ids) => {
    expect(pings({ text, blocks: [] })).toEqual(ids);
  });

  test('plain_text notifies nobody, and mrkdwn and rich text in blocks notify people', () => {
    const blocks = [
      { type: 'header' as const, text: { type: 'plain_text' as const, text: '<!channel>' } },
      { type: 'context' as const, elements: [{ type: 'mrkdwn' as const, text: '<!everyone>' }] },
      {
        type: 'rich_text' as const,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U1' }] }],
      },
    ];
    expect(pings({ text: '', blocks })).toEqual(['everyone', 'U1']);
  });
});

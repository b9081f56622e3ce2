/** What each weather is called, and what the design promises for it. */

export interface WeatherWords {
  id: string;
  name: string;
  promise: string;
  kind: 'switch' | 'deed';
  /** On the button: to begin and to end it, or to do it. */
  verbs: [string, string];
  /** What may be filled in. */
  asks?: 'rule' | 'group' | 'workspace';
}

export const WORDS: WeatherWords[] = [
  {
    id: 'aws-slow',
    name: 'AWS is slow',
    kind: 'switch',
    verbs: ['Slow down', 'Normal again'],
    promise: 'Each call takes 2 s more. Slack is answered within 3 s all the same: nothing waits for AWS.',
  },
  {
    id: 'aws-down',
    name: 'AWS fails',
    kind: 'switch',
    verbs: ['Cut off', 'Bring back'],
    promise:
      'Nothing is lost. Requests wait; what ended meanwhile is closed within one sweep after AWS is back.',
  },
  {
    id: 'aws-throttled',
    name: 'AWS throttles',
    kind: 'switch',
    verbs: ['Throttle', 'Let through'],
    promise:
      'One call in two seconds gets through. Ends come later, none is lost: within one sweep after it is over.',
  },
  {
    id: 'slack-429',
    name: 'Slack answers 429',
    kind: 'switch',
    verbs: ['Refuse calls', 'Let through'],
    promise:
      'Access ends on time all the same, within one sweep; whoever had access is told once Slack lets it, within two sweeps.',
  },
  {
    id: 'redis-gone',
    name: 'Redis is gone',
    kind: 'switch',
    verbs: ['Cut off', 'Bring back'],
    promise:
      'New requests are refused with a sentence. What ends is closed all the same, within one sweep, by the signed tags at AWS.',
  },
  {
    id: 'bot-killed',
    name: 'The bot is gone',
    kind: 'switch',
    verbs: ['Kill it', 'Start it again'],
    promise:
      'Killed, as a crash would. What ended meanwhile is closed within one sweep after it starts again.',
  },
  {
    id: 'rule-deleted',
    name: 'Delete a rule by hand',
    kind: 'deed',
    verbs: ['Delete', ''],
    asks: 'rule',
    promise:
      'It stays deleted: the bot puts nothing back. The requester is told within two sweeps after it was seen missing twice.',
  },
  {
    id: 'rule-added',
    name: 'Add a rule by hand',
    kind: 'deed',
    verbs: ['Add', ''],
    asks: 'group',
    promise:
      'It is left alone: the bot removes only what carries its signed tags. In an access group the admins are told, within two sweeps.',
  },
  {
    id: 'rule-forged',
    name: 'Forge a rule of the bot’s',
    kind: 'deed',
    verbs: ['Forge', ''],
    promise:
      'A rule in an access group that claims to be the bot’s, without its signature, is removed within one sweep.',
  },
  {
    id: 'rebuilt',
    name: 'Rebuild a WorkSpace',
    kind: 'deed',
    verbs: ['Rebuild', ''],
    asks: 'workspace',
    promise:
      'It gets another interface and address. Access that was open to the old one ends within two sweeps.',
  },
];

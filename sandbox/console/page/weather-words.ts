/** Names each weather, and says what the bot promises in it. */

export interface WeatherWords {
  id: string;
  name: string;
  promise: string;
  kind: 'switch' | 'deed';
  /** The words on the button: to begin and to end a switch, or to do a deed. */
  verbs: [string, string];
  /** The thing that a visitor chooses before the deed. */
  asks?: 'rule' | 'group' | 'workspace';
}

export const WORDS: WeatherWords[] = [
  {
    id: 'aws-slow',
    name: 'AWS is slow',
    kind: 'switch',
    verbs: ['Slow down', 'Normal again'],
    promise:
      'Each call takes 2 s more. Slack gets its answer within 3 s all the same; what needs AWS comes later.',
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
      'EC2 takes each kind of call once in two seconds. Ends may come late, none is lost: closed within one sweep after this is over.',
  },
  {
    id: 'slack-429',
    name: 'Slack answers 429',
    kind: 'switch',
    verbs: ['Refuse calls', 'Let through'],
    promise:
      'Access still ends, within one sweep. Whoever had it is told within two sweeps after Slack takes calls again.',
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
    promise: 'The bot puts nothing back. It looks twice, then tells the requester: within 35 s here.',
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

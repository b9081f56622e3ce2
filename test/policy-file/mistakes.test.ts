/**
 * Each mistake that docs/policy.md names, alone in a file that is right otherwise: other mistakes beside it would hide
 * a fault.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPolicy } from '../../src/policy-file/read-policy.js';
import { rounds } from '../depth.js';
import { EVERY_KEY } from './policies.js';

const RULES = EVERY_KEY.slice(EVERY_KEY.indexOf('rules:'), EVERY_KEY.indexOf('firewall:'));

/**
 * The name of the mistake, the text in the right file, the mistaken text in its place, and the problems that the bot
 * names.
 */
const MISTAKES: [what: string, was: string, is: string, ...said: string[]][] = [
  // The file.
  [
    'another version',
    'version: 1',
    'version: 2',
    '1:10 This bot reads version 1 of the policy file, not 2. Write version: 1.',
  ],
  ['no version', 'version: 1\n', '', '1:1 "version" is missing. Write it like this: version: 1'],
  [
    'an unknown key at the top level',
    'audit:',
    'audits:',
    '38:1 "audits" is not a key here. Did you mean "audit"?',
  ],
  ['a key twice', 'firewall:', 'audit: { keep: 9d }\nfirewall:', '39:1 "audit" stands here twice. Keep one.'],
  [
    'an anchor',
    '[U0ADA, U0ANN]',
    '&all [U0ADA, U0ANN]',
    '2:14 "&all" is for repeating this, which is refused. Remove it.',
  ],
  [
    'an alias',
    'requester: [',
    'requester: [&a U0ANN, *a, ',
    '21:20 "&a" is for repeating this, which is refused. Remove it.',
    '21:27 "*a" repeats another place. Write it out.',
  ],
  [
    'broken YAML',
    'admins: [U0ADA, U0ANN]',
    'admins: [U0ADA, U0ANN',
    '3:1 This is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ],
  ['a second document', 'audit:', '---\naudit:', '38:1 A second document begins here. Keep one.'],
  [
    'no key for the admins',
    'admins: [U0ADA, U0ANN]\n',
    '',
    '1:1 "admins" is missing. Write it like this: admins: [U0ADMIN]',
  ],
  [
    'an empty list of admins',
    '[U0ADA, U0ANN]',
    '[]',
    '2:9 "admins" is empty. Write it like this: admins: [U0ADMIN]',
  ],
  [
    'an admin named by name instead of id',
    '[U0ADA, U0ANN]',
    '[ada, U0ANN]',
    `2:10 "ada" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
  ],
  // Directories.
  [
    'a directory named by name instead of id',
    'wsd-abc123def:',
    'corp.example.com:',
    '8:3 "corp.example.com" is not a directory id, such as d-9067f01234.',
  ],
  [
    'an empty directory',
    ' { people: { from: Xf0USERNAME } }',
    '',
    '8:3 A directory without keys of its own is written d-9067f01234: {}.',
  ],
  [
    'a mistyped key of a directory',
    'start-stopped:',
    'start-stoped:',
    '7:5 "start-stoped" is not a key here. Did you mean "start-stopped"?',
  ],
  [
    'a mistyped key of people',
    'domains: [example.com]',
    'domain: [example.com]',
    '5:39 "domain" is not a key here. Did you mean "domains"?',
  ],
  [
    'people without a way to find their user names',
    '{ from: Xf0USERNAME }',
    '{}',
    '8:28 "people" says nothing yet. Add from: or table:.',
  ],
  [
    'an unknown way to find user names',
    'from: Xf0USERNAME',
    'from: name',
    '8:36 "name" is no way to find a user name. Write email-local-part, email, or the id of a profile field (Xf…).',
  ],
  [
    'domains with a profile field',
    '{ from: Xf0USERNAME }',
    '{ from: Xf0USERNAME, domains: [example.com] }',
    '8:58 "domains" belongs to from: email-local-part or email. Remove it.',
  ],
  [
    'a local part without a domain',
    ', domains: [example.com]',
    '',
    '5:21 "from: email-local-part" needs the domains that are yours. Add domains: [example.com].',
  ],
  [
    'an e-mail address without a domain',
    'from: Xf0USERNAME',
    'from: email',
    '8:36 "from: email" needs the domains that are yours. Add domains: [example.com].',
  ],
  [
    'a domain with an at sign',
    '[example.com]',
    "['@example.com']",
    '5:49 "@example.com" is not an e-mail domain, such as example.com.',
  ],
  [
    'a person in a table named by name instead of id',
    '{ U0JANE: jane.doe }',
    '{ jane: jane.doe }',
    `5:72 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
  ],
  [
    'a user name with a space',
    'jane.doe',
    'jane doe',
    '5:80 "jane doe" is not a user name of the directory. Write it without spaces, in quotes if it is a number.',
  ],
  [
    'a user name that is a number',
    'jane.doe',
    '17',
    '5:80 17 is not a user name of the directory. Write it without spaces, in quotes if it is a number.',
  ],
  [
    'a domain instead of a NetBIOS name',
    'CORP',
    'corp.example.com',
    '6:14 "corp.example.com" is not a NetBIOS name: at most 15 characters, such as CORP.',
  ],
  [
    'a start-stopped that is neither true nor false',
    'start-stopped: true',
    'start-stopped: yes',
    '7:20 "start-stopped" is true or false, not "yes".',
  ],
  [
    'a user name with its domain',
    'jane.doe',
    "'CORP\\jane'",
    '5:80 "CORP\\\\jane" is not a user name of the directory: it has no backslash. Write jane.',
  ],
  [
    'a user name with a domain alone',
    'jane.doe',
    "'CORP\\'",
    '5:80 "CORP\\\\" is not a user name of the directory: it has no backslash. Write jane.',
  ],
  [
    'a local part of two domains',
    '[example.com]',
    '[example.com, example.org]',
    '5:62 A local part belongs to one domain: jane@example.com and jane@example.org would be one user. Keep one, and name the people of others in table:.',
  ],
  // Managers.
  [
    'a mistyped key of managers',
    'first: profile-field',
    'frist: profile-field',
    '9:68 "frist" is not a key here. Did you mean "first"?',
  ],
  [
    'a manager named by name instead of id',
    'U0MARIA',
    "'@maria'",
    `9:57 "@maria" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
  ],
  [
    'somebody who is their own manager',
    'U0MARIA',
    'U0JANE',
    '9:57 U0JANE is their own manager. Name somebody else.',
  ],
  [
    'a profile field named by name instead of id',
    'Xf0MANAGER',
    'manager',
    '9:28 "manager" is not the id of a Slack profile field (Xf…).',
  ],
  [
    'a first way to managers that is neither table nor profile-field',
    'first: profile-field',
    'first: field',
    '9:75 "field" is none of the two. Write table or profile-field.',
  ],
  [
    'a first way to managers where there is only one',
    'profile-field: Xf0MANAGER, ',
    '',
    '9:48 "first" matters only where there are table: and profile-field:. Remove it.',
  ],
  [
    'a manager who is asked where nobody has one',
    'managers: { profile-field: Xf0MANAGER, table: { U0JANE: U0MARIA }, first: profile-field }\n',
    '',
    '28:10 Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.',
    '33:36 Nobody has a manager yet. Add managers: { profile-field: Xf… } or a table.',
  ],
  // Limits.
  [
    'a mistyped key of limits',
    'unanswered: 8h',
    'unaswered: 8h',
    '14:3 "unaswered" is not a key here. Did you mean "unanswered"?',
  ],
  [
    'a mistyped key of sources',
    'widest-ipv4: 32',
    'widest-ip4: 32',
    '11:14 "widest-ip4" is not a key here. Did you mean "widest-ipv4"?',
  ],
  [
    'a range that is too wide to be a limit',
    'widest-ipv4: 32',
    'widest-ipv4: 7',
    '11:27 "widest-ipv4" is a whole number from 8 to 32, not 7.',
  ],
  [
    'a range of IPv6 that is too narrow',
    'widest-ipv6: 64',
    'widest-ipv6: 129',
    '11:44 "widest-ipv6" is a whole number from 16 to 128, not 129.',
  ],
  [
    'a private that is neither true nor false',
    'private: true,',
    'private: vpn,',
    '11:57 "private" is true or false, not "vpn".',
  ],
  [
    'a denied range that is no range',
    '198.18.7.0/24',
    '198.18.7.0-255',
    '11:93 "198.18.7.0-255" is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.',
  ],
  [
    'allowed ranges that are no list',
    'allowed: []',
    'allowed: 8.8.0.0/16',
    '11:118 "allowed" is not understood. Write it like this: allowed: [198.51.100.0/24]',
  ],
  [
    'a mistyped key of durations',
    'default: 30m',
    'defualt: 30m',
    '12:36 "defualt" is not a key here. Did you mean "default"?',
  ],
  [
    'a duration without a unit',
    '[30m, 1h]',
    '[90, 1h]',
    '12:26 90 is not a duration. Write 30m, 2h or 1h30m.',
  ],
  [
    'more choices than the form shows',
    '[30m, 1h]',
    '[5m, 6m, 7m, 8m, 9m, 10m, 11m, 12m, 13m, 14m]',
    '12:25 "choices" has more than the 9 that the form can show. Remove some.',
  ],
  [
    'a choice beyond the longest',
    '[30m, 1h]',
    '[30m, 3h]',
    '12:31 A choice of 3h lies outside shortest … longest. Change one of them.',
  ],
  [
    'a default below the shortest',
    'default: 30m',
    'default: 1m',
    '12:45 The default of 1m lies outside shortest … longest. Change one of them.',
  ],
  [
    'a shortest beyond the longest',
    'shortest: 5m',
    'shortest: 4h',
    '12:60 "shortest" is longer than "longest". Swap them.',
    '27:12 Nobody can ask for so little: "shortest" in limits is longer. Change one of them.',
  ],
  [
    'a total below the longest',
    'longest-total: 3h',
    'longest-total: 1h',
    '12:92 "longest-total" is shorter than "longest". Swap them.',
  ],
  [
    'a mistyped key of per-person',
    'waiting: 5',
    'wating: 5',
    '13:26 "wating" is not a key here. Did you mean "waiting"?',
  ],
  [
    'no open access for a person',
    'open: 3',
    'open: 0',
    '13:23 "open" is a whole number from 1 to 1000, not 0.',
  ],
  [
    'a time to answer that is no duration',
    'unanswered: 8h',
    'unanswered: soon',
    '14:15 "soon" is not a duration. Write 30m, 2h or 1h30m.',
  ],
  [
    'a network of two words',
    'VPN:',
    'The VPN:',
    '16:39 "The VPN" is no name for a network. Write one word, such as Office: people type it in the command.',
  ],
  [
    'a network named as a word of the command',
    'VPN:',
    'list:',
    '16:39 "list" is a word of the command already. Name the network otherwise.',
  ],
  [
    'a network whose name reads as an id',
    'VPN:',
    'd-lan2:',
    '16:39 "d-lan2" would be read as the id of a WorkSpace or a directory. Name the network otherwise.',
  ],
  [
    'two networks of one name',
    'VPN: 10.8.0.0/16',
    'office: 10.8.0.0/16',
    '16:47 "Office" is the same name. Rename one.',
  ],
  [
    'a network that is no range',
    '10.8.0.0/16 }',
    'home }',
    '16:44 "home" is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.',
  ],
  [
    'a network with host bits',
    '10.8.0.0/16 }',
    '10.8.0.9/16 }',
    '16:44 10.8.0.9/16 is not where a network begins. Write 10.8.0.0/16.',
  ],
  [
    'a private network where private sources are not allowed',
    'private: true,',
    'private: false,',
    '16:44 10.8.0.0/16 is private. Write private: true in "sources", or remove it.',
  ],
  [
    'a denied network',
    '198.18.7.0/24',
    '10.8.0.0/24',
    '16:44 10.8.0.0/16 touches what "sources" denies, so nobody could ask for it. Change one of them.',
  ],
  [
    'a network outside of the allowed ranges',
    'allowed: []',
    'allowed: [203.0.113.0/24]',
    '16:44 10.8.0.0/16 lies outside of what "sources" allows, so nobody could ask for it. Change one of them.',
  ],
  [
    'the whole Internet as a network',
    '10.8.0.0/16 }',
    '0.0.0.0/0 }',
    '16:44 0.0.0.0/0 can never be asked for: it is reserved, or the whole Internet. Remove it.',
  ],
  [
    'a mistyped key of reason',
    'hint:',
    'hnit:',
    '17:11 "hint" is missing. Write it like this: hint: Add the ticket, such as OPS-412.',
    '17:39 "hnit" is not a key here. Did you mean "hint"?',
  ],
  [
    'a reason without a pattern',
    "pattern: '[A-Z]+-[0-9]+', ",
    '',
    `17:11 "pattern" is missing. Write it like this: pattern: '[A-Z]+-[0-9]+'`,
  ],
  [
    'a reason with an empty pattern',
    "'[A-Z]+-[0-9]+'",
    "''",
    `17:13 "pattern" is empty. Write it like this: pattern: '[A-Z]+-[0-9]+'`,
  ],
  [
    'a reason without a hint',
    ", hint: 'Add the ticket.'",
    '',
    '17:11 "hint" is missing. Write it like this: hint: Add the ticket, such as OPS-412.',
  ],
  [
    'a pattern that looks around',
    '[A-Z]+-[0-9]+',
    '(?=OPS)[A-Z]+',
    '17:22 "(?=OPS)[A-Z]+" looks around with (?=, which RE2 cannot. Write a group around what is the ticket: #([0-9]+).',
  ],
  [
    'a pattern that refers back',
    '[A-Z]+-[0-9]+',
    '([A-Z])\\1',
    '17:22 "([A-Z])\\\\1" refers back to a group with \\1, which RE2 cannot. Write it out.',
  ],
  [
    'a pattern with an escape',
    '[A-Z]+-[0-9]+',
    '\\u00e4',
    '17:22 "\\\\u00e4" has the escape \\u, which RE2 does not know. Write the character itself, or its number: \\x{e4}.',
  ],
  [
    'a pattern that counts too far',
    '[A-Z]+-[0-9]+',
    '(([A-Z]{1,99}){1,99}){1,99}',
    '17:22 "(([A-Z]{1,99}){1,99}){1,99}" repeats {1,99}: counts go from low to high, up to 1000, multiplied where one stands inside another.',
  ],
  [
    'a pattern without its closing bracket',
    '[A-Z]+-[0-9]+',
    '[A-Z',
    '17:22 "[A-Z" is not a regular expression of RE2: missing closing ] at [A-Z.',
  ],
  [
    'a link without the ticket',
    '/{ticket}',
    '/ticket',
    '17:70 "https://t.example.com/ticket" is no link to a ticket. It begins with https:// and has {ticket} where the ticket goes.',
  ],
  // Rules.
  [
    'no rules',
    RULES,
    'rules: []\n',
    '18:8 "rules" is empty. Write it like this: rules: [{ name: own WorkSpace, target: own, ask: [manager] }]',
  ],
  [
    'a rule that is a word',
    '{ name: own, target: own, ask: [manager] }',
    'own',
    '34:5 A rule looks like this: { name: own WorkSpace, target: own, ask: [manager] }.',
  ],
  [
    'two rules with a source that is no network',
    '{ name: own, target: own, ask: [manager] }',
    '{ name: own, source: Offce, target: own, ask: [manager] }\n  - { name: own too, source: Ofice, target: own, ask: [manager] }',
    '34:26 "Offce" is no network of limits.networks, no range, and neither private nor public.',
    '35:30 "Ofice" is no network of limits.networks, no range, and neither private nor public.',
  ],
  [
    'a rule without a name',
    '{ name: own, ',
    '{ ',
    '34:5 "name" is missing. Write it like this: name: own WorkSpace',
  ],
  [
    'two rules of one name',
    'name: own,',
    'name: on call,',
    '34:13 Rule 1 is called "on call" too. Rename one.',
  ],
  [
    'aks instead of ask',
    'target: own, ask:',
    'target: own, aks:',
    '34:31 "aks" is not a key here. Did you mean "ask"?',
  ],
  [
    'aprove instead of approve',
    'approve: at-once',
    'aprove: at-once',
    '23:5 "aprove" is not a key here. Did you mean "approve"?',
  ],
  [
    'refsue instead of refuse',
    'refuse: Ask',
    'refsue: Ask',
    '36:34 "refsue" is not a key here. Did you mean "refuse"?',
  ],
  [
    'a rule that decides nothing',
    ', refuse: Ask its owner.',
    '',
    '36:5 This rule decides nothing. Add ask:, refuse: or approve:.',
  ],
  [
    'a rule that decides twice',
    'target: own, ask: [manager]',
    'target: own, ask: [manager], refuse: No.',
    '34:55 This rule says "ask" already. Keep that or "refuse".',
  ],
  [
    'no target',
    'name: own, target: own',
    'name: own',
    '34:5 "target" is missing. It is own, other, any, directory, everything, or a block of keys.',
  ],
  [
    'an unknown target',
    'target: own,',
    'target: mine,',
    '34:26 "target" is own, other, any, directory, everything, or a block of keys, not "mine".',
  ],
  [
    'a mistyped key of a rule',
    'up-to: 2h',
    'upto: 2h',
    '27:5 "upto" is not a key here. Did you mean "up-to"?',
  ],
  [
    'a requester named by name instead of id',
    'U0TOM]\n    target: any',
    'tom]\n    target: any',
    `21:29 "tom" is neither a Slack user id (U…) nor a user group (S…, or '@security' in quotes).`,
  ],
  [
    'a user group without its @',
    "'@on-call'",
    'on-call',
    `21:17 "on-call" is neither a Slack user id (U…) nor a user group (S…, or '@security' in quotes).`,
  ],
  [
    'a source that is no network',
    'source: [Office,',
    'source: [Offce,',
    '26:14 "Offce" is no network of limits.networks, no range, and neither private nor public.',
  ],
  [
    'a source that the limits deny',
    'source: [Office,',
    'source: [198.18.7.8/32,',
    '26:14 The limits deny all of it, by 198.18.7.0/24. Remove it here or there.',
  ],
  [
    'a duration that nobody can ask for',
    'up-to: 2h',
    'up-to: 1m',
    '27:12 Nobody can ask for so little: "shortest" in limits is longer. Change one of them.',
  ],
  [
    'a rule for times that names no time',
    'days: mon-fri, hours: 09:00-17:30, ',
    '',
    '28:11 "when" says no time. Add days: or hours:.',
  ],
  [
    'a mistyped key of when',
    'hours: 09',
    'hour: 09',
    '28:28 "hour" is not a key here. Did you mean "hours"?',
  ],
  ['an unknown day', 'mon-fri', 'weekdays', '28:19 "weekdays" is no day. Write mon, or mon-fri.'],
  [
    'hours that are no times of day',
    '09:00-17:30',
    '9am-5pm',
    '28:35 "9am-5pm" is no time of day. Write 09:00-17:30.',
  ],
  [
    'hours without a time zone',
    ', time-zone: Europe/Berlin',
    '',
    '28:11 "time-zone" is missing. Write it like this: time-zone: Europe/Berlin',
  ],
  [
    'an unknown time zone',
    'Europe/Berlin',
    'Europe/Bonn',
    '28:59 "Europe/Bonn" is no IANA time zone. Write Area/City, such as Europe/Berlin, or UTC.',
  ],
  [
    'a time zone that names no place',
    'Europe/Berlin',
    'EST',
    '28:59 "EST" names no place, and may be another hour than you think. Write America/New_York.',
  ],
  [
    'an emergency that is neither true nor false',
    'emergency: true',
    'emergency: always',
    '20:16 "emergency" is true or false, not "always".',
  ],
  [
    'an extends that is neither true nor false',
    'extends: false',
    'extends: never',
    '36:67 "extends" is true or false, not "never".',
  ],
  [
    'a moves that is neither true nor false',
    'moves: false',
    'moves: never',
    '36:81 "moves" is true or false, not "never".',
  ],
  [
    'another address in an emergency',
    'emergency: true',
    'emergency: true\n    moves: true',
    '21:12 Another address is never an emergency. Remove "emergency" or "moves".',
  ],
  [
    'more time in an emergency',
    'emergency: true',
    'emergency: true\n    extends: true',
    '21:14 More time is never an emergency. Remove "emergency" or "extends".',
  ],
  [
    'an emergency in which somebody is asked',
    'approve: at-once',
    'ask: [admins]',
    '23:10 In an emergency nobody is asked. Write approve: at-once, or refuse.',
  ],
  [
    'a mistyped key of a target',
    'system: UBUNTU',
    'systme: UBUNTU',
    '25:74 "systme" is not a key here. Did you mean "system"?',
  ],
  [
    'an unknown kind of target',
    'is: any,',
    'is: all,',
    '25:19 "is" is own, other, any, directory or everything, not "all".',
  ],
  [
    'a directory that is not in the file',
    'directory: d-9067f01234',
    'directory: d-9067f09999',
    '25:35 d-9067f09999 is not among the directories of this file. Add it there.',
  ],
  [
    'a WorkSpace named by its user instead of id',
    'ws-8kd2x4f9m',
    'jane',
    '25:60 "jane" is not the id of a WorkSpace, such as ws-8kd2x4f9m.',
  ],
  [
    'a system with a dot',
    'UBUNTU',
    'Ubuntu 22.04',
    '25:82 "Ubuntu 22.04" is no operating system as AWS writes it, such as UBUNTU_22_04 or RHEL.',
  ],
  ['no tags', '{ env: prod }', '{}', '25:96 "tags" is empty. Write it like this: tags: { env: production }'],
  [
    'a tag that is no text',
    '{ env: prod }',
    '{ env: 1 }',
    '25:103 1 is no text. Write the value of a tag in quotes.',
  ],
  [
    'an owner named by name instead of id',
    'owner: U0ANN',
    'owner: ann',
    `25:118 "ann" is neither a Slack user id (U…) nor a user group (S…, or '@security' in quotes).`,
  ],
  [
    'one WorkSpace of a whole directory',
    'is: any,',
    'is: everything,',
    '25:67 "workspace" is for single WorkSpaces. Write is: any, own or other, or remove it.',
    '29:10 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
  ],
  [
    'a rule that no request gets to',
    '[manager] }',
    '[manager] }\n  - { name: again, target: own, ask: [manager] }',
    '35:13 No request gets here: rule 3, "own", takes them all. Move it up, or remove it.',
  ],
  [
    'a source that is no network, beside a range',
    'target: own,',
    'target: own, source: [10.9.0.0/16, Offce],',
    '34:53 "Offce" is no network of limits.networks, no range, and neither private nor public.',
  ],
  // What a rule asks for.
  [
    'nobody who is asked',
    'target: own, ask: [manager]',
    'target: own, ask: []',
    '34:36 "ask" is empty. Write it like this: ask: [manager]',
  ],
  [
    'somebody who cannot be asked',
    'target: own, ask: [manager]',
    'target: own, ask: [boss]',
    '34:37 "boss" cannot be asked. Write manager, admins, 2 of @security, or { any-of: [U0TOM, U0ANN] }.',
  ],
  [
    'approvers who are not in a list',
    'target: own, ask: [manager]',
    'target: own, ask: manager',
    '34:36 "ask" is not understood. Write it like this: ask: [manager]',
  ],
  [
    'two managers',
    'ask: [manager, 2',
    'ask: [2 of manager, 2',
    '29:11 Somebody has one manager. Write manager.',
  ],
  [
    'more admins than there are',
    '2 of admins',
    '3 of admins',
    '35:55 It needs 3 of 2 admins, which never happens. Lower it, or name more.',
  ],
  [
    'more people than are named',
    'count: 2',
    'count: 3',
    '29:69 It needs 3 of 2, which never happens. Lower it, or name more.',
  ],
  [
    'more people than there are',
    'ask: [2 of admins]',
    'ask: [2 of admins, { any-of: [U0ADA] }]',
    '35:54 It needs more people than it names: one person gives one yes. Ask for fewer, or name more.',
  ],
  [
    'a mistyped key of any-of',
    'any-of: [U0TOM',
    'anyof: [U0TOM',
    '29:36 "any-of" is missing. Write it like this: any-of: [U0TOM, U0ANN]',
    '29:38 "anyof" is not a key here. Did you mean "any-of"?',
  ],
  [
    'a channel named by name instead of id',
    'C0ACCESS',
    "'#access'",
    '30:24 "#access" is not the id of a channel (C…). Copy it from the details of the channel.',
  ],
  [
    'a notify that is neither approvers nor a channel',
    '{ channel: C0ACCESS }',
    'everybody',
    '30:13 "notify" is approvers or { channel: C0ACCESS }.',
  ],
  [
    'a reminder after the end',
    'remind: 1h',
    'remind: 8h',
    '31:13 A request closes unanswered before that. Change it, or "unanswered" in limits.',
  ],
  [
    'a fallback after the end',
    'after: 2h',
    'after: 9h',
    '32:24 A request closes unanswered before that. Change it, or "unanswered" in limits.',
  ],
  [
    'a fallback of several',
    'after: 2h, ask: [admins]',
    'after: 2h, ask: [2 of admins]',
    '32:34 The fallback only adds people to those who may decide: it takes no number. Write admins, or @security.',
  ],
  ['a fallback without a time', 'after: 2h, ', '', '32:15 "after" is missing. Write it like this: after: 1h'],
  [
    'a mistyped key of a fallback',
    'sooner: true',
    'soner: true',
    '32:43 "soner" is not a key here. Did you mean "sooner"?',
  ],
  [
    'a reminder where nobody is asked',
    'refuse: Ask its owner.',
    'refuse: Ask its owner., remind: 1h',
    '36:66 "remind" matters only where somebody is asked. Remove it.',
  ],
  [
    'a fallback where nobody is asked',
    'refuse: Ask its owner.',
    'refuse: Ask., fallback: { after: 1h, ask: [admins] }',
    '36:58 "fallback" matters only where somebody is asked. Remove it.',
  ],
  [
    'a channel where nobody is asked',
    'approve: at-once',
    'approve: at-once\n    notify: approvers',
    '24:13 "notify" matters only where somebody is asked. Remove it.',
  ],
  [
    'a self-approval where nobody is asked',
    'approve: at-once',
    'approve: at-once\n    self-approval: true',
    '24:20 "self-approval" matters only where somebody is asked. Remove it.',
  ],
  [
    'an unknown kind of approval',
    'approve: at-once',
    'approve: always',
    '23:14 "approve" is not understood. Write it like this: approve: at-once',
  ],
  [
    'a whole directory without an admin',
    'ask: [2 of admins]',
    'ask: [manager]',
    '35:54 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
  ],
  [
    'a whole directory at once',
    'ask: [2 of admins]',
    'approve: at-once',
    '35:58 A whole directory is always approved by an admin. Write ask: [admins], or refuse.',
  ],
  [
    'a whole directory by a fallback',
    'ask: [2 of admins]',
    "ask: [admins], fallback: { after: 1h, ask: ['@a'] }",
    '35:74 A whole directory is always approved by an admin. Write ask: [admins].',
  ],
  // Firewall and audit.
  [
    'an unknown firewall mode',
    '{ existing-group: [sg-0abc1234], access-group: { keep: 20 } }',
    'none',
    '37:11 "firewall" is access-group or { existing-group: [sg-0abc1234] }.',
  ],
  [
    'a firewall without a mode',
    '{ existing-group: [sg-0abc1234], access-group: { keep: 20 } }',
    '{}',
    '37:11 "firewall" says nothing yet. Write firewall: access-group, or leave it out.',
  ],
  [
    'a mistyped key of firewall',
    'existing-group:',
    'existing-groups:',
    '37:13 "existing-groups" is not a key here. Did you mean "existing-group"?',
  ],
  [
    'a security group named by name instead of id',
    'sg-0abc1234',
    'd-9067f01234_workspacesMembers',
    '37:30 "d-9067f01234_workspacesMembers" is not a security group id (sg-…). Names are not unique; write the id.',
  ],
  [
    'more groups than a Region has',
    'keep: 20',
    'keep: 2501',
    '37:66 "keep" is a whole number from 0 to 2500, not 2501.',
  ],
  [
    'a mistyped key of access-group',
    'keep: 20',
    'kept: 20',
    '37:60 "kept" is not a key here. Known here: keep.',
  ],
  ['an audit log that is kept for hours', '90d', '36h', '38:16 "36h" is not a number of days. Write 400d.'],
  [
    'an audit log that is too short',
    '200000',
    '999',
    '38:30 "records" is a whole number from 1000 to 100000000, not 999.',
  ],
  [
    'a mistyped key of audit',
    'records:',
    'record:',
    '38:21 "record" is not a key here. Did you mean "records"?',
  ],
];

function problemsOf(text: string): string[] {
  const read = readPolicy(Buffer.from(text), 'p.yml');
  return read.ok ? [] : read.problems;
}

test('the policy file without a mistake is right', () => {
  expect(problemsOf(EVERY_KEY)).toEqual([]);
});

test.each(MISTAKES)('a policy file whose only mistake is: %s', (_, was, is, ...said) => {
  expect(EVERY_KEY.split(was)).toHaveLength(2);
  expect(problemsOf(EVERY_KEY.replace(was, () => is))).toEqual(said.map((problem) => `p.yml:${problem}`));
});

test('several mistakes of one policy file are said with a place each', () => {
  const some = fc.uniqueArray(fc.constantFrom(...MISTAKES), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(some, (mistakes) => {
      const text = mistakes.reduce((text, [, was, is]) => text.replace(was, () => is), EVERY_KEY);
      // None at all where two mistakes make up for each other: a missing domain, and domains where none are taken.
      for (const problem of problemsOf(text)) expect(problem).toMatch(/^p\.yml:\d+:\d+ \S/);
    }),
    { numRuns: rounds(60, 2_000) },
  );
});

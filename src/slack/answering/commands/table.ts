/**
 * The subcommands: one row for each way to use a word. Reading a command, help, "did you mean", the answer to a fault,
 * Slack's usage hint and the list of what can be typed come from these rows. A new subcommand is a file beside this
 * table and a row in the table. Help names the subcommands in the table's order.
 */
import { again } from './again.js';
import { emergency, hasEmergencies } from './emergency.js';
import { end } from './end.js';
import { endPerson, offerToEndAll } from './end-many.js';
import { extend, hasExtensions } from './extend.js';
import { help } from './help.js';
import { list } from './list.js';
import { hasMoves, move } from './move.js';
import { pause, resume } from './pause.js';
import type { Row } from './subcommand.js';

export const SUBCOMMANDS: readonly Row[] = [
  {
    word: 'emergency',
    takes: 'request',
    who: 'everybody',
    usage: 'emergency …',
    does: 'opens at once where the policy allows it; everybody who decides hears of it',
    isOfUse: hasEmergencies,
    doing: 'request',
    run: emergency,
  },
  {
    word: 'list',
    hints: ['status', 'state', 'show', 'ls'],
    takes: 'anything',
    who: 'everybody',
    usage: 'list',
    does: 'your requests',
    doesForAdmins: 'your requests, and what is open or waiting of everybody',
    hinted: true,
    doing: 'read',
    run: list,
  },
  {
    word: 'again',
    takes: 'nothing',
    who: 'everybody',
    usage: 'again',
    does: 'the form, filled in with your last request',
    hinted: true,
    doing: 'read',
    run: again,
  },
  {
    word: 'extend',
    takes: 'id-and-time',
    who: 'everybody',
    usage: 'extend [id] [1h]',
    does: 'asks for more time',
    isOfUse: hasExtensions,
    doing: 'change',
    run: extend,
  },
  {
    word: 'move',
    takes: 'id-and-source',
    who: 'everybody',
    usage: 'move [id] address',
    does: 'asks for another address, with the same end',
    isOfUse: hasMoves,
    doing: 'change',
    run: move,
  },
  {
    word: 'end',
    synonyms: ['revoke', 'close', 'stop', 'done', 'cancel'],
    hints: ['delete', 'remove', 'kill'],
    takes: 'id-and-reason',
    who: 'everybody',
    usage: 'end [id] [why]',
    does: 'closes open access, or takes back a waiting request',
    hinted: true,
    doing: 'close',
    run: end,
  },
  {
    word: 'help',
    takes: 'anything',
    who: 'everybody',
    usage: 'help',
    does: 'what can be typed',
    hinted: true,
    readsNothing: true,
    doing: 'read',
    run: (invocation, desk) => help(SUBCOMMANDS, invocation, desk),
  },
  { word: 'check', takes: 'id', notYet: true },
  {
    word: 'pause',
    takes: 'nothing',
    who: 'admins',
    usage: 'pause',
    does: 'stops new access',
    doing: 'close',
    run: pause,
  },
  {
    word: 'resume',
    takes: 'nothing',
    who: 'admins',
    usage: 'resume',
    does: 'lets it open again',
    doing: 'change',
    run: resume,
  },
  {
    word: 'end',
    takes: 'all',
    who: 'admins',
    usage: 'end all',
    does: 'ends all of it',
    // Nothing ends before the button that the answer asks back with.
    doing: 'read',
    run: offerToEndAll,
  },
  {
    word: 'end',
    takes: 'person',
    who: 'admins',
    usage: 'end @person',
    does: 'all of theirs',
    doing: 'close',
    run: endPerson,
  },
];

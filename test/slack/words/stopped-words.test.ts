/** The sentences for approvers and requesters on WorkSpaces that do not run. */
import { describe, expect, test } from '@jest/globals';
import type { DesktopFacts, Facts } from '../../../src/access/request/facts.js';
import type { Phase } from '../../../src/access/request/request.js';
import { render } from '../../../src/slack/connection/messenger.js';
import type { Card } from '../../../src/workflow/ports.js';
import { directoryFacts, facts, manyId, phases, requestIn } from '../requests.js';

const [one] = facts.desktops;
if (!one) throw new Error('no WorkSpace');
const ID = one.workspaceId;

/** One WorkSpace in a state. */
const single = (state: string, more: Partial<Facts> = {}): Facts => ({
  ...facts,
  desktops: [{ ...one, state }],
  ...more,
});

/** A directory of WorkSpaces in these states. */
function many(states: string[], more: Partial<Facts> = {}): Facts {
  const desktops: DesktopFacts[] = directoryFacts.desktops.slice(0, states.length).map((desktop, nth) => ({
    ...desktop,
    state: states[nth] ?? '',
    stopsByItself: true,
    address: `198.51.100.${nth}`,
  }));
  return { ...directoryFacts, desktops, reach: states.length, ...more };
}

/** A WorkSpace that somebody has to start because AWS stops none of its kind by itself. */
const byHand = (of: Facts): Facts => ({
  ...of,
  desktops: of.desktops.map((desktop) => ({ ...desktop, stopsByItself: false })),
});

const [UP, OFF, COMING, BUSY] = ['AVAILABLE', 'STOPPED', 'STARTING', 'REBOOTING'];
const STARTS = 'by logging in with the WorkSpaces client, or an admin does in the AWS console.';
const starts = { startsStopped: true as const };

function said(surface: Card['surface'], phase: Phase | undefined, of: Facts): string {
  if (!phase) throw new Error('no such phase');
  const target = { kind: 'directory' as const, directoryId: of.directoryId };
  const request = requestIn(phase, of.desktops.length > 1 ? { target } : {});
  const viewer = surface === 'approval' ? 'UMARIA0001' : 'UJANE00001';
  const { blocks } = render({ surface, request, folded: false, viewer });
  return JSON.stringify(blocks).replaceAll('\\\\', '\\').replaceAll('\\"', '"');
}

describe('before the yes to a request for WorkSpaces,', () => {
  test.each<[string, Facts, string]>([
    ['one', single(OFF), `\`${ID}\` is stopped. WHO starts it ${STARTS} It opens when it runs.`],
    [
      'one that the bot starts',
      single(OFF, starts),
      `\`${ID}\` is stopped. Once it is approved I ask AWS to start it. It opens when it runs.`,
    ],
    ["another's", single(OFF, { own: false }), `is stopped. Its owner starts it ${STARTS}`],
    ['one that stays on', byHand(single(OFF)), 'is stopped. An admin starts it in the AWS console. It opens'],
    ['two of three', many([OFF, UP, OFF]), '2 of these 3 WorkSpaces are stopped. Their owners start them by'],
    [
      'two of three that the bot starts',
      many([OFF, UP, OFF], starts),
      '2 of these 3 WorkSpaces are stopped. Once it is approved I ask AWS to start them."',
    ],
    [
      'all',
      many([OFF, OFF], starts),
      '2 of these 2 WorkSpaces are stopped. Once it is approved I ask AWS to start them. It opens when one of them runs.',
    ],
  ])('approver and requester read which of them are stopped, and who starts them: %s', (_, of, words) => {
    const { pending } = phases(of);
    expect(said('access', pending, of)).toContain(words.replace('WHO starts', 'You start'));
    expect(said('approval', pending, of)).toContain(words.replace('WHO', '<@UJANE00001>'));
  });

  test.each<[string, Facts, string]>([
    ['one', single(OFF), `reaches 1 WorkSpace: ${ID}, Ubuntu 22.04, stopped"`],
    ['one in a shared group', single(OFF, { reach: 14 }), `reaches 14 WorkSpaces, 1 of them stopped: ${ID}`],
    [
      'a directory',
      many([UP, OFF, OFF]),
      `reaches 3 WorkSpaces, 2 of them stopped: ${manyId(0)}, Rocky 8; ${manyId(1)}, Rocky 8, stopped; `,
    ],
  ])('the approver reads how many of the WorkSpaces that it reaches are stopped: %s', (_, of, words) =>
    expect(said('approval', phases(of).pending, of)).toContain(words),
  );

  test.each([[single(UP, starts)], [many([UP, UP])]])(
    'nobody reads of stopped WorkSpaces where all run',
    (of) => {
      for (const surface of ['access', 'approval'] as const)
        expect(said(surface, phases(of).pending, of)).not.toContain('stopped');
    },
  );
});

describe('while an approved request waits', () => {
  const waits = (of: Facts, startAsked: boolean): string => {
    const phase = phases(of)['waiting for the WorkSpace'];
    if (phase?.state !== 'approved') throw new Error('not approved');
    return said('access', { ...phase, startAsked }, of);
  };

  test.each<[string, Facts, boolean, string]>([
    ['asked', single(OFF), true, `but \`${ID}\` is not running. I asked AWS to start it. It opens as soon`],
    ['not asked', single(OFF), false, `is not running. You start it ${STARTS} It opens as soon as AWS says`],
    ['about to be asked', single(OFF, starts), false, 'is not running. I ask AWS to start it. It opens as'],
    ['busy', single(BUSY), false, 'is not running. It opens as soon as AWS says that it is available.'],
    [
      'none of many',
      many([OFF, OFF]),
      true,
      'none of the 2 WorkSpaces is running. I asked AWS to start them. It opens as soon as AWS says that one of them is available.',
    ],
    ['none of many, not asked', many([OFF, BUSY]), false, 'is running. Its owner starts it by logging in'],
    ['some of many', many([OFF, UP]), false, 'I am looking which of the 2 WorkSpaces run. It opens as soon'],
  ])('the requester reads which WorkSpaces have to start: %s', (_, of, startAsked, words) =>
    expect(waits(of, startAsked)).toContain(words),
  );
});

describe('while access is open', () => {
  const away = (of: Facts, why: DesktopFacts['away']): Facts => ({
    ...of,
    desktops: of.desktops.map((desktop) => ({ ...desktop, ...(why ? { away: why } : {}) })),
  });

  test.each<[string, Facts, string[]]>([
    [
      'stopped',
      away(single(OFF), 'stopped'),
      [`\`${ID}\` is stopped, so nothing can connect. You start it ${STARTS} The ssh line comes back here`],
    ],
    ['starting', away(single(COMING), 'stopped'), [`\`${ID}\` is starting, so nothing can connect. The ssh`]],
    ['without an address', away(single(UP), 'no-address'), ['has no address that you can reach, so nothing']],
    [
      'two of three starting',
      many([COMING, UP, COMING]),
      [
        'reaches 1 of 3 WorkSpaces now: 2 are starting.',
        `starting: ${manyId(0)}\\n\`198.51.100.1\` ${manyId(1)}\\nstarting: ${manyId(2)}`,
        'HostName 198.51.100.1',
      ],
    ],
    [
      'one of four running',
      many([OFF, UP, COMING, BUSY]),
      [
        'reaches 1 of 4 WorkSpaces now: 1 is stopped, 1 is starting, 1 is not available.',
        `Its owner starts it ${STARTS}`,
        `not available now: ${manyId(3)}`,
      ],
    ],
    [
      'none of two running',
      many([OFF, OFF]),
      [`Of 2 WorkSpaces 2 are stopped, so nothing can connect. Their owners start them ${STARTS}`],
    ],
    ['all running', many([UP, UP]), ['reaches each of 2 WorkSpaces.']],
  ])('the requester reads which WorkSpaces can be reached now: %s', (_, of, words) => {
    const card = said('access', phases(of).open, of);
    for (const each of words) expect(card).toContain(each);
  });

  test('no address of a WorkSpace that does not run is shown', () => {
    const card = said('access', phases().open && phases(many([OFF, UP])).open, many([OFF, UP]));
    expect(card).not.toContain('198.51.100.0');
    for (const phase of ['open', 'warning'])
      expect(said('access', phases(many([OFF, OFF]))[phase], many([OFF, OFF]))).not.toContain('198.51.100.');
  });
});

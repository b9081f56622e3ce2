/** Runs every step on a request in every state: the table says which it takes, and where it leads. */
import { describe, expect, test } from '@jest/globals';
import { wasWarned } from '../../../src/access/request/duties.js';
import type { DesktopFacts } from '../../../src/access/request/facts.js';
import {
  isIn,
  type Phase,
  type Request,
  type RequestIn,
  type State,
} from '../../../src/access/request/request.js';
import { STEPS, type StepName } from '../../../src/access/request/steps.js';
import * as deciding from '../../../src/access/request/transitions/deciding.js';
import * as ending from '../../../src/access/request/transitions/ending.js';
import * as opening from '../../../src/access/request/transitions/opening.js';
import { facts, NOW, need, phases, requestIn } from '../../slack/requests.js';

const transitions = { ...deciding, ...opening, ...ending };

const review = { by: 'UTOM000001', decision: 'approve' as const, atMs: NOW };
const refusal = { sentence: 'It did not work.' };
const grant = { groupId: 'sg-9', endsAtMs: NOW + 9, openByMs: NOW + 3, startedAtMs: NOW };
const asked = { facts, need, pendingAtMs: NOW, lapsesAtMs: NOW + 9 };
const tagged = { facts, need, review, grant, openedAtMs: NOW };

/** A step as something that takes any request: undefined where the request is in no state of `states`. */
function on<S extends State>(states: readonly S[], step: (request: RequestIn<S>) => Phase) {
  return (request: Request | undefined) => (request && isIn(request, ...states) ? step(request) : undefined);
}

/** A step that makes a request: undefined where there is a request already. */
function first(step: () => Phase) {
  return (request: Request | undefined) => (request ? undefined : step());
}

const run: Record<StepName, (request: Request | undefined) => Phase | undefined> = {
  submit: first(() => transitions.submit(NOW)),
  adoptOpen: (request) =>
    request
      ? on(['submitted', 'pending', 'approved'], (known) => transitions.adoptOpen(known, tagged))(request)
      : transitions.adoptOpen(undefined, tagged),
  adoptClosing: first(() => transitions.adoptClosing(tagged, NOW)),
  stallLookup: on(['submitted'], (request) => transitions.stallLookup(request)),
  wait: on(['submitted'], (request) => transitions.wait(request, asked)),
  waitOn: on(['pending'], (request) => transitions.waitOn(request, need, 'made it 1h')),
  askAnew: on(['approved', 'opening'], (request) => transitions.askAnew(request, asked, 'it grew')),
  approve: on(['submitted', 'pending'], (request) =>
    transitions.approve(request, { facts, need, review }, NOW),
  ),
  deny: on(['pending'], (request) => transitions.deny(request, need, { ...review, decision: 'deny' })),
  refuse: on(['submitted', 'pending', 'approved'], (request) => transitions.refuse(request, refusal, NOW)),
  cancel: on(['submitted', 'pending', 'approved'], (request) =>
    transitions.cancel(request, 'UJANE00001', NOW),
  ),
  lapse: on(['pending', 'approved'], (request) => transitions.lapse(request, NOW)),
  fail: on(['submitted', 'approved', 'closing'], (request) => transitions.fail(request, refusal, NOW)),
  confirm: on(['approved'], (request) => transitions.confirm(request, NOW)),
  comeLate: on(['approved'], (request) => transitions.comeLate(request, NOW)),
  remindOfStart: on(['approved'], (request) => transitions.remindOfStart(request)),
  stallStart: on(['approved'], (request) => transitions.stallStart(request)),
  come: on(['approved'], (request) => transitions.come(request, request.phase.facts)),
  hold: on(['approved'], (request) => transitions.hold(request)),
  release: on(['approved'], (request) => transitions.release(request)),
  askStart: on(['approved'], (request) => transitions.askStart(request, request.phase.facts.desktops)),
  awaitStart: on(['approved'], (request) => transitions.awaitStart(request)),
  findRunning: on(['approved'], (request) => transitions.findRunning(request, request.phase.facts.desktops)),
  begin: on(['approved'], (request) => transitions.begin(request, grant)),
  takeBack: on(['opening'], (request) => transitions.takeBack(request, 'resume', NOW)),
  stallOpening: on(['opening'], (request) => transitions.stallOpening(request)),
  attach: on(['opening'], (request) => transitions.attach(request, 20)),
  join: on(['opening'], (request) => transitions.join(request, 'sg-9')),
  opened: on(['opening'], (request) => transitions.opened(request, 'sg-9', NOW)),
  findOpen: on(['opening'], (request) => transitions.findOpen(request, 'sg-9', NOW)),
  follow: on(['open'], (request) => transitions.follow(request, 'M3XYZ', 'extends')),
  unfollow: on(['open'], (request) => transitions.unfollow(request)),
  warn: on(['open'], (request) => transitions.warn(request)),
  close: on(['opening', 'open'], (request) => transitions.close(request, { kind: 'expired' }, NOW)),
  alarm: on(['closing'], (request) => transitions.alarm(request, NOW)),
  readdress: on(['open'], (request) => transitions.readdress(request, request.phase.facts, { atMs: NOW })),
  lookAround: on(['ended'], (request) => transitions.lookAround(request, { read: true, rules: [] })),
  end: on(['closing'], (request) => transitions.end(request, { shared: false, foreign: false }, NOW)),
};

const named = Object.entries(phases()).map(([sample, phase]) => ({ sample, request: requestIn(phase) }));
const samples = named.map(({ request }) => request);
const rows = Object.entries(STEPS);

/** Where a step leads from a state: undefined where it does not lead from there. */
function take(name: string, request: Request | undefined): Phase | undefined {
  return Object.entries(run).find(([step]) => step === name)?.[1](request);
}

describe('the table of steps', () => {
  test('has a row for every step, and no other', () => {
    expect(Object.keys(STEPS).sort()).toEqual(Object.keys(transitions).sort());
  });

  test.each(rows)('%s leads from the states of its row, to the state of its row', (name, { to, from }) => {
    const leads = [undefined, ...samples].flatMap((request) => {
      const phase = take(name, request);
      return phase ? [{ from: request?.phase.state ?? 'nowhere', to: phase.state }] : [];
    });
    expect(new Set(leads.map((lead) => lead.from))).toEqual(new Set(Object.keys(from)));
    expect(new Set(leads.map((lead) => lead.to))).toEqual(new Set([to]));
  });

  test('leads to every state, and out of each that is not over', () => {
    const states = new Set(samples.map(({ phase }) => phase.state));
    expect(new Set(rows.map(([, { to }]) => to))).toEqual(states);
    const left = new Set(
      rows.flatMap(([, { from, to }]) => Object.keys(from).filter((state) => state !== to)),
    );
    left.delete('nowhere');
    expect([...states].filter((state) => !left.has(state)).sort()).toEqual(
      ['already-open', 'cancelled', 'denied', 'ended', 'failed', 'lapsed', 'refused'].sort(),
    );
  });
});

describe('a step', () => {
  const NEW = ['submit', 'adoptOpen', 'adoptClosing', 'wait', 'askAnew', 'approve', 'refuse'];
  const known = rows.flatMap(([name, { from }]) =>
    NEW.includes(name)
      ? []
      : named.filter(({ request }) => request.phase.state in from).map((sample) => ({ name, ...sample })),
  );

  test.each(known)('keeps what is known of the request: $name from "$sample"', ({ name, request }) => {
    const before = request.phase;
    const after = take(name, request);
    if ('facts' in before && before.facts) expect(after).toHaveProperty('facts', before.facts);
    if ('need' in before && name !== 'deny' && name !== 'waitOn')
      expect(after).toHaveProperty('need', before.need);
    if ('review' in before && name !== 'cancel') expect(after).toHaveProperty('review', before.review);
  });

  const one = { ...facts, startsStopped: true as const };
  const [desktop] = facts.desktops;
  const stopped = desktop && { ...desktop, state: 'STOPPED' };
  const wait = (desktops: (DesktopFacts | undefined)[]) => {
    const of = { ...one, desktops: desktops.flatMap((known) => known ?? []) };
    const submitted = { ...requestIn({ state: 'submitted', giveUpAtMs: NOW, waitsForAws: false }) };
    if (!isIn(submitted, 'submitted')) throw new Error('not submitted');
    const yes = transitions.approve(submitted, { facts: of, need, review }, NOW);
    return transitions.findRunning({ ...submitted, phase: yes }, of.desktops).waitsFor === 'nothing'
      ? [yes.waitsFor, 'opens']
      : [yes.waitsFor, 'waits'];
  };

  test.each([
    ['one that runs', [desktop], ['nothing', 'opens']],
    ['one that is stopped', [stopped], ['workspace', 'waits']],
    ['many that ran when they were asked for', [desktop, desktop], ['workspace', 'opens']],
    ['many of which one runs', [stopped, desktop, stopped], ['workspace', 'opens']],
    ['many that are stopped', [stopped, stopped], ['workspace', 'waits']],
  ])('a yes looks at WorkSpaces before it opens, and waits until one runs: %s', (_, desktops, waits) =>
    expect(wait(desktops)).toEqual(waits),
  );

  const inAnHour = { later: { startsAtMs: NOW + 3_600_000 } };

  test('a yes to a request that is to open later waits for its time, whatever else there is to wait for', () => {
    const decided = { facts: { ...facts, desktops: stopped ? [stopped] : [] }, need, review };
    const asking = { ...requestIn({ state: 'pending', ...asked }, inAnHour) };
    if (!isIn(asking, 'pending')) throw new Error('not pending');
    const yes = { ...asking, phase: transitions.approve(asking, decided, NOW) };
    expect(yes.phase.waitsFor).toBe('time');
    const held = { ...yes, phase: transitions.hold(yes) };
    // After a pause everything is looked at again.
    expect(transitions.release(held).waitsFor).toBe('time');
    expect(transitions.come(yes, decided.facts).waitsFor).toBe('workspace');
    expect(transitions.come(yes, facts)).toMatchObject({ waitsFor: 'nothing', facts, lapsesAtMs: NOW });
  });

  test.each([
    ['before its warning', 10 * 60_000 + 1, false],
    ['with less left than its warning would say, so that no warning comes', 10 * 60_000, true],
  ])('access opens %s', (_, leftMs, warned) => {
    const grant = { endsAtMs: NOW + leftMs, openByMs: NOW + 3, startedAtMs: NOW };
    const request = requestIn({
      state: 'opening',
      facts,
      need,
      review,
      grant,
      waitsForAws: false,
      attached: 0,
    });
    if (!isIn(request, 'opening')) throw new Error('not opening');
    const phase = transitions.opened(request, 'sg-9', NOW);
    expect(phase.warned).toBe(warned);
    expect(wasWarned({ ...request, phase })).toBe(false);
    const left = { ...phase, openedAtMs: NOW - 1, warned: true };
    expect(wasWarned({ ...request, phase: left })).toBe(true);
  });

  test('a request that waits on keeps what changed before, until something changes again', () => {
    const changed = { version: 2, what: 'it grew' };
    const request = {
      ...requestIn({ state: 'submitted', giveUpAtMs: NOW, waitsForAws: false }),
      phase: { state: 'pending' as const, ...asked, changed },
    };
    expect(transitions.waitOn(request, need).changed).toEqual(changed);
    expect(transitions.waitOn(request, need, 'made it 1h').changed).toEqual({
      version: 4,
      what: 'made it 1h',
    });
  });
});

/** Only a step below transitions makes the phase of a request: holds the files of src to that, and tries the rule on made-up lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { STEPS } from '../src/access/request/steps.js';
import { phaseProblemsIn } from './house-phases.js';

const STATES: ReadonlySet<string> = new Set(Object.values(STEPS).map(({ to }) => to));

test.each(['workflow', 'slack'])('nothing below src/%s makes a phase itself', (room) => {
  const names = readdirSync(`src/${room}`, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(10);
  const problems = files.flatMap((name) =>
    phaseProblemsIn(`${room}/${name}`, readFileSync(`src/${room}/${name}`, 'utf8'), STATES),
  );
  expect(problems).toEqual([]);
});

describe('a phase that no step made is seen in', () => {
  const imports =
    "import { lapse } from '../../access/request/transitions/deciding.js';\nimport { change } from '../change.js';\n";

  test.each([
    ["const phase = { state: 'lapsed' as const, atMs };"],
    ["store.change({ request: { ...request, phase: { state: 'open', facts } } });"],
    ['change(parts, request, { ...request.phase, warned: true }, because);'],
    ['change(parts, request, lapsed(request), because);'],
    ['const phase = lapsed(request);\nchange(parts, request, phase, because);'],
  ])('%s', (source) => {
    expect(phaseProblemsIn('workflow/a.ts', imports + source, STATES)).toHaveLength(1);
  });

  test.each([
    ['change(parts, request, lapse(request, nowMs), because);'],
    ['const phase = lapse(request, nowMs);\nawait change(parts, request, phase, because);'],
    ["const rule = { ...record, stage: { state: 'open', ruleId } };"],
    ["type Open = { state: 'open' };"],
    ["const desktop = { state: 'STOPPED' };"],
    ['for (const each of changes) await each();'],
  ])('not in %s', (source) => {
    expect(phaseProblemsIn('workflow/a.ts', imports + source, STATES)).toEqual([]);
  });
});

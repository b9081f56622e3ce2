/** Promises that `planIngress` and `settleRule` keep in any order of races, lost answers and manual changes. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planIngress } from '../../../src/access/rules/ingress.js';
import { runs } from '../../depth.js';
import { World } from './ingress-model.js';
import { type Step, step } from './ingress-steps.js';

const story = fc.array(step, { minLength: 10, maxLength: 60 });

function lived(steps: Step[]): World {
  const world = new World();
  for (const one of steps) world.step(one);
  return world;
}

test('whatever happens to the rules of a group, no step revokes or opens wrongly, and once all requests are over no rule of ours is left', () => {
  let opened = 0;
  let shared = 0;
  fc.assert(
    fc.property(story, (steps) => {
      const world = lived(steps);
      opened += [...world.grants.values()].filter(({ wasOpen }) => wasOpen).length;
      shared += world.live.filter(({ leases }) => leases.length > 1).length;
      world.comeToRest();
      // A rule whose tags somebody took off before any record knew its id looks like somebody else's, and stays.
      const ours = world.ec2.rules.filter(({ tagged, byHand }) => tagged && !byHand);
      expect({ ours, records: world.live }).toEqual({ ours: [], records: [] });
      expect(planIngress([], world.ec2.read(), world.nowMs)).toEqual(planIngress([], [], 0));
    }),
    { numRuns: runs(2000) },
  );
  // Stories in which nothing opens would prove nothing.
  expect(opened).toBeGreaterThan(runs(400));
  expect(shared).toBeGreaterThan(runs(100));
});

test('a plan for the rules of a group that is applied twice, by one replica or by two, does nothing the second time', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const { once, twice } = lived(steps).planTwice();
      expect(twice).toBe(once);
    }),
    { numRuns: runs(700) },
  );
});

/**
 * How late access ends where EC2 lets no more calls through than it documents: the ends of two replicas, beside what the
 * bucket of revokes allows, and how many calls EC2 has to refuse for that.
 */
import { lateEnds } from './ends.js';
import type { Conditions, Figure } from './figures.js';

/** EC2's documented bucket for revokes. */
const AT_ONCE = 50;
const PER_SECOND = 5;

export async function throttled(conditions: Conditions): Promise<Figure[]> {
  const { small, grants = small ? 30 : 1_000, groups = grants } = conditions;
  // A small load meets a bucket that is small as well, and refills soon.
  const rate = small ? 0.5 : 1;
  const { lateMs, revokes, refused } = await lateEnds(conditions, { grants, groups }, { replicas: 2, rate });
  const name = `${grants} ends, ${groups} groups, two replicas`;
  const allowedMs = ((groups - AT_ONCE * rate) / (PER_SECOND * rate)) * 1_000;
  return [
    {
      figure: `${name}: last rule gone`,
      unit: 'ms',
      ours: Math.max(...lateMs),
      floor: allowedMs,
      goal: { op: '<=', value: 1.05 },
    },
    { figure: `${name}: revokes`, unit: 'calls', ours: revokes, floor: groups },
    {
      figure: `${name}: refused calls`,
      unit: 'calls',
      ours: refused,
      floor: groups,
      goal: { op: '<=', value: 1 },
    },
  ];
}

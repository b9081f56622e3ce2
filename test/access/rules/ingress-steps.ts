/** The steps of the model of `planIngress`, which may come in any order. */
import fc from 'fast-check';

const SOURCES = ['203.0.113.25/32', '198.51.100.0/28'] as const;
const GRANTS = ['A', 'B', 'C', 'D'] as const;

export type Source = (typeof SOURCES)[number];
type GrantId = (typeof GRANTS)[number];
/** The fate of a call: answered; done and not answered; not done; done later, before its deadline. */
export type Fate = 'answered' | 'lost' | 'nothing' | 'late';
export type Step =
  | { do: 'wait'; ms: number }
  | { do: 'join'; grant: GrantId; source: Source; lastsMs: number; openWithinMs: number }
  | { do: 'end' | 'extend'; grant: GrantId }
  /** `converge` is the three in one go: plan, act with every call answered, settle. */
  | { do: 'plan' | 'settle' | 'converge'; replica: number; lagMs: number }
  | { do: 'act'; replica: number; fate: Fate }
  | { do: 'land' }
  | { do: 'manual-change'; what: 'removes' | 'strips' | 'forges' | 'adds'; source: Source };

const grant = fc.constantFrom(...GRANTS);
const source = fc.constantFrom(...SOURCES);
const replica = fc.integer({ min: 0, max: 2 });
const lagMs = fc.integer({ min: 0, max: 8 });
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 1, max: 15 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('join'),
      grant,
      source,
      lastsMs: fc.integer({ min: 20, max: 120 }),
      openWithinMs: fc.integer({ min: 10, max: 60 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end'), grant }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend'), grant }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('plan'), replica, lagMs }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('converge'), replica, lagMs: fc.constant(0) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('act'),
      replica,
      fate: fc.constantFrom('answered', 'answered', 'lost', 'nothing', 'late'),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('settle'), replica, lagMs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('land') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('manual-change'),
      what: fc.constantFrom('removes', 'strips', 'forges', 'adds'),
      source,
    }),
  },
);

/** The stages of a rule's record as a table: from which each leads to which, and why. `docs/words.md` shows the table. */
import type { RuleStage } from './rule.js';

export type StageName = RuleStage['state'];

/** For each stage, and for a rule that has no record yet: the stages that it leads to, and what happened. */
export const STAGE_STEPS: Readonly<
  Record<StageName | 'nowhere', Readonly<Partial<Record<StageName, string>>>>
> = {
  nowhere: {
    authorizing: 'The first grant takes its lease.',
    open: 'The sweep adopts the leases of a rule whose record was lost.',
  },
  authorizing: {
    open: 'A read of the group shows the rule.',
    revoking: 'The last lease left after EC2 was called, or every lease has passed.',
    gone: "The last lease left before EC2 was called, or somebody else's rule lets the source in already.",
  },
  open: {
    revoking: 'The last lease left, or every lease has passed.',
    gone: 'Every lease has passed, and the revoke was answered before the record changed.',
  },
  revoking: {
    gone: 'The revoke was answered and a later read lacks the rule, or two reads far enough apart lack it.',
  },
  gone: {
    authorizing: 'Another grant takes its lease.',
    open: 'The sweep adopts the leases of a rule that EC2 shows all the same.',
  },
  /** Only the newer version of the bot that wrote such a record can change it. */
  newer: {},
};

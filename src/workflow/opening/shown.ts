/** The rule by which EC2 shows a grant: its record alone is not enough, since somebody may have removed the rule. */
import type { Request } from '../../access/request/request.js';
import type { RuleRecord } from '../../access/rules/rule.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';

/** The id of the open rule at EC2 that carries the request's lease; undefined where a read does not show that. */
export function shownRule(
  rule: RuleRecord | undefined,
  seen: readonly SeenRule[],
  { id }: Request,
): string | undefined {
  const ruleId = rule?.stage.state === 'open' ? rule.stage.ruleId : undefined;
  const shown = seen.find((one) => one.ruleId === ruleId && one.plain);
  return shown?.leases.some(({ requestId }) => requestId === id) ? ruleId : undefined;
}

/** The first look: the environment and the policy file, by the same reading as at start. */
import type { Config, ConfigReading } from '../config.js';
import { type Finding, fail, ok, warn } from './finding.js';

const ID = 'configuration';
const FIX = 'Correct it in .env or in the environment; .env.example says what each variable is.';

/** A finding for each problem, by the name of its variable, or one that says that all is right. */
export function lookAtConfiguration(reading: ConfigReading): Finding[] {
  if (!reading.ok) return reading.problems.map((problem) => fail(idOf(problem), problem, fixOf(problem)));
  const { installation, policy } = reading.config;
  const rules = `${policy.rules.length} ${policy.rules.length === 1 ? 'rule' : 'rules'}`;
  return [
    ok(
      ID,
      `The configuration can be read: installation ${installation}, a policy of ${rules} (${policy.hash.slice(0, 12)}).`,
    ),
    ...warningsOf(reading.config),
  ];
}

function warningsOf({ changedTimes, warnings }: Config): Finding[] {
  return [
    ...changedTimes.map(({ name, value, usual }) =>
      warn(
        `${ID}.${name}`,
        `${name} is ${value} instead of ${usual}.`,
        'Leave it out, unless you mean it: the defaults are what the guarantees were measured with.',
      ),
    ),
    ...warnings.map((warning) =>
      warn(`${ID}.warning`, warning, 'docs/security.md and docs/policy.md say more.'),
    ),
  ];
}

/** A problem begins with its variable, or with a place in the policy file. */
function idOf(problem: string): string {
  const [, variable] = /^([A-Z][A-Z0-9_]+)\b/.exec(problem) ?? [];
  return `${ID}.${variable ?? 'policy'}`;
}

function fixOf(problem: string): string {
  if (idOf(problem) === `${ID}.policy`) return 'npm run policy -- check FILE looks at the policy alone.';
  if (/^(INSTALLATION|SIGNING_KEYS|POLICY_FILE) is missing/.test(problem))
    return 'npm run init makes a .env and a policy to start from.';
  if (/^SLACK_(BOT|APP)_TOKEN is missing/.test(problem))
    return 'npm run manifest prints the link that makes the Slack app with everything filled in.';
  return FIX;
}

/** What the tags of a rule say, read as anybody with the AWS console could: whose it is and when it ends. */
import type { Rule } from '../../aws/state/resources.js';

export interface LeaseShown {
  requestId: string;
  endsAtMs: number;
  openedAtMs: number;
  user: string;
  target: string;
}

const PREFIX = 'workspace-ssh:lease:';
export const INSTALLATION = 'workspace-ssh:installation';

/** Believed as they stand here: only the bot has the keys to verify them. */
export function leasesOf(rule: Pick<Rule, 'tags'>): LeaseShown[] {
  return Object.entries(rule.tags).flatMap(([key, value]) => {
    if (!key.startsWith(PREFIX)) return [];
    const [version, end, opened, user = '', target = ''] = value.split(' ');
    if (version !== 'v1') return [];
    const requestId = key.slice(PREFIX.length);
    return [{ requestId, endsAtMs: Number(end), openedAtMs: Number(opened), user, target }];
  });
}

/** The end of the last grant on it; undefined for a rule that is not the bot's. */
export function endOf(rule: Pick<Rule, 'tags'>): number | undefined {
  const ends = leasesOf(rule).map(({ endsAtMs }) => endsAtMs);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

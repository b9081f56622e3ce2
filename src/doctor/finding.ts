/** What the doctor says of one thing: that it is right, what to do about it, or that only use will show it. */

export interface Finding {
  /** The same in every version, for scripts: `redis.aof`, `aws.ec2:CreateTags`, `slack.channel.C0ACCESS`. */
  id: string;
  /**
   * `warn`: it works and is dangerous. `unprovable`: only the first use shows it, or a permission that the bot itself does not
   * need.
   */
  status: 'ok' | 'fail' | 'warn' | 'unprovable';
  /** A sentence. No secret stands in it. */
  says: string;
  /** What to do, as a sentence. */
  fix?: string;
}

export const ok = (id: string, says: string): Finding => ({ id, status: 'ok', says });
export const fail = (id: string, says: string, fix: string): Finding => ({ id, status: 'fail', says, fix });
export const warn = (id: string, says: string, fix: string): Finding => ({ id, status: 'warn', says, fix });
export const unprovable = (id: string, says: string): Finding => ({ id, status: 'unprovable', says });

/** The message of anything that was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

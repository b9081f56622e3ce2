/** One call that changes nothing, made to see whether IAM allows it. */
import { AwsRefused } from '../../workflow/ports.js';

/**
 * Whether the bot may do an action. `lacks` is the action that AWS refused, which may be one that goes with the call, as
 * `ec2:CreateTags` does. `unprovable`: the answer says neither, or the call needs a thing that is not there yet.
 */
export type Tried = { action: string } & (
  | { outcome: 'allowed' }
  | { outcome: 'denied'; lacks: string }
  | { outcome: 'unprovable'; why: string }
);

/** AWS's codes for want of a permission: EC2's, and those of the JSON services. */
const DENIED = new Set(['UnauthorizedOperation', 'AccessDeniedException', 'AccessDenied']);

/**
 * @param action the IAM action that the call is for
 * @param call with `DryRun` where the call would change something: EC2 answers `DryRunOperation` then
 */
export async function tryCall(action: string, call: () => Promise<unknown>): Promise<Tried> {
  try {
    await call();
    return { action, outcome: 'allowed' };
  } catch (cause) {
    if (cause instanceof AwsRefused) {
      if (cause.code === 'DryRunOperation') return { action, outcome: 'allowed' };
      if (DENIED.has(cause.code)) return { action, outcome: 'denied', lacks: cause.action };
      return { action, outcome: 'unprovable', why: `AWS answered ${cause.code}` };
    }
    return { action, outcome: 'unprovable', why: cause instanceof Error ? cause.message : String(cause) };
  }
}

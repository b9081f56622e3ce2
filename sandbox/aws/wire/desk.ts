/** Decides about each call: refuses it, throttles it, lets a fault strike it, or carries it out. */
import { AwsError } from '../errors.js';
import { newRequestId } from '../ids.js';
import type { Lifecycle } from '../state/lifecycle.js';
import type { State } from '../state/state.js';
import type { FaultQueue } from './faults.js';
import { type Incoming, isSigned, type Reply } from './protocols.js';
import type { Throttle } from './throttle.js';

export interface Desk {
  state: State;
  life: Lifecycle;
  throttle: Throttle;
  faults: FaultQueue;
  /** Waits milliseconds; never resolves after the town has closed. */
  wait(ms: number): Promise<void>;
}

/** The result of a call. `code` goes into the journal. The caller gets no answer for `hang` and `drop`. */
export type Outcome =
  | { kind: 'reply'; code: string; requestId: string; reply: Reply }
  | { kind: 'hang'; code: string }
  | { kind: 'drop'; code: string };

export async function handle(
  desk: Desk,
  call: Incoming,
  authorization: string | undefined,
): Promise<Outcome> {
  const { state, faults } = desk;
  const requestId = newRequestId();
  const refuse = (error: AwsError): Outcome => ({
    kind: 'reply',
    code: error.code,
    requestId,
    reply: call.refuse(error, requestId),
  });

  if (!isSigned(authorization, state, call.service)) return refuse(call.words.unsigned());
  const forbidden = call.needs.find((action) => state.settings.denied.includes(action));
  if (forbidden !== undefined) return refuse(call.words.denied(`${call.service}:${forbidden}`));
  const fault = faults.next(call.action);
  if (fault?.kind === 'throttle' || !desk.throttle.takes(call.service, call.action)) {
    return refuse(call.words.throttled());
  }
  if (fault?.kind === '500') return refuse(call.words.broken());
  if (fault?.kind === 'timeout') return { kind: 'hang', code: fault.kind };

  const ms = state.settings.latencyMs + (fault?.kind === 'slow' ? (fault.ms ?? 1000) : 0);
  if (ms > 0) await desk.wait(ms);
  const done = carryOut(desk, call, requestId);
  if (fault?.kind === 'timeout-after-effect') return { kind: 'hang', code: fault.kind };
  if (fault?.kind === 'lost-answer') return { kind: 'drop', code: fault.kind };
  return done instanceof AwsError ? refuse(done) : { kind: 'reply', code: 'OK', requestId, reply: done };
}

function carryOut(desk: Desk, call: Incoming, requestId: string): Reply | AwsError {
  try {
    desk.life.settle();
    return call.run(desk.state, desk.life)(requestId);
  } catch (error) {
    if (error instanceof AwsError) return error;
    // A bug of the sandbox must not look like a refusal by AWS.
    return new AwsError(
      'SandboxFault',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
      500,
    );
  }
}

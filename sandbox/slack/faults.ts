/** Describes faults on purpose, and counts them down in one place for all the places where a fault can strike. */

/** A fault that strikes `times` times and then never again. */
export interface SlackFault {
  /**
   * A Web API method, `response_url`, the name of a delivery (see `JournalEntry.method`), or `*` for any API method.
   */
  method: string;
  times: number;
  /**
   * For API calls: `429`, `500`, `timeout-after-effect` (the call is done and never answered), `drop` (the connection is
   * cut and the call not done), `api-error` (the answer is `error`). For deliveries: `lost-ack` (the acknowledgement
   * never reaches Slack), `twice` (the same payload is delivered two times).
   */
  kind: '429' | '500' | 'timeout-after-effect' | 'drop' | 'api-error' | 'lost-ack' | 'twice';
  /** The Retry-After of a `429`; default 1. */
  retryAfterSeconds?: number;
  /** The answer of an `api-error`; default `internal_error`. */
  error?: string;
}

/** @returns the fault that strikes now, already counted down; undefined where none does */
export function strike(
  faults: SlackFault[],
  names: string[],
  kinds: readonly SlackFault['kind'][],
): SlackFault | undefined {
  const fault = faults.find((f) => f.times > 0 && names.includes(f.method) && kinds.includes(f.kind));
  if (fault) fault.times -= 1;
  return fault;
}

/** Things that go wrong on purpose. Every place where one can strike asks here, so that each is counted down once. */

/** One thing that goes wrong on purpose, `times` times, then never again. */
export interface SlackFault {
  /** A Web API method, `response_url`, a delivery's name (see {@link JournalEntry.method}), or `*` for any API method. */
  method: string;
  times: number;
  /**
   * For API calls: `429`, `500`, `timeout-after-effect` (done, never answered), `drop` (cut, not done), `api-error` (answers `error`).
   * For deliveries: `lost-ack` (the bot acknowledged, Slack never saw it), `twice` (the same payload is delivered two times).
   */
  kind: '429' | '500' | 'timeout-after-effect' | 'drop' | 'api-error' | 'lost-ack' | 'twice';
  /** For `429`; default 1. */
  retryAfterSeconds?: number;
  /** For `api-error`; default `internal_error`. */
  error?: string;
}

/** @returns the fault that strikes now, already counted down; undefined when all goes well */
export function strike(
  faults: SlackFault[],
  names: string[],
  kinds: readonly SlackFault['kind'][],
): SlackFault | undefined {
  const fault = faults.find((f) => f.times > 0 && names.includes(f.method) && kinds.includes(f.kind));
  if (fault) fault.times -= 1;
  return fault;
}

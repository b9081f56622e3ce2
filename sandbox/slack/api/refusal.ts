/** Slack's refusal of a call: a method throws one, and web-api.ts answers `ok: false` with its code. */

/** A Web API error. `extra` goes into the answer beside the code. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(code);
  }
}

/** A refusal with Slack's sentences in `response_metadata.messages`, and the shorter `errors` of newer methods. */
export function refuseWith(code: string, messages: string[]): Refusal {
  const errors = messages.map((message) => message.replace(/^\[ERROR\] /, ''));
  return new Refusal(code, { errors, response_metadata: { messages } });
}

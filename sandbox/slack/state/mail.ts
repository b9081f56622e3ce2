/** Describes deliveries to the app, as the rest of the town knows them. The files in wire/ carry them out. */

/** The type of a Socket Mode envelope, which also decides the form of an HTTP body. */
export type LetterKind = 'slash_commands' | 'interactive' | 'events_api';

/** One payload for the app. */
export interface Letter {
  /** The name of the delivery in the journal; see `JournalEntry.method`. */
  name: string;
  by: string;
  kind: LetterKind;
  payload: Record<string, unknown>;
  /** Whether Slack reads a response in the acknowledgement. */
  wantsResponse: boolean;
}

export interface Mail {
  /** Delivers a command or a click, which Slack never repeats. */
  deliver(letter: Letter): Promise<Delivery>;
  /** Delivers an event, which Slack repeats until the app acknowledges it. Resolves after the first attempt. */
  deliverEvent(letter: Letter): Promise<Delivery>;
  deliverTo(httpEventsUrl: string | undefined): void;
  close(): void;
}

/** The result of one thing that a person did. */
export interface Delivery {
  acked: boolean;
  /** From the sending to the acknowledgement, or until Slack gave up; milliseconds. */
  ackMs: number;
  /** The response in the acknowledgement, if there was one. */
  response?: unknown;
  /** The text of an immediate reply to a command, or of the failure that Slack shows instead. */
  ephemeral?: string;
  /** `bad_response`: the app acknowledged with something that Slack cannot use. */
  failure?: 'dispatch_failed' | 'operation_timeout' | 'bad_response';
  /** The confirmation dialog that the person confirmed before the click was sent. */
  confirmed?: { title: string; text: string; confirm: string; deny: string };
  /** What is wrong with a `bad_response`, or why nothing was delivered. */
  problem?: string;
}

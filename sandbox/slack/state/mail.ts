/** How the town hands things to the app. The files below wire/ carry them; whoever acts in the town only knows a Mail. */

/** What Slack calls the type of an envelope. */
export type LetterKind = 'slash_commands' | 'interactive' | 'events_api';

/** One thing to tell the app. */
export interface Letter {
  /** For the journal; see `JournalEntry.method`. */
  name: string;
  by: string;
  kind: LetterKind;
  payload: Record<string, unknown>;
  /** Whether what the app acknowledges with means anything. */
  wantsResponse: boolean;
}

export interface Mail {
  /** One delivery; a command or a click is never repeated. */
  deliver(letter: Letter): Promise<Delivery>;
  /** An event: repeated until acknowledged. Resolves after the first attempt. */
  deliverEvent(letter: Letter): Promise<Delivery>;
  deliverTo(httpEventsUrl: string | undefined): void;
  close(): void;
}

/** What became of one thing that a person did. */
export interface Delivery {
  acked: boolean;
  /** From the sending to the acknowledgement (or the giving up). */
  ackMs: number;
  /** What the app acknowledged with, if anything. */
  response?: unknown;
  /** The text of an immediate reply to a command, or of the failure that Slack shows in its place. */
  ephemeral?: string;
  /** `bad_response`: acknowledged with something that Slack cannot use. */
  failure?: 'dispatch_failed' | 'operation_timeout' | 'bad_response';
  /** The confirmation dialog that was read and confirmed on the way. */
  confirmed?: { title: string; text: string; confirm: string; deny: string };
  /** Why a `bad_response` is one, for the log of a test. */
  problem?: string;
}

/**
 * The one error handler of the listeners. The log gets a fault's cause and a reference, and the person a sentence with
 * the same reference.
 */
import { randomBytes } from 'node:crypto';
import { WebAPIPlatformError } from '@slack/web-api';
import { ofNewerVersion } from '../../workflow/answer.js';
import { countFailure } from '../../workflow/passes.js';
import type { Parts } from '../../workflow/ports.js';
import { NewerRecord, StoreUnreachable } from '../../workflow/ports-store.js';
import { asSlackFailed, SlackBusy } from '../connection/slack-busy.js';
import { code, cut, mentions } from '../words/mrkdwn.js';

/** The person's act that the fault broke off. */
export interface Doing {
  /** The listener's id, for the log. */
  what: string;
  by: string;
  /**
   * `request`: a request would have been recorded. `change`: a request would have changed. `close`: access would have
   * been closed or kept from opening. `read`: nothing would have happened.
   */
  kind: 'request' | 'change' | 'close' | 'read';
  /** The slash command as it was invoked. */
  command: string;
  /** The text that the person typed, to give it back. */
  typed?: string;
  admins: readonly string[];
}

/** In characters. With all its escapes the text stays far below the longest that Slack takes. */
const LONGEST_TYPED = 4_000;

/** Four hexadecimal digits, which a person can read out: `7F3A`. */
function newReference(): string {
  return randomBytes(2).toString('hex').toUpperCase();
}

/**
 * Runs a listener's work. Where the work throws, `tell` gets a sentence. Where `tell` throws, that is only logged.
 * @param tell shows mrkdwn to the person, in the surface that they used
 */
export async function guarded(
  { log, memory }: Pick<Parts, 'log' | 'memory'>,
  doing: Doing,
  work: () => Promise<void>,
  tell: (mrkdwn: string) => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    countFailure(memory, 'answering', asSlackFailed(cause));
    if (cause instanceof NewerRecord) {
      log.warn({ err: cause, listener: doing.what, user: doing.by }, 'left to a newer version');
      const later = `${ofNewerVersion(cause.requestId)} Try again in a few minutes.`;
      await tell(later).catch((err: unknown) =>
        log.error({ err, user: doing.by }, 'the person could not be told'),
      );
      return;
    }
    const reference = newReference();
    log.error({ err: cause, reference, listener: doing.what, user: doing.by }, 'a listener failed');
    await tell(explain(cause, doing, reference)).catch((second: unknown) => {
      log.error({ err: second, reference, user: doing.by }, 'the person could not be told');
    });
  }
}

/** The sentence for a fault. It claims only what is certain: whether something was recorded may be unknown. */
function explain(cause: unknown, doing: Doing, reference: string): string {
  const urgent = `Urgent? ${doing.admins.length > 0 ? mentions(doing.admins) : 'Ask an admin'}, reference ${reference}.`;
  const back =
    doing.kind === 'request' && doing.typed ? ` You typed: ${code(cut(doing.typed, LONGEST_TYPED))}.` : '';
  if (cause instanceof StoreUnreachable) {
    const later = 'Try again in a few minutes.';
    if (doing.kind === 'read') return `My storage is unreachable, so I can't look. ${later} ${urgent}`;
    if (!cause.certain) {
      return `I could not confirm that this was recorded. \`${doing.command} list\` shows it.${back} ${urgent}`;
    }
    if (doing.kind === 'request') {
      return `*Not sent.* My storage is unreachable: nothing was recorded, nothing was opened. ${later}${back} ${urgent}`;
    }
    return `*Not done.* My storage is unreachable: nothing was changed. ${later} ${urgent}`;
  }
  if (cause instanceof WebAPIPlatformError && /trigger/.test(cause.data.error)) {
    return `Slack gives me three seconds to open a form, and that passed. Try again. Reference ${reference}.`;
  }
  if (cause instanceof SlackBusy)
    return `Slack asks me to slow down. Try again in a minute. Reference ${reference}.`;
  return `Something went wrong on my side, and I can't say whether it was done: \`${doing.command} list\` shows what holds.${back} ${urgent}`;
}

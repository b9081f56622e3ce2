/** Who will be asked, in the form before it is sent. */
import type { Asked } from '../../access/policy/policy.js';
import type { Foreseen } from '../../workflow/deciding/foresee.js';
import { mentions, sentence } from './mrkdwn.js';
import { neededWords } from './review-words.js';

/** As mrkdwn; undefined where it is not known. */
export function foreseenWords(foreseen: Foreseen | undefined): string | undefined {
  if (!foreseen) return undefined;
  if (foreseen.kind === 'by-source') return 'Who will be asked depends on where you connect from.';
  const said = saidOf(foreseen);
  return foreseen.always ? said : `${said} For other choices than these it may be different.`;
}

function saidOf(foreseen: Exclude<Foreseen, { kind: 'by-source' }>): string {
  switch (foreseen.kind) {
    case 'at-once':
      return '*Nobody will be asked*: the policy lets it open.';
    case 'refused':
      return `*Not allowed*: ${sentence(foreseen.sentence)}`;
    case 'asks': {
      const { asked, managers, channel } = foreseen;
      const who = asked.map((one) => wordsFor(one, managers)).join(' and ');
      return `*${who} will be asked*${channel ? ` in <#${channel}>` : ''}.`;
    }
  }
}

function wordsFor(asked: Asked, managers: readonly string[]): string {
  if (asked.kind === 'manager')
    return managers.length > 0 ? mentions(managers) : 'Whoever decides instead of a manager';
  return neededWords([asked]);
}

/** Which known word a person probably meant. */
import { slips } from '../access/reading/slips.js';

/** The known word that a person probably meant: the same but for case and dashes, or one or two letters away. */
export function nearest(word: string, known: string[]): string | undefined {
  const plain = (given: string) => given.toLowerCase().replace(/[-_\s]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, distance: slips(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.min(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

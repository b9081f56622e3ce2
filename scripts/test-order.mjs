/**
 * The order of the test files: the longest first, so that none is left over at the end. Jest knows how long each took
 * the last time; a fresh machine does not, and there those come first that start processes or wait in stories.
 */
import Sequencer from '@jest/test-sequencer';

/** By a part of the path. What is in none comes last. */
const LONG = [
  /browser\/(weather|windows)/,
  /story\/.*(stopping|processes|killed|adopted|lost|drift|main-job|two-policies|-late)|(tidy|carry)-group|trials\/crash|commands\//,
  /\/(story|workflow|aws)\//,
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.every(({ duration }) => duration !== undefined)) return sorted;
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path }) {
  const at = LONG.findIndex((pattern) => pattern.test(path));
  return at < 0 ? LONG.length : at;
}

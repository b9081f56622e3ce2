/**
 * The order of the test files. Beside files that mostly wait there run at any time some files that keep a processor
 * busy, since many waiting files side by side would leave the processors idle. Of each kind the longest files come
 * first, so that none is left over at the end. Jest knows how long each file took the last time; a fresh machine does
 * not.
 */
import Sequencer from '@jest/test-sequencer';

/** Files that start processes or wait in real time, and about how long, by a part of the path. */
const WAITING = [
  [/browser\/(weather|windows)|story\/running\/(processes|stopping)/, 30_000],
  [/story\/.*(killed|main-job|two-policies|lost|reviewing-late)/, 20_000],
  [
    /story\/.*(adopted|drift|newer|audit|outage|waiting)|(tidy|carry)-group|test\/commands\/|trials\/crash|aws\/interfaces/,
    12_000,
  ],
];
/** About how long all other files take. */
const OTHERS = [
  [/\/(story|browser)\//, 4_000],
  [/\/(workflow|aws|redis|trials)\//, 2_000],
  [/./, 1_000],
];
export default class Interleaved extends Sequencer {
  constructor(options) {
    super(options);
    this.workers = options.globalConfig.maxWorkers;
  }

  sort(tests) {
    const sorted = super.sort(tests).map((test) => ({ test, ...kindOf(test) }));
    const longestFirst = sorted.toSorted((one, other) => other.ms - one.ms);
    const waiting = longestFirst.filter(({ waits }) => waits);
    const others = longestFirst.filter(({ waits }) => !waits);
    return interleaved(waiting, others, this.workers).map(({ test }) => test);
  }
}

function kindOf({ path, duration }) {
  const waits = msOf(WAITING, path);
  return { waits: waits !== undefined, ms: duration ?? waits ?? msOf(OTHERS, path) };
}

function msOf(kinds, path) {
  return kinds.find(([pattern]) => pattern.test(path))?.[1];
}

/**
 * Plays the run: a free worker gets a file that mostly waits where few such files run, else a file that keeps a
 * processor busy. The share of waiting files at any time is their share of the whole time, so that both kinds end
 * together.
 */
function interleaved(waiting, others, workers) {
  const share = totalMs(waiting) / (totalMs(waiting) + totalMs(others));
  const most = Math.ceil(workers * share);
  const [first, second] = [[...waiting], [...others]];
  const order = [];
  let running = [];
  let nowMs = 0;
  while (first.length + second.length > 0) {
    if (running.length === workers) {
      const [soonest, ...later] = running.toSorted((one, other) => one.endsAtMs - other.endsAtMs);
      running = later;
      nowMs = soonest.endsAtMs;
    }
    const mayWait = running.filter(({ waits }) => waits).length < most;
    const file = ((mayWait || second.length === 0) && first.shift()) || second.shift();
    order.push(file);
    running.push({ ...file, endsAtMs: nowMs + file.ms });
  }
  return order;
}

function totalMs(files) {
  return files.reduce((sum, { ms }) => sum + ms, 0);
}

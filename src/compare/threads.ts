/** Threads that share work, under one GIL or without. */
import type { GIL } from '../gil/index.js';
import { Barrier, BrokenBarrierError, Thread, task } from '../threading/index.js';
import type { Crew } from './crew.js';
import { perform, type Work, warmUp } from './work.js';

/** How long a thread may take to reach the gate, in ms; after that the gate breaks for all of them. */
const LIMIT = 120_000;

/** What the threads of a crew share. */
interface Common {
  readonly works: readonly Work[];
  /** The GIL that they hold while they work. */
  readonly gil: GIL | undefined;
  /** All threads and the measuring agent meet here when work begins and when it ends. */
  readonly gate: Barrier;
  /** Which work it is, which of its tasks is next, and the sum of the results so far. */
  readonly counts: Int32Array;
  /** When each thread began and ended its share, in ms. */
  readonly began: Float64Array;
  readonly ended: Float64Array;
}

const WHICH = 0;
const NEXT = 1;
const SUM = 2;
const COUNTS = 3;

/** The same clock for all threads. */
const clock = (): number => performance.timeOrigin + performance.now();

const thread = task(import.meta.url, 'thread of compare', (common: Common, index: number) => {
  const { works, gil, gate, counts, began, ended } = common;
  const share = (work: Work): void => {
    for (let index = Atomics.add(counts, NEXT, 1); index < work.tasks; index = Atomics.add(counts, NEXT, 1)) {
      Atomics.add(counts, SUM, perform(work, index, gil));
    }
  };
  const holding = (fn: () => void): void => (gil === undefined ? fn() : gil.run(fn));
  holding(() => warmUp(works, gil));
  try {
    for (;;) {
      gate.wait();
      began[index] = clock();
      holding(() => share(works[Atomics.load(counts, WHICH)]));
      ended[index] = clock();
      gate.wait();
    }
  } catch (error) {
    // The measuring agent has closed the crew, or has failed and reports its own error.
    if (!(error instanceof BrokenBarrierError)) throw error;
  }
});

/**
 * Opens a crew of threads, which take tasks as they become free.
 *
 * @param works the work it will be measured by
 * @param many how many threads there are
 * @param gil what a thread must hold while it works
 */
export function openThreads(works: readonly Work[], many: number, gil?: GIL): Crew {
  const counts = new Int32Array(new SharedArrayBuffer(4 * COUNTS));
  const gate = new Barrier(many + 1, { timeout: LIMIT });
  const [began, ended] = [0, 1].map(() => new Float64Array(new SharedArrayBuffer(8 * many)));
  const common: Common = { works, gil, gate, counts, began, ended };
  const threads = Array.from(
    { length: many },
    (_, i) => new Thread({ target: thread, args: [common, i], daemon: true }),
  );
  for (const each of threads) each.start();
  return {
    async measure(work) {
      counts.set([works.indexOf(work), 0, 0]);
      await gate.waitAsync();
      await gate.waitAsync();
      // By their own clocks: where they keep all processors busy, this agent comes through the gate some ms after them.
      return { elapsed: Math.max(...ended) - Math.min(...began), sum: counts[SUM] };
    },
    async close() {
      gate.abort();
      await Promise.all(threads.map((each) => each.joinAsync()));
    },
  };
}

// Threads of a contender: they sleep until they are asked, run, and sleep again. So up to 32 of them are started only once.
// They use worker_threads directly, not the package's host layer: some contenders limit a thread's resources, and V8's
// mutexes cannot be workerData. Contenders that start workers of their own do so because starting them, or a bare
// message, is what they measure, or because the worker is not a module.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** `round * MOST + how many run in it`: one word, so that a thread that wakes late does not mix two rounds. */
const ROUND = 0;
const MOST = 1024;
const ARRIVED = 1;
const GO = 2;
const STOP = 3;
const DONE = 4;
const CONTROLS = 64;

export { isMainThread, workerData };

export class Threads {
  #control = new Int32Array(new SharedArrayBuffer(CONTROLS * 4));
  #workers = [];

  /**
   * Starts threads, which run the same file and call `serveThreads`.
   *
   * @param {string} file the URL of the file
   * @param {number} count
   * @param {unknown} shared what `serveThreads` gets
   * @param {object} [options] of the workers
   * @returns {Promise<Threads>}
   */
  static async start(file, count, shared, options = {}) {
    const threads = new Threads();
    for (let i = 0; i < count; i++) {
      const worker = new Worker(new URL(file), { ...options, argv: process.argv.slice(2) });
      worker.on('error', (error) => {
        console.error(error);
        process.exit(1);
      });
      // Not as workerData, which V8's mutexes cannot be.
      worker.postMessage({ index: i, control: threads.#control, shared });
      threads.#workers.push(worker);
    }
    await Promise.all(threads.#workers.map((worker) => once(worker, 'message')));
    for (const worker of threads.#workers) worker.unref();
    return threads;
  }

  /** Lets the first `count` threads run, and returns when all of them are about to. */
  begin(count) {
    const control = this.#control;
    Atomics.store(control, STOP, 0);
    Atomics.store(control, GO, 0);
    Atomics.store(control, ARRIVED, 0);
    Atomics.store(control, DONE, 0);
    const round = Math.floor(Atomics.load(control, ROUND) / MOST) + 1;
    Atomics.store(control, ROUND, round * MOST + count);
    Atomics.notify(control, ROUND);
    waitUntil(control, ARRIVED, count);
  }

  go() {
    Atomics.store(this.#control, GO, 1);
    Atomics.notify(this.#control, GO);
  }

  /** Tells the threads to stop, as far as they ask. */
  stop() {
    Atomics.store(this.#control, STOP, 1);
  }

  /** Blocks until the first `count` threads are done. */
  join(count) {
    waitUntil(this.#control, DONE, count);
  }
}

/** Blocks until a word has reached a value. */
function waitUntil(words, index, value) {
  for (let seen = Atomics.load(words, index); seen < value; seen = Atomics.load(words, index)) {
    Atomics.wait(words, index, seen);
  }
}

/**
 * A thread's side. It returns to its event loop only while a round is async.
 *
 * @typedef {() => void | Promise<void>} Round
 * @param {(shared: any, index: number, isStopped: () => boolean) => Round | Promise<Round>} prepare makes the function that
 *   runs in each round
 */
export function serveThreads(prepare) {
  parentPort.once('message', async ({ index, control, shared }) => {
    const run = await prepare(shared, index, () => Atomics.load(control, STOP) !== 0);
    let round = Atomics.load(control, ROUND);
    parentPort.postMessage('ready');
    for (;;) {
      Atomics.wait(control, ROUND, round);
      round = Atomics.load(control, ROUND);
      if (index >= round % MOST) continue;
      Atomics.add(control, ARRIVED, 1);
      Atomics.notify(control, ARRIVED);
      Atomics.wait(control, GO, 0);
      await run();
      Atomics.add(control, DONE, 1);
      Atomics.notify(control, DONE);
    }
  });
}

/**
 * The board: one word for each worker of a pool, and one for each task that is under way; shared by the owner of the
 * pool and its workers. It says who has which task, so that each has exactly one outcome, whoever dies and when.
 *
 * ```text
 * word 0 … workers − 1    0, or READY once the worker can take tasks
 *      then, of each slot:
 *
 *  31            12 11      10 9        0
 * +----------------+----------+----------+
 * | generation     | stage    | worker   |
 * +----------------+----------+----------+
 *
 *            owner             worker          worker, before it puts the result
 *   QUEUED ──────────▶ VOID
 *   QUEUED ───────────────────▶ CLAIMED ──────▶ FINISHED
 *                               CLAIMED ──────▶ DOOMED     by the owner, which ends that worker
 * ```
 *
 * Every step is a compare-and-swap. A worker claims a task *before* the task is out of the ring, and under the ring's
 * latch; so one that dies has claimed what it took. A task that is not QUEUED any more when it comes to a worker is
 * passed over. A worker whose task is DOOMED when it has finished takes no other: the end that is on its way to it meets
 * nobody else's task. A slot's next task has the next generation.
 */
const WORKER_BITS = 10;
const WORKER = 2 ** WORKER_BITS - 1;
const STAGE_BITS = 2;
const GENERATION_SHIFT = WORKER_BITS + STAGE_BITS;
const GENERATIONS = 2 ** (32 - GENERATION_SHIFT);

const QUEUED = 0;
const CLAIMED = 1 << WORKER_BITS;
const FINISHED = 2 << WORKER_BITS;
/** VOID without a worker, DOOMED with one. */
const GIVEN_UP = 3 << WORKER_BITS;

const READY = 1;

/** How many tasks may be under way: in the ring, or with a worker. */
export const SLOTS = 1024;
/** The most workers of a pool; numbers begin at 1. */
export const MOST_WORKERS = 512;

/** The generation that follows one. */
export const nextGeneration = (generation: number): number => (generation + 1) % GENERATIONS;

export class Claims {
  /** For the workers, in which `Claims` is made of it again. */
  readonly words: Int32Array;
  readonly #first: number;

  /** @param words those of the board */
  constructor(words: Int32Array) {
    this.words = words;
    this.#first = words.length - SLOTS;
  }

  /** The board of a new pool. */
  static make(workers: number): Claims {
    return new Claims(new Int32Array(new SharedArrayBuffer(4 * (workers + SLOTS))));
  }

  /** Says that a worker can take tasks, or that there is another now which cannot yet. */
  setReady(worker: number, ready: boolean): void {
    Atomics.store(this.words, worker - 1, ready ? READY : 0);
  }

  isReady(worker: number): boolean {
    return Atomics.load(this.words, worker - 1) === READY;
  }

  /** The owner: a task is about to be put. */
  queue(slot: number, generation: number): void {
    Atomics.store(this.words, this.#first + slot, word(generation, QUEUED));
  }

  /** A worker: whether it gets the task. */
  claim(slot: number, generation: number, worker: number): boolean {
    return this.#swap(slot, word(generation, QUEUED), word(generation, CLAIMED | worker));
  }

  isQueued(slot: number, generation: number): boolean {
    return Atomics.load(this.words, this.#first + slot) === word(generation, QUEUED);
  }

  /** The worker that has the task: whether the result is still wanted. */
  finish(slot: number, generation: number, worker: number): boolean {
    return this.#swap(slot, word(generation, CLAIMED | worker), word(generation, FINISHED | worker));
  }

  /**
   * The owner: gives up a task, wherever it is.
   *
   * @returns the worker that is busy with it and has to be ended for it, or 0 when there is none
   */
  giveUp(slot: number, generation: number): number {
    if (this.#swap(slot, word(generation, QUEUED), word(generation, GIVEN_UP))) return 0;
    const worker = this.workerOf(slot);
    const taken =
      worker !== 0 && this.#swap(slot, word(generation, CLAIMED | worker), word(generation, GIVEN_UP | worker));
    return taken ? worker : 0;
  }

  /** The worker that has, or had, the task of a slot; 0 while none has. */
  workerOf(slot: number): number {
    return Atomics.load(this.words, this.#first + slot) & WORKER;
  }

  #swap(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, this.#first + slot, from, to) === from;
  }
}

const word = (generation: number, rest: number): number => (generation << GENERATION_SHIFT) | rest;

/**
 * The board: one word for each worker of a pool, and one for each task that is under way; shared by the owner of the
 * pool and its workers. It records which worker has which task, so that each has exactly one outcome, whoever dies and
 * when.
 *
 * ```text
 * word 0 … workers − 1    0, or READY once the worker can take tasks
 *      then, of each worker: NEWS, a number that grows when one of its tasks was given up; the owner notifies
 *      then, of each slot:
 *
 *  31            13 12      10 9        0
 * +----------------+----------+----------+
 * | generation     | stage    | worker   |
 * +----------------+----------+----------+
 *
 *            owner             worker          worker, before it puts the result
 *   QUEUED ──────────▶ VOID
 *   QUEUED ───────────────────▶ CLAIMED ──────▶ FINISHED
 *                               CLAIMED ──────▶ DOOMED     by the owner, which notifies; the task may end in time
 *                               DOOMED ───────▶ FINISHED   by the worker: it has, and the worker goes on
 *                               DOOMED ───────▶ KILLED     by the owner, which ends that worker
 * ```
 *
 * Every step is a compare-and-swap. A worker claims a task *before* the task is out of the ring, and under the ring's
 * latch, so one that dies has claimed what it took. A task that is no longer QUEUED when it comes to a worker is
 * skipped. A worker whose task is KILLED when it has finished takes no other: it is about to be ended. A slot's next
 * task has the next generation.
 */
import { microtask } from '../../core/wait/turns.js';
import { type Cancel, watch } from '../../core/wait/watch.js';

const WORKER_BITS = 10;
const WORKER = 2 ** WORKER_BITS - 1;
const STAGE_BITS = 3;
const GENERATION_SHIFT = WORKER_BITS + STAGE_BITS;
const GENERATIONS = 2 ** (32 - GENERATION_SHIFT);

const QUEUED = 0;
const CLAIMED = 1 << WORKER_BITS;
const FINISHED = 2 << WORKER_BITS;
/** VOID without a worker, DOOMED with one. */
const GIVEN_UP = 3 << WORKER_BITS;

/** The owner ends the worker. */
const KILLED = 4 << WORKER_BITS;

const READY = 1;

/** What a worker finds when it has done a task: the result is wanted; it is not; it is itself about to be ended. */
export const WANTED = 0;
export const UNWANTED = 1;
export const ENDING = 2;
export type Finish = typeof WANTED | typeof UNWANTED | typeof ENDING;

/** How many tasks may be under way: in the ring, or with a worker. */
export const SLOTS = 2 ** 16;
/** The most workers of a pool; numbers begin at 1. */
export const MOST_WORKERS = 512;

/** The generation that follows one. */
export const nextGeneration = (generation: number): number => (generation + 1) % GENERATIONS;

export class Claims {
  /** For the workers, which make their own `Claims` of it. */
  readonly words: Int32Array;
  /** How many workers there are. */
  readonly workers: number;
  readonly #first: number;

  /** @param words those of the board */
  constructor(words: Int32Array) {
    this.words = words;
    this.#first = words.length - SLOTS;
    this.workers = this.#first / 2;
  }

  /** The board of a new pool. */
  static make(workers: number): Claims {
    return new Claims(new Int32Array(new SharedArrayBuffer(4 * (2 * workers + SLOTS))));
  }

  /** Records that a worker can take tasks, or that its successor cannot yet. */
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

  /** The worker that has the task: it is done. */
  finish(slot: number, generation: number, worker: number): Finish {
    const finished = word(generation, FINISHED | worker);
    if (this.#swap(slot, word(generation, CLAIMED | worker), finished)) return WANTED;
    return this.#swap(slot, word(generation, GIVEN_UP | worker), finished) ? UNWANTED : ENDING;
  }

  /** The worker that has the task: whether it was given up. */
  isGivenUp(slot: number, generation: number, worker: number): boolean {
    return Atomics.load(this.words, this.#first + slot) !== word(generation, CLAIMED | worker);
  }

  /** The worker that has the task: whether the owner wants it ended for that. */
  isKilled(slot: number, generation: number, worker: number): boolean {
    return Atomics.load(this.words, this.#first + slot) === word(generation, KILLED | worker);
  }

  /**
   * A worker: calls something whenever one of its tasks is given up.
   *
   * @returns what ends that
   */
  onNews(worker: number, call: () => void): () => void {
    const at = this.workers + worker - 1;
    let cancel: Cancel | undefined;
    let ended = false;
    const wait = (): void => {
      if (ended) return;
      const seen = Atomics.load(this.words, at);
      call();
      cancel = watch(this.words, at, seen, wait);
      if (cancel === undefined) microtask(wait);
    };
    wait();
    return () => {
      ended = true;
      cancel?.();
    };
  }

  #tell(worker: number): void {
    const at = this.workers + worker - 1;
    Atomics.add(this.words, at, 1);
    Atomics.notify(this.words, at);
  }

  /** The worker that has the task: calls something once it is given up; undefined if it already was. */
  whenGivenUp(slot: number, generation: number, worker: number, call: () => void): Cancel | undefined {
    return watch(this.words, this.#first + slot, word(generation, CLAIMED | worker), call);
  }

  /**
   * The owner: gives up a task, whatever its state.
   *
   * @returns the worker that is busy with it, or 0 when there is none
   */
  giveUp(slot: number, generation: number): number {
    if (this.#swap(slot, word(generation, QUEUED), word(generation, GIVEN_UP))) return 0;
    const worker = this.workerOf(slot);
    const taken =
      worker !== 0 && this.#swap(slot, word(generation, CLAIMED | worker), word(generation, GIVEN_UP | worker));
    if (!taken) return 0;
    Atomics.notify(this.words, this.#first + slot);
    this.#tell(worker);
    return worker;
  }

  /** The owner: whether a worker that is still busy with what was given up has to be ended. */
  kill(slot: number, generation: number, worker: number): boolean {
    if (!this.#swap(slot, word(generation, GIVEN_UP | worker), word(generation, KILLED | worker))) return false;
    this.#tell(worker);
    return true;
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

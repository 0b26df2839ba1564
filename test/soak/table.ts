// What the soak's threads know of each other: a table in shared memory with a row for every strand, which is a blocking
// worker's thread or one task of an async worker. Rows outlive the workers: one that takes a dead one's place goes on counting.

/** What a strand is doing. */
export const IDLE = 0;
export const RUNNING = 1;
export const WAITING = 2;
export const HOLDING = 3;

export const STATES = ['idle', 'running', 'waiting', 'holding'];

/** The value of `run` in which only those go on that make others come to rest. */
export const DRAIN = -1;

const RUN = 0;
const DATA = 16;
const DATA_WORDS = 16;
const ROWS = DATA + DATA_WORDS;
const ROW_WORDS = 16;

const STATE = 0;
const OPERATIONS = 1;
const TIMEOUTS = 2;
const ABORTS = 3;
const LONGEST = 4;
const MARK = 5;
const SUM = 6;
const RECOVERIES = 7;
const ORDER = 8;

/** What ends a strand's worker from within, at its next operation. */
export const EXIT = 1;
export const FILL_MEMORY = 2;
/** It does so. */
const OBEYS = -1;

export class Table {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** What the primitives guard: plain words, read and written as such. */
  readonly data: Int32Array<SharedArrayBuffer>;
  readonly strands: readonly Strand[];

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.words = words;
    this.data = words.subarray(DATA, ROWS);
    const length = (words.length - ROWS) / ROW_WORDS;
    this.strands = Array.from({ length }, (_, id) => new Strand(words, ROWS + id * ROW_WORDS, id));
  }

  /** Makes a table for as many strands. */
  static for(strands: number): Table {
    return new Table(new Int32Array(new SharedArrayBuffer((ROWS + strands * ROW_WORDS) * 4)));
  }

  /** The round that is played; 0 between two; or DRAIN. */
  get run(): number {
    return Atomics.load(this.words, RUN);
  }

  set run(round: number) {
    Atomics.store(this.words, RUN, round);
    Atomics.notify(this.words, RUN);
  }

  /** Blocks while `run` is this. */
  waitWhile(run: number): void {
    Atomics.wait(this.words, RUN, run);
  }

  /** Waits while `run` is this. */
  async waitWhileAsync(run: number): Promise<void> {
    await Atomics.waitAsync(this.words, RUN, run).value;
  }

  total(of: (strand: Strand) => number): number {
    return this.strands.reduce((sum, strand) => sum + of(strand), 0);
  }
}

/** A row of the table, written by its strand; between rounds also by the soak. */
export class Strand {
  readonly #words: Int32Array;
  readonly #row: number;
  readonly id: number;

  constructor(words: Int32Array, row: number, id: number) {
    this.#words = words;
    this.#row = row;
    this.id = id;
  }

  get state(): number {
    return Atomics.load(this.#words, this.#row + STATE);
  }

  set state(state: number) {
    Atomics.store(this.#words, this.#row + STATE, state);
  }

  /** How many operations were done, each with what was waited for. */
  get operations(): number {
    return Atomics.load(this.#words, this.#row + OPERATIONS);
  }

  get timeouts(): number {
    return Atomics.load(this.#words, this.#row + TIMEOUTS);
  }

  get aborts(): number {
    return Atomics.load(this.#words, this.#row + ABORTS);
  }

  /** The longest wait, in µs. */
  get longest(): number {
    return Atomics.load(this.#words, this.#row + LONGEST);
  }

  /** How often it has made whole what a dead strand left. */
  get recoveries(): number {
    return Atomics.load(this.#words, this.#row + RECOVERIES);
  }

  recovered(): void {
    Atomics.add(this.#words, this.#row + RECOVERIES, 1);
    this.state = RUNNING;
  }

  /** Makes its worker end in this way when the strand comes to it. */
  order(way: typeof EXIT | typeof FILL_MEMORY): void {
    Atomics.store(this.#words, this.#row + ORDER, way);
  }

  /** @returns false when it obeys already */
  revoke(): boolean {
    return Atomics.exchange(this.#words, this.#row + ORDER, 0) !== OBEYS;
  }

  /** The place, in the middle of an operation, where its worker may end. */
  obey(): void {
    const way = Atomics.load(this.#words, this.#row + ORDER);
    if (way <= 0 || Atomics.compareExchange(this.#words, this.#row + ORDER, way, OBEYS) !== way) return;
    if (way === EXIT) process.exit(1);
    const filled: unknown[] = [];
    for (;;) filled.push(new Array(10_000).fill(filled.length));
  }

  /** How far it has come, and a sum; what the play makes of them. */
  get mark(): number {
    return Atomics.load(this.#words, this.#row + MARK);
  }

  set mark(mark: number) {
    Atomics.store(this.#words, this.#row + MARK, mark);
  }

  get sum(): number {
    return Atomics.load(this.#words, this.#row + SUM);
  }

  set sum(sum: number) {
    Atomics.store(this.#words, this.#row + SUM, sum);
  }

  /**
   * Waits as a thread does.
   *
   * @param wait - false when its time was up
   * @returns what it returned; HOLDING then, and RUNNING when the time was up
   */
  wait<T>(wait: () => T | false): T | false {
    this.state = WAITING;
    const start = performance.now();
    const got = wait();
    this.#waited(start, got !== false);
    return got;
  }

  /** Waits as a task does; `signal` is what the wait was given. */
  async waitAsync<T>(wait: () => Promise<T | false>, signal: AbortSignal | undefined): Promise<T | false> {
    this.state = WAITING;
    const start = performance.now();
    try {
      const got = await wait();
      this.#waited(start, got !== false);
      return got;
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
      Atomics.add(this.#words, this.#row + ABORTS, 1);
      this.state = RUNNING;
      return false;
    }
  }

  #waited(start: number, got: boolean): void {
    const us = Math.round((performance.now() - start) * 1000);
    if (us > this.longest) Atomics.store(this.#words, this.#row + LONGEST, us);
    if (!got) Atomics.add(this.#words, this.#row + TIMEOUTS, 1);
    this.state = got ? HOLDING : RUNNING;
  }

  /** An operation is done, except that what was waited for is still to be given back. */
  done(): void {
    this.obey();
    Atomics.add(this.#words, this.#row + OPERATIONS, 1);
    this.state = RUNNING;
  }
}

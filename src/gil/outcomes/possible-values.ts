/** All possible results of a program: every interleaving of its threads, explored. */
import { explore, type Memory, region, type Thread } from '../../check/index.js';
import { checkBound, checkFields, type Fields } from '../../core/arguments.js';
import { assemble } from '../interpreter/assembler.js';
import { Machine } from '../interpreter/machine.js';
import type { Baton } from '../interpreter/natives.js';
import { checkPolicy, type Policy } from '../interpreter/opcodes.js';
import { cellAt, functionOf, type Program } from '../interpreter/program.js';

/** What one thread of a program does. */
export interface ThreadCall {
  /** The function that it calls. */
  readonly name: string;
  /** The arguments, 32-bit integers; none by default. */
  readonly args?: readonly number[] | undefined;
}

/** Threads of a program, and the result asked for. */
export interface Question {
  /** The program, as `assemble` takes it. */
  source: string;
  /** The policy that it runs under. */
  policy: Policy;
  /** What each thread calls: 1 to 26 calls. */
  threads: readonly ThreadCall[];
  /** The value asked for, as `Interpreter.read` takes it. */
  result: string;
  /** How many states to look at before giving up, 1 or more; 1,000,000 by default, and Infinity never gives up. */
  maxStates?: number | undefined;
}

/** As many as the checker has names for. */
const MOST_THREADS = 26;

const FIELDS: Fields<Question> = { source: true, policy: true, threads: true, result: true, maxStates: true };

/** The possible results. */
export interface Possible {
  /** Every value that some interleaving produces, in ascending order. */
  readonly values: readonly number[];
  /** How many states were seen. */
  readonly states: number;
}

/** The model's words: 0 when free, else 1 + the index of the thread that holds it. */
const GIL_WORD = 0;
const FIRST_LOCK = 1;

/**
 * Explores every interleaving of a program's threads. Wherever the policy checks whether somebody has asked for the
 * GIL, somebody may have asked or not, because any wait may outlast the switch interval at any time. That is all that
 * the GIL's protocol adds to a lock, and it stands for the protocol here.
 *
 * @param question which threads, under which policy
 * @returns all values that the result can have when all threads have ended
 * @throws AssemblyError when the program is wrong; RangeError when it has nothing of the name given as `result`, or no
 *   function that a thread calls; TypeError or RangeError when something else is invalid; Error when a schedule of it
 *   fails or hangs, with that schedule, or when there are more states than allowed
 *
 * @example
 * ```ts
 * import { possibleValues } from 'atomics-sync-free/gil/outcomes';
 * const source = `
 * global counter = 0
 * def increment():
 *     LOAD_GLOBAL counter
 *     LOAD_CONST 1
 *     BINARY_OP +=
 *     STORE_GLOBAL counter
 *     LOAD_CONST None
 *     RETURN_VALUE
 * `;
 * const threads = [{ name: 'increment' }, { name: 'increment' }];
 * console.log(possibleValues({ source, policy: '3.9', threads, result: 'counter' }).values); // [ 1, 2 ]
 * console.log(possibleValues({ source, policy: '3.11', threads, result: 'counter' }).values); // [ 2 ]
 * ```
 */
export function possibleValues(question: Question): Possible {
  checkFields('possibleValues', question, FIELDS);
  const { source, policy, threads, result, maxStates } = question;
  const program = assemble(source);
  checkPolicy(policy);
  if (!Array.isArray(threads) || !threads.every(isCall))
    throw new TypeError("threads must be a list of calls, such as { name: 'increment', args: [2] }");
  if (threads.length < 1 || threads.length > MOST_THREADS)
    throw new RangeError(`threads must be 1 to ${MOST_THREADS} calls, not ${threads.length}`);
  for (const { name, args = [] } of threads) functionOf(program, name, args);
  if (maxStates !== undefined) checkBound('maxStates', maxStates, 1, Number.MAX_SAFE_INTEGER);
  const cell = cellAt(program, result);
  const cells = new Int32Array(program.cells);
  for (const [at, value] of program.initial) cells[at] = value;

  const found = explore({
    memory: [region(new Int32Array(FIRST_LOCK + program.locks)), region(cells, { name: 'cells' })],
    threads: threads.map(
      (call, index) =>
        ({ regions }, thread) =>
          run(program, policy, call, index + 1, regions, thread),
    ),
    outcome: (_, view) => String(view.word(cell, 1)),
    ...(maxStates !== undefined && { maxStates }),
  });
  if (found.verdict !== 'ok') throw new Error(found.toString());
  return { values: [...found.outcomes.keys()].map(Number).sort((a, b) => a - b), states: found.states };
}

const isCall = (call: unknown): call is ThreadCall =>
  typeof (call as ThreadCall)?.name === 'string' && Array.isArray((call as ThreadCall).args ?? []);

/** Runs one call in one thread. `me` is the thread's number, from 1. */
function run(
  program: Program,
  policy: Policy,
  { name, args = [] }: ThreadCall,
  me: number,
  [words, cells]: Memory['regions'],
  thread: Thread,
): void {
  // What the rest of the run depends on; `place` distinguishes the points where the machine may be stopped.
  const mark = (place: string): void => thread.mark(`${place} ${machine.snapshot()}`);
  const gil = batonOf(policy, new ModelLock(words, GIL_WORD, me, mark), thread, mark);
  const locks = Array.from({ length: program.locks }, (_, i) => new ModelLock(words, FIRST_LOCK + i, me, mark));
  // Sleeping lets others run, or not: the GIL is dropped around it.
  const machine = new Machine(program, policy, { gil, cells, locks, sleep: () => {} });
  gil.acquire();
  machine.run(name, args);
  gil.release();
}

/** The GIL of a thread, which another thread may take at every checkpoint. */
function batonOf(policy: Policy, lock: ModelLock, thread: Thread, mark: (place: string) => void): Baton {
  const enabled = policy !== 'free-threaded';
  return {
    enabled,
    acquire: () => enabled && lock.acquire(),
    release: () => enabled && lock.release(),
    checkpoint: () => {
      mark('check');
      if (!enabled || thread.choose(2) === 0) return;
      lock.release();
      lock.acquire();
    },
  };
}

/** A lock of one word; each release wakes all waiters. */
class ModelLock {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #me: number;
  readonly #mark: (place: string) => void;

  constructor(words: Int32Array, word: number, me: number, mark: (place: string) => void) {
    this.#words = words;
    this.#word = word;
    this.#me = me;
    this.#mark = mark;
  }

  tryAcquire(): boolean {
    return Atomics.compareExchange(this.#words, this.#word, 0, this.#me) === 0;
  }

  acquire(): void {
    for (;;) {
      this.#mark(`lock ${this.#word}`);
      const holder = Atomics.compareExchange(this.#words, this.#word, 0, this.#me);
      if (holder === 0) return;
      Atomics.wait(this.#words, this.#word, holder);
    }
  }

  release(): void {
    Atomics.store(this.#words, this.#word, 0);
    Atomics.notify(this.#words, this.#word);
  }
}

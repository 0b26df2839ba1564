/** What a user writes: the memory, the threads, what must hold, and how far to search. */
import type { Region } from './region.js';

/** The shared memory as a thread sees it. */
export interface Memory<N extends string = string> {
  /** The words (of the first region). Every access is followed; plain ones must be declared. */
  readonly words: Int32Array;
  /** Index of each named word in its array: `Atomics.load(words, at.lock)`. */
  readonly at: Readonly<Record<N, number>>;
  /** All arrays, where the scenario's memory is a list of regions. */
  readonly regions: readonly Int32Array[];
}

/** What the explorer offers to the code of a thread. */
export interface Thread<G extends string = string> {
  /** Position in {@link Scenario.threads}. */
  readonly index: number;
  /** Name in reports. */
  readonly name: string;

  /**
   * A nondeterministic choice: every alternative is explored.
   *
   * @param alternatives - How many there are, 1 … 1,000,000.
   * @returns 0 … alternatives − 1.
   */
  choose(alternatives: number): number;

  /**
   * A step that touches no memory: a point at which other threads may run. It stands for the work inside a critical
   * section that has no operation of its own.
   */
  step(): void;

  /**
   * Declares that, besides shared memory, only `key` still matters of this thread's past. Pasts with equal keys are
   * merged: the thread goes on from the first one that got here. Put it where a retry loop begins again, with
   * everything that survives from pass to pass as the key, and between operations that share no local state. The number
   * of the phase, and whether its body or a continuation is running, are always part of the key; the counter of a loop
   * around the marked one is not, unless you put it there. The key must also cover the other tasks of this thread's
   * event loop. Random walks test the declaration, and a false one that they find is reported.
   *
   * @param key - What still matters. Default: nothing.
   */
  mark(key?: string | number | boolean): void;

  /**
   * What has happened to this thread since its last mark, and the key of that mark, as a short text. As (part of) the
   * key of later marks it keeps apart whatever was distinct here, whatever the local state.
   *
   * @returns The text.
   */
  past(): string;

  /**
   * Changes ghost words: integers that exist only for the checks, declared in {@link Scenario.ghosts}. A change takes
   * effect together with the operation before it (or the wake-up, or the choice). Threads cannot read them. No check
   * sees a ghost that changes and changes back with no operation in between; if the invariant reads it, this is
   * reported: put a {@link Thread.step} between the changes.
   */
  readonly ghost: {
    /**
     * Adds to a ghost word.
     *
     * @param name - The ghost word.
     * @param amount - An integer.
     */
    add(name: G, amount: number): void;
    /**
     * Sets a ghost word.
     *
     * @param name - The ghost word.
     * @param value - An integer.
     */
    set(name: G, value: number): void;
  };

  /**
   * Waits until a thread has been killed; one that waits here at the end counts as done.
   *
   * @param threads - Names of the threads to wait for, any one of them; default: any other thread.
   * @returns The index of the dead thread; the lowest, if several are dead.
   */
  joinDead(...threads: string[]): number;

  /**
   * Registers a callback that the thread's event loop runs at any later time, in a turn of its own: a timer, a
   * message, an abort signal. The thread is done only after it ran.
   *
   * @param callback - The turn.
   * @param delay - The least time, in ms, by which the thread's clock has advanced when it runs. Default 0.
   * @returns A function that cancels it.
   */
  later(callback: () => void, delay?: number): () => void;

  /**
   * Declares that the thread's pending async waits need not complete: they stay in the queues and may still be woken
   * (and take a notify).
   */
  abandonWaits(): void;
}

/** Code of a thread: ordinary synchronous code that uses the global Atomics. Its return value is its result. */
export type Body<N extends string = string, G extends string = string> = (
  memory: Memory<N>,
  thread: Thread<G>,
) => unknown;

/** A thread with a name, several phases, or its own rules. Exactly one of `run` and `phases` is given. */
export interface ThreadOptions<N extends string = string, G extends string = string> {
  /** Name in reports. Default: a, b, c, … */
  readonly name?: string | undefined;
  /** The code. */
  readonly run?: Body<N, G> | undefined;
  /**
   * Makes the code as a list of phases. It is called anew for each re-execution, so create live objects in here; it
   * sees the initial contents of the memory and may not change them. A phase begins when the previous one has returned
   * and none of its continuations is pending; between two phases only what the earlier one returned (a number, string
   * or boolean) still matters, as with {@link Thread.mark}.
   */
  readonly phases?: ((memory: Memory<N>, thread: Thread<G>) => readonly (() => unknown)[]) | undefined;
  /**
   * Whether the run is over once all other threads are done, whatever this one is doing: a server that loops forever.
   * Default: false.
   */
  readonly daemon?: boolean | undefined;
  /**
   * Whether {@link Scenario.kills} may kill this thread, or in which states; it is spared while it waits in joinDead.
   * Default: true.
   */
  readonly killable?: boolean | ((values: Values<N | G>) => boolean) | undefined;
}

/** What a thread is doing, for the checks. */
export interface ThreadView {
  /** Its name in reports. */
  readonly name: string;
  /** `ready` before an operation, `asleep` in Atomics.wait, `idle` between turns of its event loop. */
  readonly state: 'ready' | 'asleep' | 'idle' | 'done' | 'dead';
  /** Name of the word it is about to operate on or sleeps on; empty if there is none. */
  readonly word: string;
}

/** What a check sees besides the named words. */
export interface View {
  /**
   * The value of any word.
   *
   * @param index - Which word of its array.
   * @param region - Which array. Default: the first, 0.
   * @returns Its value in this state.
   */
  word(index: number, region?: number): number;
  /** The threads, in the scenario's order. */
  readonly threads: readonly ThreadView[];
}

/** Named words and ghosts by name. */
export type Values<N extends string> = Readonly<Record<[N] extends [never] ? string : N, number>>;

/** A condition. It holds if it returns true or nothing; a string says why it does not; false or a thrown error: it does not. */
// biome-ignore lint/suspicious/noConfusingVoidType: a check may be a function that asserts and returns nothing
export type Check<N extends string = string> = (values: Values<N>, view: View) => boolean | string | void;

/** A program to explore. */
export interface Scenario<N extends string = string, G extends string = never> {
  /** Named words with their initial values, or one or several arrays: see {@link region}. May be left out if there are `objects`. */
  readonly memory?: Readonly<Record<N, number>> | Region | readonly Region[] | undefined;
  /**
   * The package's primitives that the threads use, by their names in reports, in arrays and plain objects at any depth:
   * Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock. Create them before the exploration,
   * which begins with free locks and whole barriers; the threads use these objects, and the exploration does not change
   * them. Each method is one step, or two where it waits for others.
   */
  readonly objects?: Readonly<Record<string, unknown>> | undefined;
  /** The threads, at most 26. */
  readonly threads: readonly (Body<N, G> | ThreadOptions<N, G>)[];
  /** Integers that exist only for the checks, with their initial values: see {@link Thread.ghost}. */
  readonly ghosts?: Readonly<Record<G, number>> | undefined;
  /**
   * Words that are meant to be read and written without Atomics while other threads use them (for named memory; a
   * region declares its own). Other words may be accessed plainly, too, where that is no data race; a race is a
   * failure.
   */
  readonly plain?: readonly N[] | undefined;
  /**
   * What plain accesses see. `sc` (default): the latest value, as if they were Atomics. `tso`: what they see on x86,
   * where other threads may see a store only after the storing thread's later reads, until that thread performs an
   * operation of Atomics other than load. Neither covers what weaker processors (ARM, POWER, RISC-V) and compilers
   * reorder besides.
   */
  readonly memoryModel?: 'sc' | 'tso' | undefined;
  /**
   * Must hold in every state. Its result may depend on nothing else; unless it looks at the threads, it is evaluated
   * once for equal words.
   */
  readonly invariant?: Check<N | G> | undefined;
  /** Must hold whenever all threads are done. */
  readonly final?: Check<N | G> | undefined;
  /** Names the outcome of a run, for {@link Result.outcomes}. */
  readonly outcome?: ((values: Values<N | G>, view: View) => string) | undefined;
  /** How many threads may be killed, each before any of its operations or while it sleeps. Default 0. */
  readonly kills?: number | undefined;
  /** Whether waits with a finite timeout may time out, at any time. Default true. */
  readonly timeouts?: boolean | undefined;
  /**
   * Whether Atomics.pause() is a {@link Thread.mark} keyed by the call path that led to it. Not for bounded spins,
   * whose count a mark would forget. Default false.
   */
  readonly pauseMarks?: boolean | undefined;
  /**
   * Explore only schedules with at most this many preemptions (switches away from a thread that could go on), those
   * with fewest first. A search that meets `maxStates` can then report the bound within which everything was explored,
   * and a failure's schedule is a shortest one among those with the fewest preemptions. Livelocks are found only where
   * no excluded schedule could end them. Default: no bound.
   */
  readonly preemptionBound?: number | undefined;
  /** Give up (verdict `incomplete`) beyond this many states. Default 1,000,000. */
  readonly maxStates?: number | undefined;
}

/** What a user writes: the memory, the threads, what must hold, and how far to look. */
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
   * A choice of the world: every alternative is explored.
   *
   * @param alternatives - How many there are.
   * @returns 0 … alternatives − 1.
   */
  choose(alternatives: number): number;

  /**
   * A step that touches nothing: a moment at which the others may come between. It stands for the work inside a critical
   * section that has no operation of its own to be interrupted at.
   */
  step(): void;

  /**
   * Declares that of this thread's past only `key` still matters, besides shared memory. Pasts with equal keys are
   * merged: the thread goes on from the first one that got here. Put it where a retry loop begins again, with all
   * that survives from pass to pass as the key, and between operations that share no local state. The number of the
   * phase, and whether its body runs or a continuation, are always part of the key; a counter of a loop round the
   * marked one is not, unless you put it there. The key must also cover the other tasks of this thread's event loop.
   * The promise is tested by random walks, and a broken one that they find is reported.
   *
   * @param key - What still matters. Default: nothing.
   */
  mark(key?: string | number | boolean): void;

  /**
   * What has happened to this thread since its last mark, and the key of that mark, as a short text: as (part of) the
   * key of later marks it keeps apart what was apart here, whatever local state that was.
   *
   * @returns The text.
   */
  past(): string;

  /**
   * Changes to ghost words: integers that exist for the checks alone, declared in {@link Scenario.ghosts}. A change
   * takes effect together with the operation before it (or the wake-up, or the choice). They cannot be read by a
   * thread. One that changes and changes back with no operation between is seen by no check; where the invariant looks
   * at it, that is reported: put a {@link Thread.step} between.
   */
  readonly ghost: {
    /**
     * Adds to a ghost word.
     *
     * @param name - Which.
     * @param amount - An integer.
     */
    add(name: G, amount: number): void;
    /**
     * Sets a ghost word.
     *
     * @param name - Which.
     * @param value - An integer.
     */
    set(name: G, value: number): void;
  };

  /**
   * Waits until a thread has been killed; one that waits here at the end counts as done.
   *
   * @param threads - Names of the threads it may be; default: any other.
   * @returns The index of the dead thread; the lowest, if several are dead.
   */
  joinDead(...threads: string[]): number;

  /**
   * Registers a callback that the thread's event loop runs at any later time, in a turn of its own: a timer, a
   * message, an abort signal. The thread is done only after it ran.
   *
   * @param callback - The turn.
   * @param delay - By how many ms the thread's clock is advanced at least when it runs. Default 0.
   * @returns A function that cancels it.
   */
  later(callback: () => void, delay?: number): () => void;

  /**
   * Declares that the thread does not need its pending async waits to be done: they stay in the queues and may still be
   * woken (and take a notify), but need not be.
   */
  abandonWaits(): void;
}

/** Code of a thread: ordinary synchronous code that uses the global Atomics. What it returns is its result. */
export type Body<N extends string = string, G extends string = string> = (
  memory: Memory<N>,
  thread: Thread<G>,
) => unknown;

/** A thread with a name, several phases, or its own rules. One of `run` and `phases` is given. */
export interface ThreadOptions<N extends string = string, G extends string = string> {
  /** Name in reports. Default: a, b, c, … */
  readonly name?: string | undefined;
  /** The code. */
  readonly run?: Body<N, G> | undefined;
  /**
   * Makes the code as a list of phases. It is called anew for each re-execution, so live objects belong in here; it
   * sees the first contents of the memory and may not change them. A phase begins when the one before it has returned
   * and none of its continuations is pending; between two phases only what the earlier one returned (a number, string
   * or boolean) still matters, as with {@link Thread.mark}.
   */
  readonly phases?: ((memory: Memory<N>, thread: Thread<G>) => readonly (() => unknown)[]) | undefined;
  /**
   * Whether the run is over once all other threads are done, whatever this one is doing then: a server that loops for ever.
   * Default: false.
   */
  readonly daemon?: boolean | undefined;
  /**
   * Whether {@link Scenario.kills} may hit this thread, or in which states; while it waits in joinDead it is spared.
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

/**
 * A condition. True or nothing: it holds; a string says why it does not; false or an error thrown: it does not.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a check may be a function that asserts and returns nothing
export type Check<N extends string = string> = (values: Values<N>, view: View) => boolean | string | void;

/** A program to explore. */
export interface Scenario<N extends string = string, G extends string = never> {
  /** Named words with their first values, or one or several arrays: see {@link region}. Default: none. */
  readonly memory?: Readonly<Record<N, number>> | Region | readonly Region[] | undefined;
  /**
   * The package's primitives that the threads use, by names for reports, in lists and plain objects at any depth: Lock, RLock,
   * Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock. Made before the exploration, and free; the threads
   * use these objects, which are not changed by it. Each method is one step, or two where it waits for others.
   */
  readonly objects?: Readonly<Record<string, unknown>> | undefined;
  /** The threads, at most 26. */
  readonly threads: readonly (Body<N, G> | ThreadOptions<N, G>)[];
  /** Integers for the checks alone, with their first values: see {@link Thread.ghost}. */
  readonly ghosts?: Readonly<Record<G, number>> | undefined;
  /**
   * Words that are meant to be read and written without Atomics while others use them (for named memory; a region declares its
   * own). Other words may be accessed plainly, too, where that is no data race; a race is a failure.
   */
  readonly plain?: readonly N[] | undefined;
  /**
   * What plain accesses see. `sc` (default): the latest value, as if they were Atomics. `tso`: what they see on an x86, where a
   * store may be seen by others later than what its thread reads after it, until an operation of Atomics other than load.
   * What weaker processors (ARM, POWER, RISC-V) and compilers reorder besides is in neither.
   */
  readonly memoryModel?: 'sc' | 'tso' | undefined;
  /** Must hold in every state. What it says depends on nothing else; unless it looks at the threads, it is not asked again about equal words. */
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
   * Whether Atomics.pause() is a {@link Thread.mark} keyed by the way that led to it. Not for bounded spins, whose
   * count a mark would forget. Default false.
   */
  readonly pauseMarks?: boolean | undefined;
  /**
   * Explore only schedules that take the processor from a thread that could go on at most this often, those with fewest
   * first, so that a search that meets `maxStates` can say within how many all was explored; and a failure's schedule is a
   * shortest one of those with the fewest preemptions. Livelocks are found where no schedule that is left out might end them.
   * Default: no bound.
   */
  readonly preemptionBound?: number | undefined;
  /** Give up (verdict `incomplete`) beyond this many states. Default 1,000,000. */
  readonly maxStates?: number | undefined;
}

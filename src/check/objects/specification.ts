/**
 * What the explorer knows of a primitive of the package: its specification, by words of the scenario's memory and actions on
 * them.
 *
 * **What one step is.** An action is one step: it looks at the words of its primitive, and changes them, at one moment. A
 * blocking call is an action that has no outcome as long as it has to wait, so its thread cannot go on; a call that
 * leaves something behind before it waits (the place in a Condition's queue, the arrival at a Barrier, the wait for an Event,
 * which a pulse must find) is two actions: one that begins, and one that ends the wait.
 *
 * **Why that is sound.** Each method of the shipped primitives takes effect at one moment between its call and its return
 * (it is linearizable): the compare-and-swap that takes a lock, the store that frees it, the change of a list that only the
 * holder of the lock can reach. A program that knows a linearizable object by its methods alone cannot tell it from one
 * whose methods are single steps (Filipović, O'Hearn, Rinetzky and Yang, "Abstraction for concurrent objects", 2010). That
 * concerns safety. For what waits it takes two things more: whoever waits is woken once it can go on, so a thread whose
 * action has an outcome does go on; and where the shipped code may keep a caller waiting though a simpler specification would
 * let it in, the specification may do so too (a starving writer, see rwlock.ts). That the shipped code takes effect at one
 * moment and loses no wake-up is what `test/model` explores; that programs over a specification have the outcomes that they
 * have over the shipped code is what `test/model/objects.test.ts` compares.
 */

/** What an action sees of its primitive, for one thread, in one state. */
export interface View {
  /** The thread that calls, from 0. */
  readonly me: number;
  /** The argument of the call: how many, or how deep. */
  readonly argument: number;
  /** What the primitive was made with: the most permits, how many parties. */
  readonly size: number;
  /** How many threads there are. */
  readonly threads: number;
  /** A Condition's lock. */
  readonly guard: View | undefined;
  /** Whether it can be acquired again by who has it. */
  readonly reentrant: boolean;
  /** A word of the primitive. */
  get(slot: number): number;
  /** Changes a word; only for `act`. */
  set(slot: number, value: number): void;
}

/** The call is done, and gave false. */
export const MISSED = 0;
/** The call is done. */
export const GOT = 1;
/** The time of the call is up: an outcome for calls with a time-out only. */
export const TIMED_OUT = -1;
/** The thread waits on, but the primitive is changed. */
export const STAYS = -2;
/** Calls that are refused. */
export const NOT_HELD = -3;
export const NOT_OWNER = -4;
export const OVER_RELEASE = -5;
export const SELF_DEADLOCK = -6;
/** The barrier is broken. */
export const BROKEN = -7;

/** One step of a method. */
export interface Action {
  /**
   * What may come of it in a state: none, as long as the thread has to wait. An outcome is what the method is given, 0
   * or more, or one of the constants above.
   */
  outcomes(view: View): readonly number[];
  /** Changes the words as an outcome does. */
  act?(view: View, outcome: number): void;
  /** The step in a report, with `name` for the primitive's. */
  tell(name: string, outcome: number): string;
  /** What a thread waits for that stands before it. */
  waits?(name: string): string;
}

/** A word of a primitive. */
export interface Slot {
  /** Its name behind that of the primitive; the first one is called as the primitive. */
  readonly suffix?: string;
  readonly initial?: number;
  /** What its value means, by the names of the threads. */
  readonly show?: (value: number, names: readonly string[]) => string;
  /** Whom it tells of: an owner ({@link ownerWord}), a set of threads as bits, or the thread with this number, whose own it is. */
  readonly tellsOf?: 'owner' | 'threads' | number;
  /** Whether reports leave its changes out, for the step says as much. */
  readonly silent?: boolean;
}

/** A kind of primitive. */
export interface Specification {
  /** The class's name, as its `kind` has it. */
  readonly kind: string;
  readonly reentrant?: boolean;
  /** Its words, the first of which tells who has it where somebody can. */
  slots(size: number, initial: number, threads: number): readonly Slot[];
  readonly actions: Readonly<Record<string, Action>>;
  /** Who has it, for those who wait: empty if nobody has. */
  holders?(view: View, names: readonly string[]): string;
}

/** An action that only looks. */
export function look(what: string, see: (view: View) => number): Action {
  return { outcomes: (view) => [see(view)], tell: (name, outcome) => `asks for ${name}.${what}: ${outcome}` };
}

/** The owner in the word of what one thread can have. */
export const ownerWord = (me: number): number => me + 1;
export const showOwner = (value: number, names: readonly string[]): string =>
  value === 0 ? 'free' : `held by ${names[value - 1]}`;

/** Who has what one thread can have. */
export function holderIn(view: View, names: readonly string[]): string {
  const owner = view.get(0);
  return owner === 0 ? '' : owner === ownerWord(view.me) ? 'which it holds itself' : `held by ${names[owner - 1]}`;
}

/**
 * What the explorer knows about a primitive of the package: its specification, as words of the scenario's memory and
 * actions on them.
 *
 * **What one step is.** An action is one step: it reads and changes the words of its primitive at one moment. A
 * blocking call is an action that has no outcome while it has to wait, so its thread cannot go on. A call that leaves
 * something behind before it waits (the place in a Condition's queue, the arrival at a Barrier, the wait for an Event,
 * which a pulse must find) is two actions: one begins the wait, and one ends it.
 *
 * **Why that is sound.** Each method of the shipped primitives takes effect at one moment between its call and its
 * return (it is linearizable): the compare-and-swap that takes a lock, the store that frees it, the change of a list
 * that only the lock's holder can reach. A program that knows a linearizable object only by its methods cannot
 * distinguish it from one whose methods are single steps (Filipović, O'Hearn, Rinetzky and Yang, "Abstraction for
 * concurrent objects", 2010). That concerns safety. Waiting requires two things more: a waiter is woken once it can go
 * on, so a thread whose action has an outcome does go on; and where the shipped code may keep a caller waiting although
 * a simpler specification would let it in, the specification may do so too (a starving writer, see rwlock.ts).
 * `test/model` explores that the shipped code takes effect at one moment and loses no wake-up;
 * `test/model/objects.test.ts` checks that programs over a specification have the same outcomes as over the shipped
 * code.
 */

/** What an action sees of its primitive, for one thread, in one state. */
export interface View {
  /** The calling thread, from 0. */
  readonly me: number;
  /** The argument of the call: a number, or a depth. */
  readonly argument: number;
  /** What the primitive was created with: the maximum of permits, or the number of parties. */
  readonly size: number;
  /** How many threads there are. */
  readonly threads: number;
  /** A Condition's lock. */
  readonly guard: View | undefined;
  /** Whether its holder can acquire it again. */
  readonly reentrant: boolean;
  /** A word of the primitive. */
  get(slot: number): number;
  /** Changes a word; only in `act`. */
  set(slot: number, value: number): void;
}

/** The call is done, and returned false. */
export const MISSED = 0;
/** The call is done. */
export const GOT = 1;
/** The call has timed out: an outcome only of calls with a time-out. */
export const TIMED_OUT = -1;
/** The thread continues to wait, but the primitive has changed. */
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
   * Its possible outcomes in a state: none while the thread has to wait. An outcome is what the method is given, 0 or
   * more, or one of the constants above.
   */
  outcomes(view: View): readonly number[];
  /** Changes the words according to an outcome. */
  act?(view: View, outcome: number): void;
  /** The step in a report, with `name` for the primitive's name. */
  tell(name: string, outcome: number): string;
  /** What a thread waits for that is about to do it. */
  waits?(name: string): string;
}

/** A word of a primitive. */
export interface Slot {
  /** Its name after that of the primitive; the first word has the primitive's name. */
  readonly suffix?: string;
  readonly initial?: number;
  /** What its value means, by the names of the threads. */
  readonly show?: (value: number, names: readonly string[]) => string;
  /** What it names: an owner ({@link ownerWord}), a set of threads as bits, or (a number) the thread that it belongs to. */
  readonly tellsOf?: 'owner' | 'threads' | number;
  /** Whether reports leave its changes out, because the step says as much. */
  readonly silent?: boolean;
}

/** A kind of primitive. */
export interface Specification {
  /** The class's name, as in its `kind`. */
  readonly kind: string;
  readonly reentrant?: boolean;
  /** Its words; if it can be held, the first one names the holder. */
  slots(size: number, initial: number, threads: number): readonly Slot[];
  readonly actions: Readonly<Record<string, Action>>;
  /** Its holders, for those who wait: empty if there are none. */
  holders?(view: View, names: readonly string[]): string;
}

/** An action that only reads. */
export function look(what: string, see: (view: View) => number): Action {
  return { outcomes: (view) => [see(view)], tell: (name, outcome) => `asks for ${name}.${what}: ${outcome}` };
}

/** A thread's number in an owner word. */
export const ownerWord = (me: number): number => me + 1;
export const showOwner = (value: number, names: readonly string[]): string =>
  value === 0 ? 'free' : `held by ${names[value - 1]}`;

/** The holder of a primitive that one thread can hold. */
export function holderIn(view: View, names: readonly string[]): string {
  const owner = view.get(0);
  return owner === 0 ? '' : owner === ownerWord(view.me) ? 'which it holds itself' : `held by ${names[owner - 1]}`;
}

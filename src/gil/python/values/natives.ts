/** Functions that are not bytecode, and what they can ask for. */
import type { Super } from './classes.js';
import type { Sync } from './sync.js';
import type { Action } from './threads.js';
import { Constant, PyObject, type Slot, type Value } from './value.js';

/** A C function, or a function of the standard library. */
export class Native extends Constant {
  constructor(
    readonly name: string,
    readonly call: NativeCall,
    /** Whether it is written in Python, and so has an entry where others may come in. */
    readonly python = false,
  ) {
    super();
  }
}

export class BoundNative extends PyObject {
  constructor(
    readonly native: Native,
    readonly self: Value,
  ) {
    super();
  }
}

/** The arguments of a native. */
export interface Call {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** The index of the calling thread. */
  readonly thread: number;
  readonly machine: Host;
}

/** What a native can ask of the machine. */
export interface Host {
  /** Adds a thread to the program; it runs from now on. */
  start(thread: Sync): void;
  print(text: string): void;
  /** The running thread's object. */
  currentThread(): Sync;
  /** The value of super() in the running function. */
  superOf(): Super;
}

export type NativeCall = (call: Call) => Value | Pending;

/**
 * What is done with a result that bytecode is yet to produce. Until then other threads run, so the values that it needs
 * are part of the program's state, and `run` may use no others.
 */
export class Continuation extends PyObject {
  constructor(
    readonly run: (kept: readonly Value[], call: Call) => Value | Pending,
    readonly kept: readonly Value[],
  ) {
    super();
  }
}

/** A native is not done yet: it waits, or runs bytecode, which will produce its result. */
export type Pending = Waits | Runs;

/** A thread waits, without the GIL, until `sync` is as it needs it. */
export class Waits {
  constructor(
    readonly action: Action,
    readonly sync: Sync,
    /** Whether the wait may end by itself. */
    readonly timed: boolean,
    /** How many times a condition's lock was held. */
    readonly depth = 0,
    readonly result: Value = null,
    /** What is done with the wait's result, if it is not the call's. */
    readonly then: Continuation | null = null,
  ) {}
}

/** Runs bytecode: a function; or a generator, to its next value or to its end. */
export class Runs {
  constructor(
    readonly what: Value,
    readonly args: readonly Value[],
    readonly purpose: 'next' | 'collect' | 'call' | 'each' | 'pass' | 'truth' | 'close',
    /** The Continuation of `collect`, `each` and `pass`, or the default of `next`. */
    readonly payload?: Slot,
  ) {}
}

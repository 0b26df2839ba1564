/** Proxies of sets that a manager has. */
import type { AsyncForms } from './methods.js';
import { ClosedProxy, type Form, forms, invoke, invokeAsync, type ManagedProxy } from './proxy.js';
import { listOf } from './sent.js';

/** The methods of a set, in their blocking forms; each also has a form whose name ends in `Async`. */
export interface SetMethods<T> {
  /**
   * Adds a value.
   *
   * @param value a primitive: an object would be a different one each time it arrives
   * @returns whether it was not there before: of several agents that add it, one is told so
   * @throws TypeError for an object
   */
  add(value: T): boolean;
  /**
   * Adds several values in one step: Python's `update`.
   *
   * @param values primitives
   * @throws TypeError for anything that is not iterable, and for an object among them: then none is added
   */
  assign(values: Iterable<T>): void;
  /**
   * Whether there is a value.
   *
   * @param value a primitive
   * @returns whether there is
   */
  has(value: T): boolean;
  /**
   * Deletes a value.
   *
   * @param value a primitive
   * @returns whether it was there
   */
  delete(value: T): boolean;
  /**
   * Takes the value that was added first.
   *
   * @returns it, or undefined if there is none
   */
  pop(): T | undefined;
  /** Deletes all values. */
  clear(): void;
  /** @returns a copy of the whole set at this moment */
  toSet(): Set<T>;
  /** @returns the values at this moment, in the order in which they were added */
  values(): IterableIterator<T>;
}

/**
 * A manager's set, as any agent has it: Python's `SetProxy`. It has the methods of a Set, but `add` returns whether the
 * value is new. For unions and the like, make copies by `toSet`.
 */
export type SetProxy<T = unknown> = {
  /** How many values there are. */
  readonly size: number;
  /** @returns how many values there are */
  sizeAsync(): Promise<number>;
  /**
   * Calls a function of this agent for each value at this moment.
   *
   * @param callback is given the value
   */
  forEach(callback: (value: T) => void): void;
  /** @returns a copy of all values, as JSON has it */
  toJSON(): T[];
} & ManagedProxy &
  SetMethods<T> &
  AsyncForms<SetMethods<T>> &
  Iterable<T> &
  AsyncIterable<T>;

const SAME: Form = {};

export class ManagedSet extends ClosedProxy {
  static {
    forms(ManagedSet.prototype, {
      add: SAME,
      assign: { send: (values: Iterable<unknown>) => [listOf('values', values)] },
      has: SAME,
      delete: SAME,
      pop: SAME,
      clear: SAME,
      toSet: SAME,
      values: { take: (values: Set<unknown>) => values.values() },
    });
  }

  get size(): number {
    return invoke(this, 'size', []) as number;
  }

  sizeAsync(): Promise<number> {
    return invokeAsync(this, 'size', []) as Promise<number>;
  }

  forEach(callback: (value: unknown) => void): void {
    for (const value of this) callback(value);
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return (invoke(this, 'toSet', []) as Set<unknown>).values();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    yield* (await invokeAsync(this, 'toSet', [])) as Set<unknown>;
  }

  override toJSON(): unknown[] {
    return [...this];
  }
}

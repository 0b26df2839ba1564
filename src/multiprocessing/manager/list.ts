/** Proxies of lists: arrays that a manager has. */
import type { Target } from '../../tasks/target.js';
import type { AsyncForms } from './methods.js';
import { ClosedProxy, type Form, forms, invoke, invokeAsync, type ManagedProxy } from './proxy.js';
import { callTextOf } from './remote-call.js';

/** The methods of a list, in their blocking forms; each also has a form whose name ends in `Async`. */
export interface ListMethods<T> {
  /**
   * An element.
   *
   * @param index of it; a negative one counts from the end
   * @returns a copy of it, or a proxy if one was put; undefined if there is none
   */
  at(index: number): T | undefined;
  /**
   * Sets an element.
   *
   * @param index of an existing element; a negative one counts from the end
   * @param value its new value
   * @throws TypeError or RangeError when there is none
   */
  set(index: number, value: T): void;
  /**
   * Adds elements at the end: Python's `append` and `extend`.
   *
   * @param items the elements, in their order
   * @returns how many there then are
   */
  push(...items: T[]): number;
  /**
   * Takes an element.
   *
   * @param index of an existing element; the last one, −1, by default
   * @returns it, or undefined if the list is empty
   * @throws TypeError or RangeError when there is no such element
   */
  pop(index?: number): T | undefined;
  /**
   * Adds elements at the beginning.
   *
   * @param items the elements, in their order
   * @returns how many there then are
   */
  unshift(...items: T[]): number;
  /**
   * Takes the first element.
   *
   * @returns it, or undefined if there is none
   */
  shift(): T | undefined;
  /**
   * Takes elements, and puts others in their place.
   *
   * @param start the index of the first; a negative one counts from the end
   * @param deleteCount how many are taken; all from `start` on by default
   * @param items what is put there
   * @returns those taken
   */
  splice(start: number, deleteCount?: number, ...items: T[]): T[];
  /**
   * A part of the list.
   *
   * @param start the index of the first element, 0 by default; a negative one counts from the end
   * @param end the index after the last one; the length by default
   * @returns a copy of these elements
   */
  slice(start?: number, end?: number): T[];
  /**
   * Looks for an element.
   *
   * @param value the element; objects are copies, and so are never found
   * @param from the index to begin at, 0 by default; a negative one counts from the end
   * @returns the index of the first one, or −1
   */
  indexOf(value: T, from?: number): number;
  /**
   * Whether there is such an element.
   *
   * @param value the element; objects are copies, and so are never found
   * @param from the index to begin at, 0 by default; a negative one counts from the end
   * @returns whether there is
   */
  includes(value: T, from?: number): boolean;
  /**
   * The elements as one text.
   *
   * @param separator what goes between two of them; a comma by default
   * @returns the text
   */
  join(separator?: string): string;
  /**
   * Removes the first element with a value.
   *
   * @param value the element; objects are copies, and so are never found
   * @returns whether there was one
   */
  remove(value: T): boolean;
  /**
   * Sorts it in one step, as an array's `sort` does: without a function by the texts of the elements, so 10 comes before 9.
   *
   * @param compare a task, or a reference by `fromModule`, which is called in the manager's worker with two elements. It
   *   returns, synchronously, a negative number if the first one comes first, a positive one if the second does, else 0
   * @throws TypeError for a function that would have to be sent, and for one that returns a promise; and what the
   *   function throws: then the list stays as it is
   * @throws SyncError `ERR_FUNCTION` when the manager cannot get the function
   */
  sort(compare?: Target<[T, T], number>): void;
  /** Reverses it. */
  reverse(): void;
  /** Removes all elements. */
  clear(): void;
  /** @returns a copy of the whole list at this moment */
  toArray(): T[];
}

/** The methods of arrays that take functions: they work on a copy, in the calling agent. */
const ON_A_COPY = ['forEach', 'map', 'filter', 'find', 'findIndex', 'some', 'every', 'reduce'] as const;

/**
 * A manager's list, as any agent has it: Python's `ListProxy`, with the methods of an array.
 *
 * Elements are copied both ways: to change what one holds, set it again, or `update` it, which is one step. A proxy
 * that is put is a proxy for the agent that gets it. The methods that take functions, such as `map`, work on a copy
 * made at that moment.
 */
export type ListProxy<T = unknown> = {
  /** How many elements there are. */
  readonly length: number;
  /** @returns how many elements there are */
  lengthAsync(): Promise<number>;
  /**
   * Sets an element to what a function makes of it, in one step: no other call comes in between.
   *
   * @param index of an existing element; a negative one counts from the end
   * @param target a task, or a reference by `fromModule`, which is called in the manager's worker. It is given the
   *   element, and returns the new one synchronously
   * @param args its further arguments
   * @returns a copy of the new element
   * @throws TypeError for a function that would have to be sent, and for one that returns a promise; TypeError or
   *   RangeError when there is no such element; and what the function throws: then the element stays
   * @throws SyncError `ERR_FUNCTION` when the manager cannot get the function; `ERR_NOT_CLONEABLE` when the new element cannot be
   *   sent: then, too, the element stays
   */
  update<Args extends unknown[]>(index: number, target: Target<[T, ...Args], T>, ...args: Args): T;
  /**
   * Like `update`, without blocking the agent.
   *
   * @param index of an existing element; a negative one counts from the end
   * @param target as for `update`
   * @param args its further arguments
   * @returns a copy of the new element
   */
  updateAsync<Args extends unknown[]>(index: number, target: Target<[T, ...Args], T>, ...args: Args): Promise<T>;
  /** @returns a copy of all elements, as JSON has it */
  toJSON(): T[];
} & ManagedProxy &
  ListMethods<T> &
  AsyncForms<ListMethods<T>> &
  Pick<readonly T[], 'forEach' | 'map' | 'filter' | 'find' | 'findIndex' | 'some' | 'every' | 'reduce'> &
  Iterable<T> &
  AsyncIterable<T>;

const SAME: Form = {};

export class List extends ClosedProxy {
  static {
    forms(List.prototype, {
      at: SAME,
      set: SAME,
      push: SAME,
      pop: SAME,
      unshift: SAME,
      shift: SAME,
      splice: SAME,
      slice: SAME,
      indexOf: SAME,
      includes: SAME,
      join: SAME,
      remove: SAME,
      sort: { send: (compare?: unknown) => (compare === undefined ? [] : [callTextOf(compare)]) },
      reverse: SAME,
      clear: SAME,
      toArray: SAME,
      update: { send: (index: unknown, target: unknown, ...args: unknown[]) => [index, callTextOf(target), ...args] },
    });
    for (const name of ON_A_COPY) {
      const onCopy = function (this: List, ...args: never[]): unknown {
        return ([...this][name] as (...args: never[]) => unknown)(...args);
      };
      Object.defineProperty(List.prototype, name, { value: onCopy, writable: true, configurable: true });
    }
  }

  get length(): number {
    return invoke(this, 'length', []) as number;
  }

  lengthAsync(): Promise<number> {
    return invokeAsync(this, 'length', []) as Promise<number>;
  }

  [Symbol.iterator](): IterableIterator<unknown> {
    return this.toJSON().values();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    yield* (await invokeAsync(this, 'toArray', [])) as unknown[];
  }

  override toJSON(): unknown[] {
    return invoke(this, 'toArray', []) as unknown[];
  }
}

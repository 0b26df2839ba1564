/** The functions that a program can call and that are not bytecode: C code in CPython. */
import { sleep as block } from '../../core/wait/sleep.js';
import type { NATIVES } from './assembler.js';
import type { ListThing, Thing, Value } from './program.js';
import { isThing } from './values.js';

/** What a machine needs from a GIL. */
export interface Baton {
  readonly enabled: boolean;
  acquire(): unknown;
  release(): unknown;
  checkpoint(): void;
}

/** What a native works with, and the machine that calls it. */
export interface World {
  readonly gil: Baton;
  /** The integers that all agents share. */
  readonly cells: Int32Array;
  readonly locks: readonly { tryAcquire(): boolean; acquire(): unknown; release(): void }[];
  /** Lets this many ms pass. */
  readonly sleep: (ms: number) => void;
}

/**
 * A native. It runs atomically, except that one that drops the GIL lets others in.
 *
 * @param args its arguments
 * @returns its result, or undefined when it does not take these arguments
 */
export type Native = (world: World, args: readonly Value[]) => Value | undefined;

/** The shortest sleep, in ms: a system call that sleeps takes this long, however short the time requested. */
const SHORTEST_SLEEP = 0.05;

/** Sleeps as a system call does, for the given time in ms. */
export const sleep = (ms: number): void => block(Math.max(ms, SHORTEST_SLEEP));

const bytes = new Uint8Array(65_536).map((_, i) => i);

export const natives: Readonly<Record<(typeof NATIVES)[number], Native>> = {
  range: (_, [stop]) => (typeof stop === 'number' ? { kind: 'range', next: 0, stop } : undefined),

  int: (_, [value]) => {
    const result = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    return typeof result === 'number' && (result | 0) === result ? result : undefined;
  },

  len: ({ cells }, [list]) => (isThing(list) && list.kind === 'list' ? lengthOf(cells, list.cell) : undefined),

  abs: (_, [value]) => (typeof value === 'number' ? Math.abs(value) : undefined),

  next: ({ gil, cells }, [iterator]) => {
    if (!isThing(iterator)) return undefined;
    if (iterator.kind === 'range') return iterator.next < iterator.stop ? iterator.next++ : undefined;
    return iterator.kind === 'count' ? fetchAndAdd(gil, cells, iterator.cell) : undefined;
  },

  sleep: ({ gil, sleep }, [ms]) => {
    if (typeof ms !== 'number' || ms < 0) return undefined;
    gil.release();
    sleep(ms);
    gil.acquire();
    return null;
  },

  spin: (_, [turns]) => {
    if (typeof turns !== 'number') return undefined;
    for (let i = 0; i < turns; i++);
    return null;
  },

  /** FNV-1a (Fowler, Noll, Vo), of `count` bytes of a fixed pattern; without the GIL, as in hashlib. */
  hash: ({ gil }, [count]) => {
    if (typeof count !== 'number') return undefined;
    gil.release();
    let hash = 0x811c9dc5 | 0;
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ bytes[i & 0xffff], 0x01000193);
    gil.acquire();
    return hash;
  },
};

/** Natives for which CPython, from 3.11 on, has specialized instructions, which do not check the eval breaker. */
export const UNCHECKED: ReadonlySet<string> = new Set(['len', 'append']);

/** The methods of a lock; `self` comes first among the arguments. */
const lockMethods: Readonly<Record<string, Native>> = {
  // As in CPython, only a lock that is not free is waited for, and without the GIL.
  acquire: ({ gil, locks }, [self]) => {
    const lock = lockOf(locks, self);
    if (lock === undefined) return undefined;
    if (!lock.tryAcquire()) {
      gil.release();
      lock.acquire();
      gil.acquire();
    }
    return 1;
  },

  release: ({ locks }, [self]) => {
    lockOf(locks, self)?.release();
    return null;
  },

  /** Called at the end of a `with` statement, with three times None if nothing was raised. */
  __exit__: ({ locks }, [self]) => {
    lockOf(locks, self)?.release();
    return null;
  },
};

const listMethods: Readonly<Record<string, Native>> = {
  append: ({ gil, cells }, [self, value]) => {
    const isList = isThing(self) && self.kind === 'list';
    return isList && typeof value === 'number' && append(gil, cells, self, value) ? null : undefined;
  },
};

const noMethods = {};

/** @returns the methods of a thing; `self` comes first among their arguments */
export function methodsOf(self: Thing): Readonly<Record<string, Native>> {
  if (self.kind === 'lock') return lockMethods;
  return self.kind === 'list' ? listMethods : noMethods;
}

/**
 * Appends to a list. A reader that sees the new length finds the item: without a GIL, CPython locks the list for it.
 * Here its length is that lock: during an append it is the complement of its former value.
 *
 * @returns whether there was room
 */
export function append(gil: Baton, cells: Int32Array, { cell, capacity }: ListThing, value: number): boolean {
  const length = gil.enabled ? Atomics.load(cells, cell) : lockList(cells, cell);
  const fits = length < capacity;
  if (fits) Atomics.store(cells, cell + 1 + length, value);
  if (fits || !gil.enabled) Atomics.store(cells, cell, fits ? length + 1 : length);
  if (!gil.enabled) Atomics.notify(cells, cell);
  return fits;
}

function lockList(cells: Int32Array, cell: number): number {
  for (;;) {
    const length = Atomics.load(cells, cell);
    if (length < 0) Atomics.wait(cells, cell, length);
    else if (Atomics.compareExchange(cells, cell, length, ~length) === length) return length;
  }
}

/** @returns how many items a list has, whether or not an append is in progress */
export function lengthOf(cells: Int32Array, cell: number): number {
  const length = Atomics.load(cells, cell);
  return length < 0 ? ~length : length;
}

/**
 * Adds 1 to a cell. Under a GIL a load and a store are atomic, because nobody else runs between them; without it,
 * CPython makes such operations atomic by an atomic instruction or by the object's own lock.
 *
 * @returns the cell's former value
 */
function fetchAndAdd(gil: Baton, cells: Int32Array, cell: number): number {
  if (!gil.enabled) return Atomics.add(cells, cell, 1);
  const value = Atomics.load(cells, cell);
  Atomics.store(cells, cell, value + 1);
  return value;
}

const lockOf = (locks: World['locks'], self: Value | undefined): World['locks'][number] | undefined =>
  isThing(self) && self.kind === 'lock' ? locks[self.index] : undefined;

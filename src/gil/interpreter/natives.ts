/** The functions that a program can call and that are not bytecode: what is C code in CPython. */
import { sleep as block } from '../../core/wait/block.js';
import type { NATIVES } from './assembler.js';
import type { Value } from './program.js';
import { isThing } from './values.js';

/** What a machine needs of a GIL. */
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
  /** Lets so many ms pass. */
  readonly sleep: (ms: number) => void;
}

/**
 * A native. It runs as a whole: only one that drops the GIL lets others in.
 *
 * @param args its arguments
 * @returns its result, or undefined when the arguments are not what it takes
 */
export type Native = (world: World, args: readonly Value[]) => Value | undefined;

/** The shortest sleep, in ms: a system call that sleeps takes that long, however short the time asked for. */
const SHORTEST_SLEEP = 0.05;

/** Sleeps as a system call does, for so many ms. */
export const sleep = (ms: number): void => block(Math.max(ms, SHORTEST_SLEEP));

const bytes = new Uint8Array(65_536).map((_, i) => i);

export const natives: Readonly<Record<(typeof NATIVES)[number], Native>> = {
  range: (_, [stop]) => (typeof stop === 'number' ? { kind: 'range', next: 0, stop } : undefined),

  int: (_, [value]) => {
    const result = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    return typeof result === 'number' && (result | 0) === result ? result : undefined;
  },

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

  /** FNV-1a (Fowler, Noll, Vo), of as many bytes of a fixed pattern; without the GIL, as hashlib does it. */
  hash: ({ gil }, [count]) => {
    if (typeof count !== 'number') return undefined;
    gil.release();
    let hash = 0x811c9dc5 | 0;
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ bytes[i & 0xffff], 0x01000193);
    gil.acquire();
    return hash;
  },
};

/** The methods of a lock; `self` comes first among the arguments. */
export const lockMethods: Readonly<Record<string, Native>> = {
  // As CPython does it: only a lock that is not free is waited for, and without the GIL.
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
};

/**
 * Adds 1 to a cell. Under a GIL a load and a store are one, since nobody else runs between them; without it, CPython
 * makes such operations one by an atomic instruction or by the object's own lock.
 *
 * @returns what the cell held
 */
export function fetchAndAdd(gil: Baton, cells: Int32Array, cell: number): number {
  if (!gil.enabled) return Atomics.add(cells, cell, 1);
  const value = Atomics.load(cells, cell);
  Atomics.store(cells, cell, value + 1);
  return value;
}

const lockOf = (locks: World['locks'], self: Value | undefined): World['locks'][number] | undefined =>
  isThing(self) && self.kind === 'lock' ? locks[self.index] : undefined;

// What the soak does with one primitive.
import {
  type Arena,
  attach,
  OwnerDiedError,
  type Shared,
  share,
  type WaitOptions,
} from 'atomics-sync-free/multiprocessing';
import type { Strand, Table } from './table.js';

/** A primitive in use. The first two run in the workers, the others in the soak's own thread. */
export interface Play {
  /** One operation of a thread; false when it can do no more in this round. */
  thread(strand: Strand): boolean;
  /** One operation of a task. */
  task(strand: Strand): Promise<boolean>;
  /** Before each round, all being at rest. */
  begin?(): void;
  /** About once a millisecond. */
  tick?(): void;
  /** Sees to it that all come to rest, where `run` being 0 is not enough. */
  end?(): Promise<void> | void;
  /** Takes account of the death of a strand. */
  bury?(strand: Strand): void;
  /** After each round, all being at rest: throws when a count is not exact. */
  check(): void;
  toString(): string;
}

export interface Definition {
  /** Makes it, in the soak's own thread. */
  make(arena: Arena, table: Table): { readonly play: Play; readonly shared: Shared<object> };
  /** Joins it, in a worker; `agent` is the worker's id. */
  join(shared: Shared<object>, table: Table): { readonly play: Play; readonly agent: number };
}

/**
 * @param make makes the primitives
 * @param play plays with them, in any thread
 */
export function define<Parts extends object>(
  make: (arena: Arena, table: Table) => Parts,
  play: (parts: Parts, table: Table) => Play,
): Definition {
  return {
    make(arena, table) {
      const parts = make(arena, table);
      return { play: play(parts, table), shared: share({ arena, parts }) };
    },
    join(shared, table) {
      const { arena, parts } = attach(shared as Shared<{ arena: Arena; parts: Parts }>);
      return { play: play(parts, table), agent: arena.agentId };
    },
  };
}

/** @throws what is wrong, with figures */
export function expect(what: string, got: number, least: number, most = least): void {
  if (got < least || got > most) {
    throw new Error(`${what}: ${got}, and not ${least === most ? least : `${least} to ${most}`}`);
  }
}

/**
 * Waits as a thread does; where a holder died, repairs what it left, and returns false.
 *
 * @param wait - false when its time was up
 */
export function orRepair<T>(strand: Strand, wait: () => T | false, repair: () => unknown): T | false {
  try {
    return strand.wait(wait);
  } catch (error) {
    if (!(error instanceof OwnerDiedError)) throw error;
    if (repair() !== false) strand.recovered();
    return false;
  }
}

/** The same, as a task does. */
export async function orRepairAsync<T>(
  strand: Strand,
  wait: () => Promise<T | false>,
  signal: AbortSignal | undefined,
  repair: () => unknown,
): Promise<T | false> {
  try {
    return await strand.waitAsync(wait, signal);
  } catch (error) {
    if (!(error instanceof OwnerDiedError)) throw error;
    if ((await repair()) !== false) strand.recovered();
    return false;
  }
}

/** How many of 100 waits give up in the next two milliseconds. */
const IMPATIENT = 15;

/** The time for a wait: mostly without limit. */
export function patience(percent = IMPATIENT): number {
  return Math.random() * 100 < percent ? Math.random() * 2 : Number.POSITIVE_INFINITY;
}

/** The options for an async wait: mostly none, sometimes a time, sometimes a signal that will abort. */
export function mood(percent = IMPATIENT): WaitOptions {
  if (Math.random() < 0.5) return { timeout: patience(percent) };
  if (Math.random() * 100 >= percent) return {};
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('changed its mind')), Math.random() * 2);
  return { signal: abort.signal };
}

/** Keeps a processor busy for some microseconds. */
export function work(us = 20): void {
  for (const end = performance.now() + us / 1000; performance.now() < end; );
}

/** Now and then lets the other tasks run, holding what it holds. */
export async function pause(): Promise<void> {
  if (Math.random() < 0.1) await new Promise((resolve) => setImmediate(resolve));
}

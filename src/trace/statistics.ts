/** How long agents wait for a primitive: an observer that counts in shared memory, and the figures it provides. */
import type { Arena } from '../core/memory/arena.js';
import type { Member } from '../core/memory/member.js';
import { SharedObject } from '../core/share/shared-object.js';
import { type Observer, observe } from '../core/wait/observer.js';
import type { Wait } from '../core/wait/wait.js';
import { countsFor, countWait, quantile, readCounts } from './counts.js';

/** How long all agents waited for a primitive and held it. Times are in ms. */
export interface Statistics {
  /** How many waits have ended: calls by agents and tasks that had to wait for longer than a few looks. */
  readonly waits: number;
  /** How many of them ended unsuccessfully: by a timeout, a signal or an error. */
  readonly givenUp: number;
  /** How long they took together, in ms. */
  readonly waited: number;
  /** How long the longest took, in ms. */
  readonly longestWait: number;
  /** The time, in ms, that 99 of 100 waits stayed below; up to 1.4 times too long, because waits are counted by magnitude. */
  readonly p99: number;
  /** How many times it was acquired and released while traced. */
  readonly acquisitions: number;
  /** How long those acquisitions held it in total, in ms. */
  readonly held: number;
  /** How long the longest of them held it, in ms. */
  readonly longestHold: number;
}

/** Where the waits for an arena's primitives are counted, by cell. */
const known = new WeakMap<Member, Map<number, number>>();

/** @returns the index of the counts of a primitive, or 0 when there is no room for them */
function countsOf(member: Member, cell: number): number {
  let counts = known.get(member);
  if (counts === undefined) {
    counts = new Map();
    known.set(member, counts);
  }
  const found = counts.get(cell) ?? countsFor(member.words, cell);
  counts.set(cell, found);
  return found;
}

const counter: Observer = {
  ends({ member, subject: { cell } }: Wait, _isTask: boolean, waited: number, got: boolean): void {
    // Nobody can ask about what has no cell; and only members of an arena have a vigil: in a model nobody counts.
    if (cell === undefined || member.vigil === undefined) return;
    // A refused call changes nothing.
    if (waited === 0 && !got) return;
    const counts = countsOf(member, cell);
    if (counts !== 0) countWait(member.words, counts, waited, got);
  },
};

/**
 * Makes the calling agent count its waits for {@link statistics}. This is on by default, except in a bundle, which contains only
 * the parts of the package that are used; call it there. It costs about 0.2 µs per wait, and nothing for a call that need not wait.
 *
 * @example
 * ```ts
 * import { countWaits } from 'atomics-sync-free';
 * countWaits();
 * ```
 */
export function countWaits(): void {
  observe(counter);
}

/**
 * Returns how long all agents have waited for a primitive since it was made. An arena that is more than half full counts
 * for no further primitives.
 *
 * @param primitive a Lock, a Semaphore, a queue: anything that can be shared
 * @returns the figures; those of acquisitions and holds cover only the times when it was traced
 * @throws TypeError when it is not a primitive
 *
 * @example
 * ```ts
 * import { Lock, statistics } from 'atomics-sync-free';
 * const lock = new Lock();
 * lock.acquire();
 * lock.acquire(20);
 * const { waits, givenUp, longestWait } = statistics(lock);
 * console.log(waits, givenUp, longestWait >= 20); // 1 1 true
 * ```
 */
export function statistics(primitive: { readonly arena: Arena }): Statistics {
  if (!(primitive instanceof SharedObject)) throw new TypeError('statistics() takes a primitive, such as a Lock');
  const counts = readCounts(primitive.arena.words, primitive.cell);
  return {
    waits: counts.waits,
    givenUp: counts.givenUp,
    waited: counts.waited / 1000,
    longestWait: counts.longest / 1000,
    p99: quantile(counts, 0.99) / 1000,
    acquisitions: counts.taken,
    held: counts.held / 1000,
    longestHold: counts.longestHeld / 1000,
  };
}

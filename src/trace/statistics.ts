/** How long a primitive is waited for: an observer that counts in shared memory, and what people read of it. */
import type { Arena } from '../core/memory/arena.js';
import type { Member } from '../core/memory/member.js';
import { SharedObject } from '../core/share/shared-object.js';
import { type Observer, observe } from '../core/wait/observer.js';
import type { Wait } from '../core/wait/wait.js';
import { countsFor, countWait, quantile, readCounts } from './counts.js';

/** How long a primitive was waited for and held, by all agents. Times are in ms. */
export interface Statistics {
  /** How many waits are over: calls that had to wait for longer than a few looks, by agents and by tasks. */
  readonly waits: number;
  /** How many of them ended without what they were for: by a time-out, a signal or an error. */
  readonly givenUp: number;
  /** How long they took together, in ms. */
  readonly waited: number;
  /** How long the longest took, in ms. */
  readonly longestWait: number;
  /** Below which time, in ms, 99 of 100 waits were; up to 1.4 times too long, as waits are counted by their magnitude. */
  readonly p99: number;
  /** How often it was acquired and released while it was traced. */
  readonly acquisitions: number;
  /** How long it was held in all by those acquisitions, in ms. */
  readonly held: number;
  /** How long the longest of them held it, in ms. */
  readonly longestHold: number;
}

/** Where the waits of an arena's primitives are counted, by their cells. */
const known = new WeakMap<Member, Map<number, number>>();

/** @returns the index of the counts of a primitive, or 0 where there is no room for them */
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
    // What has no cell nobody can ask about; and only members of an arena have a vigil: in a model nobody counts.
    if (cell === undefined || member.vigil === undefined) return;
    // A call that is refused changes nothing.
    if (waited === 0 && !got) return;
    const counts = countsOf(member, cell);
    if (counts !== 0) countWait(member.words, counts, waited, got);
  },
};

/**
 * Has the calling agent count its waits for {@link statistics}. It does so by default, save in a bundle, which has of the
 * package only what is used; call it there. It costs about 0.2 µs a wait, and what need not wait nothing.
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
 * Tells how long a primitive was waited for, by all agents, since it was made. An arena that is more than half full counts for
 * no further primitives.
 *
 * @param primitive a Lock, a Semaphore, a queue: whatever can be shared
 * @returns the figures; those of acquisitions and holds only of times at which it was traced
 * @throws TypeError when it is no primitive
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

/** The readers-writer lock: the mutex of rwmutex.ts as a pair of locks, and with long-named methods. */
import type { WaitOptions } from '../core/arguments.js';
import type { Kind } from '../core/memory/cells.js';
import { countAll } from '../core/memory/tally.js';
import { Place } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import type { Hold } from './hold.js';
import { ReadLock } from './read-lock.js';
import { checkOwnedOptions, OWNED_FIELDS, type OwnedOptions, setOnOwnerDeath } from './recovery.js';
import { describe, rwLockKind } from './rwlock-view.js';
import { WORD } from './rwmutex.js';
import { WriteLock } from './write-lock.js';

/**
 * A lock that many may hold for reading, or one for writing.
 *
 * Use its two sides, `readLock` and `writeLock`, each of which is like a Lock; or the long-named methods, which do the
 * same. Neither side starves: it is unfair for a millisecond and fair from then on, with a writer and the waiting readers
 * taking turns. An agent may read again while it reads. It cannot write while it reads, or read while it writes: that is
 * refused, because it could never end. For the algorithm see `sync/rwmutex.ts`.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const lock = new RWLock();
 * {
 *   using reading = lock.readLock.hold();
 *   lock.acquireRead();
 *   console.log(lock.readers, reading.released); // 2 false
 *   lock.releaseRead();
 * }
 * const writing = await lock.writeLock.holdAsync({ timeout: 1000 });
 * try {
 *   console.log(lock.writing); // true
 * } finally {
 *   writing.release();
 * }
 * ```
 */
export class RWLock extends SharedObject {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ rwLockKind('RWLock', ['readLock', 'writeLock']);
  /** The lock for readers. */
  readonly readLock: ReadLock;
  /** The lock for writers. */
  readonly writeLock: WriteLock;

  /**
   * Makes a lock that nobody holds.
   *
   * @param options where it lives, and what happens when its writer dies
   * @throws TypeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: OwnedOptions);
  /** @internal A live object for an existing lock. */
  constructor(place: Place);
  constructor(where: OwnedOptions | Place = {}) {
    if (!(where instanceof Place)) checkOwnedOptions('RWLock', where, OWNED_FIELDS);
    super(where);
    if (!(where instanceof Place)) setOnOwnerDeath(this.arena.words, this.cell + WORD, where);
    const place = new Place(this.arena, this.cell);
    this.readLock = new ReadLock(place);
    this.writeLock = new WriteLock(place);
  }

  /**
   * Acquires for reading: `readLock.acquire`.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   */
  acquireRead(timeout?: number): boolean {
    return this.readLock.acquire(timeout);
  }

  /**
   * Acquires for reading, without blocking the agent: `readLock.acquireAsync`.
   *
   * @param options when to give up
   * @returns whether it was acquired in time
   */
  acquireReadAsync(options?: WaitOptions): Promise<boolean> {
    return this.readLock.acquireAsync(options);
  }

  /** Releases what was acquired for reading: `readLock.release`. */
  releaseRead(): void {
    this.readLock.release();
  }

  /**
   * Acquires for reading, for a scope: `readLock.hold`.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   */
  holdRead(timeout?: number): Hold {
    return this.readLock.hold(timeout);
  }

  /**
   * Acquires for reading, for a scope, without blocking the agent: `readLock.holdAsync`.
   *
   * @param options when to give up
   * @returns a Disposable that releases once
   */
  holdReadAsync(options?: WaitOptions): Promise<Hold> {
    return this.readLock.holdAsync(options);
  }

  /**
   * Acquires for writing: `writeLock.acquire`.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   */
  acquireWrite(timeout?: number): boolean {
    return this.writeLock.acquire(timeout);
  }

  /**
   * Acquires for writing, without blocking the agent: `writeLock.acquireAsync`.
   *
   * @param options when to give up
   * @returns whether it was acquired in time
   */
  acquireWriteAsync(options?: WaitOptions): Promise<boolean> {
    return this.writeLock.acquireAsync(options);
  }

  /** Releases what was acquired for writing: `writeLock.release`. */
  releaseWrite(): void {
    this.writeLock.release();
  }

  /**
   * Acquires for writing, for a scope: `writeLock.hold`.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   */
  holdWrite(timeout?: number): Hold {
    return this.writeLock.hold(timeout);
  }

  /**
   * Acquires for writing, for a scope, without blocking the agent: `writeLock.holdAsync`.
   *
   * @param options when to give up
   * @returns a Disposable that releases once
   */
  holdWriteAsync(options?: WaitOptions): Promise<Hold> {
    return this.writeLock.holdAsync(options);
  }

  /**
   * Makes it whole again after its writer died: `writeLock.recover`.
   *
   * @param repair makes whole what the lock guards
   * @param timeout the longest wait for another's repair, in ms
   * @returns whether there was something to repair
   *
   * @example
   * ```ts
   * import { OwnerDiedError, RWLock } from 'atomics-sync-free';
   * const lock = new RWLock();
   * try {
   *   lock.readLock.run(() => console.log('nobody writes')); // nobody writes
   * } catch (error) {
   *   if (!(error instanceof OwnerDiedError)) throw error;
   *   lock.recover(() => {
   *     // makes whole what the lock guards
   *   });
   * }
   * ```
   */
  recover(repair?: () => unknown, timeout?: number): boolean {
    return this.writeLock.recover(repair, timeout);
  }

  /**
   * Makes it whole again after its writer died, without blocking the agent: `writeLock.recoverAsync`.
   *
   * @param repair makes whole what the lock guards; what it returns is awaited
   * @param options when to give up waiting for another's repair
   * @returns whether there was something to repair
   */
  recoverAsync(repair?: () => unknown, options?: WaitOptions): Promise<boolean> {
    return this.writeLock.recoverAsync(repair, options);
  }

  /** Whether its writer died, and nobody has recovered it. */
  get abandoned(): boolean {
    return this.writeLock.abandoned;
  }

  /**
   * How many reads all agents together hold. Each agent records its own, so this walks through the arena, and changes made
   * meanwhile may or may not be counted.
   */
  get readers(): number {
    return this.readLock.locked ? countAll(this.arena.words, this.cell + WORD) : 0;
  }

  /** Whether somebody holds the lock for writing, or died while doing so. */
  get writing(): boolean {
    return this.writeLock.locked;
  }

  /** @returns kind, number, holders and waiters, for human readers */
  override toString(): string {
    return `${this.label} (${describe(this.arena.words, this.cell + WORD)})`;
  }
}

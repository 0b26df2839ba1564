/** What a Condition needs from the lock that guards it, and a Lock's implementation of it; an RLock implements it itself. */
import type { SyncError } from '../core/errors.js';
import { ABANDONED, ownerOf } from '../core/memory/owner.js';
import type { Lock } from './lock.js';
import { WORD } from './mutex.js';

export interface Guard {
  /** @internal Whether the agent has the lock, as far as can be known: not through a task that presents a hold. */
  readonly isHeldByAgent: boolean;

  /** @internal Whether a task needs a hold to prove that it has the lock. */
  readonly needsHold: boolean;

  /** @internal What to throw when the lock is not held as `call` needs it. */
  notHeld(call: string): SyncError;

  /** @internal Releases the lock, however deeply it is held, for a wait; returns what `acquireAgain` needs. */
  releaseFully(): number;

  /** @internal Blocks until the lock is acquired again, at its previous depth. */
  acquireAgain(depth: number): void;

  /** @internal Releases the lock that a task holds. */
  freeForTask(): void;

  /** @internal Waits until a task has the lock again. */
  acquireAgainAsync(): Promise<unknown>;
}

/** A Lock as a guard. It is defined here so that a program without a Condition has none of it in its bundle. */
export class LockGuard implements Guard {
  readonly needsHold = false;
  readonly #lock: Lock;
  readonly #words: Int32Array;
  readonly #word: number;

  constructor(lock: Lock) {
    this.#lock = lock;
    this.#words = lock.arena.words;
    this.#word = lock.cell + WORD;
  }

  /** Nobody owns a Lock, so it is enough that somebody holds it; a plain read suffices, since that should be the caller. */
  get isHeldByAgent(): boolean {
    const word = this.#words[this.#word];
    return ownerOf(word) !== 0 && word !== ABANDONED;
  }

  notHeld(call: string): SyncError {
    return this.#lock.notHeld(call);
  }

  releaseFully(): number {
    this.#lock.release();
    return 0;
  }

  acquireAgain(): void {
    this.#lock.acquire();
  }

  freeForTask(): void {
    this.#lock.release();
  }

  acquireAgainAsync(): Promise<unknown> {
    return this.#lock.acquireAsync();
  }
}

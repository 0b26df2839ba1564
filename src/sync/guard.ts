/** What a Condition asks of the lock that guards it. */
import type { SyncError } from '../core/errors.js';

export interface Guard {
  /** @internal Whether the agent has the lock, as far as can be known: not by a task that shows a hold. */
  readonly isHeldByAgent: boolean;

  /** @internal Whether a task needs a hold to show that it has the lock */
  readonly needsHold: boolean;

  /** @internal What to throw where the lock is not held as `call` needs it */
  notHeld(call: string): SyncError;

  /** @internal Frees the lock however deep it is held, for a wait; returns what `acquireAgain` needs. */
  releaseFully(): number;

  /** @internal Blocks until the lock is acquired again, as deep as it was. */
  acquireAgain(depth: number): void;

  /** @internal Frees the lock that a task holds. */
  freeForTask(): void;

  /** @internal Waits until a task has the lock again. */
  acquireAgainAsync(): Promise<unknown>;
}

import { type Hold, TimeoutError } from 'atomics-sync-free';
import { RLockHold } from '#dist/sync/rlock.js';

interface Holdable {
  holdAsync(options: { timeout?: number | undefined }): Promise<Hold>;
  release(): void;
}

/** An async task's holds of one lock, used like a thread's `acquire` and `release`. */
export class Holds {
  readonly #lock: Holdable;
  readonly #stack: Hold[] = [];

  constructor(lock: Holdable) {
    this.#lock = lock;
  }

  /** The hold that the task acquired last. */
  get current(): Hold | undefined {
    return this.#stack.at(-1);
  }

  get recursionCount(): number {
    return this.current instanceof RLockHold ? this.current.recursionCount : this.#stack.length;
  }

  async acquire(timeout?: number): Promise<boolean> {
    const { current } = this;
    if (current instanceof RLockHold) {
      this.#stack.push(current.hold());
      return true;
    }
    try {
      this.#stack.push(await this.#lock.holdAsync({ timeout }));
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }

  /** Without a hold, the lock itself has to refuse. */
  release(): void {
    (this.#stack.pop() ?? this.#lock).release();
  }
}

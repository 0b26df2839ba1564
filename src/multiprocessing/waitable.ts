/** What makes a thing one that `wait` can wait for. */
import type { WaitOptions } from '../core/arguments.js';
import type { Waiting } from '../core/wait/waiting.js';

/** The property of what can be waited for, together with others. */
export const READY: unique symbol = Symbol('ready');

/** What `wait` can wait for: a queue, a connection, or the sentinel of a process. */
export interface Waitable {
  /** @internal */
  readonly [READY]: Readiness;
}

/** How to learn whether there is something to be taken, or the end has come. Neither takes anything. */
export interface Readiness {
  /** Blocks until it is so; a timeout of 0 only looks. @returns whether it was so in time */
  look(timeout: number): boolean;
  /** The same, without blocking the agent. */
  lookAsync(options: WaitOptions): Promise<boolean>;
  /**
   * The same look at the gate that all things of one memory have in common; whoever makes any of them ready changes that.
   *
   * @throws SyncError `ERR_BLOCKING_REFUSED` where the agent must not block for it
   */
  readonly together: Waiting;
}

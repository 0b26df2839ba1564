/** What makes an object one that `wait` can wait for. */
import type { WaitOptions } from '../core/arguments.js';
import type { Waiting } from '../core/wait/waiting.js';
import type { Closing } from './closing.js';
import type { Consumer } from './ring/consumer.js';

/** The property of objects that can be waited for together with others. */
export const READY: unique symbol = Symbol('ready');

/** What `wait` can wait for: a queue, a connection, or the sentinel of a process. */
export interface Waitable {
  /** @internal */
  readonly [READY]: Readiness;
}

/** How to find out whether there is something to take, or the end has come. Neither call takes anything. */
export interface Readiness {
  /** Blocks until that is so; a timeout of 0 only looks. @returns whether it was so in time */
  look(timeout: number): boolean;
  /** The same, without blocking the agent. */
  lookAsync(options: WaitOptions): Promise<boolean>;
  /**
   * The same, looking at the gate that all things of one memory share; an agent that makes one of them ready changes
   * it.
   *
   * @throws SyncError `ERR_BLOCKING_REFUSED` where the agent must not block for it
   */
  readonly together: Waiting;
}

/**
 * @param consumer takes what is waited for
 * @param closing ends the async waits
 * @param checkMayBlock throws where the agent must not block for it
 */
export function readinessOf(consumer: Consumer, closing: Closing, checkMayBlock?: () => void): Readiness {
  return {
    look(timeout) {
      if (timeout > 0) checkMayBlock?.();
      return consumer.look(timeout);
    },
    lookAsync: (options) => closing.until(options, (until) => consumer.lookAsync(until)),
    get together() {
      checkMayBlock?.();
      return consumer.together;
    },
  };
}

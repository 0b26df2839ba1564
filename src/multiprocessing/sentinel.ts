/** The end of a process, as `wait` waits for it. */
import type { Waiting } from '../core/wait/waiting.js';
import { READY, type Readiness, type Waitable } from './waitable.js';

/** What is ready when a process has ended: Python's `Process.sentinel`. */
export class Sentinel implements Waitable {
  /** @internal */
  readonly [READY]: Readiness;

  /**
   * @internal
   * @param end the wait for the end
   * @param together the same, by one that waits for others as well
   */
  constructor(end: Waiting, together: Waiting) {
    this[READY] = {
      look: (timeout) => end.wait(timeout),
      lookAsync: (options) => end.waitAsync(options),
      together,
    };
  }
}

/** The end of a process, as `wait` waits for it. */
import type { Waiting } from '../core/wait/waiting.js';
import { READY, type Readiness, type Waitable } from './waitable.js';

/** What is ready when a process has ended: Python's `Process.sentinel`. */
export class Sentinel implements Waitable {
  /** @internal */
  readonly [READY]: Readiness;

  /** @internal */
  constructor(end: Waiting) {
    this[READY] = { look: (timeout) => end.wait(timeout), lookAsync: (options) => end.waitAsync(options) };
  }
}

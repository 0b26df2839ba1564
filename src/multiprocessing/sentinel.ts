/** The end of a process, as `wait` waits for it. */
import type { Waiting } from '../core/wait/waiting.js';
import { READY, type Readiness, type Waitable } from './waitable.js';

/** A process, as it is shown to people. */
interface ProcessLike {
  toString(): string;
}

/** An object that is ready when a process has ended: Python's `Process.sentinel`. */
export class Sentinel implements Waitable {
  /** @internal */
  readonly [READY]: Readiness;
  readonly #process: ProcessLike;

  /**
   * @internal
   * @param process whose end it is
   * @param end the wait for the end
   * @param together the same, for a wait that waits for other things as well
   */
  constructor(process: ProcessLike, end: Waiting, together: Waiting) {
    this.#process = process;
    this[READY] = {
      look: (timeout) => end.wait(timeout),
      lookAsync: (options) => end.waitAsync(options),
      together,
    };
  }

  /** @returns whose sentinel it is, for people */
  toString(): string {
    return `Sentinel of ${this.#process}`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

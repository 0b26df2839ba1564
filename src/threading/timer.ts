/** Python's `Timer`. */
import { checkFields, checkTimeout } from '../core/arguments.js';
import type { Target } from '../tasks/target.js';
import { SETTINGS, Thread, type ThreadOptions, type ThreadSettings } from './thread.js';

/**
 * A thread that waits before it calls its function, and can be cancelled until then: Python's `threading.Timer`. While it
 * waits it takes no worker, and it fires in time whatever the agent does that has started it.
 *
 * @example
 * ```ts
 * import { Timer } from 'atomics-sync-free/threading';
 * const timer = new Timer(60_000, () => 'too late');
 * timer.start();
 * timer.cancel();
 * timer.join();
 * console.log(timer.isAlive(), timer.result); // false undefined
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as for a Thread
export class Timer<Result = unknown, Args extends unknown[] = any[]> extends Thread<Result | undefined, Args> {
  /** How long it waits, in ms. */
  readonly interval: number;
  #cancelled = false;

  /**
   * Makes a timer; its time begins when it is started.
   *
   * @param interval how long it waits, in ms
   * @param target what it calls then, as a thread does
   * @param args none
   * @param settings those of a thread
   * @throws TypeError or RangeError when an argument is not what it must be
   */
  constructor(
    interval: number,
    target: Target<[], PromiseLike<Result> | Result>,
    args?: readonly [],
    settings?: ThreadSettings,
  );
  /**
   * Makes a timer whose target takes arguments.
   *
   * @param interval how long it waits, in ms
   * @param target what it calls then
   * @param args what it calls it with
   * @param settings those of a thread
   * @throws TypeError or RangeError when an argument is not what it must be
   */
  constructor(
    interval: number,
    target: Target<Args, PromiseLike<Result> | Result>,
    args: readonly [...Args],
    settings?: ThreadSettings,
  );
  constructor(interval: number, target: unknown, args: readonly unknown[] = [], settings: ThreadSettings = {}) {
    checkTimeout(interval, 'interval');
    checkFields('Timer', settings, SETTINGS);
    super({ ...settings, target, args } as ThreadOptions<Args, PromiseLike<Result> | Result>);
    this.interval = interval;
  }

  /** @internal Its name does not tell the target. */
  protected override nameBy(): string {
    return super.nameBy('');
  }

  /** @internal */
  protected override kind(): string {
    return this.constructor === Timer ? 'Timer' : super.kind();
  }

  /** @internal A timer that is cancelled already never begins. */
  protected override delay(): number {
    return this.#cancelled ? Infinity : this.interval;
  }

  /** Starts the time. @throws SyncError as a thread's `start` does */
  override start(): void {
    super.start();
    if (this.#cancelled) this.giveUp();
  }

  /** Gives it up; once it has fired, this does nothing. Its result is undefined then. */
  cancel(): void {
    this.#cancelled = true;
    this.giveUp();
  }
}

/** Python's `Timer`. */
import { checkFields, checkTimeout } from '../core/arguments.js';
import type { Target } from '../tasks/target.js';
import { SETTINGS, Thread, type ThreadOptions, type ThreadSettings } from './thread.js';

/**
 * A thread that waits before it calls its function, and can be cancelled until then: Python's `threading.Timer`. While
 * waiting it uses no worker, and it fires on time whatever the agent that started it is doing.
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
   * Creates a timer; its interval begins when it is started.
   *
   * @param interval how long it waits, in ms
   * @param target what it calls afterwards, as for a thread
   * @param args none
   * @param settings as for a thread
   * @throws TypeError or RangeError when an argument is invalid
   */
  constructor(
    interval: number,
    target: Target<[], PromiseLike<Result> | Result>,
    args?: readonly [],
    settings?: ThreadSettings,
  );
  /**
   * Creates a timer whose target takes arguments.
   *
   * @param interval how long it waits, in ms
   * @param target what it calls then
   * @param args the arguments of the call
   * @param settings as for a thread
   * @throws TypeError or RangeError when an argument is invalid
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

  /** @internal Its name does not include the target. */
  protected override nameBy(): string {
    return super.nameBy();
  }

  /** @internal */
  protected override kind(): string {
    return this.constructor === Timer ? 'Timer' : super.kind();
  }

  /** @internal A timer that has already been cancelled never begins. */
  protected override delay(): number {
    return this.#cancelled ? Infinity : this.interval;
  }

  /** Starts the interval. @throws SyncError as a thread's `start` does */
  override start(): void {
    super.start();
    if (this.#cancelled) this.giveUp();
  }

  /** Cancels the timer, whose result is then undefined; has no effect once it has fired. */
  cancel(): void {
    this.#cancelled = true;
    this.giveUp();
  }
}

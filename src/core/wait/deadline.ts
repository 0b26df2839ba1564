/**
 * When an async wait is over. It goes by the global `setTimeout` alone, looked up when the time begins, so it follows a
 * faked clock whatever else is faked beside it; and it is taken back by the `clearTimeout` that belongs to that one.
 */
import { after } from './watch.js';

/** setTimeout's longest delay, in ms; it fires at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** A time that takes more timers than this, 6.8 years, is for ever: `runAll` of fake timers runs through all of them. */
const MOST_TIMERS = 100;

/** A time that begins when this is made. */
export class Deadline {
  passed = false;
  /** Called when it passes. */
  onPassed: (() => void) | undefined;
  #cancel: () => void = () => {};

  /** @param timeout ms until it passes; it needs `cancel` unless it passes */
  constructor(timeout: number) {
    this.#start(timeout);
  }

  #start(left: number): void {
    if (left <= 0) {
      this.passed = true;
      this.onPassed?.();
    } else if (left <= MOST_TIMERS * LONGEST_TIMER) {
      // Fractions are rounded up, since setTimeout drops them.
      const delay = Math.min(Math.ceil(left), LONGEST_TIMER);
      const next = (): void => this.#start(left - delay);
      const { setTimeout, clearTimeout } = globalThis as Partial<typeof globalThis>;
      if (setTimeout === undefined) {
        this.#startWithoutTimers(next, delay);
        return;
      }
      const timer = setTimeout(next, delay);
      this.#cancel = () => clearTimeout?.(timer);
    }
  }

  /** In an audio worklet, and in a realm that has nothing but the language. */
  #startWithoutTimers(next: () => void, delay: number): void {
    let isDue = true;
    this.#cancel = () => {
      isDue = false;
    };
    after(delay, () => {
      if (isDue) next();
    });
  }

  /** Ends it: it will not pass any more, and keeps nothing alive. */
  cancel(): void {
    this.#cancel();
  }
}

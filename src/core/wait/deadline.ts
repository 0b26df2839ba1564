/**
 * When an async wait is over. It goes by the global `setTimeout` alone, looked up when the time begins, so it follows a
 * faked clock whatever else is faked beside it; and it is taken back by the `clearTimeout` that belongs to that one. (What
 * others take for something goes by real time, and names the timer of turns.ts.)
 */
import { after } from './watch.js';

/** setTimeout's longest delay, in ms; it fires at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** A time that takes more timers than this, 6.8 years, is for ever: `runAll` of fake timers runs through all of them. */
const MOST_TIMERS = 100;

/** Calls something after so many ms, and returns what takes that back. */
type Timer = (call: () => void, ms: number) => () => void;

function globalTimer(call: () => void, ms: number): () => void {
  const { setTimeout, clearTimeout } = globalThis as Partial<typeof globalThis>;
  if (setTimeout === undefined) return engineTimer(call, ms);
  const timer = setTimeout(call, ms);
  return () => clearTimeout?.(timer);
}

/** In an audio worklet, and in a realm that has nothing but the language. */
function engineTimer(call: () => void, ms: number): () => void {
  let isDue = true;
  after(ms, () => {
    if (isDue) call();
  });
  return () => {
    isDue = false;
  };
}

/** A time that begins when this is made. */
export class Deadline {
  passed = false;
  /** Called when it passes. */
  onPassed: (() => void) | undefined;
  readonly #timer: Timer;
  #cancel: () => void = () => {};

  /**
   * @param timeout ms until it passes; it needs `cancel` unless it passes
   * @param timer what tells when at most LONGEST_TIMER have passed
   */
  constructor(timeout: number, timer: Timer = globalTimer) {
    this.#timer = timer;
    this.#start(timeout);
  }

  #start(left: number): void {
    if (left <= 0) {
      this.passed = true;
      this.onPassed?.();
    } else if (left <= MOST_TIMERS * LONGEST_TIMER) {
      // Fractions are rounded up, since setTimeout drops them.
      const delay = Math.min(Math.ceil(left), LONGEST_TIMER);
      this.#cancel = this.#timer(() => this.#start(left - delay), delay);
    }
  }

  /** Ends it: it will not pass any more, and keeps nothing alive. */
  cancel(): void {
    this.#cancel();
  }
}

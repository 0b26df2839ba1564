/**
 * The end of an async wait's time. It uses only the global `setTimeout`, looked up when the time begins, so it follows a
 * faked clock whatever else is faked beside it; and it is cancelled by the `clearTimeout` that belongs to that one. (Times
 * that depend on other agents are real, and use the timer of turns.ts.)
 */
import { after } from './watch.js';

/** setTimeout's longest delay, in ms; it fires at once for a longer one. */
const LONGEST_TIMER = 2 ** 31 - 1;
/**
 * A time that takes more timers than this, 6.8 years, counts as forever: `runAll` of fake timers runs through all of them.
 */
const MOST_TIMERS = 100;

/** Calls a function after this many ms, and returns a function that cancels that. */
type Timer = (call: () => void, ms: number) => () => void;

function globalTimer(call: () => void, ms: number): () => void {
  const { setTimeout, clearTimeout } = globalThis as Partial<typeof globalThis>;
  if (setTimeout === undefined) return engineTimer(call, ms);
  const timer = setTimeout(call, ms);
  return () => clearTimeout?.(timer);
}

/** For an audio worklet, or a realm that has only the language itself. */
function engineTimer(call: () => void, ms: number): () => void {
  let isDue = true;
  after(ms, () => {
    if (isDue) call();
  });
  return () => {
    isDue = false;
  };
}

/** A time that begins when this is created. */
export class Deadline {
  passed = false;
  /** Called when it passes. */
  onPassed: (() => void) | undefined;
  readonly #timer: Timer;
  #cancel: () => void = () => {};

  /**
   * @param timeout ms until it passes; unless it passes, it must be cancelled
   * @param timer the timer used, for at most LONGEST_TIMER ms at a time
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

  /** Cancels it: it will no longer pass, and keeps nothing alive. */
  cancel(): void {
    this.#cancel();
  }
}

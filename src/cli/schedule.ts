/** How the time of a stress run is shared out among its tests. */
import type { RunOptions } from '../stress/index.js';

/** What a run without `--seconds` aims at (s); a hang near the end, and the last workers to go, come on top. */
const SECONDS_IN_ALL = 54;
/** No test gets more than the first (s), however few there are, or less than the second, however many. */
const MOST = 2;
const LEAST = 0.05;
/** A test that has seen what it must see needs no more than this (s) for its figures. */
const ENOUGH = 0.25;
/** How many times its share a test may take that has not seen yet what it must see. */
const OVERTIME = 3;
/** What a test costs beside its own time, the start of its workers above all, before that has been measured (s). */
const USUAL_OVERHEAD = 0.15;

/** What a schedule is made for. */
export interface Plan {
  /** How many tests there are. */
  readonly tests: number;
  /** How many of them run at the same time. */
  readonly jobs: number;
  /** What each of them gets (s); without it a minute is shared out. */
  readonly seconds?: number | undefined;
  /** How long (s) a test goes on that has not seen what it must see. */
  readonly untilSeen?: number | undefined;
}

/**
 * Says how long each test of a run is to take.
 *
 * Where a minute is shared out, a test that must see something ends soon after it has, and goes on for some time if it
 * has not; what one test does not need is left to those that come later.
 */
export class Schedule {
  readonly #plan: Plan;
  readonly #now: () => number;
  readonly #started: number;
  #ended = 0;
  #ran = 0;

  /**
   * @param plan - for which tests
   * @param now - a clock in ms
   */
  constructor(plan: Plan, now = () => performance.now()) {
    this.#plan = plan;
    this.#now = now;
    this.#started = now();
  }

  /** The time for the next test. */
  next(): { readonly seconds: number } & Pick<RunOptions, 'untilSeen' | 'enough'> {
    const { seconds, untilSeen } = this.#plan;
    if (seconds !== undefined) return { seconds, untilSeen };
    const share = Math.min(MOST, Math.max(LEAST, this.#share));
    return { seconds: share, untilSeen: untilSeen ?? Math.max(share, OVERTIME * this.#share), enough: ENOUGH };
  }

  /** Notes that a test has ended, which itself ran for so many seconds. */
  ended(ran: number): void {
    this.#ended++;
    this.#ran += ran;
  }

  /** How many more seconds the run is going to take, as far as one can tell. */
  get secondsLeft(): number {
    const { seconds = Math.min(MOST, this.#share) } = this.#plan;
    return Math.max(0, this.#rounds * (seconds + this.#overhead));
  }

  get #elapsed(): number {
    return (this.#now() - this.#started) / 1_000;
  }

  /** How many tests each job still has before it. */
  get #rounds(): number {
    return (this.#plan.tests - this.#ended) / this.#plan.jobs;
  }

  get #share(): number {
    return (SECONDS_IN_ALL - this.#elapsed) / Math.max(1, this.#rounds) - this.#overhead;
  }

  get #overhead(): number {
    if (this.#ended === 0) return USUAL_OVERHEAD;
    return Math.max(0, this.#elapsed * this.#plan.jobs - this.#ran) / this.#ended;
  }
}

/** How the time of a stress run is divided among its tests. */
import type { RunOptions } from '../stress/index.js';

/** The target time of a run without `--seconds` (s); a hang near the end, and the last workers to finish, add to it. */
const SECONDS_IN_ALL = 54;
/** No test gets more than the first (s), however few there are, or less than the second, however many. */
const MOST = 2;
const LEAST = 0.05;
/** A test that has seen what it must see needs no more than this (s) for its figures. */
const ENOUGH = 0.25;
/** How many times its share a test may take while it has not yet seen what it must see. */
const OVERTIME = 3;
/** The cost of a test beyond its own time, mainly starting its workers, before that has been measured (s). */
const USUAL_OVERHEAD = 0.15;

/** What a schedule is made for. */
export interface Plan {
  /** How many tests there are. */
  readonly tests: number;
  /** How many of them run at the same time. */
  readonly jobs: number;
  /** What each of them gets (s); without it, a minute is divided among all. */
  readonly seconds?: number | undefined;
  /** How long (s) a test continues that has not seen what it must see. */
  readonly untilSeen?: number | undefined;
}

/**
 * Decides how long each test of a run takes.
 *
 * If a minute is divided among them, a test that must see something ends soon after it has, and continues for some time
 * if it has not; time that one test does not need is left to later ones.
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

  /** Records that a test has ended, which itself ran for `ran` seconds. */
  ended(ran: number): void {
    this.#ended++;
    this.#ran += ran;
  }

  /** The estimated number of seconds left in the run. */
  get secondsLeft(): number {
    const { seconds = Math.min(MOST, this.#share) } = this.#plan;
    return Math.max(0, this.#rounds * (seconds + this.#overhead));
  }

  get #elapsed(): number {
    return (this.#now() - this.#started) / 1_000;
  }

  /** How many tests each job still has to run. */
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

/**
 * How many calls are made in one batch: joblib's rule. A batch should take between `SHORT` and `LONG`. The duration of
 * batches of the present size is smoothed, and estimated anew for each size.
 */
const SHORT = 200;
const LONG = 2000;
/** The share of the latest batch in the estimate. */
const WEIGHT = 0.2;

export class BatchSize {
  readonly #isFixed: boolean;
  #size: number;
  /** The most calls that can be sent at a time. */
  #most = Infinity;
  /** In ms; 0 while nothing is known of batches of this size. */
  #duration = 0;

  /** @param fixed a size that does not change */
  constructor(fixed: number | undefined) {
    this.#isFixed = fixed !== undefined;
    this.#size = fixed ?? 1;
  }

  get current(): number {
    return this.#size;
  }

  /** From now on a batch has at most this many calls. */
  atMost(most: number): void {
    this.#most = most;
    this.#size = Math.min(this.#size, most);
    this.#duration = 0;
  }

  /** @param duration of a batch of `size` calls, in ms */
  completed(size: number, duration: number): void {
    if (this.#isFixed || size !== this.#size) return;
    this.#duration = this.#duration === 0 ? duration : (1 - WEIGHT) * this.#duration + WEIGHT * duration;
    const wanted = Math.min(this.#wanted(), this.#most);
    if (wanted === size) return;
    this.#size = wanted;
    this.#duration = 0;
  }

  #wanted(): number {
    const [size, duration] = [this.#size, this.#duration];
    // A batch that took no measurable time may be doubled in any case.
    const ideal = duration === 0 ? size : Math.floor((size * SHORT) / duration);
    if (duration < SHORT) return Math.max(1, Math.min(2 * size, 2 * ideal));
    if (duration > LONG && size >= 2) return Math.max(1, 2 * ideal);
    return size;
  }
}

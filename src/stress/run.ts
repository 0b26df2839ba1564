/** Runs one test for a given time, replacing casts that break. */
import { firstPlace } from '../check/frames.js';
import { Cast, type Ending, lacksWorker, resultOf } from './cast.js';
import { checkOptions, checkSeconds, checkSignal, MOST_THREADS } from './options.js';
import { buildReport, type Counts, type OutcomeReport, outcomeOf, type TestReport } from './report.js';
import { checkStressTest, type StressTest } from './test.js';

/** How to run a test. */
export interface RunOptions {
  /** How long to run it, in seconds, at most 2,000,000; 1 by default. A hang near the end is still waited for. */
  readonly seconds?: number | undefined;
  /**
   * As long as the verdict would be `NOT SEEN`, because an outcome that must be seen was not seen or no two actors have
   * met, the run continues after `seconds`, up to this many seconds in all. By default it does not.
   */
  readonly untilSeen?: number | undefined;
  /**
   * Once every outcome that must be seen has been seen, the run ends after this many seconds. Has an effect only
   * below `seconds`, and only for tests that have such an outcome; the others, which are to show that something is
   * never seen, take the full time.
   */
  readonly enough?: number | undefined;
  /**
   * How many worker threads to use, 2 … 1,022; 2 by default. A single actor is played by all of them; a list of actors is played
   * side by side as many times as the threads allow, and at least once.
   */
  readonly threads?: number | undefined;
  /** How many threads other runs keep busy meanwhile, 0 by default; if processors are short, waiting must not spin. */
  readonly otherThreads?: number | undefined;
  /** Ends the run early; what was found until then is reported. */
  readonly signal?: AbortSignal | undefined;
  /** Called a few times a second. If it throws, the run ends, rejected with the same error. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The progress of a run. */
export interface Progress {
  /** How many iterations have had a result so far. */
  readonly samples: number;
  /** How many more seconds it runs if nothing ends it early. */
  readonly secondsLeft: number;
  /** The rows of the report so far. */
  readonly outcomes: readonly OutcomeReport[];
}

const PROGRESS_MS = 200;
const LOOKOUT_MS = 20;

/**
 * Runs one test on real workers.
 *
 * Workers that hang or throw are counted as a result, ended, and replaced by new ones until the time is up. Only after
 * an error that the test does not declare does the run end, because every new set of workers would repeat it.
 *
 * @param test - the test, as `defineStressTest` made it
 * @param options - time, threads, a signal to end early
 * @returns what was seen, and the verdict
 * @throws TypeError if it is not such a test or an option is unknown; RangeError if a number is out of range; Error if
 *   this module is part of a bundle; and what the test's `primitives` or `onProgress` throws
 * @example
 * ```ts
 * import { catalogue, run, selectTests } from 'atomics-sync-free/stress';
 *
 * const test = selectTests(catalogue, ['lost-update/lock'])[0]!;
 * const { verdict, outcomes } = await run(test, { seconds: 1, untilSeen: 10 });
 * console.log(verdict, outcomes[1]?.result, outcomes[1]?.samples); // PASSED lost 0
 * ```
 */
export async function run(test: StressTest, options: RunOptions = {}): Promise<TestReport> {
  checkStressTest(test);
  checkRunOptions(options);
  const { seconds = 1, untilSeen = seconds, threads = 2 } = options;
  return new Run(test, seconds, Math.max(seconds, untilSeen), threads, options).finish();
}

const FIELDS: readonly string[] = [
  'seconds',
  'untilSeen',
  'enough',
  'threads',
  'otherThreads',
  'signal',
  'onProgress',
] satisfies (keyof RunOptions)[];

function checkRunOptions(options: RunOptions): void {
  checkOptions('run', options, FIELDS);
  const { seconds = 1, untilSeen = seconds, enough = 1, threads = 2, otherThreads = 0, signal, onProgress } = options;
  for (const [name, value] of Object.entries({ seconds, untilSeen, enough })) checkSeconds(name, value);
  if (!(Number.isInteger(threads) && threads >= 2 && threads <= MOST_THREADS))
    throw new RangeError(`threads must be 2 to ${MOST_THREADS}, not ${String(threads)}`);
  if (!(Number.isInteger(otherThreads) && otherThreads >= 0))
    throw new RangeError(`otherThreads must be 0 or more, not ${String(otherThreads)}`);
  checkSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new TypeError('onProgress must be a function');
}

/** All casts of one test, replaced when they break, and side by side if there are enough threads. */
class Run {
  readonly #test: StressTest;
  readonly #seconds: number;
  readonly #mostSeconds: number;
  readonly #actors: number;
  readonly #sets: number;
  readonly #options: RunOptions;
  readonly #counts: Counts = { samples: new Map(), places: new Map(), walked: 0, overlapped: 0 };
  readonly #playing = new Set<Cast>();
  #startedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookout: ReturnType<typeof setInterval> | undefined;
  #overtime = false;
  #over = false;
  /** What `onProgress` has thrown. */
  #thrown: { readonly error: unknown } | undefined;

  constructor(test: StressTest, seconds: number, mostSeconds: number, threads: number, options: RunOptions) {
    this.#test = test;
    this.#seconds = seconds;
    this.#mostSeconds = mostSeconds;
    this.#actors = test.everyonePlaysOne ? threads : test.actors.length;
    this.#sets = Math.max(1, Math.floor(threads / this.#actors));
    this.#options = options;
  }

  async finish(): Promise<TestReport> {
    const { signal, onProgress } = this.#options;
    const stop = (): void => this.#stop();
    if (signal?.aborted) this.#over = true;
    signal?.addEventListener('abort', stop);
    const ticker = onProgress && setInterval(() => this.#tell(onProgress), PROGRESS_MS);
    try {
      await Promise.all(Array.from({ length: this.#sets }, () => this.#playOn()));
    } finally {
      clearInterval(ticker);
      clearTimeout(this.#timer);
      clearInterval(this.#lookout);
      signal?.removeEventListener('abort', stop);
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
    return buildReport(this.#test, this.#counts, this.#threads, this.#elapsed());
  }

  #tell(onProgress: (progress: Progress) => void): void {
    try {
      onProgress(this.#progress());
    } catch (error) {
      this.#thrown ??= { error };
      this.#stop();
    }
  }

  get #threads(): number {
    return this.#actors * this.#sets;
  }

  async #playOn(): Promise<void> {
    const busy = this.#threads + (this.#options.otherThreads ?? 0);
    while (!this.#over) {
      const cast = new Cast(this.#test, this.#actors, { threads: busy, onReady: () => this.#startClock() });
      this.#playing.add(cast);
      const ending = await cast.ended;
      this.#playing.delete(cast);
      if (lacksWorker(ending)) {
        throw new Error(
          "the stress lab cannot be part of a bundle, because its workers import it and the test's module: leave " +
            "'atomics-sync-free/stress' out (esbuild --packages=external), and keep the test in a file of its own",
        );
      }
      cast.addTo(this.#counts);
      this.#note(ending);
    }
  }

  #note(ending: Ending): void {
    const result = resultOf(ending);
    if (result === undefined) return;
    this.#counts.samples.set(result, (this.#counts.samples.get(result) ?? 0) + 1);
    if (ending.kind !== 'error' || outcomeOf(this.#test.outcomes, result)) return;
    this.#counts.places?.set(result, placeOf(ending.error, this.#test.module));
    this.#stop();
  }

  #startClock(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#timeUp(), this.#seconds * 1_000);
    const { enough = Infinity } = this.#options;
    const mustSee = this.#test.outcomes.some(({ mustBeSeen }) => mustBeSeen);
    this.#lookout = setInterval(() => {
      if ((this.#overtime || (mustSee && this.#elapsed() >= enough)) && this.#hasShown()) this.#stop();
    }, LOOKOUT_MS);
  }

  #timeUp(): void {
    if (this.#mostSeconds === this.#seconds || this.#hasShown()) {
      this.#stop();
    } else {
      this.#overtime = true;
      this.#timer = setTimeout(() => this.#stop(), (this.#mostSeconds - this.#seconds) * 1_000);
    }
  }

  /** Whether the run already shows something, or has failed. */
  #hasShown(): boolean {
    const { samples, verdict } = this.#reportSoFar();
    return samples > 0 && verdict !== 'NOT SEEN';
  }

  #stop(): void {
    this.#over = true;
    for (const cast of this.#playing) cast.stop();
  }

  #elapsed(): number {
    return this.#startedAt === undefined ? 0 : (performance.now() - this.#startedAt) / 1_000;
  }

  #reportSoFar(): TestReport {
    const counts = { ...this.#counts, samples: new Map(this.#counts.samples) };
    for (const cast of this.#playing) cast.addTo(counts);
    return buildReport(this.#test, counts, this.#threads, this.#elapsed());
  }

  #progress(): Progress {
    const { samples, outcomes } = this.#reportSoFar();
    const seconds = this.#overtime ? this.#mostSeconds : this.#seconds;
    return { samples, secondsLeft: Math.max(0, seconds - this.#elapsed()), outcomes };
  }
}

/** Where in a test's module an error comes from, or else where it was thrown, as `function file:line`. */
function placeOf(error: unknown, module: string): string {
  const stack = error instanceof Error ? error.stack : undefined;
  const file = module.slice(module.lastIndexOf('/') + 1);
  const own = stack?.split('\n').filter((line) => line.includes(`/${file}:`));
  return firstPlace(own?.join('\n')) || firstPlace(stack);
}

/** The supervisor's side of a recording: one iteration with a wanted result, step by step. */
import { Cast, resultOf } from './cast.js';
import { checkOptions, checkSeconds, checkSignal } from './options.js';
import { endsCast } from './record.js';
import type { Step } from './recorder.js';
import { checkStressTest, type StressTest } from './test.js';

/** A step, and the actor that made it. */
export interface RecordedStep extends Step {
  /** The actor, counted from 0. */
  readonly actor: number;
}

/** What the actors did in one iteration, as plain data. */
export interface Recording {
  /** The row of the report that the iteration counts under. */
  readonly result: string;
  /** How many actors played. */
  readonly actors: number;
  /**
   * In the order in which they began. A call without an end did not return. Only accesses to the test's words and calls
   * to primitives in the cell are included.
   */
  readonly steps: readonly RecordedStep[];
}

/** How long to try. */
export interface RecordOptions {
  /** How many seconds to try, at most 2,000,000; 2 by default. */
  readonly seconds?: number | undefined;
  /** Stops the attempt early. */
  readonly signal?: AbortSignal | undefined;
}

const FIELDS = ['seconds', 'signal'] satisfies (keyof RecordOptions)[];

/**
 * Plays a test recorded until an iteration has the wanted result, and reports who did what when in it.
 *
 * It is a new iteration, not one of those that `run` has counted, and slower: one access at a time is made and
 * numbered. Results of reordered plain accesses therefore do not occur.
 *
 * @param test - the test
 * @param result - the `result` of an outcome in the test's report
 * @param options - how long to try
 * @returns the iteration, or undefined if none had that result in time
 * @throws TypeError when it is not such a test, the result is not a string, or an option is unknown or of the wrong type;
 *   RangeError when `seconds` is out of range; whatever the test's `primitives` throws
 * @example
 * ```ts
 * import { catalogue, recordOutcome, selectTests } from 'atomics-sync-free/stress';
 *
 * const test = selectTests(catalogue, ['lost-update/lock'])[0]!;
 * const recording = await recordOutcome(test, 'exact', { seconds: 10 });
 * const calls = recording?.steps.filter(({ call }) => call).map(({ text }) => text);
 * console.log(calls?.sort().join(' ')); // lock.acquire() lock.acquire() lock.release() lock.release()
 * ```
 */
export async function recordOutcome(
  test: StressTest,
  result: string,
  options: RecordOptions = {},
): Promise<Recording | undefined> {
  checkStressTest(test);
  if (typeof result !== 'string') throw new TypeError("result must be the text of an outcome in the test's report");
  checkOptions('recordOutcome', options, FIELDS);
  const { seconds = 2, signal } = options;
  checkSeconds('seconds', seconds);
  checkSignal(signal);
  const actors = test.everyonePlaysOne ? 2 : test.actors.length;
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end && !signal?.aborted) {
    const takes = Array.from({ length: actors }, () => new Take());
    const onStep = (actor: number, ...step: Parameters<Take['note']>): void => takes[actor].note(...step);
    const cast = new Cast(test, actors, { threads: actors, recording: { wanted: result, onStep } });
    const stop = (): void => cast.stop();
    const timer = setTimeout(stop, end - performance.now());
    signal?.addEventListener('abort', stop);
    const ending = await cast.ended;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    if (endsCast(test, result) ? resultOf(ending) === result : ending.kind === 'stopped' && cast.found)
      return { result, actors, steps: merge(takes) };
  }
  return undefined;
}

/** What one actor has reported of its latest iteration. */
class Take {
  #iteration = 0;
  steps: Step[] = [];

  note(iteration: number, index: number, step: Step): void {
    if (iteration !== this.#iteration) this.steps = [];
    this.#iteration = iteration;
    this.steps[index] = step;
  }
}

function merge(takes: readonly Take[]): RecordedStep[] {
  return takes
    .flatMap(({ steps }, actor) => steps.map((step) => ({ actor, ...step })))
    .sort((one, other) => one.order - other.order);
}

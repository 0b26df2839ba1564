/** What an exploration reports. */

/**
 * - `invariant`, `final`: a condition of the scenario does not hold.
 * - `deadlock`: not all threads are done, and none can go on; a lost wake-up is one, too.
 * - `livelock`: from here on no schedule ends.
 * - `race`: two threads use a word at the same time, one of them plainly and one of them to write, and the word is not
 *   declared as plain.
 * - `error`: the code threw.
 * - `misuse`: the code or the scenario does something that the explorer cannot follow.
 */
export type FailureKind = 'invariant' | 'final' | 'deadlock' | 'livelock' | 'race' | 'error' | 'misuse';

/** One step of a schedule. */
export interface Step {
  /** Name of the thread. */
  readonly thread: string;
  /** The operation with its words by name, and its result. */
  readonly operation: string;
  /** The words it changed: `lock 0 → 1`, ghosts included; empty if none. */
  readonly change: string;
  /**
   * `function file:line:column` of the code, then after each ` ← ` the call that led there, up to the thread's body;
   * empty if the engine does not report it.
   */
  readonly where: string;
}

/** One run of the threads, step by step. */
export interface Schedule {
  /** The steps, in order. */
  readonly steps: readonly Step[];
  /** Reproduces the same run: see {@link replay}. */
  readonly seed: string;
}

/** For failures that do not belong to a run. */
export const NO_SCHEDULE: Schedule = { steps: [], seed: '' };

/** A run that violates a condition. */
export interface Failure {
  /** What sort of failure it is. */
  readonly kind: FailureKind;
  /** What is wrong at the end of the schedule. */
  readonly reason: string;
  /** The run that led there. */
  readonly schedule: Schedule;
}

/**
 * - `ok`: every interleaving (within the preemption bound, if there is one) was explored, and none fails.
 * - `failed`: see the failure.
 * - `incomplete`: a limit was reached before all was explored; nothing failed so far.
 * - `sampled`: from {@link sample} or {@link replay}: no run failed, which proves nothing about other runs.
 */
export type VerdictName = 'ok' | 'failed' | 'incomplete' | 'sampled';

interface ResultData {
  readonly verdict: VerdictName;
  readonly states: number;
  readonly transitions: number;
  readonly ms: number;
  readonly maxDepth: number;
  readonly within?: number;
  readonly outcomes: ReadonlyMap<string, string>;
  readonly failure?: Failure;
  readonly schedule?: Schedule;
  readonly note?: string;
  readonly assumptions?: readonly string[];
}

/**
 * What was found. `toString()` returns the report.
 *
 * @example
 * ```ts
 * import { explore } from 'atomics-sync-free/check';
 * const result = explore({
 *   memory: { word: 0 },
 *   threads: [({ words }) => Atomics.store(words, 0, 1), ({ words }) => Atomics.store(words, 0, 2)],
 *   outcome: ({ word }) => `ends as ${word}`,
 * });
 * console.log(result.verdict, [...result.outcomes.keys()].sort()); // ok [ 'ends as 1', 'ends as 2' ]
 * ```
 */
export class Result {
  /** What may be concluded. */
  readonly verdict: VerdictName;
  /** States seen; for a sample, steps taken. */
  readonly states: number;
  /** Moves from state to state. */
  readonly transitions: number;
  /** How long it took, in ms. */
  readonly ms: number;
  /** Length of the longest of the shortest paths to a state; for a sample, of the longest run. */
  readonly maxDepth: number;
  /**
   * Every schedule with at most this many preemptions was explored, and none fails: Infinity if that covers all
   * schedules, -1 if nothing of the kind is known.
   */
  readonly within: number;
  /** The names that the scenario's `outcome` returned, each with the seed of a (shortest) schedule that leads there. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** What failed, if the verdict is `failed`. */
  readonly failure: Failure | undefined;
  /** The run that {@link replay} made. */
  readonly schedule: Schedule | undefined;
  /** Why an exploration is incomplete, or within which bound it is complete. */
  readonly note: string;
  /** What else the verdict assumes, one clause each: plain words, marks, loops; empty after a failure. */
  readonly assumptions: readonly string[];

  /** @internal */
  constructor(data: ResultData) {
    this.verdict = data.verdict;
    this.states = data.states;
    this.transitions = data.transitions;
    this.ms = data.ms;
    this.maxDepth = data.maxDepth;
    this.within = data.within ?? -1;
    this.outcomes = data.outcomes;
    this.failure = data.failure;
    this.schedule = data.schedule ?? data.failure?.schedule;
    this.note = data.note ?? '';
    this.assumptions = data.assumptions ?? [];
  }

  /**
   * The report.
   *
   * @returns one line of figures; after a failure its schedule, one line a step, the reason and the seed
   */
  toString(): string {
    const figures = `${this.states} states, ${this.transitions} transitions, depth ${this.maxDepth}, ${Math.ceil(this.ms)} ms`;
    const remarks = [this.note, ...this.assumptions.map((each) => `assuming that ${each}`)].filter(
      (each) => each !== '',
    );
    const lines = [
      `${this.verdict.toUpperCase()}: ${figures}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}`,
    ];
    const { steps = [], seed = '' } = this.schedule ?? {};
    if (steps.length > 0) lines.push('', ...table(steps), '');
    if (this.failure !== undefined) lines.push(this.failure.reason);
    if (seed !== '') lines.push(`seed: ${seed}`);
    return lines.join('\n');
  }
}

function table(steps: readonly Step[]): string[] {
  const rows = steps.map((step, index) => [String(index + 1), step.thread, step.operation, step.change, step.where]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padStart(widths[0]) : cell.padEnd(widths[column] ?? 0),
    );
    return `  ${cells.join('  ').trimEnd()}`;
  });
}

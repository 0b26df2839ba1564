import { Checks, type Verdict } from './checks.js';
import { Machine } from './machine.js';
import { isOwnMove, isProgress, type Move, type State, threadOf } from './moves.js';
import { type Random, randomFrom } from './random.js';
import { type Failure, NO_SCHEDULE, Result, type VerdictName } from './result.js';
import { countFrom, FINITE, hold, POSITIVE, type Rules, wholeFrom } from './rules.js';
import type { Scenario } from './scenario.js';
import { scheduleOf, seedOf } from './schedule.js';
import { simulate } from './simulate.js';
import { realNow } from './simulation.js';

/** How to sample. */
export interface SampleOptions {
  /** How many runs. Default 1,000, or without limit if `ms` is given. */
  readonly runs?: number;
  /** Budget of time in ms. Default: none. */
  readonly ms?: number;
  /** Makes the sample reproducible (save for a budget of time). Default 1. */
  readonly seed?: number;
  /**
   * `random`: any possible move with equal chance. `pct` (default): the thread of highest priority moves, and
   * priorities are random and change at a few random points, after Burckhardt et al., "A Randomized Scheduler with
   * Probabilistic Guarantees of Finding Bugs" (2010). Theirs finds a bug of depth d in n threads and k steps with a
   * chance of at least 1 / (n · k^(d−1)) a run; time-outs, deaths and yielding spinners are added here, outside that
   * bound.
   */
  readonly strategy?: 'random' | 'pct';
  /** For `pct`: how many ordering constraints the bug may need. Default 3. */
  readonly depth?: number;
  /** A run that is longer is cut off. Default 10,000 moves. */
  readonly maxSteps?: number;
}

const SAMPLE: Rules<SampleOptions> = {
  runs: countFrom(1),
  ms: POSITIVE,
  seed: FINITE,
  strategy: { is: (value) => value === 'random' || value === 'pct', wanted: "'random' or 'pct'" },
  depth: wholeFrom(1),
  maxSteps: countFrom(1),
};

/** Pasts kept for reuse by later runs; beyond this many they are dropped. */
const MAX_PASTS = 200_000;
/** Where there is something else to do, one choice in so many goes to a death or a time-out. */
const RARE = 20;
/** A thread of highest priority that moved so often in a row is spinning, and made to yield. */
const SPIN = 200;

type Strategy = (state: State, moves: readonly Move[]) => Move;

/**
 * Runs a scenario under many random schedules: for what is too large for {@link explore}. A sample proves nothing, so
 * its verdict is never `ok`; nor can it see a livelock, but it says how many runs it had to cut off.
 *
 * @param scenario - The program, and what must hold.
 * @param options - How many runs, for how long, and by which strategy.
 * @returns Verdict `failed` with a schedule (not a shortest one) whose seed {@link replay} takes, `incomplete` if
 * runs were cut off, else `sampled`.
 * @throws ScenarioError if the scenario itself or an option is no good, or is started within another exploration.
 * @example
 * ```ts
 * import { type Body, sample } from 'atomics-sync-free/check';
 *
 * const add: Body = ({ words }) => void Atomics.add(words, 0, 1);
 * const threads = Array.from({ length: 20 }, () => add);
 * const result = sample({ memory: { sum: 0 }, threads, final: ({ sum }) => sum === 20 }, { runs: 100 });
 * console.log(result.verdict); // sampled
 * ```
 */
export function sample<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  options: SampleOptions = {},
): Result {
  hold('the options of sample()', options, SAMPLE);
  const erased = scenario as unknown as Scenario<string, string>;
  return simulate(erased, (prepared) => new Sampler(prepared, options).run());
}

class Sampler {
  readonly #began = realNow();
  readonly #scenario: Scenario<string, string>;
  readonly #options: SampleOptions;
  readonly #random: Random;
  readonly #outcomes = new Map<string, string>();
  #machine: Machine;
  #checks: Checks;
  #steps = 0;
  #longest = 0;
  /** How many runs came to their end, and how many steps they had together. */
  #finished = 0;
  #total = 0;
  #cutOff = 0;

  constructor(scenario: Scenario<string, string>, options: SampleOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#random = randomFrom(options.seed ?? 1);
    this.#machine = new Machine(scenario);
    this.#checks = new Checks(this.#machine, scenario);
  }

  run(): Result {
    const { ms = Infinity, runs = ms < Infinity ? Infinity : 1000 } = this.#options;
    let done = 0;
    for (; done < runs && realNow() - this.#began < ms; done++) {
      if (this.#machine.pasts.count > MAX_PASTS) {
        this.#machine = new Machine(this.#scenario);
        this.#checks = new Checks(this.#machine, this.#scenario);
      }
      const failed = this.#once();
      if (failed !== undefined) return failed;
    }
    const problem = this.#machine.checkMarks();
    if (problem !== undefined)
      return this.#result('failed', { failure: { kind: 'misuse', reason: problem.reason, schedule: NO_SCHEDULE } });
    if (this.#cutOff > 0) return this.#result('incomplete', { note: `${this.#cutOff} of ${done} runs cut off` });
    return this.#result('sampled', { note: `${done} runs` });
  }

  #once(): Result | undefined {
    const { strategy = 'pct', maxSteps = 10_000 } = this.#options;
    const choose = strategy === 'random' ? this.#anyMove() : this.#byPriority();
    const made: Move[] = [];
    let state = this.#machine.first;
    for (;;) {
      const moves = this.#machine.moves(state);
      const verdict = this.#checks.judge(state, moves) ?? this.#unseen();
      this.#longest = Math.max(this.#longest, made.length);
      if (verdict !== undefined) {
        return this.#result('failed', { failure: { ...verdict, schedule: scheduleOf(this.#machine, made) } });
      }
      if (moves.length === 0 || (this.#checks.ended(state) && !moves.some(isProgress))) break;
      if (made.length >= maxSteps) {
        this.#cutOff++;
        return undefined;
      }
      const next = choose(state, moves);
      made.push(next);
      this.#steps++;
      state = this.#machine.after(state, next);
    }
    this.#finished++;
    this.#total += made.length;
    const outcome = this.#checks.outcome(state);
    if (outcome !== undefined && !this.#outcomes.has(outcome)) this.#outcomes.set(outcome, seedOf(made));
    return undefined;
  }

  #unseen(): Verdict | undefined {
    for (const ghost of this.#machine.lastUnseen) {
      const verdict = this.#checks.unseen(ghost);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  #anyMove(): Strategy {
    return (_, moves) => this.#oneOf(moves);
  }

  #byPriority(): Strategy {
    const { depth = 3 } = this.#options;
    const priorities = this.#shuffled(this.#machine.actors.length);
    const length = Math.max(Math.round(this.#finished === 0 ? this.#longest : this.#total / this.#finished), 1);
    const changes = Array.from({ length: depth - 1 }, () => this.#random(length));
    let lowest = 0;
    let step = 0;
    let [last, inARow] = [-1, 0];
    /** Where the thread has stood in its row of moves: one that stands there again with the same words has gone round. */
    const stood = new Set<string>();
    return (state, moves) => {
      const own = moves.filter(isOwnMove);
      if (own.length === 0 || (own.length < moves.length && this.#random(RARE) === 0)) return this.#oneOf(moves);
      const highest = (): number => own.map(threadOf).reduce((x, y) => (priorities[y] > priorities[x] ? y : x));
      const leader = highest();
      const place = `${leader} ${state.pasts[leader].id} ${state.image.id}`;
      const spins = leader === last && (inARow >= SPIN || stood.has(place));
      if (changes.includes(step++) || spins) priorities[leader] = --lowest;
      const thread = highest();
      if (thread !== last) stood.clear();
      else if (thread === leader) stood.add(place);
      inARow = thread === last ? inARow + 1 : 0;
      last = thread;
      return this.#oneOf(own.filter((each) => threadOf(each) === thread));
    };
  }

  #oneOf(moves: readonly Move[]): Move {
    return moves[this.#random(moves.length)];
  }

  #shuffled(count: number): number[] {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    for (let at = count - 1; at > 0; at--) {
      const other = this.#random(at + 1);
      [numbers[at], numbers[other]] = [numbers[other], numbers[at]];
    }
    return numbers;
  }

  #result(verdict: VerdictName, more: { note?: string; failure?: Failure }): Result {
    return new Result({
      verdict,
      states: this.#steps,
      transitions: this.#steps,
      ms: realNow() - this.#began,
      maxDepth: this.#longest,
      outcomes: this.#outcomes,
      assumptions: verdict === 'failed' ? [] : this.#machine.assumptions(),
      ...more,
    });
  }
}

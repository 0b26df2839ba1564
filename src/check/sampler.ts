/** Many random runs of a scenario, one after another. */
import { Checks, type Verdict } from './checks.js';
import { occurs } from './confirm.js';
import { asyncMachine, Machine, type MachineOptions } from './machine.js';
import { isProgress, type Move, type State } from './moves.js';
import { type Random, randomFrom } from './random.js';
import { type Failure, NO_SCHEDULE, Result, type VerdictName } from './result.js';
import type { Scenario } from './scenario.js';
import { scheduleOf, seedOf } from './schedule.js';
import { realNow } from './simulation.js';
import type { EqualRounds } from './spins.js';
import { anyMove, byPriority, type Strategy } from './strategies.js';

/** How to sample. */
export interface SampleOptions {
  /** How many runs. Default 1,000, or without limit if `ms` is given. */
  readonly runs?: number | undefined;
  /** Time budget in ms. Default: none. */
  readonly ms?: number | undefined;
  /** Makes the sample reproducible (except under a time budget). Default 1. */
  readonly seed?: number | undefined;
  /**
   * `random`: any possible move with equal chance. `pct` (default): the thread of highest priority moves, and
   * priorities are random and change at a few random points, after Burckhardt et al., "A Randomized Scheduler with
   * Probabilistic Guarantees of Finding Bugs" (2010). Their algorithm finds a bug of depth d in n threads and k steps
   * with a chance of at least 1 / (n · k^(d−1)) per run; time-outs, deaths and yielding spinners are added here,
   * outside that bound. Under `memoryModel: 'tso'`, store buffers count as threads.
   */
  readonly strategy?: 'random' | 'pct' | undefined;
  /** For `pct`: how many ordering constraints the bug may need. Default 3. */
  readonly depth?: number | undefined;
  /** A longer run is cut off. Default 10,000 moves. */
  readonly maxSteps?: number | undefined;
}

/** Pasts kept for reuse by later runs; when there are more, they are dropped. */
const MAX_PASTS = 200_000;

/** What later runs reuse. */
interface Kept {
  readonly machine: Machine;
  readonly checks: Checks;
}

/** The current run. */
interface Run {
  readonly choose: Strategy;
  readonly made: Move[];
  state: State;
  /** The move that was chosen but not yet made. */
  next?: Move | undefined;
  verdict?: Verdict | undefined;
}

/**
 * A sample. With async threads the machine may lack an answer at any query (see miss.ts), so the current run is kept in
 * fields, from which {@link run} continues.
 */
export class Sampler {
  readonly #began = realNow();
  readonly #scenario: Scenario<string, string>;
  readonly #options: SampleOptions;
  readonly #isAsync: boolean;
  readonly #random: Random;
  readonly #outcomes = new Map<string, string>();
  #equalRounds: EqualRounds = 1;
  #machineOptions: MachineOptions;
  #kept: Kept | undefined;
  #run: Run | undefined;
  /** How many runs have begun and are over, cut off or not. */
  #done = 0;
  #steps = 0;
  #longest = 0;
  /** How many runs were completed, and how many steps they had in total. */
  #finished = 0;
  #total = 0;
  #cutOff = 0;

  constructor(scenario: Scenario<string, string>, options: SampleOptions, isAsync: boolean) {
    this.#scenario = scenario;
    this.#options = options;
    this.#isAsync = isAsync;
    this.#random = randomFrom(options.seed ?? 1);
    this.#machineOptions = this.#newOptions();
  }

  /** Makes the runs. Called again after a miss, it continues where it was. */
  run(): Result {
    const { ms = Infinity, runs = ms < Infinity ? Infinity : 1000 } = this.#options;
    let kept = this.#keep();
    while (this.#run !== undefined || (this.#done < runs && realNow() - this.#began < ms)) {
      if (this.#run === undefined) kept = this.#keep();
      this.#run ??= { choose: this.#strategy(kept.machine), made: [], state: kept.machine.first };
      const failed = this.#goOn(this.#run, kept);
      if (failed !== undefined) return failed;
      this.#run = undefined;
      this.#done++;
      if (!this.#isAsync && isPowerOfTwo(this.#done) && this.#kept?.machine.refutesLoops()) this.#beStricter();
    }
    const problem = this.#keep().machine.checkMarks();
    if (problem !== undefined)
      return this.#result('failed', { failure: { kind: 'misuse', reason: problem.reason, schedule: NO_SCHEDULE } });
    if (this.#cutOff > 0) return this.#result('incomplete', { note: `${this.#cutOff} of ${this.#done} runs cut off` });
    return this.#result('sampled', { note: `${this.#done} runs` });
  }

  /** What runs reuse; renewed when it has grown too large. */
  #keep(): Kept {
    if (this.#kept !== undefined && this.#kept.machine.pasts.count > MAX_PASTS) {
      this.#kept = undefined;
      this.#machineOptions = this.#newOptions();
    }
    if (this.#kept === undefined) {
      const machine = new Machine(this.#scenario, this.#machineOptions);
      this.#kept = { machine, checks: new Checks(machine, this.#scenario) };
    }
    return this.#kept;
  }

  #newOptions(): MachineOptions {
    return this.#isAsync ? asyncMachine(this.#scenario) : { equalRounds: this.#equalRounds };
  }

  #strategy({ actors }: Machine): Strategy {
    const buffered = this.#scenario.memoryModel === 'tso';
    const { strategy = 'pct', depth = 3 } = this.#options;
    if (strategy === 'random') return anyMove(this.#random);
    const length = Math.max(Math.round(this.#finished === 0 ? this.#longest : this.#total / this.#finished), 1);
    return byPriority(this.#random, actors.length, buffered, depth, length);
  }

  /** Makes the rest of a run; returns what failed, if anything did. */
  #goOn(run: Run, { machine, checks }: Kept): Result | undefined {
    const { maxSteps = 10_000 } = this.#options;
    for (;;) {
      if (run.next !== undefined) {
        run.state = machine.after(run.state, run.next);
        run.made.push(run.next);
        run.next = undefined;
        this.#steps++;
        this.#longest = Math.max(this.#longest, run.made.length);
      }
      const moves = machine.enabled.moves(run.state);
      run.verdict ??= checks.judge(run.state, moves) ?? checks.lastUnseen();
      if (run.verdict !== undefined) {
        if (!this.#occurs(run, machine)) return undefined;
        return this.#result('failed', { failure: { ...run.verdict, schedule: scheduleOf(machine, run.made) } });
      }
      if (moves.length === 0 || (checks.ended(run.state) && !moves.some(isProgress))) break;
      if (run.made.length >= maxSteps) {
        this.#cutOff++;
        return undefined;
      }
      run.next = run.choose(run.state, moves);
    }
    this.#finished++;
    this.#total += run.made.length;
    const outcome = checks.outcome(run.state);
    if (outcome !== undefined && !this.#outcomes.has(outcome) && this.#occurs(run, machine)) {
      this.#outcomes.set(outcome, seedOf(run.made));
    }
    return undefined;
  }

  /** Whether what a run shows occurs; if it does not, later runs take fewer loops to be endless. */
  #occurs({ made, verdict }: Run, machine: Machine): boolean {
    if (this.#isAsync || occurs(this.#scenario, machine, made, verdict?.kind)) return true;
    this.#beStricter();
    return false;
  }

  /** A loop was taken to be endless that is not. */
  #beStricter(): void {
    this.#equalRounds = this.#equalRounds === 1 ? 2 : Infinity;
    this.#machineOptions = this.#newOptions();
    this.#kept = undefined;
  }

  #result(verdict: VerdictName, more: { note?: string; failure?: Failure }): Result {
    return new Result({
      verdict,
      states: this.#steps,
      transitions: this.#steps,
      ms: realNow() - this.#began,
      maxDepth: this.#longest,
      outcomes: this.#outcomes,
      assumptions: verdict === 'failed' ? [] : (this.#kept?.machine.assumptions() ?? []),
      ...more,
    });
  }
}

/** So often that a loop that was taken wrongly spoils few runs, and that the tests cost little. */
function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

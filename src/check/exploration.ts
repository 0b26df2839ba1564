/**
 * The exhaustive search: breadth first, so that the first failure found has a shortest schedule; then, if everything
 * was seen and nothing failed, backwards from the ends, to find states from which no end can be reached.
 *
 * With a preemption bound, schedules with fewer preemptions come first (iterative context bounding, Musuvathi and
 * Qadeer, PLDI 2007), so each state is expanded with the smallest number that leads to it.
 */
import { Checks, type Verdict } from './checks.js';
import { occurs } from './confirm.js';
import { Machine, type MachineOptions } from './machine.js';
import { isProgress, type Move, type State, threadOf } from './moves.js';
import type { Past } from './past.js';
import { Peers } from './peers.js';
import { Progress } from './progress.js';
import { ALL, Reduction } from './reduction.js';
import { type Failure, type FailureKind, NO_SCHEDULE, Result, type Schedule, type VerdictName } from './result.js';
import type { Scenario } from './scenario.js';
import { movesOf, scheduleOf, seedOf } from './schedule.js';
import { SearchTree } from './search-tree.js';
import { realNow } from './simulation.js';
import { IntList, States } from './states.js';

export const DEFAULT_MAX_STATES = 1_000_000;
/** Time between two progress reports, in ms. */
const PROGRESS_MS = 1_000;
/** The clock is read once per this many states. */
const CLOCK_STATES = 64;

/** How long to explore, and where to report progress. */
export interface ExploreOptions {
  /** Time budget in ms; when it is exceeded, the verdict is `incomplete`. Default: none. */
  readonly ms?: number | undefined;
  /** Called about once a second. */
  readonly onProgress?: ((progress: ExploreProgress) => void) | undefined;
  /**
   * Whether to explore only one of the runs that differ only in the order of independent steps (where that pays), or in
   * which of several equal threads does what. Without it, verdict and outcomes are the same, but there are more states.
   * Default: true.
   */
  readonly reduction?: boolean | undefined;
}

/** The progress of an exploration. */
export interface ExploreProgress {
  /** States found so far. */
  readonly states: number;
  /** Of those, states whose moves have not been made yet. */
  readonly pending: number;
  /** How long it has taken so far, in ms. */
  readonly ms: number;
}

/** How to explore. */
export interface Course extends MachineOptions {
  /** Whether to give up, without a result, when there are more than `maxStates`. Default: false. */
  readonly isTrial?: boolean;
}

/**
 * Why an exploration has no result: another one begins anew, with another notion of a loop, or because threads are not
 * alike; or a trial has too many states.
 */
type Unfinished = 'anew' | 'too large';

export class Exploration {
  readonly #began: number;
  readonly #scenario: Scenario<string, string>;
  readonly #options: ExploreOptions;
  readonly #machine: Machine;
  readonly #isAsync: boolean;
  readonly #checks: Checks;
  readonly #states: States;
  readonly #preemptionBound: number;
  readonly #tree = new SearchTree();
  readonly #progress = new Progress();
  readonly #outcomes = new Map<string, string>();
  /** States to be expanded, by the number of preemptions that led to them. */
  readonly #pending = [new IntList()];
  /** How many of those have been looked at. */
  readonly #done: number[] = [];
  /** Where a ghost first changed unseen: the state before, and the move. */
  readonly #unseen = new Map<number, readonly [id: number, by: Move]>();
  readonly #reduction: Reduction | undefined;
  readonly #peers: Peers;
  /** The version of what was known about alike threads when this began. */
  readonly #peersVersion: number;
  /** For each expanded state: the threads whose moves were made, as a bit set. */
  readonly #moved = new IntList();
  /** The version of what was known about the threads when the sets of all states were last settled. */
  #settledVersion = -1;
  readonly #isTrial: boolean;
  /** What the search has found: a miss that follows must not make it go on behind a failure. */
  #searched: Result | Unfinished | undefined;
  #transitions = 0;
  #maxDepth = 0;
  #nextReport: number;

  constructor(
    scenario: Scenario<string, string>,
    options: ExploreOptions,
    { isTrial = false, ...machine }: Course,
    began: number,
  ) {
    this.#began = began;
    this.#isTrial = isTrial;
    this.#nextReport = nextReport(began);
    this.#scenario = scenario;
    this.#options = options;
    this.#peers = machine.peers ?? Peers.none(scenario);
    this.#peersVersion = this.#peers.version;
    this.#isAsync = machine.findings !== undefined;
    this.#machine = new Machine(scenario, { ...machine, peers: this.#peers, looksAhead: !this.#isAsync });
    this.#checks = new Checks(this.#machine, scenario);
    for (const ghost of this.#machine.ghosts.lastUnseen) this.#unseen.set(ghost, [0, -1]);
    this.#states = new States(this.#machine);
    this.#preemptionBound = scenario.preemptionBound ?? Infinity;
    const { footprints } = this.#machine;
    const isBounded = this.#preemptionBound < Infinity;
    if (footprints !== undefined) this.#reduction = new Reduction(this.#machine, footprints, isBounded);
  }

  run(): Result | Unfinished {
    const result = this.#found();
    // Any query about the threads may have told them apart.
    return this.#toldApart ? 'anew' : result;
  }

  get #toldApart(): boolean {
    return this.#peers.version !== this.#peersVersion;
  }

  #found(): Result | Unfinished {
    this.#searched ??= this.#search();
    const result = this.#searched;
    if (result === 'anew' || result === 'too large') return result;
    if (this.#machine.refutesLoops()) return 'anew';
    if (result.failure !== undefined) return this.#occurs(result.failure) ? this.#marksOf(result) : 'anew';
    for (const [ghost, [id, by]] of this.#unseen) {
      const verdict = this.#checks.unseen(ghost);
      if (verdict === undefined) continue;
      return this.#failed(verdict.kind, verdict.reason, scheduleOf(this.#machine, this.#pathTo(id, by)));
    }
    return this.#marksOf(result);
  }

  /** Whether a failure occurs in a run. Of a livelock, no run can show that it has no end. */
  #occurs({ kind, schedule: { seed } }: Failure): boolean {
    const moves = movesOf(seed.split('~')[0]);
    return occurs(this.#scenario, this.#machine, moves, kind === 'livelock' ? undefined : kind);
  }

  #marksOf(result: Result): Result {
    const problem = this.#machine.checkMarks();
    // Wrong marks produce states that occur in no run, so whatever was found in them is worthless.
    if (problem === undefined) return result;
    const { threads, from, where, reason } = problem;
    const { thread = threads[0], path } = this.#wayTo(from, threads);
    const place = where === '' ? '' : ` (${where})`;
    return this.#failed(
      'misuse',
      `thread ${this.#machine.actors[thread].name}: ${reason}${place}`,
      path === undefined ? NO_SCHEDULE : scheduleOf(this.#machine, path),
    );
  }

  /** A path to where one of these threads is about to do what leads it to a mark that promises too much. */
  #wayTo(from: Past, threads: readonly number[]): { readonly thread?: number; readonly path?: readonly Move[] } {
    for (let past = from.parent; past !== undefined; past = past.parent) {
      for (let id = 0; id < this.#states.count; id++) {
        const { pasts } = this.#states.state(id);
        if (!threads.some((each) => pasts[each] === past)) continue;
        const path = this.#pathTo(id);
        return { thread: this.#after(path).pasts.indexOf(past), path };
      }
    }
    return {};
  }

  #search(): Result | Unfinished {
    this.#reach(this.#machine.first, -1, -1);
    for (;;) {
      const stopped = this.#visitPending();
      if (stopped !== undefined) return stopped;
      const stuck = this.#progress.stuck(this.#states.count);
      if (stuck.length === 0) return this.#complete();
      if (!this.#expandAll(stuck)) return this.#livelock(stuck[0]);
    }
  }

  #complete(): Result {
    const within = this.#preemptionBound;
    return this.#result('ok', { within, ...(within < Infinity && { note: `within ${within} preemptions` }) });
  }

  /** Expands what is pending, fewest preemptions first, until nothing is. */
  #visitPending(): Result | Unfinished | undefined {
    for (let level = 0; level < this.#pending.length; ) {
      const done = this.#done[level] ?? 0;
      if (done < this.#pending[level].length) {
        const stopped = this.#visit(level, done);
        this.#done[level] = done + 1;
        if (stopped !== undefined) return stopped;
      } else {
        level = this.#enlarge() ? 0 : level + 1;
      }
    }
    return undefined;
  }

  /** Expands a pending state, if it is still to be expanded. */
  #visit(level: number, each: number): Result | Unfinished | undefined {
    const { maxStates = DEFAULT_MAX_STATES } = this.#scenario;
    const pending = this.#pending[level];
    const id = pending.at(each);
    // It was expanded with fewer preemptions.
    if (this.#states.preemptions(id) < level) return undefined;
    const within = level - 1;
    const looks = each % CLOCK_STATES === 0;
    if (looks && this.#isOver(pending.length - each)) return this.#late(within);
    const failed = this.#expand(id);
    if (failed !== undefined) return failed;
    const isTooLarge = this.#states.count > maxStates;
    if (this.#toldApart) return 'anew';
    if ((isTooLarge || looks) && this.#machine.noticedLoop()) return 'anew';
    if (!isTooLarge) return undefined;
    // A trial may have used up the time.
    if (this.#isOver(pending.length - each)) return this.#late(within);
    if (this.#isTrial) return 'too large';
    return this.#result('incomplete', { note: this.#limit(maxStates, within), within });
  }

  #late(within: number): Result {
    return this.#result('incomplete', { note: `${complete(within)}the ${this.#options.ms} ms are up`, within });
  }

  /** Whether the time is over; reports progress now and then. */
  #isOver(pending: number): boolean {
    const { ms = Infinity, onProgress } = this.#options;
    const now = realNow();
    if (onProgress !== undefined && now >= this.#nextReport) {
      this.#nextReport = nextReport(this.#began);
      onProgress({ states: this.#states.count, pending, ms: now - this.#began });
    }
    return now - this.#began > ms;
  }

  #expand(id: number): Result | undefined {
    const state = this.#states.state(id);
    this.#maxDepth = Math.max(this.#maxDepth, this.#tree.depth(id));
    const moves = this.#machine.enabled.moves(state);
    const ended = this.#checks.ended(state);
    const verdict = this.#checks.judge(state, moves, ended);
    if (verdict !== undefined) {
      const path = this.#pathTo(id);
      const { kind, reason } = this.#machine.symmetry === undefined ? verdict : (this.#judgeAfter(path) ?? verdict);
      return this.#failed(kind, reason, scheduleOf(this.#machine, path));
    }
    if (ended) this.#end(id);
    // The moves that the bound excludes may lead to an end.
    if (this.#machine.enabled.lastBounded) this.#progress.end(id);
    const threads = this.#reduction?.choose(state, moves) ?? ALL;
    this.#moved.set(id, threads);
    this.#make(id, state, moves, threads);
    return undefined;
  }

  /** What is wrong after a run, under the thread names of that run. */
  #judgeAfter(path: readonly Move[]): Verdict | undefined {
    const state = this.#after(path);
    return this.#checks.judge(state, this.#machine.enabled.moves(state));
  }

  #after(path: readonly Move[]): State {
    return path.reduce((state, each) => this.#machine.after(state, each), this.#machine.first);
  }

  /** Makes the moves of some threads. */
  #make(id: number, state: State, moves: readonly Move[], threads: number): void {
    // Before anything is counted, all missing answers about async threads must have been obtained.
    if (this.#isAsync) for (const each of moves) this.#machine.after(state, each);
    for (let at = 0; at < moves.length; at++) {
      const each = moves[at];
      if (((threads >> threadOf(each)) & 1) === 0) continue;
      const after = this.#machine.after(state, each);
      for (const ghost of this.#machine.ghosts.lastUnseen)
        if (!this.#unseen.has(ghost)) this.#unseen.set(ghost, [id, each]);
      const next = this.#reach(after, id, each);
      this.#transitions++;
      if (isProgress(each)) this.#progress.move(id, next);
    }
  }

  /**
   * Makes the moves that were left out and, by what is now known about the threads, may no longer be.
   *
   * @returns Whether there were any.
   */
  #enlarge(): boolean {
    if (this.#reduction === undefined || this.#reduction.version === this.#settledVersion) return false;
    this.#settledVersion = this.#reduction.version;
    let enlarged = false;
    for (let id = 0; id < this.#moved.length; id++) {
      if (this.#addThreads(id, (state, moves, moved) => (this.#reduction as Reduction).choose(state, moves, moved))) {
        enlarged = true;
      }
    }
    return enlarged;
  }

  /**
   * Makes the moves of all threads in some states.
   *
   * @returns Whether any had not been made before.
   */
  #expandAll(ids: readonly number[]): boolean {
    if (this.#reduction === undefined) return false;
    let expanded = false;
    for (const id of ids) if (this.#addThreads(id, () => ALL)) expanded = true;
    return expanded;
  }

  #addThreads(id: number, choose: (state: State, moves: readonly Move[], moved: number) => number): boolean {
    const moved = this.#moved.at(id);
    if (moved === ALL || moved === 0) return false;
    const state = this.#states.state(id);
    const moves = this.#machine.enabled.moves(state);
    const threads = choose(state, moves, moved);
    if (threads === moved) return false;
    this.#moved.set(id, threads);
    this.#make(id, state, moves, threads & ~moved);
    return true;
  }

  #reach(reached: State, parent: number, by: Move): number {
    const state = this.#machine.symmetry?.representative(reached) ?? reached;
    const before = this.#states.count;
    const id = this.#states.idOf(state);
    const { preemptions } = state;
    if (id === before) {
      this.#tree.add(parent, by);
      this.#moved.push(0);
    } else if (preemptions < this.#states.preemptions(id)) {
      this.#states.lower(id, preemptions);
      this.#tree.move(id, parent, by);
    } else {
      return id;
    }
    this.#pending[preemptions] ??= new IntList();
    this.#pending[preemptions].push(id);
    return id;
  }

  #end(id: number): void {
    this.#progress.end(id);
    const outcome = this.#checks.outcome(this.#states.state(id));
    if (outcome !== undefined && !this.#outcomes.has(outcome)) this.#outcomes.set(outcome, seedOf(this.#pathTo(id)));
  }

  /** A run to a state, or to one that it represents, optionally followed by one more move. */
  #pathTo(id: number, by: Move = -1): Move[] {
    const path = this.#tree.pathTo(id);
    if (by >= 0) path.push(by);
    return this.#machine.symmetry?.unrolled(this.#machine, path) ?? path;
  }

  /** Continues from a stuck state, each thread in turn, until a state recurs: the schedule ends with that cycle. */
  #livelock(stuck: number): Result {
    const path = this.#pathTo(stuck);
    const seen = new Map<string, number>();
    let state = this.#after(path);
    let turn = 0;
    for (;;) {
      const { image, queue, late, pasts, kills } = state;
      const key = [image.id, queue.id, late.id, kills, turn, ...pasts.map((past) => past.id)].join();
      const before = seen.get(key);
      if (before !== undefined) {
        const { steps, seed } = scheduleOf(this.#machine, path);
        const length = path.length - before;
        return this.#failed('livelock', this.#checks.livelock(state, length), { steps, seed: `${seed}~${length}` });
      }
      seen.set(key, path.length);
      const moves = this.#machine.enabled.moves(state).filter(isProgress);
      const next = moves.find((each) => threadOf(each) >= turn) ?? moves[0];
      turn = (threadOf(next) + 1) % this.#machine.actors.length;
      path.push(next);
      state = this.#machine.after(state, next);
    }
  }

  #limit(maxStates: number, within: number): string {
    const { depth, where } = this.#machine.longestPast();
    const place = where === '' ? '' : ` and stands at ${where}`;
    return `${complete(within)}more than ${maxStates} states; the longest history of a thread has ${depth} operations${place}: if that is a retry loop, it needs Thread.mark`;
  }

  #failed(kind: FailureKind, reason: string, schedule: Schedule): Result {
    return this.#result('failed', { failure: { kind, reason, schedule } });
  }

  #result(
    verdict: VerdictName,
    more: Partial<Pick<Result, 'note' | 'within'>> & { failure?: Result['failure'] & object } = {},
  ): Result {
    return new Result({
      verdict,
      states: this.#states.count,
      transitions: this.#transitions,
      ms: realNow() - this.#began,
      maxDepth: this.#maxDepth,
      outcomes: this.#outcomes,
      assumptions: verdict === 'failed' ? [] : this.#machine.assumptions(),
      ...more,
    });
  }
}

/** When the next full second of an exploration ends. */
function nextReport(began: number): number {
  return began + PROGRESS_MS * (Math.floor((realNow() - began) / PROGRESS_MS) + 1);
}

/** What an unfinished search can say about preemptions. */
function complete(within: number): string {
  return within < 0 ? '' : `everything within ${within} preemptions was explored, and `;
}

/**
 * The exhaustive search: breadth first, so that the first failure met is one with a shortest schedule; then, if all was
 * seen and nothing failed, backwards from the ends, to find states from which there is no way to any end.
 *
 * With a preemption bound, schedules with fewer preemptions come first (iterative context bounding, Musuvathi and Qadeer,
 * PLDI 2007), so each state is expanded with the least number that leads to it.
 */
import { Checks } from './checks.js';
import { isProgress, Machine, type Move, type State, threadOf } from './machine.js';
import { type FailureKind, NO_SCHEDULE, Result, type Schedule, type VerdictName } from './result.js';
import type { Scenario } from './scenario.js';
import { scheduleOf, seedOf } from './schedule.js';
import { realNow } from './simulation.js';
import { IntList, States } from './states.js';

const DEFAULT_MAX_STATES = 1_000_000;

export class Search {
  readonly #began = realNow();
  readonly #scenario: Scenario<string, string>;
  readonly #machine: Machine;
  readonly #checks: Checks;
  readonly #states: States;
  /** Within a bound, that no end is reached says nothing. */
  readonly #findsLivelocks: boolean;
  /** By state: the state it was first reached from, and the move. */
  readonly #parents = new IntList();
  readonly #moves = new IntList();
  /** Every progress move between two states, for the way back. */
  readonly #from = new IntList();
  readonly #to = new IntList();
  readonly #ends = new IntList();
  readonly #outcomes = new Map<string, string>();
  readonly #depths = new IntList();
  /** States to be expanded, by how many preemptions led to them. */
  readonly #pending = [new IntList()];
  #transitions = 0;
  #maxDepth = 0;

  constructor(scenario: Scenario<string, string>) {
    this.#scenario = scenario;
    this.#machine = new Machine(scenario);
    this.#checks = new Checks(this.#machine, scenario);
    this.#states = new States(this.#machine);
    this.#findsLivelocks = (scenario.preemptionBound ?? Infinity) === Infinity;
  }

  run(): Result {
    const result = this.#search();
    const problem = this.#machine.checkMarks();
    // Wrong marks make states that no run has, so what was found in them is worth nothing.
    return problem === undefined ? result : this.#failed('misuse', problem, NO_SCHEDULE);
  }

  #search(): Result {
    const { maxStates = DEFAULT_MAX_STATES, preemptionBound = Infinity } = this.#scenario;
    this.#reach(this.#machine.first, -1, -1);
    for (let level = 0; level < this.#pending.length; level++) {
      const pending = this.#pending[level];
      for (let each = 0; each < pending.length; each++) {
        const id = pending.at(each);
        // It was expanded with fewer.
        if (this.#states.preemptions(id) < level) continue;
        const failed = this.#expand(id);
        if (failed !== undefined) return failed;
        if (this.#states.count > maxStates) {
          return this.#result('incomplete', { note: this.#limit(maxStates, level - 1), within: level - 1 });
        }
      }
    }
    if (!this.#findsLivelocks) {
      return this.#result('ok', { note: `within ${preemptionBound} preemptions`, within: preemptionBound });
    }
    const stuck = this.#firstStuck();
    return stuck === undefined ? this.#result('ok', { within: Infinity }) : this.#livelock(stuck);
  }

  #expand(id: number): Result | undefined {
    const state = this.#states.state(id);
    this.#maxDepth = Math.max(this.#maxDepth, this.#depths.at(id));
    const moves = this.#machine.moves(state);
    const verdict = this.#checks.judge(state, moves);
    if (verdict !== undefined) {
      return this.#failed(verdict.kind, verdict.reason, scheduleOf(this.#machine, this.#pathTo(id)));
    }
    if (this.#checks.ended(state)) this.#end(id);
    for (const each of moves) {
      const next = this.#reach(this.#machine.after(state, each), id, each);
      this.#transitions++;
      if (isProgress(each) && this.#findsLivelocks) {
        this.#from.push(id);
        this.#to.push(next);
      }
    }
    return undefined;
  }

  #reach(state: State, parent: number, by: Move): number {
    const before = this.#states.count;
    const id = this.#states.idOf(state);
    const { preemptions } = state;
    if (id === before) {
      this.#parents.push(parent);
      this.#moves.push(by);
      this.#depths.push(0);
    } else if (preemptions < this.#states.preemptions(id)) {
      this.#states.lower(id, preemptions);
      this.#parents.set(id, parent);
      this.#moves.set(id, by);
    } else {
      return id;
    }
    this.#depths.set(id, parent < 0 ? 0 : this.#depths.at(parent) + 1);
    this.#pending[preemptions] ??= new IntList();
    this.#pending[preemptions].push(id);
    return id;
  }

  #end(id: number): void {
    this.#ends.push(id);
    const outcome = this.#checks.outcome(this.#states.state(id));
    if (outcome !== undefined && !this.#outcomes.has(outcome)) this.#outcomes.set(outcome, seedOf(this.#pathTo(id)));
  }

  #pathTo(id: number): Move[] {
    const path: Move[] = [];
    for (let at = id; this.#parents.at(at) >= 0; at = this.#parents.at(at)) path.push(this.#moves.at(at));
    return path.reverse();
  }

  /** The first state (so one of the nearest) from which no sequence of moves, deaths apart, leads to an end. */
  #firstStuck(): number | undefined {
    const count = this.#states.count;
    // The predecessors of state n are sources[starts[n]] … sources[starts[n + 1] - 1].
    const starts = new Int32Array(count + 1);
    for (const to of this.#to.view()) starts[to + 1]++;
    for (let id = 0; id < count; id++) starts[id + 1] += starts[id];
    const sources = new Int32Array(this.#to.length);
    const filled = starts.slice(0, count);
    for (let edge = 0; edge < this.#to.length; edge++) sources[filled[this.#to.at(edge)]++] = this.#from.at(edge);

    const ends = new Uint8Array(count);
    const pending: number[] = [];
    const mark = (id: number): void => {
      if (ends[id] === 0) pending.push(id);
      ends[id] = 1;
    };
    this.#ends.view().forEach(mark);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      for (let each = starts[id]; each < starts[id + 1]; each++) mark(sources[each]);
    }
    const stuck = ends.indexOf(0);
    return stuck < 0 ? undefined : stuck;
  }

  /** Goes round from a stuck state, each thread in turn, until it comes back: the schedule ends with that circle. */
  #livelock(stuck: number): Result {
    const path = this.#pathTo(stuck);
    const seen = new Map<string, number>();
    let state = this.#states.state(stuck);
    let turn = 0;
    for (;;) {
      const key = `${this.#states.idOf(state)} ${turn}`;
      const before = seen.get(key);
      if (before !== undefined) {
        const { steps, seed } = scheduleOf(this.#machine, path);
        const length = path.length - before;
        return this.#failed('livelock', this.#checks.livelock(state, length), { steps, seed: `${seed}~${length}` });
      }
      seen.set(key, path.length);
      const moves = this.#machine.moves(state).filter(isProgress);
      const next = moves.find((each) => threadOf(each) >= turn) ?? moves[0];
      turn = (threadOf(next) + 1) % this.#machine.actors.length;
      path.push(next);
      state = this.#machine.after(state, next);
    }
  }

  #limit(maxStates: number, within: number): string {
    const longest = this.#machine.longestPast();
    const complete = within < 0 ? '' : `all within ${within} preemptions was explored, and `;
    return `${complete}more than ${maxStates} states; the longest past of a thread has ${longest} operations: if that is a retry loop, it needs Thread.mark`;
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
      ...more,
    });
  }
}

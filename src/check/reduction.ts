/**
 * Partial-order reduction: which threads' moves suffice in a state, because the moves of the others can equally come
 * later.
 *
 * A set of threads is *persistent* in a state if nothing that the others may do while these stand still touches what
 * the next moves of these touch (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996).
 * Moving only them leaves out no end, no error of a thread, and no order of what the checks look at: each run equals
 * one of the explored runs up to the order of independent steps.
 *
 * What others may do is taken from the pasts seen so far ({@link Footprints}), as in dynamic reduction (Flanagan and
 * Godefroid, POPL 2005): a set that was persistent by what was known is evaluated again when more is known, and
 * enlarged. When no set needs enlarging, everything that any thread can do has been seen: a first step that had been
 * missed would be one of a run explored up to it. States from which the reduced search finds no end are expanded with
 * all threads, so none is delayed forever.
 *
 * With a preemption bound only the thread that moved last may go alone: moving it first takes no more preemptions,
 * while moving another thread might.
 */

import { DEATHS, type Footprint, queueOf, VISIBLE } from './footprint.js';
import type { Footprints } from './footprints.js';
import type { Machine } from './machine.js';
import { type Move, type State, threadOf } from './moves.js';

/** All threads, as a bit set. */
export const ALL = -1;
/** After this many states it is decided whether to go on. */
const TRIAL = 1_024;
/** If more than this fraction of the moves is made, reduction does not pay. */
const WORTH = 0.75;

export class Reduction {
  readonly #machine: Machine;
  readonly #footprints: Footprints;
  readonly #bounded: boolean;
  /** The number of states, and of their moves: in total, and in the chosen sets. */
  #states = 0;
  #all = 0;
  #made = 0;
  /** For the current state, by thread: the threads whose next moves touch what it may still touch, as a bit set. */
  readonly #disturbed: number[];
  /** And by thread that cannot move: the threads that may enable it. */
  readonly #wakers: number[];

  constructor(machine: Machine, footprints: Footprints, bounded: boolean) {
    this.#machine = machine;
    this.#footprints = footprints;
    this.#bounded = bounded;
    this.#disturbed = machine.actors.map(() => 0);
    this.#wakers = machine.actors.map(() => 0);
  }

  /** Changes when sets chosen before may no longer suffice. */
  get version(): number {
    return this.#footprints.version;
  }

  /**
   * A small set of threads whose moves suffice. If that leaves out little, it gives up, because it costs more than it
   * saves.
   *
   * @param moves - All possible moves.
   * @param chosen - Threads chosen before, which belong to the set.
   * @returns A bit set, or {@link ALL}.
   */
  choose(state: State, moves: readonly Move[], chosen = 0): number {
    if (!this.#footprints.tellAll || chosen === ALL) return ALL;
    let able = 0;
    for (let each = 0; each < moves.length; each++) able |= 1 << threadOf(moves[each]);
    this.#look(state, able);
    if (chosen !== 0) return this.#closure(able, chosen);
    const set = this.#choose(state, moves, able);
    this.#all += moves.length;
    this.#made += movesOf(moves, set);
    if (++this.#states % TRIAL === 0 && this.#made > this.#all * WORTH) this.#footprints.fallShort();
    return set;
  }

  #choose(state: State, moves: readonly Move[], able: number): number {
    if (this.#bounded) return state.last < 0 ? ALL : this.#closure(able, 1 << state.last);
    let best = ALL;
    let fewest = moves.length;
    for (let thread = 0; thread < state.pasts.length; thread++) {
      if (((able >> thread) & 1) === 0) continue;
      const set = this.#closure(able, 1 << thread);
      if (set === ALL) continue;
      const count = movesOf(moves, set);
      if (count < fewest) [best, fewest] = [set, count];
    }
    return best;
  }

  /** The smallest persistent set that includes these threads. */
  #closure(able: number, seed: number): number {
    let set = seed;
    if ((set & ~able) !== 0) return ALL;
    for (;;) {
      const others = this.#others(able & ~set, set);
      let joins = 0;
      for (let thread = 0; thread < this.#disturbed.length; thread++) {
        if (((others >> thread) & 1) === 1 && (this.#disturbed[thread] & set) !== 0) joins |= 1 << thread;
      }
      if (joins === 0) return set === able ? ALL : set;
      // With a bound it is one thread or all; and a thread that cannot move now cannot be moved first.
      if (this.#bounded || (joins & ~able) !== 0) return ALL;
      set |= joins;
    }
  }

  /** The threads that may move while those of a set stand still. */
  #others(able: number, set: number): number {
    const threads = this.#wakers.length;
    // A bound holds back moves that are possible.
    if (this.#bounded) return ((1 << threads) - 1) & ~set;
    let others = able;
    for (let before = 0; before !== others; ) {
      before = others;
      for (let thread = 0; thread < threads; thread++) {
        if ((((others | set) >> thread) & 1) === 0 && (this.#wakers[thread] & others) !== 0) others |= 1 << thread;
      }
    }
    return others;
  }

  /** Determines which threads may disturb and wake which in a state. */
  #look(state: State, able: number): void {
    for (let thread = 0; thread < state.pasts.length; thread++) {
      this.#disturbed[thread] = this.#disturbedBy(state, thread);
      this.#wakers[thread] = this.#bounded || (able >> thread) & 1 ? 0 : this.#wakersOf(state, thread);
    }
  }

  /** The threads that may enable a thread that cannot move. */
  #wakersOf(state: State, thread: number): number {
    const { pasts } = state;
    const { stop } = pasts[thread];
    if (stop.kind === 'dead' || stop.kind === 'error') return 0;
    let wakers = 0;
    for (let other = 0; other < pasts.length; other++) {
      if (other !== thread && this.#isWoken(state, thread, other)) wakers |= 1 << other;
    }
    return wakers;
  }

  #isWoken(state: State, thread: number, by: number): boolean {
    const { stop, tasks } = state.pasts[thread];
    if (stop.kind === 'operation') {
      const { kind, word } = stop.operation;
      if (kind === 'call') return this.#footprints.writesObject(state.pasts[by], word);
      return kind === 'joinDead' && this.#machine.enabled.mayDie(state, by);
    }
    const ever = this.#footprints.ever(state.pasts[by]);
    if (stop.kind === 'asleep' && ever.writes(queueOf(stop.operation.word))) return true;
    return tasks.some(({ word }) => word >= 0 && ever.writes(queueOf(word)));
  }

  /** The threads whose next moves touch what a thread may do from here on. */
  #disturbedBy(state: State, thread: number): number {
    const ever = this.#footprints.ever(state.pasts[thread]);
    const dies = this.#machine.enabled.mayDie(state, thread);
    let disturbed = 0;
    for (let each = 0; each < state.pasts.length; each++) {
      if (each !== thread && this.#conflict(state, each, ever, dies)) disturbed |= 1 << each;
    }
    return disturbed;
  }

  /** Whether a thread's next moves touch what another does, or its death, if it may die. */
  #conflict(state: State, each: number, ever: Footprint, dies: boolean): boolean {
    const next = this.#footprints.next(state.pasts[each]);
    if (next.conflictsWith(ever)) return true;
    const seen = this.#machine.enabled.deathIsSeen;
    const kills = this.#machine.enabled.mayDie(state, each);
    if (dies && (kills || next.reads(DEATHS) || (seen && next.writes(VISIBLE)))) return true;
    return kills && (ever.reads(DEATHS) || (seen && ever.writes(VISIBLE)));
  }
}

/** How many of the moves belong to these threads. */
function movesOf(moves: readonly Move[], threads: number): number {
  let count = 0;
  for (let each = 0; each < moves.length; each++) count += (threads >> threadOf(moves[each])) & 1;
  return count;
}

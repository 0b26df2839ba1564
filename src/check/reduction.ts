/**
 * Partial-order reduction: which threads' moves suffice in a state, because those of the others can as well come later.
 *
 * A set of threads is *persistent* in a state if nothing that the others may do, as long as these stand still, touches what
 * the next moves of these touch (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996). Moving
 * only them leaves out no end, no error of a thread, and no order of what the checks look at: each run is one of the runs
 * explored, but for the order of steps that do not touch the same.
 *
 * What others may do is taken from the pasts seen so far ({@link Footprints}), as in dynamic reduction (Flanagan and Godefroid,
 * POPL 2005): a set that was persistent by what was known is asked again when more is known, and enlarged. When no set
 * has to be, all that any thread can do was seen: a first step that had been missed would be one of a run explored up to
 * it. States from which the reduced search finds no end are expanded with all threads, so none is kept waiting for ever.
 *
 * With a preemption bound only the thread that moved last may go alone: to let it move first takes no more preemptions,
 * while another thread might.
 */

import { DEATHS, queueOf, VISIBLE } from './footprint.js';
import type { Footprints } from './footprints.js';
import type { Machine } from './machine.js';
import { type Move, type State, threadOf } from './moves.js';

/** All threads, as a bit set. */
export const ALL = -1;
/** After so many states it is asked whether to go on. */
const TRIAL = 1_024;
/** The part of the moves that may be left to make. */
const WORTH = 0.6;

export class Reduction {
  readonly #machine: Machine;
  readonly #footprints: Footprints;
  readonly #bounded: boolean;
  /** How many states there were, and of their moves how many in all and in the sets chosen. */
  #states = 0;
  #all = 0;
  #made = 0;

  constructor(machine: Machine, footprints: Footprints, bounded: boolean) {
    this.#machine = machine;
    this.#footprints = footprints;
    this.#bounded = bounded;
  }

  /** Changes when sets chosen before may no longer do. */
  get version(): number {
    return this.#footprints.version;
  }

  /**
   * A small set of threads whose moves suffice. Where that leaves out little, it gives up, for it costs more than it saves.
   *
   * @param moves - All that are possible.
   * @param chosen - Threads that have been chosen before and belong to the set.
   * @returns A bit set, or {@link ALL}.
   */
  choose(state: State, moves: readonly Move[], chosen = 0): number {
    if (!this.#footprints.tellAll || chosen === ALL) return ALL;
    let able = 0;
    for (const each of moves) able |= 1 << threadOf(each);
    if (chosen !== 0) return this.#closure(state, able, chosen);
    const set = this.#choose(state, moves, able);
    this.#all += moves.length;
    for (const each of moves) this.#made += (set >> threadOf(each)) & 1;
    if (++this.#states % TRIAL === 0 && this.#made > this.#all * WORTH) this.#footprints.fallShort();
    return set;
  }

  #choose(state: State, moves: readonly Move[], able: number): number {
    if (this.#bounded) return state.last < 0 ? ALL : this.#closure(state, able, 1 << state.last);
    let best = ALL;
    let fewest = moves.length;
    for (let thread = 0; thread < state.pasts.length; thread++) {
      if (((able >> thread) & 1) === 0) continue;
      const set = this.#closure(state, able, 1 << thread);
      if (set === ALL) continue;
      let count = 0;
      for (const each of moves) if ((set >> threadOf(each)) & 1) count++;
      if (count < fewest) [best, fewest] = [set, count];
    }
    return best;
  }

  /** The least persistent set with these threads in it. */
  #closure(state: State, able: number, seed: number): number {
    let set = seed;
    if ((set & ~able) !== 0) return ALL;
    for (;;) {
      const others = this.#others(state, able & ~set, set);
      let joins = 0;
      for (let thread = 0; thread < state.pasts.length; thread++) {
        if (((others >> thread) & 1) === 1 && this.#disturbs(state, thread, set)) joins |= 1 << thread;
      }
      if (joins === 0) return set === able ? ALL : set;
      // With a bound it is one thread or all; and who cannot move now cannot be moved first.
      if (this.#bounded || (joins & ~able) !== 0) return ALL;
      set |= joins;
    }
  }

  /** The threads that may move while those of a set stand still. */
  #others(state: State, able: number, set: number): number {
    const { pasts } = state;
    const everybody = (1 << pasts.length) - 1;
    // A bound keeps back moves that are possible.
    if (this.#bounded) return everybody & ~set;
    let others = able;
    for (let grown = true; grown; ) {
      grown = false;
      for (let thread = 0; thread < pasts.length; thread++) {
        if (((others | set) >> thread) & 1) continue;
        if (!this.#isWoken(state, thread, others)) continue;
        others |= 1 << thread;
        grown = true;
      }
    }
    return others;
  }

  /** Whether one of some threads may make a thread able to move that is not. */
  #isWoken(state: State, thread: number, by: number): boolean {
    const { stop, tasks } = state.pasts[thread];
    if (stop.kind === 'dead' || stop.kind === 'error') return false;
    for (let other = 0; other < state.pasts.length; other++) {
      if (((by >> other) & 1) === 0) continue;
      if (stop.kind === 'operation') {
        const { kind, word } = stop.operation;
        if (kind === 'call' && this.#footprints.writesObject(state.pasts[other], word)) return true;
        if (kind === 'joinDead' && this.#machine.mayDie(state, other)) return true;
        continue;
      }
      const ever = this.#footprints.ever(state.pasts[other]);
      if (stop.kind === 'asleep' && ever.writes(queueOf(stop.operation.word))) return true;
      if (tasks.some(({ word }) => word >= 0 && ever.writes(queueOf(word)))) return true;
    }
    return false;
  }

  /** Whether a thread may do something that touches what the next moves of a set of others touch. */
  #disturbs(state: State, thread: number, set: number): boolean {
    const ever = this.#footprints.ever(state.pasts[thread]);
    const dies = this.#machine.mayDie(state, thread);
    const seen = this.#machine.deathIsSeen;
    for (let each = 0; each < state.pasts.length; each++) {
      if (((set >> each) & 1) === 0) continue;
      const next = this.#footprints.next(state.pasts[each]);
      if (next.conflictsWith(ever)) return true;
      const kills = this.#machine.mayDie(state, each);
      if (dies && (kills || next.reads(DEATHS) || (seen && next.writes(VISIBLE)))) return true;
      if (kills && (ever.reads(DEATHS) || (seen && ever.writes(VISIBLE)))) return true;
    }
    return false;
  }
}

/**
 * Symmetry of threads that are alike: states that differ only in which of them is where are one state, and only one of
 * each such set is explored (Ip and Dill, "Better Verification through Symmetry", 1996; Clarke, Emerson, Jha and
 * Sistla, 1998).
 *
 * **When threads are alike.** After each past that the exploration meets, all of them do the same next: the operation
 * with its arguments, the changes of ghosts, the pending tasks, the error. So the reason does not matter, whether they
 * share a function, or whether it asks for its index: each new past is run by all of them and compared (History), and
 * if they differ, they are told apart and everything begins anew ({@link Peers}). Only if threads run one function that
 * has not asked for the index or name is running one of them enough.
 *
 * **Why it is sound.** A thread is its function from pasts to what it does next, and alike threads have the same
 * function as far as the exploration looks. A state names threads in the places that {@link Symmetry} renames: whose
 * past is whose, who sleeps or is due, whose stores are late, who moved last, and in the words of primitives that say
 * who holds them. Words of the scenario's memory hold what operations put there, which is the same whoever does it.
 * Exchanging the names of two alike threads everywhere therefore turns each run into a run, step by step, with the same
 * contents of memory and ghosts: an automorphism of the transition system that preserves what the checks see. A state
 * fails, ends, or cannot reach an end if and only if its representative does. Anything else that could tell threads
 * apart dissolves all groups when it is first met: a check that looks at `view.threads`, joinDead (which returns an
 * index), words private to a thread.
 *
 * **One representative.** Threads of a group are sorted by everything that a state says about them. Two of which it
 * says the same can be exchanged without changing the state, so equal sets of states have equal representatives.
 *
 * **With partial-order reduction.** A set of threads that is persistent in a state is so, renamed, in each state that
 * it represents: what was explored is a reduced exploration of the whole, up to names.
 */
import { type Move, type State, threadOf, withThread } from './moves.js';
import type { Objects } from './objects/objects.js';
import type { Queues } from './queues.js';
import type { StoreBuffers } from './store-buffers.js';

/** The parts that know where a state names threads. */
interface Parts {
  readonly queues: Queues;
  readonly storeBuffers: StoreBuffers;
  readonly objects: Objects;
}

/** Where runs begin, and where moves lead. */
interface Moves {
  readonly first: State;
  after(state: State, move: Move): State;
}

export class Symmetry {
  readonly #parts: Parts;
  readonly #groups: readonly (readonly number[])[];

  /** @param groups - The threads that are alike. */
  constructor(parts: Parts, groups: readonly (readonly number[])[]) {
    this.#parts = parts;
    this.#groups = groups;
  }

  /** The state that represents all that are like this one. */
  representative(state: State): State {
    const order = this.#order(state);
    return order === undefined ? state : this.#renamed(state, order);
  }

  /** A run from the first state, given the moves of a run of representatives. */
  unrolled(machine: Moves, moves: readonly Move[]): Move[] {
    let order = this.#order(machine.first);
    let state = this.representative(machine.first);
    // By thread of the representative: which thread that is in the run.
    let names = order ?? state.pasts.map((_, thread) => thread);
    return moves.map((each) => {
      const made = withThread(each, names[threadOf(each)]);
      const next = machine.after(state, each);
      order = this.#order(next);
      if (order !== undefined) names = order.map((thread) => names[thread]);
      state = this.representative(next);
      return made;
    });
  }

  /** The renaming: by new thread, the former one; undefined if all keep their names. */
  #order(state: State): number[] | undefined {
    let order: number[] | undefined;
    for (const group of this.#groups) {
      for (let each = 1; each < group.length; each++) {
        // Most states are one step away from a sorted one, so that almost nothing is to be done.
        for (let at = each; at > 0; at--) {
          const before = order === undefined ? group[at - 1] : order[group[at - 1]];
          const behind = order === undefined ? group[at] : order[group[at]];
          if (this.#compare(state, before, behind) <= 0) break;
          order ??= state.pasts.map((_, thread) => thread);
          order[group[at - 1]] = behind;
          order[group[at]] = before;
        }
      }
    }
    return order;
  }

  /** Which of two threads comes first; 0 if the state says the same of both. */
  #compare({ image, queue, late, pasts, last }: State, one: number, other: number): number {
    // The thread that has come further moves first, so that a schedule keeps threads at what they do where it can.
    if (pasts[one] !== pasts[other]) return pasts[other].id - pasts[one].id;
    if (last === one || last === other) return last === one ? -1 : 1;
    const { waiters } = queue;
    for (let each = 0; each < waiters.length; each++) {
      const { thread } = waiters[each];
      // The thread nearer to the head of a queue.
      if (thread === one || thread === other) return thread === one ? -1 : 1;
    }
    const { queues, storeBuffers, objects } = this.#parts;
    return (
      compareTexts(queues.readyOf(queue, one), queues.readyOf(queue, other)) ||
      compareTexts(storeBuffers.lateOf(late, one), storeBuffers.lateOf(late, other)) ||
      objects.compare(image, one, other)
    );
  }

  #renamed(state: State, order: readonly number[]): State {
    const { queues, storeBuffers, objects } = this.#parts;
    const { image, queue, late, kills, last, preemptions } = state;
    const names = order.slice();
    const pasts = state.pasts.slice();
    for (let name = 0; name < order.length; name++) {
      names[order[name]] = name;
      pasts[name] = state.pasts[order[name]];
    }
    return {
      image: objects.renamed(image, order, names),
      queue: queues.renamed(queue, names),
      late: storeBuffers.renamed(late, names),
      pasts,
      kills,
      last: last < 0 ? -1 : names[last],
      preemptions,
    };
  }
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

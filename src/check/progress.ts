/** Which states have a way to an end, or may have one: the moves of an exploration, followed backwards from the ends. */
import { IntList } from './states.js';

export class Progress {
  /** Every move between two states, deaths apart. */
  readonly #from = new IntList();
  readonly #to = new IntList();
  readonly #ends = new IntList();

  /** A move, and the states that it leads from and to, by their numbers in the order of being found. */
  move(from: number, to: number): void {
    this.#from.push(from);
    this.#to.push(to);
  }

  /** In this state all is done, or moves are left out that may lead there. */
  end(id: number): void {
    this.#ends.push(id);
  }

  /**
   * The states, nearest first, from which no sequence of moves leads to an end; there are so many in all.
   *
   * Most moves lead to states that were found later, so to look at each move once, the last first, tells of many states, and of the
   * moves of those that it does not tell of few are left for the next time.
   */
  stuck(count: number): number[] {
    const ends = new Uint8Array(count);
    for (const id of this.#ends.view()) ends[id] = 1;
    let open = { from: this.#from.view(), to: this.#to.view() };
    for (let before = Infinity; open.from.length < before; ) {
      before = open.from.length;
      open = follow(open, ends);
    }
    const stuck: number[] = [];
    for (let id = ends.indexOf(0); id >= 0; id = ends.indexOf(0, id + 1)) stuck.push(id);
    return stuck;
  }
}

/** Moves, by the states that they lead from and to. */
interface Moves {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * Follows moves backwards, each once, to mark states from which they lead to marked ones.
 *
 * @returns The moves from states that are still not marked.
 */
function follow({ from, to }: Moves, marked: Uint8Array): Moves {
  let left = 0;
  for (let each = from.length - 1; each >= 0; each--) {
    if (marked[from[each]] === 1) continue;
    if (marked[to[each]] === 1) marked[from[each]] = 1;
    else left++;
  }
  const open = { from: new Int32Array(left), to: new Int32Array(left) };
  let kept = 0;
  for (let each = 0; each < from.length; each++) {
    if (marked[from[each]] === 1) continue;
    open.from[kept] = from[each];
    open.to[kept++] = to[each];
  }
  return { from: open.from.subarray(0, kept), to: open.to.subarray(0, kept) };
}

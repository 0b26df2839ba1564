/** Which states can reach an end, or may: the moves of an exploration, followed backwards from the ends. */
import { IntList } from './states.js';

export class Progress {
  /** Every move between two states, except deaths. */
  readonly #from = new IntList();
  readonly #to = new IntList();
  readonly #ends = new IntList();

  /** A move, with the numbers of the states that it leads from and to, in the order of discovery. */
  move(from: number, to: number): void {
    this.#from.push(from);
    this.#to.push(to);
  }

  /** In this state all is done, or moves were left out that may lead to an end. */
  end(id: number): void {
    this.#ends.push(id);
  }

  /**
   * The states, nearest first, from which no sequence of moves leads to an end, out of `count` states.
   *
   * Most moves lead to states that were found later, so one pass over the moves, last first, settles many states, and
   * few of the moves of the others remain for the next pass.
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
 * Follows moves backwards, each once, and marks the states from which they lead to marked ones.
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

/** How a search reached each state: a tree of the moves by which it was found, or later reached with fewer preemptions. */
import type { Move } from './moves.js';
import { IntList } from './states.js';

export class SearchTree {
  /** By state: the one that it was reached from, or -1, and the move. */
  readonly #parents = new IntList();
  readonly #moves = new IntList();
  readonly #depths = new IntList();

  /** The next state was found. */
  add(parent: number, by: Move): void {
    this.#parents.push(parent);
    this.#moves.push(by);
    this.#depths.push(this.#depthBelow(parent));
  }

  /** A state was reached by a preferable path. */
  move(id: number, parent: number, by: Move): void {
    this.#parents.set(id, parent);
    this.#moves.set(id, by);
    this.#depths.set(id, this.#depthBelow(parent));
  }

  #depthBelow(parent: number): number {
    return parent < 0 ? 0 : this.depth(parent) + 1;
  }

  /** The number of moves that led to a state when it was put in its place. */
  depth(id: number): number {
    return this.#depths.at(id);
  }

  /** The moves from the first state to this one. */
  pathTo(id: number): Move[] {
    const path: Move[] = [];
    for (let at = id; this.#parents.at(at) >= 0; at = this.#parents.at(at)) path.push(this.#moves.at(at));
    return path.reverse();
  }
}

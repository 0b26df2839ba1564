/**
 * Where in the program an agent is, as a number, found without the text: formatting a stack takes longer than everything
 * else that is recorded, and a program has few places at which it waits. So the frames, by file and position, lead from the
 * root of a tree to what is known of the stack, and only a stack seen for the first time is formatted.
 */
import { type Frame, framesHere, stackHere } from '../recover/stacks.js';

class Branch {
  /** The number of the stack that ends here, if one does. */
  number = 0;
  /** The possible next frames: by file, then by position. */
  readonly #next = new Map<string, Map<number, Branch>>();

  find(file: string, position: number): Branch | undefined {
    return this.#next.get(file)?.get(position);
  }

  grow(file: string, position: number): Branch {
    const branch = new Branch();
    const positions = this.#next.get(file) ?? new Map<number, Branch>();
    this.#next.set(file, positions.set(position, branch));
    return branch;
  }
}

export class StackTree {
  readonly #root = new Branch();
  readonly #numberOf: (text: string) => number;
  /** Whether the host provides frames. */
  #hasFrames = true;
  /** Whether there is no room left for texts: then the tree does not grow either. */
  #isFull = false;

  /** @param numberOf gives the text of a stack its number, or 0 when there is no room for it */
  constructor(numberOf: (text: string) => number) {
    this.#numberOf = numberOf;
  }

  /** @returns the number of the caller's stack, or 0 when there is no room for it */
  here(): number {
    const frames = this.#hasFrames ? framesHere() : undefined;
    this.#hasFrames = frames !== undefined;
    if (frames === undefined) return this.#numberOf(stackHere());
    const branch = this.#branchOf(frames);
    if (branch === undefined) return 0;
    if (branch.number === 0) {
      branch.number = this.#numberOf(stackHere());
      this.#isFull = branch.number === 0;
    }
    return branch.number;
  }

  #branchOf(frames: readonly Frame[]): Branch | undefined {
    let branch: Branch | undefined = this.#root;
    for (const frame of frames) {
      const file = frame.getFileName() ?? '';
      const position = frame.getPosition?.() ?? 0;
      const next: Branch | undefined = branch.find(file, position);
      if (next === undefined && this.#isFull) return undefined;
      branch = next ?? branch.grow(file, position);
    }
    return branch;
  }
}

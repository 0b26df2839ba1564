/** Memory that agents leave with the spawner for others, under names known to them. */
import { KnownMemories } from '../core/memory/known-memories.js';

interface Kept {
  buffer: SharedArrayBuffer | undefined;
  /** The number of keeps minus the number of drops; below 0 while a drop has overtaken a keep. */
  count: number;
  waiting: ((buffer: SharedArrayBuffer) => void)[];
}

export class Shelf {
  readonly #kept = new Map<number, Kept>();
  /** Includes memory that was here before: the same memory is kept again for each task that receives it. */
  readonly #known = new KnownMemories();

  keep(id: number, buffer: SharedArrayBuffer): void {
    const kept = this.#at(id);
    const memory = this.#known.add(id, buffer);
    kept.buffer = memory;
    for (const give of kept.waiting) give(memory);
    kept.waiting = [];
    this.#count(id, kept, 1);
  }

  drop(id: number): void {
    this.#count(id, this.#at(id), -1);
  }

  /** @param give called with the memory, now or once it is kept */
  fetch(id: number, give: (buffer: SharedArrayBuffer) => void): void {
    const kept = this.#at(id);
    if (kept.buffer !== undefined) give(kept.buffer);
    else kept.waiting.push(give);
  }

  #at(id: number): Kept {
    const kept = this.#kept.get(id) ?? { buffer: undefined, count: 0, waiting: [] };
    this.#kept.set(id, kept);
    return kept;
  }

  #count(id: number, kept: Kept, change: number): void {
    kept.count += change;
    if (kept.count === 0) this.#kept.delete(id);
  }
}

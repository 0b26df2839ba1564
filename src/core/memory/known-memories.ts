/** The shared memory that has come to an agent, by the numbers under which others name it, for as long as something else keeps it. */
import { countShared } from './pressure.js';

export class KnownMemories {
  readonly #known = new Map<number, WeakRef<SharedArrayBuffer>>();
  readonly #collected = new FinalizationRegistry<number>((id) => {
    if (this.find(id) === undefined) this.#known.delete(id);
  });

  find(id: number): SharedArrayBuffer | undefined {
    return this.#known.get(id)?.deref();
  }

  /** @returns the object of this memory that the agent uses: each message makes another one */
  add(id: number, memory: SharedArrayBuffer): SharedArrayBuffer {
    const before = this.find(id);
    if (before !== undefined) return before;
    this.#known.set(id, new WeakRef(memory));
    this.#collected.register(memory, id);
    countShared(memory);
    return memory;
  }
}

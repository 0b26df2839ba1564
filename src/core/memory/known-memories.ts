/**
 * The shared memory that has reached an agent, by the numbers under which others refer to it, for as long as
 * something else keeps it alive.
 */
import { microtask } from '../wait/turns.js';
import { countShared } from './pressure.js';

/**
 * How many bytes of it an agent keeps alive itself while its event loop does not turn; each piece counts for
 * somewhat more than its size.
 */
const MOST_BYTES = 2 ** 26;
const EACH = 2 ** 16;

export class KnownMemories {
  readonly #isNeeded: (memory: SharedArrayBuffer) => boolean;
  readonly #known = new Map<number, WeakRef<SharedArrayBuffer>>();
  /**
   * Memory that came in passing since the last turn of the event loop is held without a WeakRef: the target of a WeakRef stays alive
   * until the next turn, and an agent that blocks for one item after another has none. Above a limit, the older half is forgotten.
   */
  readonly #passing = new Map<number, SharedArrayBuffer>();
  #bytes = 0;
  #mostBytes = MOST_BYTES;
  readonly #collected = new FinalizationRegistry<number>((id) => {
    if (this.find(id) === undefined) this.#known.delete(id);
  });

  /** @param isNeeded whether a memory that came in passing must not be forgotten yet */
  constructor(isNeeded: (memory: SharedArrayBuffer) => boolean = () => false) {
    this.#isNeeded = isNeeded;
  }

  find(id: number): SharedArrayBuffer | undefined {
    return this.#passing.get(id) ?? this.#known.get(id)?.deref();
  }

  /** @returns the object that the agent uses for this memory: each message creates another one */
  add(id: number, memory: SharedArrayBuffer): SharedArrayBuffer {
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) return known;
    const passing = this.#passing.get(id);
    this.#passing.delete(id);
    this.#keep(id, passing ?? memory);
    if (passing === undefined) countShared(memory);
    return passing ?? memory;
  }

  /**
   * As `add`, for memory that came with an item: once it is no longer needed, it may be another object when it comes again.
   */
  pass(id: number, memory: SharedArrayBuffer): SharedArrayBuffer {
    const before = this.find(id);
    if (before !== undefined) return before;
    if (this.#passing.size === 0) microtask(() => this.#settle());
    this.#passing.set(id, memory);
    this.#bytes += memory.byteLength + EACH;
    if (this.#bytes > this.#mostBytes) this.#forget();
    countShared(memory);
    return memory;
  }

  #forget(): void {
    let older = this.#passing.size >> 1;
    this.#bytes = 0;
    for (const [id, memory] of this.#passing) {
      if (older-- > 0 && !this.#isNeeded(memory)) this.#passing.delete(id);
      else this.#bytes += memory.byteLength + EACH;
    }
    // Avoids examining the needed ones again for each new memory.
    this.#mostBytes = Math.max(MOST_BYTES, 2 * this.#bytes);
  }

  #settle(): void {
    for (const [id, memory] of this.#passing) this.#keep(id, memory);
    this.#passing.clear();
    this.#bytes = 0;
    this.#mostBytes = MOST_BYTES;
  }

  #keep(id: number, memory: SharedArrayBuffer): void {
    this.#known.set(id, new WeakRef(memory));
    this.#collected.register(memory, id);
  }
}

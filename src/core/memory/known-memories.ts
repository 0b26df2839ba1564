/** The shared memory that has come to an agent, by the numbers under which others name it, for as long as something else keeps it. */
import { microtask } from '../wait/turns.js';
import { countShared } from './pressure.js';

/** How many bytes of it an agent that has no turn keeps itself; each piece counts for somewhat more than it has. */
const MOST_BYTES = 2 ** 26;
const EACH = 2 ** 16;

export class KnownMemories {
  readonly #isNeeded: (memory: SharedArrayBuffer) => boolean;
  readonly #known = new Map<number, WeakRef<SharedArrayBuffer>>();
  /**
   * What came in passing since the event loop turned last is known without a WeakRef: what one refers to stays until the next turn,
   * and an agent that blocks for one item after the other has none. Of more than a little it forgets the older half.
   */
  readonly #passing = new Map<number, SharedArrayBuffer>();
  #bytes = 0;
  #mostBytes = MOST_BYTES;
  readonly #collected = new FinalizationRegistry<number>((id) => {
    if (this.find(id) === undefined) this.#known.delete(id);
  });

  /** @param isNeeded whether a memory that came in passing is not to be forgotten yet */
  constructor(isNeeded: (memory: SharedArrayBuffer) => boolean = () => false) {
    this.#isNeeded = isNeeded;
  }

  find(id: number): SharedArrayBuffer | undefined {
    return this.#passing.get(id) ?? this.#known.get(id)?.deref();
  }

  /** @returns the object of this memory that the agent uses: each message makes another one */
  add(id: number, memory: SharedArrayBuffer): SharedArrayBuffer {
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) return known;
    const passing = this.#passing.get(id);
    this.#passing.delete(id);
    this.#keep(id, passing ?? memory);
    if (passing === undefined) countShared(memory);
    return passing ?? memory;
  }

  /** As `add`, of memory that an item has brought: once it is not needed, it may be another object when it comes again. */
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
    // What is needed is not looked at again for each that comes.
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

/**
 * Stores on their way to memory, for plain accesses as on x86 (Sewell, Sarkar, Owens, Zappa Nardelli and Myreen,
 * "x86-TSO: A Rigorous and Usable Programmer's Model for x86 Multiprocessors", CACM 2010): each thread has a queue of
 * the stores that it has made and nobody else sees yet. Its own loads find the newest store to their word there; the
 * oldest reaches memory at any time; a locked instruction waits until the queue is empty. Interned like images.
 */
import type { OperationKind } from './operation.js';

/** A store that is not yet in memory. */
export interface LateStore {
  readonly thread: number;
  readonly word: number;
  readonly value: number;
}

/** All stores that threads have made and nobody else sees yet. */
export interface LateStores {
  readonly id: number;
  /** By thread, the oldest first. */
  readonly stores: readonly LateStore[];
}

/** Operations that engines compile to plain loads and stores on x86, or that touch no memory; all others are locked instructions. */
const PASSES: readonly OperationKind[] = ['read', 'write', 'load', 'choose', 'step', 'now', 'joinDead'];

/** Whether an operation waits until its thread's stores are in memory. */
export const drains = (kind: OperationKind): boolean => !PASSES.includes(kind);

export class StoreBuffers {
  readonly #byContents = new Map<string, LateStores>();
  readonly #all: LateStores[] = [];
  readonly empty = this.#intern([]);

  byId(id: number): LateStores {
    return this.#all[id];
  }

  /** Appends a store. */
  put({ stores }: LateStores, store: LateStore): LateStores {
    const after = stores.findIndex(({ thread }) => thread > store.thread);
    return this.#intern(stores.toSpliced(after < 0 ? stores.length : after, 0, store));
  }

  /** The store of a thread that reaches memory next. */
  oldest(late: LateStores, of: number): LateStore | undefined {
    return late === this.empty ? undefined : late.stores.find(({ thread }) => thread === of);
  }

  /** The stores left when that one has gone. */
  withoutOldest({ stores }: LateStores, of: number): LateStores {
    const first = stores.findIndex(({ thread }) => thread === of);
    return this.#intern(stores.toSpliced(first, 1));
  }

  /** The value that a thread itself sees in a word, if it has a store there that nobody else sees. */
  seenBy({ stores }: LateStores, by: number, word: number): number | undefined {
    return stores.findLast((each) => each.thread === by && each.word === word)?.value;
  }

  /** The late stores of a thread, as text. */
  lateOf(late: LateStores, of: number): string {
    if (late === this.empty) return '';
    let text = '';
    for (const { thread, word, value } of late.stores) if (thread === of) text += `${word} ${value},`;
    return text;
  }

  /** The same stores, with other names for the threads. */
  renamed(late: LateStores, names: readonly number[]): LateStores {
    if (late === this.empty) return late;
    const stores = late.stores.map((each) => ({ ...each, thread: names[each.thread] }));
    return this.#intern(stores.sort((one, other) => one.thread - other.thread));
  }

  #intern(stores: readonly LateStore[]): LateStores {
    let contents = '';
    for (const { thread, word, value } of stores) contents += `${thread} ${word} ${value},`;
    let known = this.#byContents.get(contents);
    if (known === undefined) {
      known = { id: this.#all.length, stores };
      this.#all.push(known);
      this.#byContents.set(contents, known);
    }
    return known;
  }
}

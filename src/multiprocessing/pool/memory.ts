/**
 * The shared memory that tasks and results refer to. It cannot be written into bytes, so they name it, and a reader
 * that does not know it fetches it from the spawner, which keeps it as long as it may be needed: until the task is
 * done, or the result is read.
 */
import { SyncError } from '../../core/errors.js';
import { client } from '../../tasks/client.js';
import type { Memories } from '../../tasks/codec/index.js';
import { find, idOf, meet } from '../ring/memories.js';

/** Memory by its names. */
export type Named = ReadonlyMap<number, SharedArrayBuffer>;

export const NOTHING: Named = new Map();
/** The memory that a message refers to so far. */
type Noted = Map<number, SharedArrayBuffer> | undefined;
const always = (): boolean => true;

/** Names memory, and finds it, for one codec. */
export class PoolMemories implements Memories {
  /** What the message that is being written or read refers to. */
  #named: Noted;
  /** Whether it is still worthwhile to fetch what the message refers to. */
  #isWanted = always;

  /**
   * Begins a message.
   *
   * @returns what to give to `end`: the state of the message whose getter caused this one to be written
   */
  begin(isWanted = always): Noted {
    const outer = this.#named;
    this.#named = undefined;
    this.#isWanted = isWanted;
    return outer;
  }

  /** @returns what the message that was just written or read refers to; it is not kept */
  end(outer: Noted): Named {
    const named = this.#named ?? NOTHING;
    this.#named = outer;
    return named;
  }

  idOf(buffer: SharedArrayBuffer): number {
    const id = idOf(buffer);
    this.#named ??= new Map();
    this.#named.set(id, buffer);
    return id;
  }

  of(id: number): SharedArrayBuffer {
    const buffer = find(id) ?? client().fetch(id, this.#isWanted);
    if (buffer === undefined) {
      throw new SyncError(
        'ERR_UNKNOWN_MEMORY',
        'this refers to shared memory that the worker does not know, and cannot fetch; give it to the pool in initargs',
      );
    }
    const memory = meet(buffer, id);
    this.#named ??= new Map();
    this.#named.set(id, memory);
    return memory;
  }
}

/** Makes the spawner keep memory for those that will read a reference to it. */
export function keep(named: Named): void {
  for (const [id, buffer] of named) client().send({ kind: 'keep', id, buffer });
}

/** Lets the spawner drop it, once they have read that. */
export function drop(named: Named): void {
  for (const id of named.keys()) client().send({ kind: 'drop', id });
}

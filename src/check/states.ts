/**
 * The states that an exploration has seen, each as a row of integers in one growing array, found again by hashing. A
 * state takes 4 bytes for each of its numbers and some 40 more.
 */
import type { Machine } from './machine.js';
import type { State } from './moves.js';

/** The numbers in a row before those of the threads. */
const HEAD = 5;
/** No id. */
const NONE = -1;

export class IntList {
  #items = new Int32Array(256);
  length = 0;

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = item;
  }

  append(items: Int32Array): void {
    if (this.length + items.length > this.#items.length) {
      const larger = new Int32Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    for (let each = 0; each < items.length; each++) this.#items[this.length + each] = items[each];
    this.length += items.length;
  }

  at(index: number): number {
    return this.#items[index];
  }

  set(index: number, item: number): void {
    this.#items[index] = item;
  }

  /** The items, without copying. */
  view(): Int32Array {
    return this.#items.subarray(0, this.length);
  }
}

export class States {
  readonly #machine: Machine;
  readonly #width: number;
  readonly #row: Int32Array;
  readonly #rows = new IntList();
  readonly #preemptions = new IntList();
  /** Open addressing: each place has a hash and an id, or {@link NONE}; side by side, so that a lookup touches one cache line. */
  #table = new Int32Array(2 << 10).fill(NONE);
  /** The number of states; their ids are 0 … count − 1, in the order of discovery. */
  count = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#width = HEAD + machine.actors.length;
    this.#row = new Int32Array(this.#width);
  }

  /**
   * The id of a state; a new one (the former count) if it was not seen before. The number of preemptions that led to it
   * is not part of its identity: the number kept is that of the first occurrence, or the one set by `lower`.
   */
  idOf({ image, queue, late, pasts, kills, last, preemptions }: State): number {
    const row = this.#row;
    row[0] = image.id;
    row[1] = queue.id;
    row[2] = kills;
    row[3] = last;
    row[4] = late.id;
    for (let thread = 0; thread < pasts.length; thread++) row[HEAD + thread] = pasts[thread].id;
    const hash = hashOf(row);
    const place = this.#find(row, hash);
    const known = this.#table[place + 1];
    if (known !== NONE) return known;
    const id = this.count++;
    this.#table[place] = hash;
    this.#table[place + 1] = id;
    this.#preemptions.push(preemptions);
    this.#rows.append(row);
    if (this.count * 4 > this.#table.length) this.#grow();
    return id;
  }

  /** The state with an id. */
  state(id: number): State {
    const { images, queues, storeBuffers, pasts } = this.#machine;
    const start = id * this.#width;
    // A copy is allocated at its exact size.
    const threads = this.#machine.first.pasts.slice();
    for (let thread = 0; thread < threads.length; thread++) {
      threads[thread] = pasts.byId(this.#rows.at(start + HEAD + thread));
    }
    return {
      image: images.byId(this.#rows.at(start)),
      queue: queues.byId(this.#rows.at(start + 1)),
      late: storeBuffers.byId(this.#rows.at(start + 4)),
      pasts: threads,
      kills: this.#rows.at(start + 2),
      last: this.#rows.at(start + 3),
      preemptions: this.#preemptions.at(id),
    };
  }

  /** How many preemptions led to a state. */
  preemptions(id: number): number {
    return this.#preemptions.at(id);
  }

  /** A state was reached with fewer preemptions. */
  lower(id: number, preemptions: number): void {
    this.#preemptions.set(id, preemptions);
  }

  /** Where a row is in the table, or the empty place where it belongs. */
  #find(row: Int32Array, hash: number): number {
    const table = this.#table;
    let place = placeOf(hash, table);
    for (let id = table[place + 1]; id !== NONE; id = table[place + 1]) {
      if (table[place] === hash && this.#equals(row, id)) break;
      place = after(place, table);
    }
    return place;
  }

  #equals(row: Int32Array, id: number): boolean {
    const start = id * this.#width;
    for (let each = 0; each < row.length; each++) if (this.#rows.at(start + each) !== row[each]) return false;
    return true;
  }

  #grow(): void {
    const smaller = this.#table;
    const table = new Int32Array(smaller.length * 2).fill(NONE);
    for (let from = 0; from < smaller.length; from += 2) {
      if (smaller[from + 1] === NONE) continue;
      let place = placeOf(smaller[from], table);
      while (table[place + 1] !== NONE) place = after(place, table);
      table[place] = smaller[from];
      table[place + 1] = smaller[from + 1];
    }
    this.#table = table;
  }
}

/** Where the search for a hash begins; table sizes are powers of two. */
function placeOf(hash: number, table: Int32Array): number {
  return (hash << 1) & (table.length - 1);
}

/** Where the search continues. */
function after(place: number, table: Int32Array): number {
  return (place + 2) & (table.length - 1);
}

function hashOf(row: Int32Array): number {
  let hash = 0;
  for (let each = 0; each < row.length; each++) hash = Math.imul(hash ^ row[each], 0x9e3779b1) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

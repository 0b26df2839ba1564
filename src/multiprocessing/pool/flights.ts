/** The tasks of a pool that are under way, each in a slot of the board (claims.ts), and how they get into the ring. */
import { PUT } from '../ring/outcome.js';
import type { Ring } from '../ring/ring.js';
import { type Claims, nextGeneration, SLOTS } from './claims.js';
import type { Draft, Feed } from './feed.js';
import { drop, keep, type Named, NOTHING } from './memory.js';
import type { TaskItem } from './messages.js';

/**
 * Where all workers have enough to do, so many tasks are put until one is woken that sleeps for want of them: to wake a worker
 * costs several times what a small task does. One that was not woken looks by itself after a few ms (worker.ts).
 */
const OWED = 16;

/** A task that is under way. */
export interface Flight {
  readonly generation: number;
  readonly feed: Feed;
  readonly draft: Draft;
  /** The memory that its arguments refer to, and that the workers were not given before. */
  readonly named: Named;
  /** How often a worker has died in it. */
  readonly deaths: number;
  /** Takes back the end of its worker, where it was given up. */
  spare?: () => void;
}

export class Flights {
  readonly #claims: Claims;
  readonly #tasks: Ring;
  readonly #given: Named;
  /** Once so many are under way, all workers have enough to do. */
  readonly #enough: number;
  /** By slot. */
  readonly #flights: (Flight | undefined)[] = [];
  readonly #generations = new Int32Array(SLOTS);
  readonly #free = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  /** How many tasks were put since a worker was woken. */
  #owed = 0;

  /** @param given the memory that the workers are given when they begin */
  constructor(claims: Claims, tasks: Ring, given: Named, workers: number) {
    this.#claims = claims;
    this.#tasks = tasks;
    this.#given = given;
    this.#enough = 2 * workers;
  }

  /** How many there are. */
  get size(): number {
    return SLOTS - this.#free.length;
  }

  get isFull(): boolean {
    return this.#free.length === 0;
  }

  /** How many no worker has claimed. */
  get queued(): number {
    let queued = 0;
    for (const [slot, { generation }] of this.entries()) if (this.#claims.isQueued(slot, generation)) queued++;
    return queued;
  }

  /** All of them, with their slots. */
  entries(): [number, Flight][] {
    return this.#flights.flatMap((flight, slot): [number, Flight][] => (flight === undefined ? [] : [[slot, flight]]));
  }

  at(slot: number): Flight | undefined {
    return this.#flights[slot];
  }

  /** Puts another in the place of one, as which it goes on. */
  replace(slot: number, flight: Flight): void {
    this.#flights[slot] = flight;
  }

  /**
   * Puts a task into the ring. Where it need not be at once, nobody is woken before `wake`.
   *
   * @returns false when there is no room for it
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  put(feed: Feed, draft: Draft, deaths: number): boolean {
    const slot = this.#free.pop();
    if (slot === undefined) return false;
    const generation = nextGeneration(this.#generations[slot]);
    this.#generations[slot] = generation;
    this.#claims.queue(slot, generation);
    const { form, callee, args, encoded } = draft;
    const item: TaskItem = { slot, generation, form, callee, args, encoded, named: NOTHING };
    const owing = this.#owed < OWED && this.size > this.#enough;
    let put = false;
    try {
      put = this.#tasks.producer.put(item, 0, owing) === PUT;
    } finally {
      if (!put) this.#free.push(slot);
    }
    if (!put) return false;
    this.#owed = owing ? this.#owed + 1 : 0;
    const named = this.#unknown(item.named);
    if (named.size > 0) keep(named);
    this.#flights[slot] = { generation, feed, draft, named, deaths };
    return true;
  }

  /** Without what the workers were given when they began. */
  #unknown(named: Named): Named {
    return named.size === 0 ? named : new Map([...named].filter(([id]) => !this.#given.has(id)));
  }

  /** Whether a worker may sleep although tasks were put. */
  get isOwing(): boolean {
    return this.#owed > 0;
  }

  /** Wakes a worker for the tasks that were put without that. */
  wake(): void {
    if (this.#owed === 0) return;
    this.#owed = 0;
    this.#tasks.producer.wake();
  }

  /** A task is over. */
  free(slot: number): void {
    const flight = this.#flights[slot];
    flight?.spare?.();
    if (flight !== undefined && flight.named.size > 0) drop(flight.named);
    this.#flights[slot] = undefined;
    this.#free.push(slot);
  }
}

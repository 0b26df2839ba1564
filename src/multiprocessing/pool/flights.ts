/** The tasks of a pool that are under way, each in a slot of the board (claims.ts), and how they get into the ring. */
import { endWays, keepAll, NOTHING_KEPT, type Way } from '../../core/memory/ways.js';
import { PUT } from '../ring/outcome.js';
import type { Ring } from '../ring/ring.js';
import type { Bypasses } from './bypass.js';
import { type Claims, nextGeneration, SLOTS } from './claims.js';
import type { Draft, Feed } from './feed.js';
import { drop, keep, type Named, NOTHING } from './memory.js';
import type { TaskItem } from './messages.js';

/**
 * When all workers have enough to do, this many tasks are put before a worker that sleeps for want of them is woken: a
 * wake costs several times what a small task does. A worker that was not woken looks by itself after a few ms
 * (worker.ts).
 */
const OWED = 16;
/** Tasks that can wait are put once fewer than this many are under way. */
const AHEAD = 1024;

/** Takes the outcomes of tasks that were given up. */
export const NOBODY: Feed = { retries: 0, exhausted: true, next: () => undefined, take() {}, abort() {}, unbind() {} };

const NO_WAYS: readonly Way[] = [];

/** Keeps no arguments alive. */
const NO_DRAFT = {} as Draft;

/** A slot, and the task in it, if there is one: one object for all tasks that have the slot, one after the other. */
export class Flight implements TaskItem {
  generation = 0;
  /** Whose task it is; NOBODY's when it was given up, and undefined when there is none. */
  feed: Feed | undefined = undefined;
  draft = NO_DRAFT;
  named: Named = NOTHING;
  ways = NO_WAYS;
  /** Keeps for the owner what was on its way, because the task may be begun again. */
  kept = NOTHING_KEPT;
  /** How often a worker has died in it. */
  deaths = 0;
  /** Cancels the end of its worker, if it was given up. */
  spare: (() => void) | undefined = undefined;

  constructor(readonly slot: number) {}
}

/** One with a task in it. */
export type Busy = Flight & { feed: Feed };

const isBusy = (flight: Flight | undefined): flight is Busy => flight?.feed !== undefined;

export class Flights {
  readonly #claims: Claims;
  readonly #tasks: Ring;
  readonly #given: Named;
  readonly #bypasses: Bypasses | undefined;
  /** With this many under way, all workers have enough to do. */
  readonly #enough: number;
  /** By slot: as many as were ever under way at once. */
  readonly #flights: Flight[] = [];
  readonly #free: Flight[] = [];
  /** How many tasks were put since a worker was woken. */
  #owed = 0;
  /** Whether a task is being put, which may call the pool. */
  #atWork = false;

  /**
   * @param given the memory that the workers are given when they begin
   * @param bypasses of the workers, if they keep child processes
   */
  constructor(claims: Claims, tasks: Ring, given: Named, bypasses: Bypasses | undefined) {
    this.#claims = claims;
    this.#tasks = tasks;
    this.#given = given;
    this.#bypasses = bypasses;
    this.#enough = 2 * claims.workers;
  }

  /** How many there are. */
  get size(): number {
    return this.#flights.length - this.#free.length;
  }

  /** Whether there are so many that the next one may as well wait. */
  get isFull(): boolean {
    return this.size >= AHEAD;
  }

  /** Whether this is called while a task is being put, from a getter of its arguments, say. */
  get isBusy(): boolean {
    return this.#atWork;
  }

  /** How many no worker has claimed. */
  get queued(): number {
    let queued = 0;
    for (const { slot, generation } of this.all()) if (this.#claims.isQueued(slot, generation)) queued++;
    return queued;
  }

  /** All that are under way. */
  all(): Busy[] {
    return this.#flights.filter(isBusy);
  }

  /** Those of one feed. */
  of(feed: Feed): Flight[] {
    if (feed.slot === undefined) return this.#flights.filter((flight) => flight.feed === feed);
    const flight = this.#flights[feed.slot] as Flight | undefined;
    return flight?.feed === feed ? [flight] : [];
  }

  /** The task of a slot, unless that is over. */
  at(slot: number, generation: number): Busy | undefined {
    const flight = this.#flights[slot] as Flight | undefined;
    return isBusy(flight) && flight.generation === generation ? flight : undefined;
  }

  /**
   * Puts a task into the ring. If it can wait, no worker is woken before `wake`.
   *
   * @param kept of a task that is begun again
   * @returns false when there is no room for it
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  put(feed: Feed, draft: Draft, deaths: number, kept = NOTHING_KEPT): boolean {
    if (this.#atWork) return false;
    const flight = this.#free.pop() ?? this.#add();
    if (flight === undefined) return false;
    flight.generation = nextGeneration(flight.generation);
    flight.draft = draft;
    this.#claims.queue(flight.slot, flight.generation);
    const owing = this.#owed < OWED && this.size > this.#enough;
    let sent = false;
    let put = false;
    this.#atWork = true;
    try {
      // If there are more, others wait in the ring.
      sent = this.size <= this.#claims.workers && this.#bypasses?.send(flight) === true;
      put = sent || this.#tasks.producer.putAlone(flight, owing) === PUT;
    } finally {
      this.#atWork = false;
      if (!put) this.#free.push(flight);
    }
    if (!put) return false;
    if (!sent) this.#owed = owing ? this.#owed + 1 : 0;
    flight.feed = feed;
    flight.deaths = deaths;
    if (feed.retries > 0) flight.kept = deaths > 0 ? kept : keepAll(draft.encoded?.ways ?? flight.ways);
    if (feed.slot !== undefined) feed.slot = flight.slot;
    if (flight.named.size > 0) this.#keep(flight);
    return true;
  }

  #add(): Flight | undefined {
    const slot = this.#flights.length;
    if (slot === SLOTS) return undefined;
    const flight = new Flight(slot);
    this.#flights.push(flight);
    return flight;
  }

  /** Keeps the memory that a task refers to, except what the workers were given when they began. */
  #keep(flight: Flight): void {
    flight.named = new Map([...flight.named].filter(([id]) => !this.#given.has(id)));
    keep(flight.named);
  }

  /** Whether a worker may sleep although tasks were put. */
  get isOwing(): boolean {
    return this.#owed > 0;
  }

  /** Wakes a worker for the tasks that were put without a wake. */
  wake(): void {
    if (this.#owed === 0) return;
    this.#owed = 0;
    this.#tasks.producer.wake();
  }

  /** Frees the slot of a task that is over. */
  free(flight: Flight): void {
    if (flight.spare !== undefined) flight.spare();
    if (flight.named.size > 0) drop(flight.named);
    if (flight.ways.length > 0) endWays(flight.ways);
    flight.ways = NO_WAYS;
    for (const letGo of flight.kept) letGo();
    flight.kept = NOTHING_KEPT;
    flight.spare = undefined;
    flight.named = NOTHING;
    flight.feed = undefined;
    flight.draft = NO_DRAFT;
    this.#free.push(flight);
  }
}

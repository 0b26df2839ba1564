/** The owner's side of a pool: it puts tasks, takes results, and sees to it that each task has exactly one outcome. */
import { Arena } from '../../core/memory/arena.js';
import { sleep } from '../../core/wait/block.js';
import { now } from '../../core/wait/clock.js';
import { Deadline } from '../../core/wait/deadline.js';
import { client } from '../../tasks/client.js';
import { BrokenPoolError } from '../errors.js';
import { ENDED, NONE, PUT } from '../ring/outcome.js';
import type { Ring } from '../ring/ring.js';
import { Channel } from './channel.js';
import { Claims, nextGeneration, SLOTS } from './claims.js';
import { type Briefing, Crew } from './crew.js';
import type { Draft, Feed } from './feed.js';
import { drop, keep, type Named } from './memory.js';
import {
  BROKEN,
  encodeArgs,
  LEAVING,
  type Result,
  ResultSegments,
  type TaskItem,
  TaskSegments,
  THREW,
} from './messages.js';

/** A blocked owner looks so often whether workers have died, in ms. */
const LOOK_EVERY = 50;
/**
 * Results that come thick and fast are left so long to gather, in ms, before a blocked owner takes them: to be woken for each of
 * them costs the owner and the worker several times what a small task does.
 */
const GATHER_MS = 0.1;
/** Agents of a pool's arena besides two for each worker: those that died and have not been found yet. */
const SPARE_AGENTS = 16;

// Taken before somebody puts fakes in their place, since what it waits for goes by real time.
const { setImmediate, setTimeout: after } = globalThis as {
  setImmediate?: (call: () => void) => unknown;
  setTimeout: (call: () => void) => unknown;
};
const nextTurn = setImmediate ?? after;

/** A task that is under way. */
interface Flight {
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

/** A task that was made and not put. */
interface Held {
  readonly feed: Feed;
  readonly draft: Draft;
  readonly deaths: number;
}

/** Where what comes of a task goes that was given up. */
const NOBODY: Feed = { retries: 0, exhausted: true, next: () => undefined, take() {}, abort() {}, unbind() {} };

/** What a pool has done, and has to do, in tasks: a chunk is one. See `Pool.statistics`. */
export interface PoolStatistics {
  /** How many workers it has. */
  readonly workers: number;
  /** Tasks that no worker has begun; not those that are still to be made of a call's items. */
  readonly waiting: number;
  /** Tasks that workers are busy with. */
  readonly running: number;
  /** Tasks that are done, whatever came of them but an error. */
  readonly completed: number;
  /** Tasks that have failed, the death of a worker included. */
  readonly failed: number;
  /** Tasks that were given up. */
  readonly cancelled: number;
  /** How often a task was begun again, as its worker had died. */
  readonly retried: number;
  /** How many workers have died, or were ended, in a task or not; not those that left after their last task. */
  readonly deaths: number;
}

/** What the workers are told of it besides the rings. */
export type Settings = Omit<Briefing, 'tasks' | 'results' | 'given'>;

export class Dispatcher {
  readonly #name: string;
  readonly #claims: Claims;
  readonly #tasks: Ring;
  readonly #results: Ring;
  readonly #crew: Crew;
  readonly #processes: number;
  readonly #grace: number;
  /** The memory that the workers are given when they begin. */
  readonly #given: Named;

  /** By slot. */
  readonly #flights: (Flight | undefined)[] = [];
  readonly #generations = new Int32Array(SLOTS);
  readonly #freeSlots = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  /** Those that may have tasks which are not under way yet, in order. */
  readonly #feeds = new Set<Feed>();
  /** Tasks that were made and for which there is no room: in the memory, or since their making has called the pool. */
  #held: Held[] = [];
  readonly #counts = { completed: 0, failed: 0, cancelled: 0, retried: 0, deaths: 0 };
  /** Those whose next task is being made, which may call the pool. */
  readonly #busy = new Set<Feed>();

  #closed = false;
  /** Why nothing is done any more. */
  #stopped: Error | undefined;
  /** Ends the wait for results in a turn of the event loop, while there is one. */
  #listening: AbortController | undefined;
  #willListen = false;
  /** Told when nothing is left to be done. */
  #whenIdle: (() => void)[] = [];
  readonly #expiries = new Map<() => void, number>();

  /** @param grace how long a task that was given up may go on, in ms */
  constructor(name: string, processes: number, settings: Settings, grace: number) {
    this.#name = name;
    this.#processes = processes;
    this.#grace = grace;
    this.#given = encodeArgs(settings.initargs).named;
    this.#claims = Claims.make(processes);
    const arena = new Arena({ agents: 2 * processes + SPARE_AGENTS, byteLength: 2 ** 18 });
    const tasks = new Channel({ arena });
    const results = new Channel({ arena });
    this.#tasks = tasks.open((memory) => new TaskSegments(memory, this.#claims, 0));
    this.#results = results.open((memory) => new ResultSegments(memory));
    this.#crew = new Crew(name, { ...settings, tasks, results, given: this.#given }, this.#claims, () => {
      this.turn();
      this.#listen();
    });
    try {
      for (let worker = 1; worker <= processes; worker++) this.#crew.start(worker);
    } catch (error) {
      this.#crew.terminateAll();
      throw error;
    }
  }

  /** Whether it takes no more work. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Why it was stopped before it was done; undefined when it was not. */
  get stopped(): Error | undefined {
    return this.#stopped;
  }

  /** Whether there is nothing left to be done. */
  get isIdle(): boolean {
    return this.#feeds.size === 0 && this.#held.length === 0 && this.#freeSlots.length === SLOTS;
  }

  get workers(): number {
    return this.#processes;
  }

  statistics(): PoolStatistics {
    let queued = 0;
    this.#flights.forEach((flight, slot) => {
      if (flight !== undefined && this.#claims.isQueued(slot, flight.generation)) queued++;
    });
    const running = this.#inFlight - queued;
    return { workers: this.#processes, waiting: this.#held.length + queued, running, ...this.#counts };
  }

  get #inFlight(): number {
    return SLOTS - this.#freeSlots.length;
  }

  // --- what is to be done ---------------------------------------------------------------------------------------------

  /** Takes a call's work. */
  add(feed: Feed): void {
    this.#feeds.add(feed);
    this.pump();
    this.#listenSoon();
  }

  /**
   * Puts a task at once, if nothing is before it.
   *
   * @returns whether it is put
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  tryPut(feed: Feed, draft: Draft): boolean {
    if (this.#feeds.size > 0 || this.#held.length > 0 || this.#freeSlots.length === 0) return false;
    const put = this.#put(feed, draft, 0);
    if (put) this.#listenSoon();
    return put;
  }

  /** Goes on with calls whose results somebody has read. */
  resume(): void {
    if (this.#feeds.size === 0) return;
    this.pump();
    this.#listenSoon();
  }

  /** Puts tasks as long as there are some, and slots for them. */
  pump(): void {
    for (let held = this.#held[0]; held !== undefined; held = this.#held[0]) {
      if (!this.#launch(held)) return;
      this.#held.shift();
    }
    for (const feed of this.#feeds) {
      if (this.#busy.has(feed)) continue;
      while (this.#freeSlots.length > 0) {
        this.#busy.add(feed);
        const draft = feed.next();
        this.#busy.delete(feed);
        if (draft === undefined) break;
        const made = { feed, draft, deaths: 0 };
        if (this.#launch(made)) continue;
        this.#held.push(made);
        return;
      }
      if (feed.exhausted) this.#feeds.delete(feed);
      if (this.#freeSlots.length === 0) return;
    }
  }

  /** @returns false when there is no room for it */
  #launch({ feed, draft, deaths }: Held): boolean {
    try {
      return this.#freeSlots.length > 0 && this.#put(feed, draft, deaths);
    } catch (error) {
      feed.take(draft, THREW, error);
      return true;
    }
  }

  #put(feed: Feed, draft: Draft, deaths: number): boolean {
    const slot = this.#freeSlots.pop() as number;
    const generation = nextGeneration(this.#generations[slot]);
    this.#generations[slot] = generation;
    this.#claims.queue(slot, generation);
    const { form, callee, args, encoded } = draft;
    const item: TaskItem = { slot, generation, form, callee, args, encoded };
    let put = false;
    try {
      put = this.#tasks.producer.put(item, 0) === PUT;
    } finally {
      if (!put) this.#freeSlots.push(slot);
    }
    if (!put) return false;
    const named = this.#unknown(item.named);
    if (named.size > 0) keep(named);
    this.#flights[slot] = { generation, feed, draft, named, deaths };
    return true;
  }

  /** Without what the workers were given when they began. */
  #unknown(named: Named = new Map()): Named {
    return named.size === 0 ? named : new Map([...named].filter(([id]) => !this.#given.has(id)));
  }

  /**
   * Gives up all of a call's work that is not done: what waits is not begun, and what runs is told; when it has not
   * ended within the time of grace, its worker is.
   *
   * @param error what the call is told
   */
  cancel(feed: Feed, error: unknown): void {
    this.#feeds.delete(feed);
    this.#held = this.#held.filter((held) => held.feed !== feed);
    this.#flights.forEach((flight, slot) => {
      if (flight?.feed !== feed) return;
      this.#counts.cancelled++;
      const worker = this.#claims.giveUp(slot, flight.generation);
      if (worker === 0) this.#free(slot);
      else this.#doom(slot, flight, worker);
    });
    feed.abort(error);
    this.pump();
    this.#rest();
  }

  /** The worker goes on with it for the time of grace. */
  #doom(slot: number, flight: Flight, worker: number): void {
    const doomed: Flight = { ...flight, feed: NOBODY };
    this.#flights[slot] = doomed;
    const kill = (): void => {
      if (this.#claims.kill(slot, flight.generation, worker)) this.#crew.terminate(worker);
    };
    if (this.#grace === 0) kill();
    else doomed.spare = this.expireAfter(this.#grace, kill);
  }

  #free(slot: number): void {
    const flight = this.#flights[slot];
    flight?.spare?.();
    if (flight !== undefined && flight.named.size > 0) drop(flight.named);
    this.#flights[slot] = undefined;
    this.#freeSlots.push(slot);
  }

  // --- what comes of it -------------------------------------------------------------------------------------------------

  /** Takes all that has come, finds workers that have died, and puts tasks in the place of those that are done. */
  turn(): void {
    this.#drain();
    for (const dead of this.#crew.dead()) {
      // What it has put before comes first, and callbacks may call the pool.
      this.#drain();
      if (!this.#crew.isOf(dead)) continue;
      const { worker, error, wasReady } = dead;
      if (this.#stopped === undefined && !wasReady) this.#break(error);
      this.#bury(worker, error);
    }
    this.#expire();
    this.pump();
    this.#rest();
  }

  #drain(): void {
    const { consumer } = this.#results;
    while (!this.#results.isEmpty) {
      const result = consumer.get(0);
      if (result === NONE || result === ENDED) return;
      this.#receive(result as Result);
    }
  }

  #receive({ slot, generation, form, worker, value, named }: Result): void {
    if (named !== undefined) drop(named);
    if (form === LEAVING) this.#replace(worker);
    if (form === BROKEN) this.#break(value);
    if (form === LEAVING || form === BROKEN) return;
    const flight = this.#flights[slot];
    if (flight?.generation !== generation) return;
    this.#free(slot);
    if (flight.feed === NOBODY) return;
    if (form === THREW) this.#counts.failed++;
    else this.#counts.completed++;
    flight.feed.take(flight.draft, form, value);
  }

  /** Its tasks end with it, or are begun again; another worker comes in its place. */
  #bury(worker: number, error: Error): void {
    const lost = this.#flights.flatMap((flight, slot) =>
      flight !== undefined && this.#claims.workerOf(slot) === worker ? [{ flight, slot }] : [],
    );
    this.#counts.deaths++;
    this.#replace(worker);
    for (const { flight, slot } of lost) {
      if (this.#flights[slot] !== flight) continue;
      this.#free(slot);
      const { feed, draft, deaths } = flight;
      if (deaths < feed.retries) {
        this.#counts.retried++;
        this.#held.push({ feed, draft, deaths: deaths + 1 });
      } else if (feed !== NOBODY) {
        this.#counts.failed++;
        feed.take(draft, THREW, error);
      }
    }
  }

  #replace(worker: number): void {
    if (this.#stopped !== undefined || (this.#closed && this.isIdle)) this.#crew.dismiss(worker);
    else this.#start(worker);
  }

  #start(worker: number): void {
    try {
      this.#crew.start(worker);
    } catch (error) {
      this.#break(error);
    }
  }

  #break(cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.stop(new BrokenPoolError(`${this.#name} is broken, for its workers cannot begin: ${why}`, cause));
  }

  // --- waits ------------------------------------------------------------------------------------------------------------

  /**
   * Blocks until something is done, and works on what is to be done meanwhile.
   *
   * @param timeout the longest wait, in ms, checked by the caller
   * @returns whether it is done
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  wait(done: () => boolean, timeout: number): boolean {
    const start = now();
    for (;;) {
      this.turn();
      if (done()) return true;
      const left = timeout - (now() - start);
      if (left <= 0) return false;
      const next = Math.max(0, Math.min(...this.#expiries.values()) - now());
      const asked = now();
      this.#results.consumer.look(Math.min(left, LOOK_EVERY, next));
      const most = Math.min(GATHER_MS, left, next);
      if (this.#inFlight > 2 * this.#processes && now() - asked < GATHER_MS) sleep(most);
    }
  }

  /** Works on what is to be done when the event loop turns; unless somebody has blocked until it is done by then. */
  #listenSoon(): void {
    if (this.#willListen || this.#listening !== undefined) return;
    this.#willListen = true;
    queueMicrotask(() => {
      this.#willListen = false;
      this.#listen();
    });
  }

  /**
   * Keeps the program alive until all that is under way is done. While results come, it looks for more in every turn of the
   * event loop: whoever waits is woken for each of them, which costs much more.
   */
  #listen(more = false): void {
    if (this.#listening !== undefined || this.#inFlight === 0) return;
    const listening = new AbortController();
    this.#listening = listening;
    const heard = (): void => {
      if (this.#listening !== listening) return;
      this.#listening = undefined;
      const came = !this.#results.isEmpty;
      this.turn();
      this.#listen(came);
    };
    if (more) nextTurn(heard);
    else this.#results.consumer.lookAsync({ signal: listening.signal }).then(heard, () => {});
  }

  /** Nothing is under way: nobody need be kept alive; and a pool that is closed has come to its end. */
  #rest(): void {
    if (this.#freeSlots.length < SLOTS) return;
    this.#listening?.abort();
    this.#listening = undefined;
    if (!this.isIdle) return;
    if (this.#closed) this.#tasks.shut(false);
    const told = this.#whenIdle;
    this.#whenIdle = [];
    for (const tell of told) tell();
  }

  /**
   * Calls something after a time, whether or not the agent blocks in the pool then.
   *
   * @param ms how long
   * @returns how to take that back
   */
  expireAfter(ms: number, call: () => void): () => void {
    this.#expiries.set(call, now() + ms);
    const deadline = new Deadline(ms);
    // Hosts' timers may be a little early by another clock.
    const expired = (): void => {
      if (this.#expiries.delete(call)) call();
    };
    if (deadline.passed) queueMicrotask(expired);
    else deadline.onPassed = expired;
    return () => {
      deadline.cancel();
      this.#expiries.delete(call);
    };
  }

  #expire(): void {
    for (const [call, at] of this.#expiries) {
      if (now() < at) continue;
      this.#expiries.delete(call);
      call();
    }
  }

  // --- the end ------------------------------------------------------------------------------------------------------------

  /** Takes no more work, and ends when none is left. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  /**
   * Ends everything at once, wherever it is.
   *
   * @param error what the calls are told whose work is not done
   */
  stop(error: Error): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#closed = true;
    const feeds = new Set(this.#feeds);
    for (const held of this.#held) feeds.add(held.feed);
    this.#flights.forEach((flight, slot) => {
      if (flight === undefined) return;
      feeds.add(flight.feed);
      this.#free(slot);
    });
    this.#feeds.clear();
    this.#held = [];
    this.#tasks.shut(true);
    this.#results.shut(true);
    this.#crew.terminateAll();
    for (const feed of feeds) feed.abort(error);
    this.#rest();
  }

  /** Blocks until all is done and all workers have ended, once it is closed. */
  join(): void {
    this.#unbind();
    this.wait(() => this.isIdle, Infinity);
    for (const entry of this.#crew.alive()) client().roll.end(entry, this.#name).wait(Infinity);
  }

  /** As `join`, without blocking the agent. */
  async joinAsync(): Promise<void> {
    this.#unbind();
    if (!this.isIdle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await Promise.all(this.#crew.alive().map((entry) => client().roll.end(entry, this.#name).waitAsync({})));
  }

  #unbind(): void {
    for (const feed of this.#feeds) feed.unbind();
    this.pump();
    this.#listenSoon();
  }
}

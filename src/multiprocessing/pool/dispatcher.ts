/** The owner's side of a pool: it puts tasks, takes results, and sees to it that each task has exactly one outcome. */
import { Arena } from '../../core/memory/arena.js';
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
  /** The memory that the workers are given when they begin. */
  readonly #given: Named;

  /** By slot. */
  readonly #flights: (Flight | undefined)[] = [];
  readonly #generations = new Int32Array(SLOTS);
  readonly #freeSlots = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  /** Those that may have tasks which are not under way yet, in order. */
  readonly #feeds = new Set<Feed>();
  /** Tasks that were made and for which there is no room: in the memory, or since their making has called the pool. */
  #held: { readonly feed: Feed; readonly draft: Draft }[] = [];
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

  constructor(name: string, processes: number, settings: Settings) {
    this.#name = name;
    this.#processes = processes;
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
    const put = this.#put(feed, draft);
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
      if (!this.#launch(held.feed, held.draft)) return;
      this.#held.shift();
    }
    for (const feed of this.#feeds) {
      if (this.#busy.has(feed)) continue;
      while (this.#freeSlots.length > 0) {
        this.#busy.add(feed);
        const draft = feed.next();
        this.#busy.delete(feed);
        if (draft === undefined) break;
        if (this.#launch(feed, draft)) continue;
        this.#held.push({ feed, draft });
        return;
      }
      if (feed.exhausted) this.#feeds.delete(feed);
      if (this.#freeSlots.length === 0) return;
    }
  }

  /** @returns false when there is no room for it */
  #launch(feed: Feed, draft: Draft): boolean {
    try {
      return this.#freeSlots.length > 0 && this.#put(feed, draft);
    } catch (error) {
      feed.take(draft, THREW, error);
      return true;
    }
  }

  #put(feed: Feed, draft: Draft): boolean {
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
    keep(named);
    this.#flights[slot] = { generation, feed, draft, named };
    return true;
  }

  /** Without what the workers were given when they began. */
  #unknown(named: Named = new Map()): Named {
    return named.size === 0 ? named : new Map([...named].filter(([id]) => !this.#given.has(id)));
  }

  /**
   * Gives up all of a call's work that is not done: what waits is not begun, and what runs is ended with its worker.
   *
   * @param error what the call is told
   */
  cancel(feed: Feed, error: unknown): void {
    this.#feeds.delete(feed);
    this.#held = this.#held.filter((held) => held.feed !== feed);
    this.#flights.forEach((flight, slot) => {
      if (flight?.feed !== feed) return;
      const worker = this.#claims.giveUp(slot, flight.generation);
      this.#free(slot);
      if (worker === 0) return;
      this.#crew.terminate(worker);
      this.#replace(worker);
    });
    feed.abort(error);
    this.pump();
    this.#rest();
  }

  #free(slot: number): void {
    const named = this.#flights[slot]?.named;
    if (named !== undefined) drop(named);
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
    flight.feed.take(flight.draft, form, value);
  }

  /** Its task, if it had one, ends with it; another comes in its place. */
  #bury(worker: number, error: Error): void {
    const lost = this.#flights.flatMap((flight, slot) =>
      flight !== undefined && this.#claims.workerOf(slot) === worker ? [{ flight, slot }] : [],
    );
    this.#replace(worker);
    for (const { flight, slot } of lost) {
      if (this.#flights[slot] !== flight) continue;
      this.#free(slot);
      flight.feed.take(flight.draft, THREW, error);
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
      this.#results.consumer.look(Math.min(left, LOOK_EVERY, next));
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
    if (this.#listening !== undefined || this.#freeSlots.length === SLOTS) return;
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

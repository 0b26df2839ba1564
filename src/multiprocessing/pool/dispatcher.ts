/** The owner's side of a pool: it puts tasks, takes results, and makes sure that each task has exactly one outcome. */

import { SyncError } from '../../core/errors.js';
import { Arena } from '../../core/memory/arena.js';
import { MAX_AGENTS } from '../../core/memory/region.js';
import { NOTHING_KEPT } from '../../core/memory/ways.js';
import { messageOf, print } from '../../core/thrown.js';
import { checkMayBlock } from '../../core/wait/block.js';
import { now } from '../../core/wait/clock.js';
import { sleep } from '../../core/wait/sleep.js';
import { later, microtask } from '../../core/wait/turns.js';
import { askSpawner } from '../../host/life.js';
import { client } from '../../tasks/client.js';
import { asGiven } from '../../tasks/codec/refusal.js';
import type { WorkerDiedError } from '../../tasks/died.js';
import { BrokenPoolError, CancelledError } from '../errors.js';
import type { Ring } from '../ring/ring.js';
import type { ApplyFeed } from './apply-feed.js';
import { Backlog } from './backlog.js';
import { Bypasses, bypassWords } from './bypass.js';
import { Channel } from './channel.js';
import { Claims } from './claims.js';
import { type Briefing, Crew } from './crew.js';
import { Expiries } from './expiries.js';
import type { Feed } from './feed.js';
import { type Flight, Flights, NOBODY } from './flights.js';
import { Gathering } from './gathering.js';
import { Listener } from './listener.js';
import { drop, type Named, NOTHING } from './memory.js';
import {
  BROKEN,
  type Encoded,
  encodeArgs,
  LEAVING,
  RETURNED,
  type Result,
  ResultSegments,
  TaskSegments,
  THREW,
} from './messages.js';
import type { PoolStatistics } from './statistics.js';
import { Texts } from './texts.js';
import { deathIn } from './which.js';

/** How often a blocked owner checks whether workers have died, in ms. */
const LOOK_EVERY = 50;
/**
 * How long results that arrive in quick succession are left to gather, in ms, before a blocked owner takes them: a wake
 * for each of them costs the owner and the worker several times what a small task does.
 */
const GATHER_MS = 0.1;
/** Agents of a pool's arena besides two for each worker: those that died and have not been found yet. */
const SPARE_AGENTS = 16;

/** What the workers are told of it besides the rings. */
export type Settings = Omit<Briefing, 'tasks' | 'results' | 'given' | 'bypasses'>;

/** @returns the memory that they refer to */
function encodeInitargs(initargs: readonly unknown[], isPlain: boolean): Named {
  try {
    return encodeArgs(initargs, isPlain).named;
  } catch (error) {
    throw asGiven(error, 'args', 'initargs');
  }
}

export class Dispatcher {
  readonly #name: string;
  readonly #claims: Claims;
  readonly #tasks: Ring;
  readonly #results: Ring;
  readonly #crew: Crew;
  readonly #grace: number;
  /** Whether child processes do the tasks. */
  readonly #isPlain: boolean;
  readonly #flights: Flights;
  readonly #listener: Listener;
  readonly #expiries = new Expiries();
  readonly #gathering = new Gathering();
  readonly #backlog: Backlog;
  readonly #counts = { completed: 0, failed: 0, cancelled: 0, retried: 0, deaths: 0 };

  #closed = false;
  /** Why nothing is done any more. */
  #stopped: Error | undefined;
  #willListen = false;
  /** Called when nothing is left to do. */
  #whenIdle: (() => void)[] = [];

  constructor(name: string, processes: number, settings: Settings) {
    this.#name = name;
    this.#grace = settings.grace;
    const isPlain = settings.startMethod === 'process';
    this.#isPlain = isPlain;
    const given = encodeInitargs(settings.initargs, isPlain);
    this.#claims = Claims.make(processes);
    const arena = new Arena({ agents: Math.min(2 * processes + SPARE_AGENTS, MAX_AGENTS), byteLength: 2 ** 18 });
    const tasks = new Channel({ arena });
    const results = new Channel({ arena });
    this.#tasks = tasks.open((memory) => new TaskSegments(memory, this.#claims, 0, new Texts(settings.texts), isPlain));
    this.#results = results.open((memory) => new ResultSegments(memory));
    const words = isPlain ? bypassWords(processes) : undefined;
    const bypasses = words && new Bypasses(words, this.#claims);
    this.#flights = new Flights(this.#claims, this.#tasks, given, bypasses);
    this.#backlog = new Backlog(this.#flights);
    this.#listener = new Listener(
      this.#results,
      () => this.#flights.size > 0,
      // With fewer tasks than workers, or just one, looking does not hold up what a worker would do.
      () => this.#flights.size < Math.max(2, processes),
      () => {
        const came = this.turn();
        return came === 0 ? undefined : this.#pauseAfter(came);
      },
    );
    this.#crew = new Crew(name, { ...settings, tasks, results, given, bypasses: words }, this.#claims, () => {
      this.turn();
      this.#listener.listen();
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

  /** Whether there is nothing left to do. */
  get isIdle(): boolean {
    return this.#backlog.isEmpty && this.#flights.size === 0;
  }

  /** Why it takes no more work; undefined while it does. */
  get refusal(): Error | undefined {
    if (!this.#closed) return undefined;
    if (this.#stopped !== undefined && !(this.#stopped instanceof CancelledError)) return this.#stopped;
    return new SyncError('ERR_POOL_CLOSED', `${this.#name} is not running; it was closed or terminated`);
  }

  get workers(): number {
    return this.#claims.workers;
  }

  statistics(): PoolStatistics {
    const { size, queued } = this.#flights;
    return { workers: this.workers, waiting: this.#backlog.held + queued, running: size - queued, ...this.#counts };
  }

  // --- what is to be done ---------------------------------------------------------------------------------------------

  /** Adds a call's work. It fails if an input or a getter has closed the pool since the call began. */
  add(feed: Feed): void {
    const refusal = this.#stopped ?? this.refusal;
    if (refusal !== undefined) {
      feed.abort(refusal);
      return;
    }
    this.#backlog.add(feed);
    this.#pump();
    this.#listenSoon();
  }

  /**
   * Encodes arguments as its workers read them.
   *
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in them cannot be sent
   */
  encode(args: unknown): Encoded {
    return encodeArgs(args, this.#isPlain);
  }

  /**
   * Puts a task at once, if nothing is before it.
   *
   * @returns whether it is put
   * @throws SyncError `ERR_NOT_CLONEABLE` when its arguments cannot be sent
   */
  tryPut(feed: ApplyFeed<unknown>): boolean {
    const put = this.#backlog.tryPut(feed);
    if (this.#stopped !== undefined) this.#abandon(this.#stopped);
    if (put) this.#listenSoon();
    return put;
  }

  /** Goes on with calls whose results have been read. */
  resume(): void {
    if (!this.#backlog.hasFeeds) return;
    this.#pump();
    this.#listenSoon();
  }

  /** Puts tasks as long as there are some, and slots for them; an input may turn out to be at its end. */
  #pump(): void {
    this.#backlog.pump();
    this.#flights.wake();
    // An input, or a getter, may have stopped the pool meanwhile.
    if (this.#stopped !== undefined) this.#abandon(this.#stopped);
    this.#rest();
  }

  /**
   * Gives up all of a call's work that is not done: tasks that wait never begin, and tasks that run are told; if one
   * has not ended within the grace period, its worker is ended.
   *
   * @param error what the call fails with
   */
  cancel(feed: Feed, error: unknown): void {
    this.#backlog.drop(feed);
    // From the back, and running tasks last: otherwise their workers would begin tasks that are not given up yet.
    const flights = this.#flights.of(feed).sort((one, other) => other.draft.from - one.draft.from);
    for (const flight of flights) if (this.#claims.isQueued(flight.slot, flight.generation)) this.#giveUp(flight);
    for (const flight of flights) if (flight.feed === feed) this.#giveUp(flight);
    feed.abort(error);
    this.#pump();
  }

  #giveUp(flight: Flight): void {
    this.#counts.cancelled++;
    const worker = this.#claims.giveUp(flight.slot, flight.generation);
    if (worker === 0) this.#flights.free(flight);
    else this.#doom(flight, worker);
  }

  /** Lets the worker go on with it for the grace period. */
  #doom(flight: Flight, worker: number): void {
    const { slot, generation } = flight;
    flight.feed = NOBODY;
    const kill = (): void => {
      if (this.#claims.kill(slot, generation, worker)) this.#crew.end(worker);
    };
    if (this.#grace === 0) kill();
    else flight.spare = this.#expiries.after(this.#grace, kill, later);
  }

  // --- what comes of it -------------------------------------------------------------------------------------------------

  /**
   * Takes all results that have arrived, finds workers that have died, and puts tasks in place of those that are done.
   *
   * @returns how many results have arrived
   */
  turn(): number {
    let came = this.#drain();
    for (const dead of this.#crew.dead()) {
      // The results that it put before come first, and callbacks may call the pool.
      came += this.#drain();
      if (!this.#crew.isOf(dead)) continue;
      const { worker, name, error, wasReady, hasLeft } = dead;
      if (!hasLeft) this.#counts.deaths++;
      if (this.#stopped === undefined && !wasReady) this.#break(error);
      if (this.#bury(worker, error) || this.#stopped !== undefined || error.cause === undefined) continue;
      // Nobody asks for it: a timer of an earlier task threw it, for example.
      console.error(`Exception in ${name}, outside a task:`);
      print(error.cause);
    }
    this.#expiries.expire();
    this.#pump();
    return came;
  }

  #pauseAfter(came: number): number {
    return this.#gathering.pause(came, this.#flights.size);
  }

  #drain(): number {
    return this.#results.consumer.drain(this.#take);
  }

  readonly #take = (result: unknown): void => this.#receive(result as Result);

  #receive({ slot, generation, form, worker, value, at, named }: Result): void {
    if (named !== undefined && named.size > 0) drop(named);
    if (form === LEAVING) this.#replace(worker);
    if (form === BROKEN) this.#break(value);
    if (form === LEAVING || form === BROKEN) return;
    const flight = this.#flights.at(slot, generation);
    if (flight === undefined) return;
    const { feed, draft, deaths } = flight;
    this.#flights.free(flight);
    if (feed === NOBODY) return;
    if (form === RETURNED) {
      const encoded = { bytes: value as Uint8Array, named: NOTHING, ways: [] };
      const { form, callee, from, count } = draft;
      this.#backlog.hold(feed, { form, callee, from, count, encoded }, deaths);
      return;
    }
    if (form === THREW) this.#counts.failed++;
    else this.#counts.completed++;
    feed.take(draft, form, value, at);
  }

  /**
   * Ends the tasks of a dead worker, or begins them again; another worker takes its place.
   *
   * @returns whether it had any
   */
  #bury(worker: number, error: WorkerDiedError): boolean {
    const theirs = this.#flights.all().filter(({ slot }) => this.#claims.workerOf(slot) === worker);
    const lost = theirs.map(({ slot, generation }) => ({ slot, generation }));
    this.#replace(worker);
    for (const { slot, generation } of lost) {
      // Reporting one may have given up another.
      const flight = this.#flights.at(slot, generation);
      if (flight === undefined) continue;
      const { feed, draft, deaths, kept } = flight;
      const again = deaths < feed.retries;
      if (again) flight.kept = NOTHING_KEPT;
      this.#flights.free(flight);
      if (again) {
        this.#counts.retried++;
        this.#backlog.hold(feed, draft, deaths + 1, kept);
      } else if (feed !== NOBODY) {
        this.#counts.failed++;
        feed.take(draft, THREW, deathIn(error, draft));
      }
    }
    return lost.length > 0;
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
    const what = `${this.#name} is broken, because its workers cannot start`;
    this.stop(new BrokenPoolError(`${what}: ${messageOf(cause)}`, cause));
  }

  // --- waits ------------------------------------------------------------------------------------------------------------

  /**
   * Blocks until something is done, and does the pool's work meanwhile.
   *
   * @param timeout the longest wait, in ms, checked by the caller
   * @returns whether it is done
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  wait(done: () => boolean, timeout: number): boolean {
    const start = now();
    for (;;) {
      const came = this.turn();
      if (done()) return true;
      const left = timeout - (now() - start);
      if (left <= 0) return false;
      this.#checkCanEnd();
      checkMayBlock({ label: this.#name });
      const { next } = this.#expiries;
      const pause = this.#pauseAfter(came);
      if (pause > 0) {
        sleep(Math.min(pause, left, next));
        continue;
      }
      const asked = now();
      askSpawner(asked);
      this.#results.consumer.look(Math.min(left, LOOK_EVERY, next));
      const most = Math.min(GATHER_MS, left, next);
      if (this.#flights.size > 2 * this.workers && now() - asked < GATHER_MS) sleep(most);
    }
  }

  /** @throws SyncError `ERR_SELF_DEADLOCK` when what comes next has to wait for the caller, and nothing else is under way */
  #checkCanEnd(): void {
    if (!(this.#flights.isBusy || this.#backlog.isBusy) || this.#flights.all().length > 0) return;
    throw new SyncError(
      'ERR_SELF_DEADLOCK',
      `${this.#name} is waited for by an argument that is on its way to it (in a getter, or an input), which would never end`,
    );
  }

  /** Does the pool's work when the event loop turns, unless a call has blocked until it was done by then. */
  #listenSoon(): void {
    if (this.#willListen || (this.#listener.isListening && !this.#flights.isOwing)) return;
    this.#willListen = true;
    microtask(() => {
      this.#willListen = false;
      // A task that came while another was being put, from a getter, say, could not be put then.
      this.#pump();
      this.#listener.listen();
    });
  }

  /** With nothing under way, nothing need be kept alive, and a closed pool has come to its end. */
  #rest(): void {
    if (this.#flights.size > 0) return;
    this.#listener.stop();
    if (!this.isIdle) return;
    if (this.#closed) this.#tasks.shut(false);
    const told = this.#whenIdle;
    this.#whenIdle = [];
    for (const tell of told) tell();
  }

  /** Like `Expiries.after`. */
  expireAfter(ms: number, call: () => void): () => void {
    return this.#expiries.after(ms, call);
  }

  // --- the end ------------------------------------------------------------------------------------------------------------

  /** Takes no more work, and ends when none is left. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  /**
   * Ends everything at once, whatever its state.
   *
   * @param error what the calls whose work is not done fail with
   */
  stop(error: Error): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#closed = true;
    this.#tasks.shut(true);
    this.#results.shut(true);
    this.#crew.terminateAll();
    this.#abandon(error);
    this.#rest();
  }

  /** Fails the calls whose work is not done. */
  #abandon(error: Error): void {
    const feeds = this.#backlog.clear();
    for (const flight of this.#flights.all()) {
      feeds.add(flight.feed);
      this.#flights.free(flight);
    }
    for (const feed of feeds) feed.abort(error);
  }

  /** Blocks until everything is done and all workers have ended, once it is closed. */
  join(): void {
    if (this.#backlog.isAsync)
      throw new TypeError(`an input of ${this.#name} is async, and needs the event loop: use joinAsync`);
    this.#unbind();
    this.wait(() => this.isIdle, Infinity);
    for (const entry of this.#crew.alive()) client().roll.end(entry, this.#name).wait(Infinity);
  }

  /** Like `join`, without blocking the agent. */
  async joinAsync(): Promise<void> {
    this.#unbind();
    if (!this.isIdle) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    await Promise.all(this.#crew.alive().map((entry) => client().roll.end(entry, this.#name).waitAsync({})));
  }

  #unbind(): void {
    this.#backlog.unbind();
    this.#pump();
    this.#listenSoon();
  }
}

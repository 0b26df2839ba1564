/**
 * How an agent runs functions on workers and learns their outcomes: its line to the spawner, which is a worker of its own,
 * the page, or the one named in its own order.
 */

import { compileCache, environment, isMainThread, receive, startsWorkers, supervises, takeStock } from '#host';
import { loader, small } from '#programs';
import { SyncError } from '../core/errors.js';
import { hereOf } from '../core/here.js';
import { release, retain } from '../core/wait/keep-alive.js';
import { sleep } from '../core/wait/sleep.js';
import { delay, microtask } from '../core/wait/turns.js';
import type { Exit, ForeignWorker, HostWorker, Stream, WorkerSettings } from '../host/host.js';
import { forgetBeats, lookAfter } from '../host/life.js';
import { type Line, lineOver } from '../host/line.js';
import { type Entry, MAIN_IDENT, Roll, rollOf } from '../host/roll.js';
import { type Notice, type Request, Spawner, type StartRequest, starts } from '../host/spawner.js';
import type { Call } from './call.js';
import { startForeign } from './foreign.js';
import { inherited } from './inherited.js';
import { Job, type Owner } from './job.js';
import { duty, mainIdent, markUsed, type Order, type Post } from './order.js';
import { newOutcome } from './outcome.js';
import { parcels, rarerOf } from './parcel.js';
import { Bunk, Reserve } from './reserve.js';
import { checkSettings } from './settings.js';
import { killChildren, startSupervisor } from './supervision.js';

/** What is to be called, and on what kind of worker. */
export interface Assignment {
  readonly call: Call;
  /** Starts a worker whose own module serves the function. */
  readonly worker?: (() => ForeignWorker) | undefined;
  readonly args: readonly unknown[];
  readonly name: string;
  readonly daemon: boolean;
  /** Delay before the start, in ms; a delayed job may be cancelled. */
  readonly delay?: number;
  readonly settings?: WorkerSettings;
  /** A thread, by default; a process; or a helper, which is a process that ends with this agent, such as a pool's worker. */
  readonly kind?: 'thread' | 'process' | 'helper';
  /** Whether its worker may have run others before it, and may run others after it. */
  readonly reuses?: boolean;
  /** Receives what it prints; by default it prints where the program does. */
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
  /** Called once, when this agent learns that it has ended. */
  readonly onEnded?: () => void;
}

/** How many times an agent checks for memory that is to come, once per ms. */
const MOST_LOOKS = 5000;

/**
 * The files that a worker loads for functions whose modules do not import the package: all of it, or as little as suffices.
 */
const BOOTSTRAP = '../tasks/bootstrap.js';
const SMALL = `../programs/${small}`;
const here = /* @__PURE__ */ hereOf(import.meta.url);
const files = new Map<string, string>();

/** Not in one expression, because bundlers would then copy the file without its imports. */
function fileOf(path: string): string {
  const file = files.get(path) ?? new URL(path, here).href;
  files.set(path, file);
  return file;
}

/** An order, except what the spawner adds. */
type Placed = Omit<Order, 'spawner' | 'berth'>;

/** An order that does not yet have a place on the roll. */
type Draft = Omit<Placed, 'entry' | 'outcome'> & { readonly load: string };

/**
 * What a worker has from its start and keeps, as one text: a worker of the reserve takes orders that need just that. Where
 * functions do not get an environment of their own, it is part of that; Deno lists its variables in a different order each time.
 */
const originOf = ({ load, inherits }: Draft): string =>
  JSON.stringify([load, inherits, takeStock === undefined && Object.entries(environment() ?? {}).sort()]);

/** With what a job is ended at the latest; undefined if only with the program. */
function endOf({ kind, daemon }: Assignment): StartRequest['endsWith'] {
  if (kind === 'helper') return 'client';
  // Processes that are not daemons go on without the one that started them.
  if (kind === 'process' && !daemon) return undefined;
  const process = mainIdent();
  return process === MAIN_IDENT ? undefined : process;
}

export class Client implements Owner {
  readonly roll: Roll;
  /** The agent itself. */
  readonly entry: Entry;
  readonly #post: Post | undefined;
  readonly #jobs = new Map<number, Job>();
  readonly #asking: (() => void)[] = [];
  readonly #fetching = new Map<number, ((buffer: SharedArrayBuffer) => void)[]>();
  /** Undefined until something is requested. */
  #line: Line | undefined;
  /** The port from which notices can be taken synchronously. */
  #port: MessagePort | undefined;
  /** Started by this agent; it keeps the program alive while something is running that the program waits for. */
  #supervisor: HostWorker | undefined;
  /** How many starts it has requested. */
  #starts = 0;
  /** Whether the program need not wait for anything that the spawner knows of. */
  #isIdle = true;
  #reserve = new Reserve();
  /** Reserve workers that will not report the end of their threads; they are to be checked in the next turn. */
  readonly #unwatched = new Set<Bunk>();
  /** The threads on reserve workers that the program has to wait for, by ident. */
  readonly #awaited = new Set<number>();

  /** @param post what the agent was started with, if it was started for a function */
  constructor(post: Post | undefined) {
    this.#post = post;
    this.roll = post?.roll === undefined ? new Roll() : rollOf(post.roll);
    this.entry = post?.entry ?? this.roll.enter('MainThread');
  }

  /** Whether it is the client of an agent that was started with this post. */
  isOf(post: Post | undefined): boolean {
    return this.#post === post;
  }

  /**
   * Opens the line to the spawner that started this agent; otherwise to one of its own, which in a page is the agent itself.
   */
  #open(): Line {
    if (this.#post?.spawner !== undefined) return this.#over(this.#post.spawner);
    if (supervises) return this.#over(this.#supervise());
    const send = new Spawner(this.roll, { source: loader }).join({
      send: (notice) => microtask(() => this.hear(notice as Notice)),
    });
    return { send: (request) => send(request as Request) };
  }

  #over(port: MessagePort): Line {
    this.#port = port;
    return lineOver(port, (message) => this.hear(message as Notice));
  }

  #supervise(): MessagePort {
    const { words } = this.roll;
    forgetBeats(words);
    const { worker, port } = startSupervisor(this.roll);
    void worker.exit.then((exit) => this.#lose(worker, exit));
    lookAfter(words, () => this.#lose(worker, { cause: 'terminated' }));
    this.#supervisor = worker;
    return port;
  }

  /**
   * To be called when the supervisor has ended, and with it everything it started, or did not begin: nobody else is left to
   * report that. The next start gets a new one.
   */
  #lose(worker: HostWorker, exit: Exit): void {
    if (this.#supervisor !== worker) return;
    // A supervisor that was given up may still begin.
    void worker.terminate();
    this.#supervisor = undefined;
    this.#line = undefined;
    this.#port = undefined;
    this.#reserve = new Reserve();
    this.#starts = 0;
    this.#isIdle = true;
    this.#awaited.clear();
    killChildren(this.roll);
    const jobs = [...this.#jobs];
    for (const [ident] of jobs) this.hear({ kind: 'died', ident, exit });
    for (const entry of this.roll.list()) if (entry.ident !== this.entry.ident) this.roll.strike(entry);
    for (const [ident] of jobs) this.hear({ kind: 'ended', ident });
    for (const proceed of this.#asking.splice(0)) proceed();
  }

  /**
   * Calls a function on a worker.
   *
   * @throws TypeError or RangeError when a setting is invalid
   * @throws SyncError `ERR_NOT_CLONEABLE` when the arguments cannot be sent, `ERR_LIMIT` when too many are running,
   *   `ERR_NO_SPAWNER` where there are no workers; in these cases nothing has been started
   */
  start(assignment: Assignment): Job {
    checkSpawner();
    const { call, worker, args, name, daemon, settings = {}, kind = 'thread', onOutput } = assignment;
    checkSettings(settings);
    const isThread = kind === 'thread';
    const { hasOurs, kinds, ...packed } = parcels.pack(args.length === 0 ? undefined : args, 'args');
    const order: Draft = {
      call,
      load: call.way === 'task' ? call.url : fileOf(hasOurs ? BOOTSTRAP : SMALL),
      args: { ...packed, rarer: rarerOf(kinds, fileOf) },
      name,
      daemon,
      starter: this.entry,
      roll: this.roll.words.buffer,
      prints: onOutput === undefined,
      within: duty()?.within,
      inherits: isThread ? inherited() : { ...inherited(), stackSize: undefined },
    };
    const origin = assignment.reuses === true && this.#post?.spawner === undefined ? originOf(order) : undefined;
    const reused = origin === undefined ? undefined : this.#reuse(origin, order, assignment);
    if (reused !== undefined) return reused;
    const traits = { daemon, pending: worker === undefined, process: !isThread, within: mainIdent() };
    const entry = this.roll.enter(name, traits);
    const bunk = origin !== undefined && this.#reserve.hasRoom() ? this.#newBunk(origin, order, entry) : undefined;
    const placed: Placed = { ...order, entry, outcome: bunk?.outcome ?? newOutcome() };
    const job = this.#newJob(placed, assignment, bunk);
    if (worker !== undefined) job.adopted = this.#adopt(worker, placed);
    else this.#request(placed, assignment, bunk);
    if (!daemon) this.#isIdle = false;
    this.#settle();
    return job;
  }

  #newJob(order: Placed, to: Assignment, bunk: Bunk | undefined): Job {
    const job = new Job(this, order.entry, order.daemon, order, to);
    this.#jobs.set(order.entry.ident, job);
    if (bunk !== undefined) bunk.job = job;
    return job;
  }

  #newBunk(origin: string, order: Draft, entry: Entry): Bunk {
    const bunk = new Bunk(origin, order, entry, (notice) => this.hear(notice));
    this.#reserve.add(bunk);
    return bunk;
  }

  #request(order: Placed, assignment: Assignment, bunk: Bunk | undefined): void {
    const { delay = 0, settings = {}, onOutput } = assignment;
    const { entry, name, daemon } = order;
    // A supervisor that does not share this environment has the one from its start.
    const env = settings.env ?? (bunk === undefined || takeStock === undefined ? environment() : undefined);
    const request: StartRequest = {
      kind: 'start',
      entry,
      daemon: daemon || isInDaemon(),
      delay,
      settings: { ...settings, env, name },
      output: onOutput !== undefined,
      endsWith: endOf(assignment),
      ways: order.args.ways,
      order: { ...order, compileCache: compileCache() },
      berth: bunk?.end,
    };
    this.send(request, bunk === undefined ? [] : [bunk.end.port]);
  }

  /** Runs it on a reserve worker, if there is one. */
  #reuse(origin: string, order: Draft, assignment: Assignment): Job | undefined {
    for (;;) {
      const bunk = this.#reserve.find(origin);
      if (bunk === undefined) return undefined;
      const entry = this.roll.enter(order.name, { daemon: order.daemon });
      if (bunk.give(entry, order.call, order.args)) {
        const job = this.#newJob({ ...order, entry, outcome: bunk.outcome }, assignment, bunk);
        if (this.#unwatched.size === 0) void Promise.resolve().then(() => this.#watch());
        this.#unwatched.add(bunk);
        return job;
      }
      // The worker stopped resting at this very moment.
      this.roll.strike(entry);
    }
  }

  /**
   * Called once this agent's event loop turns: from then on it wants to be told of the ends of threads that are still running.
   */
  #watch(): void {
    const unwatched = [...this.#unwatched];
    this.#unwatched.clear();
    for (const bunk of unwatched) {
      // Its previous job is settled: it has been given another since.
      const { job } = bunk;
      if (job === undefined || job.isOver) continue;
      if (!job.daemon) this.#awaited.add(job.entry.ident);
      bunk.ask();
      if (!job.isRunning) job.settle();
    }
    this.#settle();
  }

  /** Makes the program wait while something is running that it has to wait for. */
  #settle(): void {
    if (this.#isIdle && this.#awaited.size === 0) this.#supervisor?.unref();
    else this.#supervisor?.ref();
  }

  #adopt(make: () => ForeignWorker, order: Placed): ForeignWorker {
    try {
      return startForeign(make, order, (request, transfer) => this.send(request, transfer));
    } catch (error) {
      this.roll.strike(order.entry);
      this.#jobs.delete(order.entry.ident);
      throw error;
    }
  }

  /** @internal */
  send(request: Request, transfer: readonly Transferable[] = []): void {
    if (this.#line === undefined) {
      // What is requested may outlive this worker's function.
      markUsed();
      this.#line = this.#open();
    }
    this.#line.send(request, transfer);
    if (starts(request)) this.#starts++;
  }

  /**
   * Handles the agent's jobs before it ends: ensures that the spawner has all requests, and reports the ends of jobs that
   * have ended. The others will be reported to nobody: see `unclaimed`.
   */
  async leave(): Promise<void> {
    if (this.#line === undefined) return;
    // A line keeps no agent alive.
    retain();
    await new Promise<void>((resolve) => {
      this.#asking.push(resolve);
      this.send({ kind: 'ask' });
    });
    // From now on workers report their errors themselves, except those that have written an outcome and may have checked
    // before this. If one ends at this moment, whichever side comes first reports.
    this.roll.leave(this.entry);
    for (const job of this.#jobs.values())
      if (job.isDone || !job.isRunning) this.hear({ kind: 'ended', ident: job.entry.ident });
    // A report of one of them comes in the following turn.
    await delay(0);
    release();
  }

  /**
   * Whether nobody else has left anything with its spawner, because that is its own and has started nothing. This is so in
   * workers not started by this package, and in a program that has only such workers.
   */
  get isAlone(): boolean {
    return this.#post?.spawner === undefined && this.#starts === 0;
  }

  /** Takes notices that have arrived, on hosts that can while the event loop does not turn. */
  drain(): void {
    for (const port of [...this.#reserve.ports, ...(this.#port === undefined ? [] : [this.#port])])
      for (let last = receive(port); last !== undefined; last = receive(port)) this.hear(last.message as Notice);
  }

  /**
   * Fetches memory that somebody has left with the spawner, or is about to, on hosts that can while the event loop does not turn.
   *
   * @param isWanted called now and then to check whether to continue
   */
  fetch(id: number, isWanted: () => boolean): SharedArrayBuffer | undefined {
    let buffer: SharedArrayBuffer | undefined;
    this.fetchAsync(id, (got) => {
      buffer = got;
    });
    for (let looks = 0; this.#port !== undefined && supervises && looks < MOST_LOOKS && isWanted(); looks++) {
      this.drain();
      if (buffer !== undefined) break;
      sleep(1);
    }
    return buffer;
  }

  /**
   * Fetches memory that somebody has left with the spawner, or is about to, without blocking the agent.
   *
   * @param got called with the memory
   */
  fetchAsync(id: number, got: (buffer: SharedArrayBuffer) => void): void {
    const others = this.#fetching.get(id);
    if (others !== undefined) others.push(got);
    else {
      this.#fetching.set(id, [got]);
      this.send({ kind: 'fetch', id });
    }
  }

  /** @internal */
  hear(notice: Notice): void {
    if (notice.kind === 'busy') {
      this.#isIdle = false;
      this.#settle();
    } else if (notice.kind === 'kept') {
      const fetching = this.#fetching.get(notice.id) ?? [];
      this.#fetching.delete(notice.id);
      for (const got of fetching) got(notice.buffer);
    } else if (notice.kind === 'idle') {
      if (notice.starts === this.#starts) this.#isIdle = true;
      this.#settle();
    } else if (notice.kind === 'heard') {
      this.#asking.shift()?.();
    } else {
      const job = this.#jobs.get(notice.ident);
      job?.hear(notice);
      if (job?.isOver !== true) return;
      this.#jobs.delete(notice.ident);
      if (this.#awaited.delete(notice.ident)) this.#settle();
    }
  }
}

/** Whether the program does not wait for the process that this agent runs in, nor for its threads. */
const isInDaemon = (): boolean => duty()?.within?.here.daemon ?? false;

let current: Client | undefined;

/** @returns the calling agent's client, if it has needed one yet */
export const knownClient = (): Client | undefined => current;

/** Whether somebody starts workers for the calling agent. */
export const hasSpawner = (): boolean =>
  isMainThread ? startsWorkers : current !== undefined || duty() !== undefined || supervises;

/**
 * @returns the calling agent's client
 * @throws SyncError `ERR_NO_SPAWNER` in a browser worker that this package did not start, and in a worklet
 */
export function client(): Client {
  const post = duty()?.order;
  if (current?.isOf(post)) return current;
  if (!isMainThread && !hasSpawner()) throw noSpawner();
  current = new Client(post);
  return current;
}

/** @throws SyncError `ERR_NO_SPAWNER` where nobody starts workers for the calling agent */
export function checkSpawner(): void {
  if (!hasSpawner()) throw noSpawner();
}

const noSpawner = (): SyncError =>
  new SyncError(
    'ERR_NO_SPAWNER',
    'nothing starts workers for this agent: in a browser the page does, for itself and for the workers that were started by ' +
      'this package; start this worker as a Thread, or start the others from the page. In worklets and sandboxes, nothing does',
  );

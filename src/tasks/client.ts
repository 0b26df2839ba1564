/**
 * How an agent has functions called by workers, and learns what has come of them: its line to the spawner, which is a
 * worker of its own, the page, or known to it from its own order.
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
import { type Entry, Roll, rollOf } from '../host/roll.js';
import { type Notice, type Request, Spawner, starts } from '../host/spawner.js';
import type { Call } from './call.js';
import { startForeign } from './foreign.js';
import { Job, type Owner } from './job.js';
import { duty, markUsed, type Order, type Post } from './order.js';
import { newOutcome } from './outcome.js';
import { parcels, rarerOf } from './parcel.js';
import { Bunk, Reserve } from './reserve.js';
import { checkSettings } from './settings.js';
import { killChildren, startSupervisor } from './supervision.js';

/** What is to be called, and by what kind of worker. */
export interface Assignment {
  readonly call: Call;
  /** Starts a worker whose own module serves the function. */
  readonly worker?: (() => ForeignWorker) | undefined;
  readonly args: readonly unknown[];
  readonly name: string;
  readonly daemon: boolean;
  /** ms to let pass before; a delayed one may be cancelled. */
  readonly delay?: number;
  readonly settings?: WorkerSettings;
  /** Whether it is a process, or a worker of a pool, and no thread. */
  readonly process?: boolean;
  /** Whether it is ended when this agent ends. */
  readonly child?: boolean;
  /** Whether its worker may have run others before, and may run others after it. */
  readonly reuses?: boolean;
  /** Is told what it prints; by default it prints where the program does. */
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
  /** Called once, when this agent is told that it has ended. */
  readonly onEnded?: () => void;
}

/** How many times an agent looks whether memory has come, once a ms. */
const MOST_LOOKS = 5000;

/** The files that a worker loads for functions whose modules do not bring the package: all of it, or as little as does. */
const BOOTSTRAP = '../tasks/bootstrap.js';
const SMALL = `../programs/${small}`;
const here = /* @__PURE__ */ hereOf(import.meta.url);
const files = new Map<string, string>();

/** Not in one expression, since bundlers would then copy the file without what it imports. */
function fileOf(path: string): string {
  const file = files.get(path) ?? new URL(path, here).href;
  files.set(path, file);
  return file;
}

/** What is known of an order before it has a place on the roll. */
type Draft = Omit<Order, 'entry' | 'spawner' | 'outcome' | 'berth'> & { readonly load: string };

/**
 * What the functions of the reserve see as the environment, if it stays what it was when the worker was started. Deno tells the
 * variables in another order each time.
 */
const environmentOfReserve = (): string =>
  takeStock === undefined ? JSON.stringify(Object.entries(environment() ?? {}).sort()) : '';

export class Client implements Owner {
  readonly roll: Roll;
  /** The agent itself. */
  readonly entry: Entry;
  readonly #post: Post | undefined;
  readonly #jobs = new Map<number, Job>();
  readonly #asking: (() => void)[] = [];
  readonly #fetching = new Map<number, ((buffer: SharedArrayBuffer) => void)[]>();
  /** Undefined until something is asked for. */
  #line: Line | undefined;
  /** Where notices can be taken at once. */
  #port: MessagePort | undefined;
  /** Started by this agent; it keeps the program alive as long as something runs that the program waits for. */
  #supervisor: HostWorker | undefined;
  /** How many starts it has asked for. */
  #starts = 0;
  /** Whether the program need not wait for anything that the spawner knows of. */
  #isIdle = true;
  #reserve = new Reserve();
  /** Workers of the reserve that will tell nobody of the end of their threads, which are to be looked at in the next turn. */
  readonly #unwatched = new Set<Bunk>();
  /** Those of the reserve for which the program has to wait, by their idents. */
  readonly #awaited = new Set<number>();

  /** @param post what the agent was started with, if it was started for a function */
  constructor(post: Post | undefined) {
    this.#post = post;
    this.roll = post?.roll === undefined ? new Roll() : rollOf(post.roll);
    this.entry = post?.entry ?? this.roll.enter('MainThread');
  }

  /** Whether it is the client of an agent that was started so. */
  isOf(post: Post | undefined): boolean {
    return this.#post === post;
  }

  /** To the spawner that started this agent; else to one of its own, which is the agent itself in a page. */
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

  /** The supervisor has ended, and with it all that it has started: nobody else is left to tell of that. The next start has another. */
  #lose(worker: HostWorker, exit: Exit): void {
    if (this.#supervisor !== worker) return;
    // One that was given up may begin after all.
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
   * Has a function called by a worker.
   *
   * @throws TypeError or RangeError when a setting is not what it must be
   * @throws SyncError `ERR_NOT_CLONEABLE` when the arguments cannot be sent, `ERR_LIMIT` when too many run, `ERR_NO_SPAWNER`
   *   where there are no workers; nothing has been started then
   */
  start(assignment: Assignment): Job {
    checkSpawner();
    const { call, worker, args, name, daemon, settings = {}, process = false, onOutput } = assignment;
    checkSettings(settings);
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
    };
    const reuses = assignment.reuses === true && this.#post?.spawner === undefined;
    const reused = reuses ? this.#reuse(order, assignment) : undefined;
    if (reused !== undefined) return reused;
    const entry = this.roll.enter(name, { daemon, pending: worker === undefined, process });
    const bunk = reuses && this.#reserve.hasRoom() ? this.#newBunk(order, entry) : undefined;
    const outcome = bunk?.outcome ?? newOutcome();
    const job = this.#newJob(entry, { ...order, outcome }, assignment, bunk);
    if (worker !== undefined) job.adopted = this.#adopt(worker, { ...order, outcome, entry });
    else this.#request({ ...order, outcome, entry }, assignment, bunk);
    if (!daemon) this.#isIdle = false;
    this.#settle();
    return job;
  }

  #newJob(entry: Entry, order: Draft & { readonly outcome: SharedArrayBuffer }, to: Assignment, bunk?: Bunk): Job {
    const job = new Job(this, entry, order.daemon, order, to);
    this.#jobs.set(entry.ident, job);
    if (bunk !== undefined) bunk.job = job;
    return job;
  }

  #newBunk(order: Draft, entry: Entry): Bunk {
    const bunk = new Bunk(order.load, environmentOfReserve(), order, entry, (notice) => this.hear(notice));
    this.#reserve.add(bunk);
    return bunk;
  }

  #request(order: Omit<Order, 'spawner'>, assignment: Assignment, bunk: Bunk | undefined): void {
    const { delay = 0, settings = {}, child = false, onOutput } = assignment;
    const { entry, name, daemon } = order;
    // Where the supervisor does not share this environment, its own is that of its start.
    const env = settings.env ?? (bunk === undefined || takeStock === undefined ? environment() : undefined);
    const request: Request = {
      kind: 'start',
      entry,
      daemon,
      delay,
      settings: { ...settings, env, name },
      output: onOutput !== undefined,
      child,
      ways: order.args.ways,
      order: { ...order, compileCache: compileCache() },
      berth: bunk?.end,
    };
    this.send(request, bunk === undefined ? [] : [bunk.end.port]);
  }

  /** Has a worker of the reserve do it, if there is one. */
  #reuse(order: Draft, assignment: Assignment): Job | undefined {
    for (;;) {
      const bunk = this.#reserve.find(order.load, environmentOfReserve());
      if (bunk === undefined) return undefined;
      const entry = this.roll.enter(order.name, { daemon: order.daemon });
      if (bunk.give(entry, order.call, order.args)) {
        const job = this.#newJob(entry, { ...order, outcome: bunk.outcome }, assignment, bunk);
        if (this.#unwatched.size === 0) void Promise.resolve().then(() => this.#watch());
        this.#unwatched.add(bunk);
        return job;
      }
      // Its worker stopped resting at this very moment.
      this.roll.strike(entry);
    }
  }

  /** Called once this agent's event loop turns: it then wants to be told of the ends of those that still run. */
  #watch(): void {
    const unwatched = [...this.#unwatched];
    this.#unwatched.clear();
    for (const bunk of unwatched) {
      // What it ran before is settled: it has been given another since.
      const { job } = bunk;
      if (job === undefined || job.isOver) continue;
      if (!job.daemon) this.#awaited.add(job.entry.ident);
      bunk.ask();
      if (!job.isRunning) job.settle();
    }
    this.#settle();
  }

  /** The program waits as long as something runs that it has to wait for. */
  #settle(): void {
    if (this.#isIdle && this.#awaited.size === 0) this.#supervisor?.unref();
    else this.#supervisor?.ref();
  }

  #adopt(make: () => ForeignWorker, order: Omit<Order, 'spawner'>): ForeignWorker {
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
      // What is asked for may outlive the function of this worker.
      markUsed();
      this.#line = this.#open();
    }
    this.#line.send(request, transfer);
    if (starts(request)) this.#starts++;
  }

  /**
   * What the agent does about its jobs before it ends: it sees to it that the spawner has all that was asked for, and says
   * of those that have ended that they have. Of the others nobody will be told: see `unclaimed`.
   */
  async leave(): Promise<void> {
    if (this.#line === undefined) return;
    // A line keeps no agent alive.
    retain();
    await new Promise<void>((resolve) => {
      this.#asking.push(resolve);
      this.send({ kind: 'ask' });
    });
    // From now on workers tell of their errors themselves, save those that have written an outcome and may have looked before
    // this. Of one that ends at this moment, whoever comes first tells.
    this.roll.leave(this.entry);
    for (const job of this.#jobs.values())
      if (job.isDone || !job.isRunning) this.hear({ kind: 'ended', ident: job.entry.ident });
    // Whoever reports one of them does so in the turn after that.
    await delay(0);
    release();
  }

  /**
   * Whether nobody else has left anything with its spawner: that is its own, and has started nobody. So it is in workers that
   * others have started than this package, and where there are only such.
   */
  get isAlone(): boolean {
    return this.#post?.spawner === undefined && this.#starts === 0;
  }

  /** Takes notices that have come, where the host has a way to while the event loop does not turn. */
  drain(): void {
    for (const port of [...this.#reserve.ports, ...(this.#port === undefined ? [] : [this.#port])])
      for (let last = receive(port); last !== undefined; last = receive(port)) this.hear(last.message as Notice);
  }

  /**
   * Fetches memory that somebody has had kept, or is about to, where the host has a way to while the event loop does not
   * turn.
   *
   * @param isWanted asked now and then whether to go on
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
   * Fetches memory that somebody has had kept, or is about to, without blocking the agent.
   *
   * @param got called with it
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

let current: Client | undefined;

/** @returns the calling agent's client, if it has needed one yet */
export const knownClient = (): Client | undefined => current;

/** Whether somebody starts workers for the calling agent. */
export const hasSpawner = (): boolean =>
  isMainThread ? startsWorkers : current !== undefined || duty() !== undefined || supervises;

/**
 * @returns the calling agent's client
 * @throws SyncError `ERR_NO_SPAWNER` in a worker of a browser that was not started by this package, and in a worklet
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
    'nobody starts workers for this agent: in a browser the page does so, for itself and for those that were started by ' +
      'this package; start this worker as a Thread, or start the others from the page. Worklets and sandboxes have none',
  );

/**
 * How an agent has functions called by workers, and learns what has come of them: its line to the spawner, which is a
 * worker of its own, the page, or known to it from its own order.
 */
import { adopt, environment, isMainThread, kill, onExit, receive, start, supervises } from '#host';
import { loader, supervisor } from '#programs';
import { SyncError } from '../core/errors.js';
import { release, retain } from '../core/wait/keep-alive.js';
import { sleep } from '../core/wait/sleep.js';
import type { ForeignWorker, HostWorker, Stream, WorkerSettings } from '../host/host.js';
import { type Line, lineOver } from '../host/line.js';
import { type Entry, Roll } from '../host/roll.js';
import { type Notice, type Request, Spawner, starts } from '../host/spawner.js';
import type { Call } from './call.js';
import { deathOf, loadingFailed } from './failure.js';
import { duty, ORDER, type Order, type Post } from './order.js';
import { claimTelling, hasOutcome, needsMemory, newOutcome, type Outcome, readOutcome } from './outcome.js';
import { pack } from './parcel.js';
import { checkSettings } from './settings.js';

/** What is to be called, and by what kind of worker. */
export interface Assignment {
  readonly call: Call;
  /** Starts a worker whose own module serves the function. */
  readonly worker?: () => ForeignWorker;
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
  /** Is told what it prints; by default it prints where the program does. */
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
  /** Called once, when this agent is told that it has ended. */
  readonly onEnded?: () => void;
}

/** A function that a worker calls, as the agent that wants it sees it. */
export interface Job {
  readonly entry: Entry;
  /** @returns what has come of it, once it has ended; undefined when this agent has yet to be told how it died */
  outcome(): Outcome | undefined;
  /** @returns whether the caller is the one to tell of an error that nobody has asked for */
  claimTelling(): boolean;
  /** Gives up a delayed one. @returns whether it has not begun */
  cancel(): boolean;
  /** Ends the worker wherever it is; one that this agent has not started itself, if it can. */
  terminate(): void;
}

/** So often an agent looks, every ms, whether memory has come. */
const MOST_LOOKS = 5000;

/** Where the file is that a worker loads for functions whose modules do not bring the package. */
const BOOTSTRAP = '../tasks/bootstrap.js';
const here = import.meta.url;
/** Not in one expression, which bundlers take for a file to be copied: it would be one without its imports. */
const bootstrap = (): string => new URL(BOOTSTRAP, here).href;

export class Client {
  readonly roll: Roll;
  /** The agent itself. */
  readonly entry: Entry;
  readonly #post: Post | undefined;
  readonly #jobs = new Map<number, Running>();
  readonly #asking: (() => void)[] = [];
  readonly #fetching = new Map<number, ((buffer: SharedArrayBuffer) => void)[]>();
  /** There is none as long as nothing has been asked for. */
  #line: Line | undefined;
  /** Where notices can be taken at once. */
  #port: MessagePort | undefined;
  /** Started by this agent, which it outlives as long as something runs that the program waits for. */
  #supervisor: HostWorker | undefined;
  /** How much it has asked to be started. */
  #starts = 0;

  /** @param post what the agent was started with, if it was started for a function */
  constructor(post: Post | undefined) {
    this.#post = post;
    this.roll = new Roll(post?.roll);
    this.entry = post?.entry ?? this.roll.enter('MainThread', false);
  }

  /** To the spawner that started this agent; else to one of its own, which is the agent itself in a page. */
  #open(): Line {
    if (this.#post?.spawner !== undefined) return this.#over(this.#post.spawner);
    if (supervises) return this.#over(this.#supervise());
    const send = new Spawner(this.roll, { source: loader }).join({
      send: (notice) => queueMicrotask(() => this.#hear(notice as Notice)),
    });
    return { send: (request) => send(request as Request) };
  }

  #over(port: MessagePort): Line {
    this.#port = port;
    return lineOver(port, (message) => this.#hear(message as Notice));
  }

  #supervise(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const supervised = start(
      { source: supervisor },
      {
        data: { roll: this.roll.words.buffer, loader, port: port2 },
        transfer: [port2],
        onMessage: () => {},
        name: 'supervisor of atomics-sync-free',
      },
    );
    supervised.unref();
    void supervised.exit.then((exit) => {
      // Nobody else is left to say it.
      for (const [ident, { entry }] of this.#jobs) {
        this.#hear({ kind: 'died', ident, exit });
        this.roll.strike(entry);
        this.#hear({ kind: 'ended', ident });
      }
    });
    this.#supervisor = supervised;
    // Nobody ends them otherwise before their event loops turn.
    onExit(() => {
      for (const entry of this.roll.list()) {
        const pid = this.roll.pidOf(entry);
        if (pid !== 0) kill(pid, 'SIGKILL');
      }
    });
    return port1;
  }

  /**
   * Has a function called by a worker.
   *
   * @throws TypeError or RangeError when a setting is not what it must be
   * @throws SyncError `ERR_NOT_CLONEABLE` when the arguments cannot be sent, `ERR_LIMIT` when too many run; nothing has
   *   been started then
   */
  start(assignment: Assignment): Job {
    const {
      call,
      worker,
      args,
      name,
      daemon,
      delay = 0,
      settings = {},
      process = false,
      child = false,
      onOutput,
    } = assignment;
    checkSettings(settings);
    const order: Omit<Order, 'entry' | 'spawner'> = {
      call,
      load: call.way === 'task' ? call.url : bootstrap(),
      args: pack(args, 'args'),
      outcome: newOutcome(),
      name,
      daemon,
      starter: this.entry,
      roll: this.roll.words.buffer,
      prints: onOutput === undefined,
    };
    const entry = this.roll.enter(name, daemon, worker === undefined, process);
    const job = new Running(this, entry, order, assignment);
    this.#jobs.set(entry.ident, job);
    if (worker !== undefined) job.adopted = this.#adopt(worker, { ...order, entry });
    else {
      const output = onOutput !== undefined;
      this.send({
        kind: 'start',
        entry,
        daemon,
        delay,
        // The supervisor's own environment is as old as itself.
        settings: { ...settings, env: settings.env ?? environment(), name },
        output,
        child,
        order: { ...order, entry },
      });
    }
    if (!daemon) this.#supervisor?.ref();
    return job;
  }

  #adopt(make: () => ForeignWorker, order: Omit<Order, 'spawner'>): ForeignWorker {
    const { entry, daemon } = order;
    let worker: ForeignWorker;
    try {
      worker = make();
      if (typeof worker?.postMessage !== 'function') throw new TypeError('it returned no Worker');
      adopt(worker, daemon, (cause) => {
        const text = cause instanceof Error ? cause.message : String(cause);
        const why = `the worker of ${order.call.name} failed: ${text}`;
        if (!hasOutcome(order.outcome)) this.send({ kind: 'failed', entry, why, cause: undefined });
      });
    } catch (cause) {
      this.roll.strike(entry);
      this.#jobs.delete(entry.ident);
      const error = new SyncError(
        'ERR_FUNCTION',
        `no worker was made for ${order.call.name}: ${(cause as Error).message}`,
      );
      error.cause = cause;
      throw error;
    }
    const { port1, port2 } = new MessageChannel();
    this.send({ kind: 'adopt', entry, daemon, port: port1 }, [port1]);
    worker.postMessage({ [ORDER]: { ...order, spawner: port2 } }, [port2 as never]);
    return worker;
  }

  /** @internal */
  send(request: Request, transfer: readonly Transferable[] = []): void {
    this.#line ??= this.#open();
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
    // From now on the others tell it themselves, but for those that have their outcome and may have looked before. Of one
    // that ends at this moment whoever is first tells.
    this.roll.leave(this.entry);
    for (const job of this.#jobs.values())
      if (job.isDone || !this.roll.has(job.entry)) this.#hear({ kind: 'ended', ident: job.entry.ident });
    // Whoever has something to say of them does so in the turn after that.
    await new Promise((resolve) => setTimeout(resolve));
    release();
  }

  /** Takes notices that have come, where the host has a way to while the event loop does not turn. */
  drain(): void {
    const port = this.#port;
    if (port === undefined) return;
    for (let last = receive(port); last !== undefined; last = receive(port)) this.#hear(last.message as Notice);
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

  #hear(notice: Notice): void {
    if (notice.kind === 'busy') {
      this.#supervisor?.ref();
    } else if (notice.kind === 'kept') {
      const fetching = this.#fetching.get(notice.id) ?? [];
      this.#fetching.delete(notice.id);
      for (const got of fetching) got(notice.buffer);
    } else if (notice.kind === 'idle') {
      if (notice.starts === this.#starts) this.#supervisor?.unref();
    } else if (notice.kind === 'heard') {
      this.#asking.shift()?.();
    } else {
      const job = this.#jobs.get(notice.ident);
      job?.hear(notice);
      if (job?.isOver === true) this.#jobs.delete(notice.ident);
    }
  }
}

/** A job as the client keeps it until it has ended. */
class Running implements Job {
  readonly #client: Client;
  readonly #order: Omit<Order, 'entry' | 'spawner'>;
  readonly #onOutput: Assignment['onOutput'];
  readonly #onEnded: Assignment['onEnded'];
  /** The worker, where the user's code has made it. */
  adopted: ForeignWorker | undefined;
  #buffers: readonly SharedArrayBuffer[] | undefined;
  #outcome: Outcome | undefined;
  #ended = false;
  /** Whether its end and what has come of it are known. In Deno, where the one is told after the other, both orders occur. */
  isOver = false;

  constructor(
    client: Client,
    readonly entry: Entry,
    order: Omit<Order, 'entry' | 'spawner'>,
    { onOutput, onEnded }: Assignment,
  ) {
    this.#client = client;
    this.#order = order;
    this.#onOutput = onOutput;
    this.#onEnded = onEnded;
  }

  outcome(): Outcome | undefined {
    this.#outcome ??= this.#read();
    if (this.#outcome !== undefined) return this.#outcome;
    this.#client.drain();
    this.#outcome ??= this.#read();
    return this.#outcome;
  }

  /** Whether what has come of it is written; the worker ends next. */
  get isDone(): boolean {
    return hasOutcome(this.#order.outcome);
  }

  #read(): Outcome | undefined {
    const { outcome, args } = this.#order;
    if (!hasOutcome(outcome) || (needsMemory(outcome) && this.#buffers === undefined)) return undefined;
    try {
      return readOutcome(outcome, args.memory, this.#buffers ?? []);
    } catch (error) {
      // As when an arena has no place for this agent.
      return { kind: 'threw', error };
    }
  }

  hear(notice: Notice): void {
    if (notice.kind === 'output') this.#onOutput?.(notice.text, notice.stream);
    else if (notice.kind === 'memory') this.#buffers = notice.buffers;
    else if (notice.kind === 'died') this.#fail(deathOf(this.#order.name, notice.exit));
    else if (notice.kind === 'failed') this.#fail(loadingFailed(notice.why, notice.cause));
    else if (notice.kind === 'ended') this.#ended = true;
    if (!this.#ended || this.isOver) return;
    this.#outcome ??= this.#read();
    if (this.#outcome === undefined) return;
    this.isOver = true;
    this.#onEnded?.();
  }

  #fail(error: Error): void {
    // It may have died after its function was over.
    this.#outcome ??= this.#read() ?? { kind: 'threw', error };
  }

  claimTelling(): boolean {
    return claimTelling(this.#order.outcome);
  }

  cancel(): boolean {
    const { roll } = this.#client;
    if (!roll.has(this.entry) || !roll.begin(this.entry)) return false;
    this.#outcome = { kind: 'value', value: undefined };
    roll.strike(this.entry);
    this.#client.send({ kind: 'cancel', entry: this.entry });
    return true;
  }

  terminate(): void {
    if (this.adopted === undefined) this.#client.send({ kind: 'terminate', entry: this.entry });
    else this.adopted.terminate?.();
  }
}

let current: Client | undefined;

/** @returns the calling agent's client, if it has needed one yet */
export const knownClient = (): Client | undefined => current;

/** Whether somebody starts workers for the calling agent. */
export const hasSpawner = (): boolean => current !== undefined || duty() !== undefined || isMainThread || supervises;

/**
 * @returns the calling agent's client
 * @throws SyncError `ERR_NO_SPAWNER` in a worker of a browser that was not started by this package
 */
export function client(): Client {
  if (current !== undefined) return current;
  if (!hasSpawner()) {
    throw new SyncError(
      'ERR_NO_SPAWNER',
      'nobody starts workers for this one: in a browser the page does so, for itself and for those that were started by ' +
        'this package; start this worker as a Thread, or start the others from the page',
    );
  }
  current = new Client(duty()?.order);
  return current;
}

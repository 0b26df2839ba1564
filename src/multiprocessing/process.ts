/**
 * Python's `Process`: a function that shares nothing with others but what it is given.
 *
 * ```text
 *  initial ──start──▶ alive (on the roll) ──▶ ended: struck off; exitcode ──close──▶ closed
 * ```
 *
 * What it is for the host, with either start method, is in launch.ts.
 */

import { exitAfter, kill } from '#host';
import {
  checkArray,
  checkBoolean,
  checkFields,
  checkString,
  checkTimeout,
  type Fields,
  refusal,
  type WaitOptions,
} from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { CLONING } from '../core/memory/handle.js';
import { print } from '../core/thrown.js';
import { delay } from '../core/wait/turns.js';
import type { Waiting } from '../core/wait/waiting.js';
import { client } from '../tasks/client.js';
import { WorkerDiedError } from '../tasks/died.js';
import { checkNotBootstrapping } from '../tasks/is-main.js';
import type { Job } from '../tasks/job.js';
import { duty } from '../tasks/order.js';
import { callHere, checkFound, MAKE_AND_RUN, type RunBy, runAs, standsForAgent } from '../tasks/own-run.js';
import { WORKER_FIELDS, type WorkerOptions } from '../tasks/settings.js';
import { type Resolved, resolveTarget, type Target } from '../tasks/target.js';
import { currentProcess, type ProcessInfo } from './here.js';
import { launch } from './launch.js';
import { Sentinel } from './sentinel.js';
import { type StartContext, type StartMethod, startMethodOf } from './start-method.js';
import { type ProcessWorkers, workersOf } from './workers.js';

/** What a process is made with. */
export interface ProcessOptions<Args extends unknown[]> extends WorkerOptions {
  /** What it calls: a task, a reference by `fromModule`, or a function that uses nothing from around it. */
  readonly target: Target<Args, unknown>;
  /** Its arguments: anything that structured clone carries, and what processes share, at any depth. */
  readonly args: readonly [...Args];
  /**
   * For people and lists; by default, and if it is empty, its class and number: `Process-N`, or `Process-N:M` for what
   * `Process-N` makes.
   */
  readonly name?: string | undefined;
  /** Whether it ends with the process that starts it; by default the same as for the process that makes it. */
  readonly daemon?: boolean | undefined;
  /** How it is started: a start method or a context; by default the method that `setStartMethod` set. */
  readonly context?: StartContext | undefined;
}

/** The same for a target that takes no arguments. */
export interface PlainProcessOptions extends Omit<ProcessOptions<[]>, 'args'> {
  /** Nothing. */
  readonly args?: readonly [] | undefined;
}

const FIELDS: Fields<ProcessOptions<[]>> = {
  target: true,
  args: true,
  name: true,
  daemon: true,
  context: true,
  ...WORKER_FIELDS,
};

const TERMINATED = -15;
const KILLED = -9;
const SIGNALS = { [TERMINATED]: 'SIGTERM', [KILLED]: 'SIGKILL' } as const;

const NAME = 'the name of a process';

let made = 0;
/** The process that this agent is, or runs in; undefined in the one in which the program began. */
const processHere = () => duty()?.within;

/** The processes that this agent has started, until they are joined or closed. */
const children = new Set<Process>();

/**
 * A function that runs on a worker of its own, always a fresh one: Python's `multiprocessing.Process`.
 *
 * It is isolated: it loads its modules itself, and what it is given is copied, except what processes share: queues,
 * connections, values, arrays, primitives and SharedArrayBuffers. With the start method `'worker'`, the default, it is
 * part of this process of the operating system: what kills that kills all of it. With `'process'` it is a process of its
 * own, which is given copies and connections only.
 *
 * It ends with its function, and whatever that left running ends with it; `process.exit(n)` ends it at once. An error
 * that its function throws is printed, and its exit code is 1; so is what its worker died of.
 *
 * The program ends when all processes that are not daemons have ended. A daemon ends with the process that started it,
 * and cannot start other processes, but it can have a pool. A browser's main thread must not block: use `joinAsync`
 * there.
 *
 * @example
 * ```ts
 * import { isMain, Process, Queue, task } from 'atomics-sync-free/multiprocessing';
 *
 * export const greet = task(import.meta.url, 'greet', (queue: Queue<string>, name: string) => queue.put(`hello ${name}`));
 *
 * if (isMain) {
 *   const queue = new Queue<string>();
 *   const process = new Process({ target: greet, args: [queue, 'Bob'] });
 *   process.start();
 *   console.log(queue.get()); // hello Bob
 *   process.join();
 *   console.log(process.exitcode, process.isAlive()); // 0 false
 * }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a class that extends it, without saying which arguments, may take any
export class Process<Args extends unknown[] = any[]> implements ProcessInfo {
  /** @internal Makes a process of a user's class in its worker, and runs it. */
  static [MAKE_AND_RUN](args: readonly unknown[], by: RunBy): unknown {
    // biome-ignore lint/complexity/noThisInStatic: the user's class
    return runAs(this, 'Process', args, by);
  }

  /** @internal A process cannot be sent to other agents. */
  protected readonly cloning = CLONING;
  readonly #target: unknown;
  readonly #resolved: Resolved;
  readonly #method: StartMethod;
  readonly #workers: ProcessWorkers;
  readonly #args: readonly unknown[];
  /** The numbers of its ancestors and its own. */
  readonly #path: string;
  /** Whether the calling agent is this process. */
  readonly #isItself: boolean;
  #name: string;
  #daemon: boolean;
  /** While its arguments are read, which may call this process. */
  #isStarting = false;
  #job: Job | undefined;
  #end: Waiting | undefined;
  #sentinel: Sentinel | undefined;
  /** The exit code that it gets if it is found dead after this agent has ended it. */
  #signal: typeof TERMINATED | typeof KILLED | undefined;
  #exitcode: number | undefined;
  #pid: number | undefined;
  #closed = false;

  /**
   * Makes a process. It does not run until it is started.
   *
   * @param options what it calls, and how
   * @throws TypeError or RangeError when an option is invalid; TypeError when a target's source cannot be sent
   */
  constructor(options: PlainProcessOptions);
  /**
   * Makes a process. It does not run until it is started.
   *
   * @param options what it calls, and how
   * @throws TypeError or RangeError when an option is invalid; TypeError when a target's source cannot be sent
   */
  constructor(options: ProcessOptions<Args>);
  constructor(options: { target: unknown; args?: unknown; name?: unknown; daemon?: unknown; context?: unknown }) {
    const itself = standsForAgent('Process') ? processHere() : undefined;
    checkFields('Process', options, FIELDS);
    const { target, args = [], context } = options;
    this.#method = startMethodOf(context);
    const parent = processHere()?.path;
    this.#isItself = itself !== undefined;
    this.#path = itself?.path ?? `${parent ? `${parent}:` : ''}${made + 1}`;
    const { name: given, daemon = currentProcess().daemon } = itself?.here ?? options;
    const name = given ?? '';
    checkString(NAME, name);
    checkBoolean('daemon', daemon);
    checkArray('args', args);
    this.#name = name || `${this.#kind()}-${this.#path}`;
    this.#daemon = daemon;
    this.#pid = itself?.here.pid;
    this.#target = target;
    this.#resolved = resolveTarget(target);
    if (this.run !== Process.prototype.run) checkFound(this.#resolved.call, this);
    if (this.#method === 'process' && this.#resolved.worker !== undefined)
      throw new TypeError(
        `${this.#resolved.call.name} is served by a worker's file, from which no process can be started; refer to its module by a URL`,
      );
    this.#workers = workersOf(options as WorkerOptions, this.#method, this.#resolved.worker !== undefined);
    this.#args = args;
    if (itself === undefined) made++;
  }

  /**
   * Its name, for people and lists.
   *
   * @throws TypeError when set to anything but a string
   */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    checkString(NAME, name);
    this.#name = name;
  }

  /**
   * Whether it ends with the process that starts it. It can be set before it is started.
   *
   * @throws SyncError `ERR_PROCESS_STARTED` when set after that; `ERR_CLOSED` when it is closed
   * @throws TypeError when set to anything but a boolean
   */
  get daemon(): boolean {
    this.#checkOpen();
    return this.#daemon;
  }

  set daemon(daemon: boolean) {
    this.#checkOpen();
    checkBoolean('daemon', daemon);
    if (this.#job !== undefined || this.#isItself)
      throw new SyncError('ERR_PROCESS_STARTED', `${this} has been started; daemon can only be set before`);
    this.#daemon = daemon;
  }

  /**
   * An integer that no other process or thread of the program has at the same time, and that is reused only after 2³⁰
   * others; with the start method `'process'`, the operating system's pid. Undefined before it is started.
   *
   * @throws SyncError `ERR_CLOSED` when it is closed
   */
  get pid(): number | undefined {
    this.#checkOpen();
    return this.#pid;
  }

  /** The same as `pid`. */
  get ident(): number | undefined {
    return this.pid;
  }

  /**
   * How it has ended: 0, or the `process.exitCode` that it set, when its function returned, 1 when that threw or the worker
   * died, such as for lack of memory, 13 when it awaited what nothing was left to settle,
   * n & 255 after `process.exit(n)` in it, −15 after `terminate` and −9 after `kill` by this agent; undefined before. With
   * the start method `'process'` it is −n whenever signal n has ended it, whoever sent it; on Windows, which has no signals,
   * it is 1 if another agent or program has ended it, and a large number such as 0xC0000005 if the system has.
   *
   * @throws SyncError `ERR_CLOSED` when it is closed
   */
  get exitcode(): number | undefined {
    this.#checkOpen();
    if (this.#job !== undefined && !this.isAlive()) this.#exitcode ??= this.#codeOf(this.#job);
    return this.#exitcode;
  }

  /** @returns undefined until this agent has been told */
  #codeOf(job: Job): number | undefined {
    const outcome = job.outcome();
    if (outcome === undefined) return this.#signal;
    if (outcome.kind === 'value') return this.#ownCode(outcome.value);
    if (!(outcome.error instanceof WorkerDiedError)) return 1;
    return this.#signal ?? (outcome.error.exitCode ?? 1) & 255;
  }

  #ownCode(value: unknown): number {
    if (typeof value !== 'number') return 0;
    if (this.#method === 'worker') return value & 255;
    return this.#signal === undefined ? value : exitAfter(value, SIGNALS[this.#signal]);
  }

  /**
   * An object that is ready when the process has ended, for `wait` and `waitAsync`: the same object each time.
   *
   * @throws SyncError `ERR_NOT_STARTED` before it is started; `ERR_CLOSED` when it is closed
   */
  get sentinel(): Sentinel {
    this.#checkOpen();
    const end = this.#whole('has a sentinel');
    this.#sentinel ??= new Sentinel(this, end, client().roll.together(end));
    return this.#sentinel;
  }

  /**
   * Starts it: a worker calls the target.
   *
   * @throws SyncError `ERR_PROCESS_STARTED` when it has been started before; `ERR_DAEMON` in a daemon; `ERR_CLOSED` when
   *   it is closed; `ERR_NOT_CLONEABLE` when something in the arguments cannot be sent; `ERR_BOOTSTRAPPING` while a worker
   *   loads its module; `ERR_NO_SPAWNER` in a worker of a browser that was not started by this package; `ERR_LIMIT` when too
   *   many run; `ERR_FUNCTION` when the function that makes its worker makes none; `ERR_NO_SHARED_MEMORY` on a page that is not
   *   cross-origin isolated
   */
  start(): void {
    this.#checkOpen();
    if (this.#job !== undefined || this.#isItself || this.#isStarting)
      throw new SyncError(
        'ERR_PROCESS_STARTED',
        `${this} has already been started; a process can only be started once`,
      );
    checkNotBootstrapping();
    const here = currentProcess();
    if (here.daemon) {
      const cure = 'use a pool, whose workers end with it';
      throw new SyncError('ERR_DAEMON', `${here.name} is a daemon, and cannot start ${this.#name}; ${cure}`);
    }
    this.#isStarting = true;
    try {
      this.#job = launch({
        method: this.#method,
        workers: this.#workers,
        resolved: this.#resolved,
        args: this.#args,
        here: { name: this.#name, daemon: this.#daemon, path: this.#path },
        parent: here,
        onEnded: () => this.#hasEnded(),
      });
    } finally {
      this.#isStarting = false;
    }
    const { roll } = client();
    const { entry } = this.#job;
    this.#end = roll.end(entry, this.#name);
    children.add(this as Process);
    this.#pid = entry.ident;
    if (this.#method === 'worker') return;
    roll.child(entry, this.#name).wait(Infinity);
    this.#pid = roll.pidOf(entry) || this.#pid;
  }

  /**
   * What the process does: it calls the target. When called directly, it does so in the calling agent. A subclass may
   * do something else: its target is a reference to itself by `fromModule`, and its arguments are those with which the
   * process constructs it again and then calls this method.
   *
   * @returns what the target returns; the process awaits it
   */
  run(): unknown {
    return callHere(this.#target, this.#resolved.call, this.#args);
  }

  /** Prints the error that the process could not print itself. */
  #hasEnded(): void {
    const outcome = this.#job?.outcome();
    if (outcome?.kind !== 'threw') return;
    const { error } = outcome;
    // Other deaths are asked for, or it has printed why.
    if (error instanceof WorkerDiedError) {
      if (error.cause !== undefined) console.error(`Process ${this.#name}: ${error.message}`);
      return;
    }
    console.error(`Process ${this.#name}:`);
    print(error);
  }

  /**
   * @returns whether it has been started and has not ended
   * @throws SyncError `ERR_CLOSED` when it is closed
   */
  isAlive(): boolean {
    this.#checkOpen();
    return this.#isItself || (this.#job !== undefined && client().roll.has(this.#job.entry));
  }

  /**
   * Blocks until it has ended.
   *
   * @param timeout the longest wait, in ms; `exitcode` shows whether it has ended
   * @throws TypeError or RangeError when the timeout is not a number, is NaN or is negative
   * @throws SyncError `ERR_NOT_STARTED` before it is started; `ERR_SELF_JOIN` in the process itself; `ERR_CLOSED` when it is
   *   closed; `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  join(timeout = Infinity): void {
    this.#checkOpen();
    checkTimeout(timeout);
    if (this.#whole('can be joined').wait(timeout)) children.delete(this as Process);
  }

  /**
   * Waits until it has ended, without blocking the agent.
   *
   * @param options when to give up
   * @returns nothing; `exitcode` shows whether it has ended. Rejected with the signal's reason as soon as it aborts,
   *   with a TypeError or RangeError for bad options, and as `join` throws
   */
  async joinAsync(options: WaitOptions = {}): Promise<void> {
    this.#checkOpen();
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    if (!(await this.#whole('can be joined').waitAsync(options))) return;
    children.delete(this as Process);
    // On a host that cannot take a notice at once, it comes a moment later.
    while (this.#job?.outcome() === undefined && this.#signal === undefined) await delay(0);
  }

  #whole(what: string): Waiting {
    if (this.#end !== undefined) return this.#end;
    if (this.#isItself)
      throw new SyncError('ERR_SELF_JOIN', `${this} is the current process, and would wait for its own end`);
    throw new SyncError('ERR_NOT_STARTED', `${this} must be started before it ${what}`);
  }

  /**
   * Ends it at whatever point it has reached; its exit code is then −15, unless it has just ended by itself. Nothing in
   * it runs any more, not even a `finally`; primitives that it held are abandoned. With the start method `'process'` it
   * is sent SIGTERM, for which it may have a listener, though not on Windows.
   *
   * @throws SyncError `ERR_NOT_STARTED` before it is started; `ERR_RUNNING` in the process itself; `ERR_CLOSED` when it is
   *   closed
   */
  terminate(): void {
    this.#stop(TERMINATED);
  }

  /** Like `terminate`, with the exit code −9. */
  kill(): void {
    this.#stop(KILLED);
  }

  #stop(signal: typeof TERMINATED | typeof KILLED): void {
    this.#checkOpen();
    if (this.#isItself)
      throw new SyncError('ERR_RUNNING', `${this} is the current process, which ends by process.exit`);
    if (this.#job === undefined)
      throw new SyncError('ERR_NOT_STARTED', `${this} must be started before it can be ended`);
    if (!this.isAlive()) return;
    this.#signal ??= signal;
    if (this.#method === 'worker') this.#job.terminate();
    else kill(client().roll.pidOf(this.#job.entry), SIGNALS[signal]);
  }

  /**
   * Releases it once it has ended: from then on only its name can be read. Further calls do nothing.
   *
   * @throws SyncError `ERR_RUNNING` while it runs
   */
  close(): void {
    if (this.#closed) return;
    if (this.isAlive() || this.#isStarting)
      throw new SyncError('ERR_RUNNING', `${this} is running; join or terminate it before you close it`);
    this.#closed = true;
    children.delete(this as Process);
  }

  #checkOpen(): void {
    if (this.#closed) throw new SyncError('ERR_CLOSED', `the process ${this.#name} is closed`);
  }

  /** Its class: minifiers may rename the package's own, which is recognized by identity. */
  #kind(): string {
    return this.constructor === Process ? 'Process' : this.constructor.name || 'Process';
  }

  /** @returns name, state and pid, for people */
  toString(): string {
    const label = `${this.#kind()} (${this.#name}`;
    if (this.#closed) return `${label}, closed)`;
    const { pid } = this;
    if (pid === undefined) return `${label}, initial)`;
    const { exitcode } = this;
    const state = exitcode === undefined ? 'started' : `stopped exitcode=${exitcode}`;
    return `${label}, pid=${pid}, ${state}${this.#daemon ? ' daemon' : ''})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * Lists the processes: Python's `active_children`.
 *
 * @returns those that this agent has started and that are running; those that have ended count as joined
 *
 * @example
 * ```ts
 * import { activeChildren, Process } from 'atomics-sync-free/multiprocessing';
 * const process = new Process({ target: () => {} });
 * process.start();
 * console.log(activeChildren().includes(process)); // true
 * process.join();
 * console.log(activeChildren().length); // 0
 * ```
 */
export function activeChildren(): Process[] {
  for (const child of children) if (!child.isAlive()) children.delete(child);
  return [...children];
}

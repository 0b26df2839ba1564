/**
 * Python's `Thread`: a function on a worker of this process.
 *
 * ```text
 *  initial ──start──▶ alive (on the roll) ──▶ ended: struck off, with an outcome
 * ```
 */

import {
  checkArray,
  checkBoolean,
  checkFields,
  checkOptions,
  checkString,
  checkTimeout,
  type Fields,
  refusal,
  type WaitOptions,
} from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { CLONING } from '../core/memory/handle.js';
import { nameAgent } from '../core/memory/member.js';
import { delay, later } from '../core/wait/turns.js';
import type { Waiting } from '../core/wait/waiting.js';
import { type Entry, type Listed, MAIN_IDENT, NAME_CHARACTERS } from '../host/roll.js';
import type { Call } from '../tasks/call.js';
import { addCallerFrames } from '../tasks/caller-frames.js';
import { client } from '../tasks/client.js';
import { checkNotBootstrapping } from '../tasks/is-main.js';
import type { Job } from '../tasks/job.js';
import { duty, isProcess, mainIdent } from '../tasks/order.js';
import type { Outcome } from '../tasks/outcome.js';
import { callHere, checkFound, MAKE_AND_RUN, type RunBy, runAs, standsForAgent } from '../tasks/own-run.js';
import { WORKER_FIELDS, type WorkerOptions, type Workers, workersBy } from '../tasks/settings.js';
import { type Resolved, resolveTarget, type Target } from '../tasks/target.js';
import { report, type ThreadInfo } from './excepthook.js';
import { defaultLimits } from './stack-size.js';

/** Options that every thread may have. */
export interface ThreadSettings extends WorkerOptions {
  /** Its name, for human readers and lists, cut to 112 characters; `Thread-N (function)` by default, and if it is empty. */
  readonly name?: string | undefined;
  /** Whether the program may end while it is running, which ends it too; by default as in the thread that creates it. */
  readonly daemon?: boolean | undefined;
  /**
   * Whether it gets a new worker that no other thread uses; false by default, see `reserveSize`. Threads with worker
   * settings of their own always get a new one.
   */
  readonly fresh?: boolean | undefined;
}

/** Options of a new thread. */
export interface ThreadOptions<Args extends unknown[], Result> extends ThreadSettings {
  /** What it calls: a task, a `fromModule` reference, or a function that uses nothing from its surroundings. */
  readonly target: Target<Args, Result>;
  /** The arguments of the call: anything that structured clone carries, and primitives at any depth. */
  readonly args: readonly [...Args];
}

/** The same for a target that takes no arguments. */
export interface PlainThreadOptions<Result> extends ThreadSettings {
  /** What it calls: a task, a `fromModule` reference, or a function that uses nothing from its surroundings. */
  readonly target: Target<[], Result>;
  /** Nothing. */
  readonly args?: readonly [] | undefined;
}

/** @internal */
export const SETTINGS: Fields<ThreadSettings> = {
  name: true,
  daemon: true,
  fresh: true,
  ...WORKER_FIELDS,
};
const FIELDS: Fields<ThreadOptions<[], unknown>> = { target: true, args: true, ...SETTINGS };

const NAME = 'the name of a thread';

/** What a thread does, and on what worker. */
interface Plan extends Resolved, Workers {
  readonly target: unknown;
  readonly args: readonly unknown[];
  readonly fresh: boolean;
}

/** @internal The threads that this agent knows, by ident; those that it started are kept until they have ended. */
export const known = new Map<number, Thread>();

/**
 * A function that runs on a worker of its own: Python's `threading.Thread`.
 *
 * It shares the primitives, arenas and SharedArrayBuffers in its arguments, at any depth; everything else is copied when it
 * starts. Its function may be async. The thread ends when the function has finished, and whatever the function left running
 * ends with it. The program ends when all threads that are not daemons have ended.
 *
 * A browser's main thread must not block: use `joinAsync` there.
 *
 * @example
 * ```ts
 * import { isMain, Lock, task, Thread } from 'atomics-sync-free/threading';
 *
 * export const add = task(import.meta.url, 'add', (sum: Int32Array, lock: Lock, times: number) => {
 *   for (let i = 0; i < times; i++) lock.run(() => sum[0]!++);
 *   return sum[0];
 * });
 *
 * if (isMain) {
 *   const sum = new Int32Array(new SharedArrayBuffer(4));
 *   const lock = new Lock();
 *   const threads = [1, 2].map((n) => new Thread({ target: add, args: [sum, lock, n * 1000] }));
 *   for (const thread of threads) thread.start();
 *   for (const thread of threads) thread.join();
 *   console.log(sum[0], threads.some((thread) => thread.result === 3000)); // 3000 true
 * }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a class that extends it, without saying which arguments, may take any
export class Thread<Result = unknown, Args extends unknown[] = any[]> implements ThreadInfo {
  /** @internal Creates a thread of a user's class in its worker, where it is the current thread, and runs it. */
  static [MAKE_AND_RUN](args: readonly unknown[], by: RunBy): unknown {
    // biome-ignore lint/complexity/noThisInStatic: the user's class
    return runAs(this, 'Thread', args, by);
  }

  /** @internal A thread cannot be sent to other agents. */
  protected readonly cloning = CLONING;
  /** Undefined for a thread that another agent has started. */
  readonly #plan: Plan | undefined;
  #name: string;
  #daemon: boolean;
  #entry: Entry | undefined;
  #job: Job | undefined;
  /** While its arguments are read, which may call this thread. */
  #isStarting = false;
  #end: Waiting | undefined;
  /** Created where the thread was started: its frames are appended to those of the worker. */
  #started: Error | undefined;
  /** Whether it is the main thread of a process, which is on the roll under the name of that. */
  #isProcess = false;
  #outcome: Outcome | undefined;
  #asked = false;
  #joining = 0;
  #ended = false;

  /**
   * Creates a thread, which does not run until it is started.
   *
   * @param options what it calls and how it runs
   * @throws TypeError or RangeError when an option is invalid; TypeError when a target's source cannot be sent
   */
  constructor(options: PlainThreadOptions<PromiseLike<Result> | Result>);
  /**
   * Creates a thread whose target takes arguments. It does not run until it is started.
   *
   * @param options what it calls, with which arguments, and how it runs
   * @throws TypeError or RangeError when an option is invalid; TypeError when a target's source cannot be sent
   */
  constructor(options: ThreadOptions<Args, PromiseLike<Result> | Result>);
  constructor(options: object) {
    checkOptions(options);
    if ('place' in options) {
      const { ident, place, name, daemon, process = false } = options as Listed;
      this.#entry = { ident, place };
      this.#isProcess = process;
      this.#name = process ? 'MainThread' : name;
      this.#daemon = daemon && !process;
      known.set(ident, this);
      return;
    }
    const order = standsForAgent('Thread') ? duty()?.order : undefined;
    checkFields('Thread', options, FIELDS);
    const given = options as ThreadOptions<unknown[], Result>;
    const { target, args = [], name, daemon = isDaemon(), fresh = false } = given;
    if (name !== undefined) checkString(NAME, name);
    checkBoolean('daemon', daemon);
    checkBoolean('fresh', fresh);
    checkArray('args', args);
    const resolved = resolveTarget(target);
    this.#plan = { target, args, fresh, ...resolved, ...workersBy(given, resolved.worker !== undefined) };
    if (this.run !== Thread.prototype.run) checkFound(resolved.call, this);
    this.#daemon = order?.daemon ?? daemon;
    this.#name = (order?.name ?? (name || this.nameBy(resolved.call))).slice(0, NAME_CHARACTERS);
    if (order === undefined) return;
    this.#entry = client().entry;
    known.set(this.#entry.ident, this);
  }

  /** @internal Its default name, after its target if that is given. */
  protected nameBy(target?: Call): string {
    return `Thread-${client().roll.nextNumber()}${target === undefined ? '' : suffix(target)}`;
  }

  /**
   * Its name, for human readers, lists and traces. Any thread may change it; a name set by another thread appears in lists only.
   *
   * @throws TypeError when set to anything but a string
   */
  get name(): string {
    if (this.#entry !== undefined && !this.#isProcess) this.#name = client().roll.nameOf(this.#entry) ?? this.#name;
    return this.#name;
  }

  set name(name: string) {
    checkString(NAME, name);
    this.#name = name.slice(0, NAME_CHARACTERS);
    if (this.#entry === undefined || this.#isProcess || !this.isAlive()) return;
    client().roll.rename(this.#entry, this.#name);
    if (duty()?.order.entry?.ident === this.#entry.ident) nameAgent(this.#name);
  }

  /**
   * Whether the program may end while it is running. It can be set until the thread is started.
   *
   * @throws SyncError `ERR_THREAD_STARTED` when set after that
   * @throws TypeError when set to anything but a boolean
   */
  get daemon(): boolean {
    return this.#daemon;
  }

  set daemon(daemon: boolean) {
    checkBoolean('daemon', daemon);
    if (this.#entry !== undefined)
      throw new SyncError('ERR_THREAD_STARTED', `${this} has been started; daemon can only be set before`);
    this.#daemon = daemon;
  }

  /**
   * An integer that no other thread of the program has at the same time, and that is reused only after 2³⁰ others; undefined
   * before the thread is started.
   */
  get ident(): number | undefined {
    return this.#entry?.ident;
  }

  /**
   * Starts the thread: a worker calls the target.
   *
   * @throws SyncError `ERR_THREAD_STARTED` when it has already been started; `ERR_NOT_CLONEABLE` when something in the arguments
   *   cannot be sent; `ERR_BOOTSTRAPPING` while a worker loads its module; `ERR_NO_SPAWNER` in a browser worker that this package
   *   did not start; `ERR_LIMIT` when too many are running; `ERR_FUNCTION` when the function that makes its worker makes none;
   *   `ERR_NO_SHARED_MEMORY` on a page that is not cross-origin isolated
   */
  start(): void {
    if (this.#entry !== undefined || this.#plan === undefined || this.#isStarting) throw this.#startedBefore();
    checkNotBootstrapping();
    const { call, worker, args, fresh, settings, onOutput } = this.#plan;
    const { env, execArgv } = settings;
    const resourceLimits = { ...defaultLimits(), ...settings.resourceLimits };
    const isPlain = env === undefined && execArgv === undefined && onOutput === undefined && isEmpty(resourceLimits);
    const delay = this.delay();
    this.#started = new Error();
    this.#isStarting = true;
    try {
      this.#job = client().start({
        call,
        worker,
        args,
        name: this.#name,
        daemon: this.#daemon,
        delay,
        settings: { env, execArgv, resourceLimits },
        reuses: isPlain && !fresh && delay === 0 && worker === undefined,
        onOutput,
        onEnded: () => this.#hasEnded(),
      });
    } finally {
      this.#isStarting = false;
    }
    this.#entry = this.#job.entry;
    known.set(this.#entry.ident, this);
  }

  #startedBefore(): SyncError {
    return new SyncError('ERR_THREAD_STARTED', `${this} has already been started; a thread can only be started once`);
  }

  /** @internal The delay in ms before it begins. */
  protected delay(): number {
    return 0;
  }

  /** @internal Cancels a thread that has not begun. @returns whether it was cancelled */
  protected giveUp(): boolean {
    return this.#job?.cancel() ?? false;
  }

  /**
   * The thread's activity: calls the target, in the agent that calls `run`. A subclass may override it: the target is then
   * a `fromModule` reference to the class itself, which is constructed again in the worker with the thread's arguments;
   * `run` is called there on that object, which is the current thread.
   *
   * @returns what the target returns; the thread awaits it and keeps it as its `result`
   * @throws what the target throws
   */
  run(): PromiseLike<Result> | Result {
    if (this.#plan === undefined) throw this.#startedBefore();
    const { target, call, args } = this.#plan;
    return callHere(target, call, args) as PromiseLike<Result> | Result;
  }

  /** @returns whether it has been started and has not ended */
  isAlive(): boolean {
    return this.#entry !== undefined && client().roll.has(this.#entry);
  }

  /**
   * Blocks until the thread has ended. `result` throws what its target threw.
   *
   * @param timeout the longest wait, in ms; `isAlive` reports whether it has ended
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_NOT_STARTED` before it is started; `ERR_SELF_JOIN` in the thread itself, and for
   *   the main thread, which ends after all others;
   *   `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed
   */
  join(timeout = Infinity): void {
    checkTimeout(timeout);
    this.#whole().wait(timeout);
  }

  /**
   * Waits until the thread has ended, without blocking the agent.
   *
   * @param options when to give up
   * @returns nothing; `isAlive` reports whether it has ended. Rejected with the signal's reason as soon as it aborts, with
   *   a TypeError or RangeError for bad options, and as `join` throws
   */
  async joinAsync(options: WaitOptions = {}): Promise<void> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const end = this.#whole();
    this.#joining++;
    try {
      if (await end.waitAsync(options)) await this.#told();
    } finally {
      if (--this.#joining === 0 && this.#ended) this.#reportSoon();
    }
  }

  /** Waits for the notice of the end, which comes a moment later on hosts that cannot take it at once. */
  async #told(): Promise<void> {
    while (this.#job !== undefined && this.#job.outcome() === undefined && !this.#ended) await delay(0);
  }

  #whole(): Waiting {
    if (this.#entry === undefined)
      throw new SyncError('ERR_NOT_STARTED', `${this} must be started before it is joined`);
    const here = client();
    if (this.#entry.ident === here.entry.ident)
      throw new SyncError('ERR_SELF_JOIN', `${this} is the current thread, and would wait for its own end`);
    if (this.#entry.ident === MAIN_IDENT || this.#entry.ident === mainIdent())
      throw new SyncError(
        'ERR_SELF_JOIN',
        `${this} ends after all others, and the current thread would wait for its own end`,
      );
    this.#end ??= here.roll.end(this.#entry, this.#name);
    return this.#end;
  }

  /**
   * What the target returned, or what its promise resolved to; throws what the target threw. An error's stack has the
   * frames of the worker and then those of the call of `start`.
   *
   * @throws what the target threw
   * @throws WorkerDiedError when the worker died first
   * @throws SyncError `ERR_RUNNING` before it has ended; `ERR_NOT_CLONEABLE` when its outcome cannot be sent; `ERR_FUNCTION`
   *   or `ERR_SOURCE` when the worker cannot find or load the target
   */
  get result(): Result {
    const outcome = this.#read();
    this.#asked = true;
    if (outcome.kind === 'threw') throw outcome.error;
    return outcome.value as Result;
  }

  #read(): Outcome {
    if (this.#outcome !== undefined) return this.#outcome;
    if (this.#job === undefined && this.#entry !== undefined)
      throw new SyncError('ERR_NOT_STARTED', `${this} was started by another thread, which has its result`);
    if (this.#job === undefined || (this.isAlive() && !this.#ended))
      throw new SyncError('ERR_RUNNING', `${this} has not ended; join it before you ask for its result`);
    const outcome = this.#job.outcome();
    // Reading also takes notices, and the notice of the end has then already read the outcome.
    if (this.#outcome !== undefined) return this.#outcome;
    if (outcome === undefined)
      throw new SyncError('ERR_RUNNING', `${this} has ended, but its result has not arrived yet; await joinAsync()`);
    if (outcome.kind === 'threw') addCallerFrames(outcome.error, `${this.#name}, started`, this.#started, STARTING);
    this.#outcome = outcome;
    return outcome;
  }

  #hasEnded(): void {
    this.#ended = true;
    if (this.#entry !== undefined) known.delete(this.#entry.ident);
    if (this.#joining === 0) this.#reportSoon();
  }

  /** An error that nobody has asked for by the next turn of the event loop goes to the excepthook. */
  #reportSoon(): void {
    const { kind } = this.#read();
    if (kind === 'value' || this.#asked) return;
    later(() => {
      const outcome = this.#read();
      if (this.#asked || this.#joining > 0 || outcome.kind === 'value') return;
      this.#asked = true;
      if (this.#job?.claimTelling() === true) report(outcome.error, this);
    }, 0);
  }

  /**
   * @internal Its kind, for human readers: minifiers may rename classes, so the package's own classes are recognized by identity.
   */
  protected kind(): string {
    return this.constructor === Thread ? 'Thread' : this.constructor.name || 'Thread';
  }

  /** @returns class, name, state and ident, for human readers */
  toString(): string {
    const state = this.#entry === undefined ? 'initial' : this.isAlive() ? 'started' : 'stopped';
    const ident = this.#entry === undefined ? '' : ` ${this.#entry.ident}`;
    return `${this.kind()} (${this.name}, ${state}${this.#daemon ? ' daemon' : ''}${ident})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Whether the current thread is a daemon: the main thread of a process is not. */
const isDaemon = (): boolean => !isProcess() && (duty()?.order.daemon ?? false);

const isEmpty = (limits: object): boolean => Object.values(limits).every((limit) => limit === undefined);

/** A plain function written inline gets the name of the option. */
const suffix = ({ way, name }: Call): string =>
  name === '' || (way === 'source' && name === 'target') ? '' : ` (${name})`;

/** The frames that every start has. */
const STARTING = /\.start /;

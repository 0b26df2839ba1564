/**
 * Python's `Manager`: objects that live in a worker of their own, and proxies of them in all agents.
 *
 * ```text
 *  agent: proxies ─ Link ──▶ requests ──▶ Server ─ Desk ─ Objects
 *                        ◀── replies ───
 * ```
 *
 * Locks and the like need no worker: a manager makes the package's own, in shared memory, which are freed when the
 * agent that holds them dies.
 */
import { checkFields, checkInteger, type Fields } from '../../core/arguments.js';
import { ASYNC_DISPOSE } from '../../core/async-dispose.js';
import { SyncError } from '../../core/errors.js';
import { CLONING } from '../../core/memory/handle.js';
import { Barrier, type BarrierOptions } from '../../sync/barrier.js';
import { Condition } from '../../sync/condition.js';
import { Event } from '../../sync/event.js';
import { DISPOSE } from '../../sync/hold.js';
import { Lock } from '../../sync/lock.js';
import { RLock } from '../../sync/rlock.js';
import { BoundedSemaphore, Semaphore } from '../../sync/semaphore.js';
import { client } from '../../tasks/client.js';
import { WorkerDiedError } from '../../tasks/died.js';
import { checkNotBootstrapping } from '../../tasks/is-main.js';
import type { Job } from '../../tasks/job.js';
import { WORKER_FIELDS, type WorkerOptions, workersBy } from '../../tasks/settings.js';
import { resolveOwn } from '../../tasks/target.js';
import { currentProcess } from '../here.js';
import { JoinableQueue } from '../joinable-queue.js';
import { MOST_WORKERS } from '../pool/claims.js';
import type { InitializerOptions, PoolSettings } from '../pool/options.js';
import { Queue } from '../queue.js';
import { SharedArray } from '../shared-array.js';
import type { ElementOf, ElementType } from '../types.js';
import { Value } from '../value.js';
import { Kept } from './access.js';
import { reach } from './arrival.js';
import type { DictProxy } from './dict.js';
import { Home } from './home.js';
import { Link } from './link.js';
import type { ListProxy } from './list.js';
import { type NamespaceProxy, propertiesOf } from './namespace.js';
import type { PoolProxy } from './pool-proxy.js';
import { makeProxy } from './proxy.js';
import { type ArgsOf, allRegistered, type Registrations, type RemoteOf } from './registration.js';
import { callOf } from './remote-call.js';
import { listOf } from './sent.js';
import { FACTORY, type PoolBrief } from './server/factory.js';
import { managerMain } from './server/main.js';
import type { SetProxy } from './set.js';

/** Options of a new Manager: the classes, and what its worker is made with. */
export interface ManagerOptions<Classes extends Registrations = Registrations> extends WorkerOptions {
  /** The classes of objects that it makes, by `create`. */
  readonly classes?: Classes | undefined;
}

/**
 * Options of a manager's Pool.
 *
 * @typeParam Args the arguments of the initializer
 */
// biome-ignore lint/suspicious/noExplicitAny: as in PoolOptions
export type ManagedPoolOptions<Args extends any[] = any[]> = InitializerOptions<Args> &
  Pick<PoolSettings, 'maxTasksPerChild'>;

const FIELDS: Fields<ManagerOptions> = { classes: true, ...WORKER_FIELDS };
const POOL_FIELDS: Fields<ManagedPoolOptions> = { initializer: true, initargs: true, maxTasksPerChild: true };

let managers = 0;

/**
 * A worker that has objects for all agents: Python's `Manager`. Other agents have proxies of them, which can be sent
 * wherever values go.
 *
 * Each method of a proxy is one step as every agent sees it, and has two forms: the plain one blocks, and the one whose
 * name ends in `Async` returns a promise. Arguments and results are copied, except proxies of this manager's objects
 * and what processes share. An object lives until no proxy of it is left; one that a proxy in another object's value
 * refers to lives as long as that.
 *
 * Every call may throw SyncErrors: `ERR_NOT_CLONEABLE` when an argument or the result cannot be sent, `ERR_CLOSED` when the
 * proxy was disposed of, `ERR_BLOCKING_REFUSED` where the agent must not block. When the manager is shut down, or its worker or
 * the agent that made it dies, every call throws `ERR_MANAGER_ENDED`.
 * Locks, queues, values and the like are in shared memory, and so outlive it. Only the agent that made a manager can
 * use it.
 *
 * @typeParam Classes the registered classes
 *
 * @example
 * ```ts
 * import { isMain, Manager, Process, task, type DictProxy } from 'atomics-sync-free/multiprocessing';
 *
 * export const add = task(import.meta.url, 'add', (value: number | undefined, by: number) => (value ?? 0) + by);
 * export const count = task(import.meta.url, 'count', (scores: DictProxy<string, number>, name: string) => {
 *   for (let i = 0; i < 100; i++) scores.update(name, add, 1);
 * });
 *
 * if (isMain) {
 *   const manager = new Manager();
 *   const scores = manager.dict<string, number>();
 *   const processes = [1, 2].map(() => new Process({ target: count, args: [scores, 'Bob'] }));
 *   for (const process of processes) process.start();
 *   for (const process of processes) process.join();
 *   console.log(scores.get('Bob')); // 200
 *   manager.shutdown();
 * }
 * ```
 */
export class Manager<const Classes extends Registrations = Record<never, never>> {
  /** @internal A manager cannot be sent to other agents; its proxies can. */
  protected readonly cloning = CLONING;
  readonly #name: string;
  readonly #home: Home;
  readonly #job: Job;
  readonly #link: Link;

  /**
   * Makes a manager, and starts its worker.
   *
   * @param options which classes of objects it makes, and what its worker is made with
   * @throws TypeError or RangeError when an option is invalid; TypeError when a maker would have to be sent
   * @throws SyncError `ERR_BOOTSTRAPPING` while a worker loads the module of its function; `ERR_NO_SPAWNER` in a worker of a
   *   browser that was not started by this package; `ERR_LIMIT` when too many workers run; `ERR_NO_SHARED_MEMORY` where
   *   there is no SharedArrayBuffer
   */
  constructor(options: ManagerOptions<Classes> = {}) {
    checkFields('Manager', options, FIELDS);
    const classes = allRegistered(options.classes);
    const workers = workersBy(options, false);
    checkNotBootstrapping();
    this.#name = `Manager-${++managers}`;
    this.#home = new Home(undefined);
    const brief = { home: this.#home, classes, name: this.#name, parent: currentProcess() };
    this.#job = client().start({
      ...resolveOwn(managerMain),
      args: [brief],
      ...workers,
      name: this.#name,
      daemon: true,
      kind: 'helper',
    });
    this.#link = reach(this.#home, new Link(this.#home, () => this.#death()));
  }

  /** The error with which the worker ended, if it has. */
  #death(): unknown {
    if (this.isAlive()) return undefined;
    const outcome = this.#job.outcome();
    if (outcome?.kind === 'threw') return outcome.error;
    return new WorkerDiedError(`the worker of ${this.#name} has ended`, undefined);
  }

  /**
   * Whether its worker runs.
   *
   * @returns whether it does
   */
  isAlive(): boolean {
    return client().roll.has(this.#job.entry);
  }

  #make(method: string, args: readonly unknown[], above: (...args: never[]) => unknown): unknown {
    return this.#proxy(this.#link.call(FACTORY, method, args, above));
  }

  async #makeAsync(method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#proxy(await this.#link.callAsync(FACTORY, method, args));
  }

  #proxy(result: unknown): unknown {
    if (!(result instanceof Kept)) throw new SyncError('ERR_INVARIANT', `${this.#name} created no object`);
    return makeProxy(this.#link, result.described, undefined);
  }

  /**
   * Makes a dict.
   *
   * @param entries what it begins with: keys, which are primitives, and values
   * @returns a proxy of it
   * @throws TypeError for anything that is not an entry, and for a key that is an object
   * @throws SyncError `ERR_MANAGER_ENDED` when the manager has ended; `ERR_NOT_CLONEABLE` when a value cannot be sent;
   *   `ERR_BLOCKING_REFUSED` where the agent must not block
   */
  dict<K = string, V = unknown>(entries: Iterable<readonly [K, V]> = []): DictProxy<K, V> {
    return this.#make('dict', [listOf('entries', entries)], this.dict) as DictProxy<K, V>;
  }

  /**
   * Like `dict`, without blocking the agent.
   *
   * @param entries what it begins with: keys, which are primitives, and values
   * @returns a proxy of it
   */
  async dictAsync<K = string, V = unknown>(entries: Iterable<readonly [K, V]> = []): Promise<DictProxy<K, V>> {
    return (await this.#makeAsync('dict', [listOf('entries', entries)])) as DictProxy<K, V>;
  }

  /**
   * Makes a list.
   *
   * @param items what it begins with
   * @returns a proxy of it
   * @throws as `dict` does
   */
  list<T = unknown>(items: Iterable<T> = []): ListProxy<T> {
    return this.#make('list', [listOf('items', items)], this.list) as ListProxy<T>;
  }

  /**
   * Like `list`, without blocking the agent.
   *
   * @param items what it begins with
   * @returns a proxy of it
   */
  async listAsync<T = unknown>(items: Iterable<T> = []): Promise<ListProxy<T>> {
    return (await this.#makeAsync('list', [listOf('items', items)])) as ListProxy<T>;
  }

  /**
   * Makes a set: Python's, from 3.14 on.
   *
   * @param values what it begins with, primitives
   * @returns a proxy of it
   * @throws TypeError for anything that is not iterable, and for an object among the values; and as `dict` does
   */
  set<T = unknown>(values: Iterable<T> = []): SetProxy<T> {
    return this.#make('set', [listOf('values', values)], this.set) as SetProxy<T>;
  }

  /**
   * Like `set`, without blocking the agent.
   *
   * @param values what it begins with, primitives
   * @returns a proxy of it
   */
  async setAsync<T = unknown>(values: Iterable<T> = []): Promise<SetProxy<T>> {
    return (await this.#makeAsync('set', [listOf('values', values)])) as SetProxy<T>;
  }

  /**
   * Makes a namespace.
   *
   * @param properties what it begins with
   * @returns a proxy of it, which has these properties
   * @throws TypeError when they are not an object, or one has a name that every proxy uses itself; and as `dict` does
   */
  Namespace<T extends object = Record<string, unknown>>(properties: T = {} as T): NamespaceProxy<T> {
    return this.#make('Namespace', [propertiesOf(properties)], this.Namespace) as NamespaceProxy<T>;
  }

  /**
   * Like `Namespace`, without blocking the agent.
   *
   * @param properties what it begins with
   * @returns a proxy of it, which has these properties
   */
  async NamespaceAsync<T extends object = Record<string, unknown>>(
    properties: T = {} as T,
  ): Promise<NamespaceProxy<T>> {
    return (await this.#makeAsync('Namespace', [propertiesOf(properties)])) as NamespaceProxy<T>;
  }

  /**
   * Makes a pool, which any agent may use.
   *
   * @param processes how many workers; as many as there are processors by default
   * @param options how they begin and end; the initializer is a task, or a reference by `fromModule`
   * @returns a proxy of it
   * @throws TypeError or RangeError when an argument is invalid; and as `dict` does
   */
  // biome-ignore lint/suspicious/noExplicitAny: as in PoolOptions
  Pool<Args extends any[] = any[]>(processes?: number, options?: ManagedPoolOptions<Args>): PoolProxy;
  Pool(processes?: number, options: ManagedPoolOptions = {}): PoolProxy {
    return this.#make('Pool', [processes, poolBrief(processes, options)], this.Pool) as PoolProxy;
  }

  /**
   * Like `Pool`, without blocking the agent.
   *
   * @param processes how many workers; as many as there are processors by default
   * @param options how they begin and end; the initializer is a task, or a reference by `fromModule`
   * @returns a proxy of it
   */
  // biome-ignore lint/suspicious/noExplicitAny: as in PoolOptions
  PoolAsync<Args extends any[] = any[]>(processes?: number, options?: ManagedPoolOptions<Args>): Promise<PoolProxy>;
  async PoolAsync(processes?: number, options: ManagedPoolOptions = {}): Promise<PoolProxy> {
    return (await this.#makeAsync('Pool', [processes, poolBrief(processes, options)])) as PoolProxy;
  }

  /**
   * Makes an object of a registered class.
   *
   * @param name under which it is registered
   * @param args what its maker is called with
   * @returns a proxy of it
   * @throws TypeError when there is no such class, or it makes no object; what the maker throws; and as `dict` does
   * @throws SyncError `ERR_FUNCTION` when the manager's worker cannot get the maker
   */
  create<Name extends keyof Classes & string>(name: Name, ...args: ArgsOf<Classes[Name]>): RemoteOf<Classes[Name]> {
    return this.#make('create', [name, ...args], this.create) as RemoteOf<Classes[Name]>;
  }

  /**
   * Like `create`, without blocking the agent.
   *
   * @param name under which it is registered
   * @param args what its maker is called with
   * @returns a proxy of it
   */
  async createAsync<Name extends keyof Classes & string>(
    name: Name,
    ...args: ArgsOf<Classes[Name]>
  ): Promise<RemoteOf<Classes[Name]>> {
    return (await this.#makeAsync('create', [name, ...args])) as RemoteOf<Classes[Name]>;
  }

  // --- what needs no worker -----------------------------------------------------------------------------------------

  /**
   * Makes a `Queue`, as its constructor does.
   *
   * @param maxSize the most items, up to 2³⁰; 0 (the default) or less for no bound but the memory's
   * @returns the queue
   */
  Queue<T = unknown>(maxSize = 0): Queue<T> {
    return new Queue(maxSize);
  }

  /**
   * Makes a `JoinableQueue`, as its constructor does.
   *
   * @param maxSize the most items, up to 2³⁰; 0 (the default) or less for no bound but the memory's
   * @returns the queue
   */
  JoinableQueue<T = unknown>(maxSize = 0): JoinableQueue<T> {
    return new JoinableQueue(maxSize);
  }

  /** @returns an `Event` */
  Event(): Event {
    return new Event();
  }

  /** @returns a `Lock`, which is freed when the agent that holds it dies */
  Lock(): Lock {
    return new Lock({ onOwnerDeath: 'release' });
  }

  /** @returns an `RLock`, which is freed when the agent that holds it dies */
  RLock(): RLock {
    return new RLock({ onOwnerDeath: 'release' });
  }

  /**
   * Makes a `Semaphore`. Permits that an agent has by `hold` and `run` come back when it dies.
   *
   * @param value how many permits there are at first, 0 … 1,048,575; 1 by default
   * @returns the semaphore
   */
  Semaphore(value = 1): Semaphore {
    return new Semaphore(value);
  }

  /**
   * Makes a `BoundedSemaphore`. Permits that an agent has by `hold` and `run` come back when it dies.
   *
   * @param value how many permits there are at first, and at most, 0 … 1,048,575; 1 by default
   * @returns the semaphore
   */
  BoundedSemaphore(value = 1): BoundedSemaphore {
    return new BoundedSemaphore(value);
  }

  /**
   * Makes a `Condition`.
   *
   * @param lock that guards what is waited for; by default an RLock that is freed when the agent that holds it dies
   * @returns the condition
   */
  Condition<L extends Lock | RLock = RLock>(lock?: L): Condition<L> {
    return new Condition(lock ?? (this.RLock() as L));
  }

  /**
   * Makes a `Barrier`, as its constructor does.
   *
   * @param parties how many must arrive, 1 … 16,383
   * @param options an action, a default timeout, and where it lives
   * @returns the barrier
   */
  Barrier(parties: number, options?: BarrierOptions): Barrier {
    return new Barrier(parties, options);
  }

  /**
   * Makes a `Value`, as its constructor does.
   *
   * @param type by a name, such as `int32`, or a code of Python's ctypes, such as `i`
   * @param initial its initial value; 0 by default
   * @returns the value
   */
  Value<Type extends ElementType>(type: Type, initial?: ElementOf<Type>): Value<Type> {
    return new Value(type, initial);
  }

  /**
   * Makes an `Array` of numbers, as its constructor does.
   *
   * @param type by a name, such as `int32`, or a code of Python's ctypes, such as `i`
   * @param content how many elements, which are 0 at first; or the elements
   * @returns the array
   */
  Array<Type extends ElementType>(type: Type, content: number | Iterable<ElementOf<Type>>): SharedArray<Type> {
    return new SharedArray(type, content);
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** Ends the manager and its objects: each call of a proxy then throws `ERR_MANAGER_ENDED`. Further calls do nothing. */
  shutdown(): void {
    this.#link.shut();
    if (this.isAlive()) this.#job.terminate();
  }

  /** Waits until its worker has ended, without blocking the agent. */
  async joinAsync(): Promise<void> {
    await client().roll.end(this.#job.entry, this.#name).waitAsync({});
  }

  /** What `using` does: `shutdown`. */
  [DISPOSE](): void {
    this.shutdown();
  }

  /** What `await using` does: `shutdown`, and then `joinAsync`. */
  async [ASYNC_DISPOSE](): Promise<void> {
    this.shutdown();
    await this.joinAsync();
  }

  /** @returns name and state, for people */
  toString(): string {
    const isRunning = !this.#link.isOver && this.isAlive();
    return `Manager (${this.#name}, ${isRunning ? 'running' : 'ended'})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function poolBrief(processes: number | undefined, options: ManagedPoolOptions): PoolBrief {
  checkFields('the Pool of a Manager', options, POOL_FIELDS);
  if (processes !== undefined) checkInteger('processes', processes, 1, MOST_WORKERS);
  const { initializer, initargs, maxTasksPerChild } = options;
  return { initializer: initializer === undefined ? undefined : callOf(initializer), initargs, maxTasksPerChild };
}

/**
 * Processes and pools on workers, and what they share: queues, connections, values and arrays, in shared memory, blocking
 * and async, with the semantics of Python's `multiprocessing`.
 *
 * @module atomics-sync-free/multiprocessing
 */
export type { ForeignWorker, Limits, Stream } from '../host/settings.js';
export * from '../index.js';
export type { ErrorClass } from '../tasks/codec/index.js';
export { type ItemRange, WorkerDiedError } from '../tasks/died.js';
export { isMain } from '../tasks/is-main.js';
export { fromModule, type References } from '../tasks/module.js';
export { registerError } from '../tasks/parcel.js';
export type { WorkerOptions } from '../tasks/settings.js';
export { FunctionReference, type Target } from '../tasks/target.js';
export { task } from '../tasks/task.js';
export { attach } from './attach.js';
export { Connection } from './connection.js';
export { type Context, getContext, type PoolClass, type ProcessClass } from './context.js';
export { type CpuCountOptions, cpuCount, osCpuCount } from './cpu-count.js';
export {
  BrokenPoolError,
  BufferTooShort,
  CancelledError,
  Empty,
  EndOfFileError,
  Full,
  QueueShutDown,
} from './errors.js';
export { currentProcess, type ProcessInfo, parentProcess } from './here.js';
export { JoinableQueue, type JoinableQueueOptions } from './joinable-queue.js';
export type { LockedOptions } from './locked.js';
export type { DictMethods, DictProxy } from './manager/dict.js';
export type { ListMethods, ListProxy } from './manager/list.js';
export { type ManagedPoolOptions, Manager, type ManagerOptions } from './manager/manager.js';
export type { AsyncForms, MethodName } from './manager/methods.js';
export type { NamespaceMethods, NamespaceProxy } from './manager/namespace.js';
export type { PoolProxy } from './manager/pool-proxy.js';
export type { ManagedProxy } from './manager/proxy.js';
export type { ArgsOf, Maker, Registration, Registrations, RemoteOf } from './manager/registration.js';
export type { ProxyOf, Remote } from './manager/remote.js';
export type { SetMethods, SetProxy } from './manager/set.js';
export { Pipe } from './pipe.js';
export { type AsyncOptions, AsyncResult } from './pool/async-result.js';
export { type CurrentTask, currentTask } from './pool/current-task.js';
export type { MapProgress } from './pool/map-feed.js';
export type {
  ChunkOptions,
  ImapOptions,
  InitializerOptions,
  MapOptions,
  PoolOptions,
  PoolSettings,
} from './pool/options.js';
export { Pool } from './pool/pool.js';
export { PoolIterator } from './pool/pool-iterator.js';
export type { PoolStatistics } from './pool/statistics.js';
export { activeChildren, type PlainProcessOptions, Process, type ProcessOptions } from './process.js';
export { Queue } from './queue.js';
export type { Sentinel } from './sentinel.js';
export { serve } from './serve.js';
export { SharedArray as Array } from './shared-array.js';
export { type QueueOptions, SimpleQueue } from './simple-queue.js';
export {
  getAllStartMethods,
  getStartMethod,
  type StartContext,
  type StartMethod,
  setStartMethod,
} from './start-method.js';
export type { ArrayOf, ElementOf, ElementType, TypeCode, TypedArray, TypeName } from './types.js';
export { Value } from './value.js';
export { wait, waitAsync } from './wait.js';
export type { Waitable } from './waitable.js';

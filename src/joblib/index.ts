/**
 * Parallel loops, and results that are kept on disk, as Python's `joblib` has them.
 *
 * @module atomics-sync-free/joblib
 */
export type { ForeignWorker } from '../host/settings.js';
export * from '../index.js';
export { type CpuCountOptions, cpuCount } from '../multiprocessing/cpu-count.js';
export { serve } from '../multiprocessing/serve.js';
export type { ErrorClass } from '../tasks/codec/index.js';
export { type ItemRange, WorkerDiedError } from '../tasks/died.js';
export { isMain } from '../tasks/is-main.js';
export { fromModule, type References } from '../tasks/module.js';
export { registerError } from '../tasks/parcel.js';
export { FunctionReference, type Target } from '../tasks/target.js';
export { task } from '../tasks/task.js';
export { type DumpOptions, dump, load } from './dump.js';
export { hash } from './hash/hash.js';
export type { CachedFunction, Recomputed, Settled } from './memory/cached.js';
export type { CallMetadata } from './memory/calls.js';
export { expiresAfter } from './memory/expires-after.js';
export { type CacheOptions, Memory, type MemoryOptions } from './memory/memory.js';
export type { Limits } from './memory/reduce.js';
export type { MemorizedResult } from './memory/result.js';
export type {
  BackendSettings,
  BatchFailure,
  BatchOutcome,
  DelayedCall,
  ParallelBackend,
  ParallelSession,
  ResultOf,
  RunningBatch,
} from './parallel/backend.js';
export type { Calls } from './parallel/call-input.js';
export { effectiveNJobs, type ParallelConfig, parallelConfig, registerParallelBackend } from './parallel/config.js';
export { ConfigScope } from './parallel/config-scope.js';
export { delayed } from './parallel/delayed.js';
export { type CallsFor, Parallel, type ParallelOptions, type ReturnAs, type Returned } from './parallel/parallel.js';
export { ParallelIterator } from './parallel/parallel-iterator.js';
export type { Progress } from './parallel/progress.js';

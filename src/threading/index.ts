/**
 * Threads: functions that run on workers of this process, with the semantics of Python's `threading`, and the primitives they share.
 *
 * @module atomics-sync-free/threading
 */

export type { ForeignWorker, Limits, Stream } from '../host/settings.js';
export * from '../index.js';
export type { ErrorClass } from '../tasks/codec/index.js';
export { type ItemRange, WorkerDiedError } from '../tasks/died.js';
export { isMain } from '../tasks/is-main.js';
export { fromModule, type References, serve } from '../tasks/module.js';
export { registerError } from '../tasks/parcel.js';
export type { WorkerOptions } from '../tasks/settings.js';
export { FunctionReference, type Target } from '../tasks/target.js';
export { task } from '../tasks/task.js';
export { activeCount, currentThread, enumerate, getIdent, mainThread } from './enumerate.js';
export { type ExceptHookArgs, excepthook, setExcepthook, type ThreadInfo } from './excepthook.js';
export { local } from './local.js';
export { reserveSize } from './reserve-size.js';
export { stackSize } from './stack-size.js';
export { type PlainThreadOptions, Thread, type ThreadOptions, type ThreadSettings } from './thread.js';
export { Timer } from './timer.js';

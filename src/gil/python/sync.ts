/**
 * What threads wait for: the waits of locks, conditions, events, semaphores, barriers, queues and threads, and their
 * ends.
 *
 * A thread waits without the GIL, and so it takes a lock that becomes free without it, at any moment from then on:
 * `take` is called when it goes on, or, before another thread asks for the lock, on its behalf. Condition, Event,
 * Semaphore, Barrier and Queue are Python code over locks in CPython; their changes of state are one step here, with a
 * place before and after it where others may come in, because the lock that guards the state lets nobody see more.
 */
import { raised } from './objects.js';
import type { Raised } from './values/classes.js';
import type { Sync } from './values/sync.js';
import type { Thread, Waiting } from './values/threads.js';
import type { Value } from './values/value.js';

/** @returns whether nothing blocks the thread's wait; a wait with a time-out may end in any case */
export function mayGoOn({ waiting }: Thread, thread: number, threads: readonly Thread[]): boolean {
  return waiting === null || waiting.timed || isReady(waiting, thread, threads);
}

export function isReady({ action, sync }: Waiting, thread: number, threads: readonly Thread[]): boolean {
  switch (action) {
    case 'acquire':
    case 'wait again':
      return isFree(sync, thread);
    case 'permit':
      return sync.count > 0;
    case 'join':
      return threads.find(({ object }) => object === sync)?.done !== false;
    case 'wait':
    case 'event':
    case 'arrive':
      return sync.notified.includes(thread);
    case 'put':
      return sync.bound <= 0 || sync.items.length < sync.bound;
    case 'get':
      return sync.items.length > 0;
    case 'tasks':
      return sync.count === 0;
    case 'sleep':
      return true;
  }
}

/** A lock is free, or already this thread's: given to it while it waited, or an RLock that it holds. */
export const isFree = (lock: Sync, thread: number): boolean =>
  lock.count === 0 || (lock.kind === 'RLock' && lock.owner === thread);

/** Takes a lock that is free. */
export function take(lock: Sync, thread: number, times = 1): void {
  lock.owner = thread;
  lock.count += times;
}

/** @throws Raised RuntimeError if it is not held or, for an RLock, not by this thread */
export function release(lock: Sync, thread: number): null {
  if (lock.kind === 'RLock' && (lock.count === 0 || lock.owner !== thread)) {
    throw raised('RuntimeError', 'cannot release un-acquired lock');
  }
  if (lock.count === 0) throw raised('RuntimeError', 'release unlocked lock');
  lock.count -= 1;
  if (lock.count === 0) lock.owner = -1;
  return null;
}

export function notify(sync: Sync, count: number): void {
  sync.notified.push(...sync.waiters.splice(0, count));
}

/** Puts an item into a queue; it is an unfinished task until task_done says otherwise. */
export function put(queue: Sync, item: Value): void {
  queue.items.push(item);
  if (queue.kind !== 'SimpleQueue') queue.count += 1;
}

/** Takes an item from a non-empty queue. */
export const taken = ({ kind, items }: Sync): Value => (kind === 'LifoQueue' ? items.pop() : items.shift()) as Value;

const forget = (list: number[], thread: number): boolean => {
  const at = list.indexOf(thread);
  if (at !== -1) list.splice(at, 1);
  return at !== -1;
};

/** @returns the condition's lock, which the thread holds */
export function heldLock(condition: Sync, thread: number, call: string): Sync {
  const { lock } = condition;
  if (lock === null || lock.count === 0 || (lock.kind === 'RLock' && lock.owner !== thread)) {
    throw raised('RuntimeError', `cannot ${call} on un-acquired lock`);
  }
  return lock;
}

/**
 * Ends a thread's wait, which is ready or has timed out, or its first half.
 *
 * @returns the result of the wait, or the wait that follows it
 */
export function endWait(
  waiting: Waiting,
  thread: number,
  threads: readonly Thread[],
): { readonly value: Value } | { readonly next: Waiting } | { readonly error: Raised } {
  const { action, sync } = waiting;
  const ready = isReady(waiting, thread, threads);
  switch (action) {
    case 'acquire':
      if (ready) take(sync, thread);
      return { value: ready };
    case 'permit':
      if (ready) sync.count -= 1;
      return { value: ready };
    case 'wait': {
      forget(sync.waiters, thread);
      const notified = forget(sync.notified, thread);
      const lock = sync.lock as Sync;
      return { next: { ...waiting, action: 'wait again', sync: lock, timed: false, result: notified } };
    }
    case 'wait again':
      take(sync, thread, waiting.depth);
      return { value: waiting.result };
    case 'event':
      forget(sync.waiters, thread);
      return { value: forget(sync.notified, thread) || sync.count > 0 };
    case 'arrive':
      forget(sync.notified, thread);
      return { value: waiting.result };
    case 'put':
      if (!ready) return { error: raised('Full') };
      put(sync, waiting.result);
      return { value: null };
    case 'get':
      return ready ? { value: taken(sync) } : { error: raised('Empty') };
    case 'join':
    case 'tasks':
    case 'sleep':
      return { value: null };
  }
}

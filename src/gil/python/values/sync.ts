/** What threads wait for. */
import { PyObject, type Value } from './value.js';

export type SyncKind =
  | 'Lock'
  | 'RLock'
  | 'Condition'
  | 'Event'
  | 'Semaphore'
  | 'BoundedSemaphore'
  | 'Barrier'
  | 'Queue'
  | 'LifoQueue'
  | 'SimpleQueue'
  | 'Thread';

/** An object that threads wait for or that represents a thread: lock, RLock, Condition, Event, Semaphore, Barrier, Thread. */
export class Sync extends PyObject {
  /** The index of the thread that holds it, or -1. */
  owner = -1;
  /**
   * How many times it is held; a semaphore's permits; 1 for an event that is set or a thread that has ended; a queue's
   * unfinished tasks.
   */
  count = 0;
  /** Threads that wait to be notified, in order. */
  waiters: number[] = [];
  /** Threads that have been notified. */
  notified: number[] = [];
  /** A semaphore's greatest count, a barrier's parties, or how many items a queue may have; 0 for none. */
  bound = 0;
  /** A condition's lock. */
  lock: Sync | null = null;
  /** A thread's target and arguments. */
  target: Value = null;
  args: readonly Value[] = [];
  /** A dict of the named arguments, or None. */
  keywords: Value = null;
  name = '';
  /** A queue's items. */
  items: Value[] = [];

  constructor(readonly kind: SyncKind) {
    super();
  }
}

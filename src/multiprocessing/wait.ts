/** Waiting for the first of several things: queues, connections, processes, anything that reports when it is ready. */
import { checkSignal, checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { onAbort } from '../core/wait/abort.js';
import { now } from '../core/wait/clock.js';
import { Deadline } from '../core/wait/deadline.js';
import { waitTogether } from './together.js';
import { READY, type Waitable } from './waitable.js';

/**
 * Blocks until at least one of several objects is ready: a queue or connection that has something to take or has come
 * to its end, or the sentinel of a process that has ended. Python's `multiprocessing.connection.wait`.
 *
 * @param objects what to wait for
 * @param timeout the longest wait, in ms; 0 only looks
 * @returns those that are ready, in the order given; none when the time is up, or none was given
 * @throws TypeError for anything else among the objects, or for a bad timeout; RangeError for a bad timeout
 * @throws SyncError `ERR_CLOSED` when one is closed; `ERR_BLOCKING_REFUSED` when it would have to block where that is not
 *   allowed
 *
 * @example
 * ```ts
 * import { Pipe, Queue, wait } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<string>();
 * const [reader, writer] = Pipe<string>();
 * writer.send('hello');
 * console.log(wait([queue, reader]).indexOf(reader), wait([queue], 5).length); // 0 0
 * ```
 */
export function wait<T extends Waitable>(objects: readonly T[], timeout = Infinity): T[] {
  checkTimeout(timeout);
  checkObjects('wait', objects);
  const look = (): T[] => objects.filter((object) => object[READY].look(0));
  const start = now();
  let ready = look();
  for (let left = timeout; ready.length === 0 && objects.length > 0 && left > 0; left = timeout - (now() - start)) {
    const parts = objects.map((object) => object[READY].together);
    const inTime = waitTogether(parts, left);
    // Another agent may have taken what was there.
    ready = look();
    if (!inTime) break;
  }
  return ready;
}

/**
 * Like `wait`, without blocking the agent.
 *
 * @param objects what to wait for
 * @param options when to give up
 * @returns those that are ready, in the order given; none when the time is up, or none was given. Rejected with the
 *   signal's reason when it aborts, with a TypeError for anything else among the objects, and with a SyncError
 *   `ERR_CLOSED` when one is closed
 *
 * @example
 * ```ts
 * import { Pipe, Queue, waitAsync } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<string>();
 * const [reader, writer] = Pipe<string>();
 * writer.send('hello');
 * console.log((await waitAsync([queue, reader])).indexOf(reader)); // 0
 * ```
 */
export async function waitAsync<T extends Waitable>(objects: readonly T[], options: WaitOptions = {}): Promise<T[]> {
  const refused = refusal(options);
  if (refused !== undefined) return refused;
  checkObjects('waitAsync', objects);
  if (objects.length === 0) return [];
  const { timeout = Infinity, signal } = options;
  const deadline = new Deadline(timeout);
  try {
    for (;;) {
      await firstOf(objects, deadline, signal);
      const ready = objects.filter((object) => object[READY].look(0));
      // Another agent may have taken what was there.
      if (ready.length > 0 || deadline.passed) return ready;
    }
  } finally {
    deadline.cancel();
  }
}

/** Waits until one is ready, or the deadline has passed. */
async function firstOf(objects: readonly Waitable[], deadline: Deadline, signal?: AbortSignal): Promise<void> {
  if (signal !== undefined) checkSignal(signal);
  if (typeof AbortController !== 'function')
    throw new SyncError('ERR_UNSUPPORTED', 'this realm has no AbortController, which waits for several things need');
  const first = new AbortController();
  const end = (): void => first.abort(signal?.reason);
  const unlisten = signal && onAbort(signal, end);
  const passed = new Promise<void>((resolve) => {
    deadline.onPassed = resolve;
    if (deadline.passed) resolve();
  });
  try {
    await Promise.race([...objects.map((object) => object[READY].lookAsync({ signal: first.signal })), passed]);
  } finally {
    unlisten?.();
    end();
  }
}

function checkObjects(call: string, objects: readonly Waitable[]): void {
  if (!Array.isArray(objects)) throw new TypeError(`${call}() takes an array of what to wait for`);
  for (const object of objects) {
    if (typeof object === 'object' && object !== null && READY in object) continue;
    throw new TypeError(`${call}() waits only for queues, connections and sentinels of processes`);
  }
}

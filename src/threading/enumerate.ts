/** The list of threads and the current thread: the module functions of Python's `threading`. */
import type { Listed } from '../host/roll.js';
import { client } from '../tasks/client.js';
import { duty } from '../tasks/order.js';
import { known, Thread } from './thread.js';

/**
 * Returns the current thread.
 *
 * @returns the thread in which the caller runs; the agent in which the program began counts as one
 *
 * @example
 * ```ts
 * import { currentThread, mainThread } from 'atomics-sync-free/threading';
 * console.log(currentThread() === mainThread()); // true
 * ```
 */
export function currentThread(): Thread {
  const { entry } = client();
  const found = known.get(entry.ident);
  if (found !== undefined) return found;
  // A worker may have run other threads before.
  forgetEnded();
  const { name = 'MainThread', daemon = false } = duty()?.order ?? {};
  return threadOf({ ...entry, name, daemon });
}

/** A thread started by another agent, made with a form of the constructor that the types do not show. */
const threadOf = (listed: Listed): Thread => new Thread(listed as never);

function forgetEnded(): void {
  for (const [ident, thread] of known) if (!thread.isAlive()) known.delete(ident);
}

/**
 * Returns the main thread.
 *
 * @returns the thread in which the program began
 *
 * @example
 * ```ts
 * import { mainThread } from 'atomics-sync-free/threading';
 * console.log(mainThread().name); // MainThread
 * ```
 */
export function mainThread(): Thread {
  return enumerate()[0];
}

/**
 * Lists the running threads.
 *
 * @returns all running threads, whoever started them, and the main thread, in the order in which they were started
 *
 * @example
 * ```ts
 * import { enumerate, Timer } from 'atomics-sync-free/threading';
 * const timer = new Timer(60_000, () => {}, [], { name: 'alarm' });
 * timer.start();
 * console.log(enumerate().map(({ name }) => name).join()); // MainThread,alarm
 * timer.cancel();
 * ```
 */
export function enumerate(): Thread[] {
  forgetEnded();
  return listedThreads().map((listed) => known.get(listed.ident) ?? threadOf(listed));
}

/**
 * Counts the running threads.
 *
 * @returns the number of running threads, including the main thread
 *
 * @example
 * ```ts
 * import { activeCount } from 'atomics-sync-free/threading';
 * console.log(activeCount()); // 1
 * ```
 */
export const activeCount = (): number => listedThreads().length;

const listedThreads = (): Listed[] =>
  client()
    .roll.list()
    .filter(({ process }) => !process);

/**
 * Returns the identifier of the current thread.
 *
 * @returns the ident of the thread in which the caller runs
 *
 * @example
 * ```ts
 * import { currentThread, getIdent } from 'atomics-sync-free/threading';
 * console.log(getIdent() === currentThread().ident); // true
 * ```
 */
export const getIdent = (): number => client().entry.ident;

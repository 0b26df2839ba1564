/** The list of threads and the current thread: the module functions of Python's `threading`. */
import type { Listed } from '../host/roll.js';
import { client } from '../tasks/client.js';
import { duty, isProcess, mainIdent } from '../tasks/order.js';
import { known, Thread } from './thread.js';

/**
 * Returns the current thread.
 *
 * @returns the thread in which the caller runs; the agent in which the program began, or a process, counts as one
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
  return threadOf({ ...entry, name, daemon, process: isProcess() });
}

/** A thread started by another agent, made with a form of the constructor that the types do not show. */
const threadOf = (listed: Listed): Thread => new Thread(listed as never);

function forgetEnded(): void {
  for (const [ident, thread] of known) if (!thread.isAlive()) known.delete(ident);
}

/**
 * Returns the main thread.
 *
 * @returns the thread in which the caller's process began
 *
 * @example
 * ```ts
 * import { mainThread } from 'atomics-sync-free/threading';
 * console.log(mainThread().name); // MainThread
 * ```
 */
export function mainThread(): Thread {
  const ident = mainIdent();
  return enumerate().find((thread) => thread.ident === ident) as Thread;
}

/**
 * Lists the running threads.
 *
 * @returns all running threads of the caller's process, whoever started them; the main thread first, then the others in the
 *   order in which they were started
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
 * @returns the number of running threads of the caller's process, including the main thread
 *
 * @example
 * ```ts
 * import { activeCount } from 'atomics-sync-free/threading';
 * console.log(activeCount()); // 1
 * ```
 */
export const activeCount = (): number => listedThreads().length;

/** The main thread of a process is on the roll as that process. */
function listedThreads(): Listed[] {
  const { roll } = client();
  const main = mainIdent();
  return roll.list().filter(({ ident, process, within }) => ident === main || (!process && within === main));
}

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

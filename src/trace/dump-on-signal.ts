/** Who holds and waits for what, on request by a signal from outside. */
import { isMainThread, onSignal } from '#host';
import { SyncError } from '../core/errors.js';
import type { Arena } from '../core/memory/arena.js';
import { dumpAgents } from '../recover/dump.js';
import { warn } from '../recover/warn.js';

/**
 * Prints `dumpAgents(arena)` to stderr whenever this process receives SIGUSR2: `kill -USR2` with its process id. Windows
 * does not have that signal: there it is Ctrl-Break in the program's console. Call it in the main thread, which must not be
 * blocked when the signal comes, because its event loop delivers signals.
 *
 * @param arena the arena that the primitives are in
 * @returns a function that ends this
 * @throws TypeError when `arena` is not an Arena
 * @throws SyncError `ERR_NO_SIGNALS` in a worker, and where the host has no signals
 *
 * @example
 * ```ts
 * import { Lock } from 'atomics-sync-free';
 * import { dumpOnSignal } from 'atomics-sync-free/trace';
 * const lock = new Lock();
 * const end = dumpOnSignal(lock.arena);
 * // kill -USR2 … prints who holds the lock, and who waits for it
 * end();
 * ```
 */
export function dumpOnSignal(arena: Arena): () => void {
  // Throws if it is not an Arena.
  dumpAgents(arena);
  if (onSignal === undefined || !isMainThread) {
    throw new SyncError('ERR_NO_SIGNALS', 'only the main threads of Node, Deno and Bun receive signals; call it there');
  }
  return onSignal(() => warn(`agents of ${arena}\n${dumpAgents(arena)}`));
}

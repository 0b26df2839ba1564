/** Who holds what and waits for what, when somebody outside asks for it by a signal. */
import { isMainThread, onSignal } from '#host';
import { SyncError } from '../core/errors.js';
import type { Arena } from '../core/memory/arena.js';
import { dumpAgents } from '../recover/dump.js';
import { warn } from '../recover/warn.js';

/**
 * Has `dumpAgents(arena)` printed to stderr whenever this process gets SIGUSR2: `kill -USR2` with its number. It is for the main
 * thread, which must not be blocked when the signal comes: signals are told by its event loop.
 *
 * @param arena the arena that the primitives are in
 * @returns how to end that
 * @throws TypeError when it is no arena
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
  // Refuses what is no arena.
  dumpAgents(arena);
  if (onSignal === undefined || !isMainThread) {
    throw new SyncError('ERR_NO_SIGNALS', 'signals are told to the main threads of Node, Deno and Bun; call it there');
  }
  return onSignal('SIGUSR2', () => warn(`agents of ${arena}\n${dumpAgents(arena)}`));
}

/** Retirement for callers that learn of a death by other means: the public form of sweep.ts. */
import { checkInteger } from '../arguments.js';
import { SyncError } from '../errors.js';
import type { Arena } from './arena.js';
import { checkArena } from './joined-arena.js';
import { agentName, generationOf, MAX_AGENT_ID, slotOf } from './owner.js';
import { hasBeenTaken } from './slots.js';
import { retireFrom } from './sweep.js';

/**
 * Ends the membership of an agent that has died: undoes its waiting, abandons the locks that it held, wakes everybody so
 * that no wake it may have swallowed is missed, and frees its slot. The members of an arena do this by themselves wherever
 * the host lets them detect a death; call it where it does not, or if you know of the death earlier. Never call it for an
 * agent that is still running.
 *
 * @param arena the arena it was a member of
 * @param agentId the dead agent's `arena.agentId`
 * @returns false when it had already been retired
 * @throws TypeError or RangeError when an argument is invalid
 * @throws SyncError `ERR_SELF_RETIRED` when the agent named is the caller, who is alive
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
 * import { attach, Lock, retire, share } from 'atomics-sync-free';
 *
 * if (isMainThread) {
 *   const lock = new Lock();
 *   const worker = new Worker(new URL(import.meta.url), { workerData: share(lock) });
 *   const [agentId] = await once(worker, 'message');
 *   await worker.terminate();
 *   // This agent has started the worker, and so has noticed its end.
 *   console.log(retire(lock.arena, agentId)); // false
 * } else {
 *   const lock = attach<Lock>(workerData);
 *   parentPort?.postMessage(lock.arena.agentId);
 *   setInterval(() => {}, 1000); // works on, until it is terminated
 * }
 * ```
 */
export function retire(arena: Arena, agentId: number): boolean {
  checkArena(arena);
  checkInteger('agentId', agentId, 0, MAX_AGENT_ID);
  const { words } = arena.member;
  if (generationOf(agentId) === 0 || !hasBeenTaken(words, slotOf(agentId))) {
    throw new RangeError(`agentId must be the id of an agent in this arena, and ${agentId} never was one`);
  }
  if (agentId === arena.agentId) {
    throw new SyncError('ERR_SELF_RETIRED', `${agentName(agentId)} is the calling agent, which is alive`);
  }
  return retireFrom(words, agentId, arena.agentId);
}

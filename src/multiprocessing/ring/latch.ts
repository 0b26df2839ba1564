/** How the live objects of a ring's two sides get their latch, apart from a wait for an item or for room. */
import { SyncError } from '../../core/errors.js';
import { mayBlock } from '../../core/wait/sleep.js';
import type { Subject } from '../../core/wait/wait.js';
import type { Waiting } from '../../core/wait/waiting.js';
import { AT_ONCE } from './passes.js';
import { holdsLatch } from './states.js';

/** How long a call that only tries waits for an agent that is just at work, in ms. */
const AT_WORK_MS = 100;
/** How often an agent that must not block tries instead. */
const TRIES = 1000;

/**
 * Waits for the latch and for nothing else: a call that only tries must not report that there is no item because
 * another agent takes one of many.
 *
 * @returns whether the pass answered; it then has the latch, unless there was nothing to take it for
 */
export function atOnce(waiting: Waiting): boolean {
  if (mayBlock()) return waiting.block(AT_WORK_MS, AT_ONCE);
  for (let tries = 0; tries < TRIES; tries++) if (waiting.attempt(AT_ONCE)) return true;
  return false;
}

/**
 * @param call what would wait for the latch
 * @throws SyncError `ERR_SELF_DEADLOCK` when the agent holds it: an item calls back while it is encoded or decoded
 */
export function checkNotAtWork(waiting: Waiting, { label }: Subject, call: string): void {
  const { member, cell, me } = waiting;
  if (!holdsLatch(member.words, cell, me)) return;
  throw new SyncError(
    'ERR_SELF_DEADLOCK',
    `${call}() of ${label} was called by an item that is on its way through it (in a getter, say), and would never return`,
  );
}

/** The blocking driver: how an agent waits for a pass to succeed. */
import { SyncError } from '../errors.js';
import type { Member } from '../memory/member.js';
import { forgetWait, noteWait } from '../memory/waits.js';
import { now } from './clock.js';
import { LASTING_MS, waitBegins, waitEnds, waitLasts } from './observer.js';
import {
  AGAIN,
  GOT,
  LAPSE_MS,
  LAPSED,
  LAST,
  LOOK,
  OWN_TASK,
  OWNER_DIED,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
  STARVING_MS,
} from './pass.js';
import { mayBlock, sleep, sleepAt } from './sleep.js';
import { spin } from './spin.js';
import { holderDied, type Subject, type Wait } from './wait.js';

/** What `turn` returns when the wait is over; any other result is the state for the next turn. */
export const DONE = -1;
export const FAILED = -2;
export const DEADLOCK = -3;
export const ORPHANED = -4;

/**
 * One turn of a blocking wait: a pass and, if it was unsuccessful, a sleep.
 *
 * @param state what survived from previous turns
 * @param left the longest sleep, in ms
 * @returns DONE, FAILED, DEADLOCK, ORPHANED, or the state for the next turn
 */
export function turn({ member: { words }, pass, cell, me, gate }: Wait, state: number, left: number): number {
  const seen = Atomics.load(words, gate);
  const answer = pass(words, cell, me, state);
  if (answer === GOT) return DONE;
  if (answer === AGAIN) return state;
  if (answer === OWN_TASK) return DEADLOCK;
  if (answer === OWNER_DIED) return ORPHANED;
  if ((state & LAST) !== 0) return FAILED;
  const briefly = answer === SLEEP_BRIEFLY;
  const woken = sleepAt(words, gate, seen, briefly ? Math.min(left, LAPSE_MS) : left);
  if (woken !== 'timed-out') return (state | SLEPT) & ~LAPSED;
  // A waiter that slept because the thing was taken, and was not notified, owes no wake-up when its time is up. One that
  // slept because it was reserved may be the one that was woken for it.
  return briefly ? state | SLEPT | LAPSED : FAILED;
}

/**
 * Waits until a pass succeeds.
 *
 * @param timeout the longest wait, in ms
 * @param initial the state for the first pass
 * @returns false when the timeout expires
 * @throws SyncError `ERR_BLOCKING_REFUSED` where an agent must not block; `ERR_SELF_DEADLOCK` when the wait could not end
 *   because the agent's own task prevents it; `ERR_RETIRED` when somebody took the agent for dead
 * @throws OwnerDiedError when its holder died
 * @throws what the observer ends the wait with
 */
export function block(waiting: Wait, timeout: number, initial: number): boolean {
  // Where it must not block, an agent must not spin either: the page would hang.
  const { pass, cell, me, key, member } = waiting;
  const looked = mayBlock() ? spin(waiting, initial, timeout) : pass(member.words, cell, me, initial | LOOK);
  if (looked === GOT) return true;
  if (looked === OWNER_DIED) throw holderDied(waiting);
  checkMayBlock(waiting.subject);
  const { vigil } = member;
  waitBegins(waiting, false);
  const start = now();
  let state = initial;
  // The least total time, in ms, of sleeps that ended by themselves: the wait must also end under a clock that stands still.
  let slept = 0;
  let noted = false;
  let woken = false;
  let ended: Error | undefined;
  for (let waited = 0; state >= 0; waited = Math.max(now() - start, slept)) {
    if (waited >= STARVING_MS) state |= STARVED;
    // Only members of an arena have a slot and watch each other.
    if (waited >= LASTING_MS && vigil !== undefined) {
      if (!noted) noteWait(member, cell, key, timeout < Infinity, waited);
      noted = true;
      ended = waitLasts(waiting, waited);
    }
    if (waited >= timeout || ended !== undefined) state |= LAST;
    const refusal = vigil?.refusal;
    if (refusal !== undefined) {
      if (noted) forgetWait(member);
      waitEnds(waiting, false, waited, false);
      throw refusal;
    }
    const left = timeout - waited;
    const most = Math.min(left, vigil?.rest(waited) ?? left);
    const next = turn(waiting, state, most);
    if ((next & ~state & LAPSED) !== 0) slept = waited + Math.min(most, LAPSE_MS);
    if (next === FAILED && most < left && ended === undefined) {
      slept = waited + most;
      vigil?.look([cell]);
      state |= SLEPT;
    } else {
      state = next;
    }
    if (state >= 0) woken = (state & SLEPT) !== 0;
  }
  if (woken && state === DONE) waiting.patience?.slept(now() - start);
  if (noted) forgetWait(member);
  // A refused call has not waited.
  waitEnds(waiting, false, state === DEADLOCK ? 0 : now() - start, state === DONE);
  return conclude(waiting, state, ended);
}

/**
 * @param state the final state of the wait
 * @param ended the error with which the observer ended it
 * @returns whether the wait succeeded
 */
function conclude(waiting: Wait, state: number, ended: Error | undefined): boolean {
  if (state === DONE) return true;
  if (state === ORPHANED) throw holderDied(waiting);
  if (state === DEADLOCK) {
    throw new SyncError(
      'ERR_SELF_DEADLOCK',
      `a task of this agent holds ${waiting.subject.label}, and cannot release it while the agent blocks; use the form ` +
        'whose name ends in Async',
    );
  }
  if (ended === undefined) return false;
  waiting.leave?.();
  throw ended;
}

/**
 * @param cure what to do instead; by default, to use the async form
 * @throws SyncError `ERR_BLOCKING_REFUSED` where an agent must not block
 */
export function checkMayBlock(subject: Subject, cure = 'use the form whose name ends in Async'): void {
  if (!mayBlock()) {
    throw new SyncError(
      'ERR_BLOCKING_REFUSED',
      `this agent must not block for ${subject.label}, like a browser's main thread; ${cure}`,
    );
  }
}

/** How often to retry immediately something that others hold up only for a few accesses, unless one of them has died there. */
const TRIES = 100;

/**
 * For an operation that others hold up for a few accesses: after some attempts it checks whether one of them has died
 * there, and, where the agent may block, yields the processor between two checks.
 *
 * @param tries how many times it has tried
 */
export function giveWay({ vigil }: Member, tries: number): void {
  if (vigil === undefined || tries < TRIES) return;
  vigil.look();
  if (mayBlock()) sleep(1);
}

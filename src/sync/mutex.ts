/**
 * The mutex under Lock and RLock, after the futex mutex of Rust's standard library (unlocked, locked, contended), with
 * the owner in the word as Linux' robust futexes have it, and the evidence of waiters kept apart by kind.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of threads   \ changed, then notified, by whoever releases
 *        2  gate of tasks     /
 *        3  word              its bits: see core/owner.ts
 *
 * word                           means                    written by
 * 0                              free                     release
 * owner [| bits]                 held                     acquire; waiters add bits
 * STARVING [| bits]              reserved for a thread    release, when a thread is starving
 * TASK | STARVING_TASK [| bits]  reserved for a task      release, when a task is starving
 * ```
 *
 * **No wake is lost.** Who sleeps has, after reading its gate, seen its kind's bit (BLOCKED, ASYNC) in the word or put
 * it there, and only a release takes it out. That release changes the gate, so that those who were about to sleep do
 * not, and notifies: one thread, and all tasks. The one thread now answers for all that still sleep: it takes the
 * lock with BLOCKED, or finds it taken and sets BLOCKED before it sleeps again or gives up. Tasks owe nothing, since
 * all of them are woken; they have a gate of their own because an agent whose event loop is busy would sit on a wake
 * that was meant for one of many.
 *
 * **Nobody starves.** Taking a free lock by one compare-and-swap, ahead of those that are being woken, makes a lock
 * fast; left alone it let waiters wait for up to two seconds. So a waiter that has been passed over for STARVING_MS
 * asks for a reservation (Go's mutex has the idea and the millisecond). The next release leaves a word that a
 * newcomer's compare-and-swap does not match and a woken waiter of the starving kind may take; where both kinds
 * starve, it is the turn of the one that the releaser is not. A reservation is good for one acquisition, and others
 * respect it for LAPSE_MS only: the one it is for may have died, or have a busy event loop. Where it has given up there
 * is nobody asleep to be woken, and the releaser takes the reservation back at once. Between a release's exchange and its
 * reservation somebody may slip in; then the next release tries again.
 */
import { BLOCKED, ownerOf, STARVING, STARVING_TASK, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import { AGAIN, BUSY, GOT, LAPSED, LAST, LOOK, OWN_TASK, SLEEP, SLEEP_BRIEFLY, SLEPT, STARVED } from '../core/pass.js';
import { describeWaiters, wake } from '../core/wake.js';

/** Offsets in the cell; the gate of a kind of waiter is GATE + kind. */
export const GATE = 1;
export const WORD = 3;
export const MUTEX_GATES = 2;

const RESERVED_FOR_TASK = TASK | STARVING_TASK;
const RESERVED_FOR_THREAD = STARVING;

/** One pass of acquire; see core/pass.ts. */
export function acquirePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = (me & TASK) === 0 ? THREAD_WAITER : TASK_WAITER;

  if (ownerOf(word) === 0 && mayTake(word, kind, state)) {
    // The reservation is used up. Where it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : STARVING | STARVING_TASK;
    const others = word & ~(TASK | used);
    const owed = kind === THREAD_WAITER && (state & SLEPT) !== 0 ? BLOCKED : 0;
    return Atomics.compareExchange(words, cell + WORD, word, me | others | owed) === word ? GOT : AGAIN;
  }

  if (kind === THREAD_WAITER && (word & TASK) !== 0 && ownerOf(word) === ownerOf(me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return ownerOf(word) !== 0 ? BUSY : SLEEP;

  const evidence = (BLOCKED << kind) | ((state & STARVED) === 0 ? 0 : STARVING << kind);
  if ((word & evidence) !== evidence) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  return ownerOf(word) === 0 ? SLEEP_BRIEFLY : SLEEP;
}

/** Whether a waiter may take the lock, which nobody holds. */
function mayTake(word: number, kind: number, state: number): boolean {
  // One whose time is up gives nobody the chance to sleep on it, so it takes what is there.
  if (word === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  const reservedFor = (word & TASK) === 0 ? THREAD_WAITER : TASK_WAITER;
  return reservedFor === kind && (state & SLEPT) !== 0;
}

/**
 * The rest of a release, after the word was exchanged for 0.
 *
 * @param old what the word was
 */
export function afterRelease(words: Int32Array, cell: number, old: number): void {
  const reserved = reserve(words, cell, old);
  const woken = wake(words, cell + GATE, old, 1);
  // Nobody was asleep, so the starving one has given up, or will ask again.
  if (reserved && woken === 0) withdraw(words, cell);
}

/** Takes a reservation back, and wakes those that have begun to wait because of it: it would take them LAPSE_MS to notice. */
function withdraw(words: Int32Array, cell: number): void {
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    if (ownerOf(word) !== 0) return;
    if (Atomics.compareExchange(words, cell + WORD, word, 0) !== word) continue;
    wake(words, cell + GATE, word, 1);
    return;
  }
}

/** @returns whether there is a reservation in the word now */
function reserve(words: Int32Array, cell: number, old: number): boolean {
  if ((old & (STARVING | STARVING_TASK)) === 0) return false;
  const turnOfTask = (old & TASK) === 0 || (old & STARVING) === 0;
  const reservation = (old & STARVING_TASK) !== 0 && turnOfTask ? RESERVED_FOR_TASK : RESERVED_FOR_THREAD;
  return Atomics.compareExchange(words, cell + WORD, 0, reservation) === 0;
}

/** @returns how an owner word reads to people */
export function describeOwner(word: number, nameOf: (agent: number) => string): string {
  const owner = ownerOf(word);
  const state = owner === 0 ? 'unlocked' : `locked by ${(word & TASK) !== 0 ? 'a task of ' : ''}${nameOf(owner)}`;
  return `${state}, ${describeWaiters(word)}`;
}

/**
 * The mutex under Lock and RLock, after the futex mutex of Rust's standard library (unlocked, locked, contended), with the
 * owner in the word as in Linux's robust futexes, and a waiter bit for each kind of waiter.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of blocked agents   \ changed, then notified, by release
 *        2  gate of tasks            /
 *        3  word                     its bits: see core/memory/owner.ts
 *        4..7  death                 what its owner's death does: see core/memory/death.ts
 *
 * word                           means                     written by
 * 0                              free                      release
 * owner [| bits]                 held                      acquire; waiters add bits
 * STARVING [| bits]              reserved for an agent     release, when a blocked agent is starving
 * TASK | STARVING_TASK [| bits]  reserved for a task       release, when a task is starving
 * ABANDONED                      its owner died            retirement; a recovery whose repair failed
 * ABANDONED | owner [| bits]     under repair              recovery; waiters add bits
 * ```
 *
 * **The invariant.** A waiter sleeps only after it has read its gate and then seen, or set, its kind's waiter bit; only a
 * release clears the bit, and that release changes the gate and notifies.
 *
 * **Fairness.** Taking a free lock by one compare-and-swap, ahead of waiters that are being woken, makes a lock fast;
 * unchecked, it left waiters waiting for up to two seconds. So a waiter that has been passed over for STARVING_MS asks for
 * a reservation (the idea and the millisecond are from Go's mutex). It is good for one acquisition, and others respect it
 * for LAPSE_MS only: the waiter it is for may have died, or its event loop may be busy.
 *
 * **Death.** An abandoned lock has no waiters: retirement changes the gates and wakes everybody after it has abandoned the
 * word, and a pass that finds the word abandoned ends the wait. An agent that recovers it is named beside ABANDONED; the
 * others wait for it as for any owner. The end of a repair wakes everybody, because agents waiting to recover take nothing
 * when they find it whole, and would swallow a wake meant for those waiting for the lock.
 */
import { GATE } from '../core/memory/cells.js';
import { countBehind, DEATH_WORDS } from '../core/memory/death.js';
import type { Member } from '../core/memory/member.js';
import {
  ABANDONED,
  agentIn,
  BLOCKED,
  BLOCKED_WAITER,
  ownerOf,
  STARVING,
  STARVING_TASK,
  TASK,
  TASK_WAITER,
  WAITER_BITS,
  waiterKind,
} from '../core/memory/owner.js';
import { refusalOf } from '../core/memory/slots.js';
import {
  AGAIN,
  BUSY,
  GOT,
  LAPSED,
  LAST,
  LOOK,
  leaveEvidence,
  OWN_TASK,
  OWNER_DIED,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
} from '../core/wait/pass.js';
import { describeWaiters, wake } from '../core/wait/wake.js';
import type { RecoveryRules } from './recovery.js';

export const MUTEX_GATES = 2;
export const WORD = GATE + MUTEX_GATES;
export const MUTEX_WORDS = WORD + 1 + DEATH_WORDS;

const RESERVED_FOR_TASK = TASK | STARVING_TASK;
const RESERVED_FOR_AGENT = STARVING;

/** One pass of acquire; see core/wait/pass.ts. */
export function acquirePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = waiterKind(me);

  if (ownerOf(word) === 0 && mayTake(word, kind, state)) {
    // The reservation is used up. If it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : STARVING | STARVING_TASK;
    const others = word & ~(TASK | used);
    // One agent is woken at a time, so the woken one sets the bit for those still asleep. Tasks are all woken.
    const owed = kind === BLOCKED_WAITER && (state & SLEPT) !== 0 ? BLOCKED : 0;
    return Atomics.compareExchange(words, cell + WORD, word, me | others | owed) === word ? GOT : AGAIN;
  }

  if (word === ABANDONED) return OWNER_DIED;
  if (kind === BLOCKED_WAITER && (word & TASK) !== 0 && agentIn(word) === agentIn(me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return ownerOf(word) !== 0 ? BUSY : SLEEP;

  const evidence = (BLOCKED << kind) | ((state & STARVED) === 0 ? 0 : STARVING << kind);
  if (!leaveEvidence(words, cell + WORD, word, evidence)) return AGAIN;
  return ownerOf(word) === 0 ? SLEEP_BRIEFLY : SLEEP;
}

/** Whether a waiter may take the lock, which nobody holds. */
function mayTake(word: number, kind: number, state: number): boolean {
  // A waiter whose time is up will not sleep again, so it takes what is there.
  if (word === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  const reservedFor = (word & TASK) === 0 ? BLOCKED_WAITER : TASK_WAITER;
  return reservedFor === kind && (state & SLEPT) !== 0;
}

/**
 * The rest of a release, after the word was exchanged for 0. Another agent may slip in between the two; then the next
 * release makes the reservation.
 *
 * @param old what the word was
 */
export function afterRelease(member: Member, cell: number, old: number): void {
  if ((old & ABANDONED) !== 0) {
    wakeAll(member, cell);
    return;
  }
  const reserved = reserve(member.words, cell, old);
  // Tasks have a gate of their own: one whose event loop is busy would sit on a wake meant for any one of many.
  const woken = wake(member, cell + GATE, old, 1);
  // Nobody was asleep, so the starving waiter has given up, or will ask again.
  if (reserved && woken === 0) withdraw(member, cell);
}

/** Withdraws a reservation, and wakes those that began to wait because of it: they would need LAPSE_MS to notice. */
function withdraw(member: Member, cell: number): void {
  const { words } = member;
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    if (ownerOf(word) !== 0) return;
    if (Atomics.compareExchange(words, cell + WORD, word, 0) !== word) continue;
    wake(member, cell + GATE, word, 1);
    return;
  }
}

/** @returns whether there is a reservation in the word now */
function reserve(words: Int32Array, cell: number, old: number): boolean {
  if ((old & (STARVING | STARVING_TASK)) === 0) return false;
  // If both kinds starve, it is the turn of the kind that the releaser is not.
  const turnOfTask = (old & TASK) === 0 || (old & STARVING) === 0;
  const reservation = (old & STARVING_TASK) !== 0 && turnOfTask ? RESERVED_FOR_TASK : RESERVED_FOR_AGENT;
  return Atomics.compareExchange(words, cell + WORD, 0, reservation) === 0;
}

/** Whether the caller has it, as its owner or for a repair. */
export const isHeldBy = (word: number, me: number): boolean => (word & ~(WAITER_BITS | ABANDONED)) === me;

/** One pass of recover: GOT when the caller has it for a repair, or when there is nothing to repair. */
function recoverPass(words: Int32Array, cell: number, me: number): number {
  const word = Atomics.load(words, cell + WORD);
  if (word === ABANDONED) {
    if (Atomics.compareExchange(words, cell + WORD, word, ABANDONED | me) !== word) return AGAIN;
    // The count left by the dead owner.
    Atomics.store(words, countBehind(cell + WORD), 0);
    return GOT;
  }
  if ((word & ABANDONED) === 0) return GOT;
  if (waiterKind(me) === BLOCKED_WAITER && agentIn(word) === agentIn(me)) return OWN_TASK;
  // No waiter bit is needed: the end of a repair wakes everybody.
  return SLEEP;
}

/** Makes everybody look again at a lock that was abandoned or under repair. */
function wakeAll(member: Member, cell: number): void {
  wake(member, cell + GATE, WAITER_BITS, Infinity);
}

/** Ends a repair, and makes everybody look again: the lock is free and whole, or abandoned as before. */
function endRepair(member: Member, cell: number, me: number, whole: boolean): void {
  const { words } = member;
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    // It was released by hand, or the repairer, still running, was taken for dead.
    if (!isHeldBy(word, me)) return;
    // The count of what the repair acquired and did not release.
    Atomics.store(words, countBehind(cell + WORD), 0);
    if (Atomics.compareExchange(words, cell + WORD, word, whole ? 0 : ABANDONED) === word) break;
  }
  wakeAll(member, cell);
}

/** How primitives built on this mutex are recovered. */
export const MUTEX_RECOVERY: RecoveryRules = {
  pass: recoverPass,
  gate: GATE,
  owner: WORD,
  isAbandoned: (word) => word === ABANDONED,
  isRepairedBy: (word, me) => (word & ~WAITER_BITS) === (ABANDONED | me),
  end: endRepair,
};

/** Notes that a wait for a Condition could not reacquire a lock that the agent held this many times. */
export function noteLoss({ losses }: Member, cell: number, holds: number): void {
  losses.set(cell, (losses.get(cell) ?? 0) + holds);
}

/**
 * Whether the caller no longer has what it is about to release, because another agent's death took it; true once per hold.
 *
 * @throws SyncError `ERR_RETIRED` when it was taken because the caller was taken for dead: others have been inside
 */
export function wasLost({ words, agent, losses }: Member, cell: number, me: number): boolean {
  const word = words[cell + WORD];
  if (isHeldBy(word, me)) return false;
  const refused = refusalOf(words, agent);
  if (refused !== undefined) throw refused;
  const left = losses.get(cell) ?? 0;
  if (left === 0 && (word & ABANDONED) === 0) return false;
  if (left > 1) losses.set(cell, left - 1);
  else losses.delete(cell);
  return true;
}

/** @returns an owner word for human readers */
export function describeOwner(word: number, nameOf: (agent: number) => string): string {
  if (word === ABANDONED) return 'abandoned: its owner died';
  const owner = agentIn(word);
  const how = (word & ABANDONED) === 0 ? 'locked' : 'under repair';
  const state = owner === 0 ? 'unlocked' : `${how} by ${(word & TASK) !== 0 ? 'a task of ' : ''}${nameOf(owner)}`;
  return `${state}, ${describeWaiters(word)}`;
}

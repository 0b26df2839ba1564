/**
 * The readers-writer mutex under RWLock, in one word, with the fairness of Lock: a free-for-all for a millisecond, then turns.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of readers that block   \
 *        2  gate of reading tasks         \ changed, then notified, by the agent
 *        3  gate of writers that block    / that lets the waiters in
 *        4  gate of writing tasks        /
 *        5  word
 *        6..9  death                    what the writer's death does: see core/memory/death.ts
 *       10..15 seats                    see core/memory/tally.ts
 *
 *  29   24 23               8     7     6      5          4         3        2         1       0
 * +-------+------------------+-------+------+----------+----------+-------+---------+-------+---------+
 * | marks | writer's name,   | WRITE | TASK | STARVING | STARVING | ASYNC | BLOCKED | ASYNC | BLOCKED |
 * |       | or readers       |       |      | writer   | reader   | writers         | readers         |
 * +-------+------------------+-------+------+----------+----------+-------+---------+-------+---------+
 * ```
 *
 * The count is of agents that read: how many reads one holds is only in its tally, so that reading again, or ending one of
 * several reads, changes nothing here. Name and marks are as in core/memory/owner.ts and tally.ts.
 *
 * | bit | set by | means |
 * |---|---|---|
 * | WRITE | a writer that gets in | the upper bits are its short name, not a count; without one, the writer has died |
 * | REPAIR | one that recovers | the topmost bit of the name: it repairs what a dead writer left |
 * | TASK | the same | the writer is an async task |
 * | STARVING writer | a writer passed over for STARVING_MS | no newcomer gets in; the free lock is for writers that have slept |
 * | STARVING reader | a reader passed over, while a writer is inside | the free lock is for readers that have slept, all of them |
 * | BLOCKED, ASYNC | a waiter, before it sleeps | evidence, as in core/memory/owner.ts |
 *
 * **The invariant.** A waiter that sleeps for an unlimited time has read its gate and then seen, or set, its bit while a
 * writer held the lock (or, for a writer, while readers did). The agent that frees the lock clears the bits, changes the
 * gates and wakes all readers, one blocked writer and all writing tasks.
 *
 * **Death.** A reader's death removes it from the count. A writer's death leaves the lock abandoned, as in mutex.ts.
 *
 * **Turns.** With both sides starving, a writer and the waiting readers take turns. Newcomers respect a reservation that
 * nobody uses for LAPSE_MS.
 */
import { SyncError } from '../core/errors.js';
import { GATE } from '../core/memory/cells.js';
import { DEATH_WORDS } from '../core/memory/death.js';
import type { Member } from '../core/memory/member.js';
import {
  ASYNC,
  BLOCKED,
  BLOCKED_WAITER,
  EXCLUSIVE,
  exclusiveWordOf,
  HOLDERS,
  HOLDERS_SHIFT,
  isExclusively,
  MARKS,
  ownerOf,
  REPAIR,
  TASK,
  TASK_WAITER,
  waiterKind,
} from '../core/memory/owner.js';
import { refusalOf } from '../core/memory/slots.js';
import { NOT_NOW, SEATS, type Tally } from '../core/memory/tally.js';
import { giveWay } from '../core/wait/block.js';
import {
  AGAIN,
  BUSY,
  GOT,
  LAPSED,
  LAST,
  LOOK,
  leaveEvidence,
  OWN_SHIFT,
  OWN_TASK,
  OWNER_DIED,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
} from '../core/wait/pass.js';
import { describeWaiters, wake } from '../core/wait/wake.js';
import type { RecoveryRules } from './recovery.js';

export const RWMUTEX_GATES = 4;
export const READ_GATE = GATE;
export const WRITE_GATE = GATE + 2;
export const WORD = GATE + RWMUTEX_GATES;
export const FIRST_SEAT = WORD + 1 + DEATH_WORDS;
/** Words in a cell. A separate constant, because bundlers never treat a class with arithmetic in a static field as unused. */
export const RWMUTEX_WORDS = FIRST_SEAT + SEATS;

/** The waiter bits of writers are those of readers, shifted left by this many bits. */
const WRITERS = 2;
const READING = BLOCKED | ASYNC;
const WRITING = READING << WRITERS;
const WAITERS = READING | WRITING;
const STARVING_READER = 1 << 4;
export const STARVING_WRITER = 1 << 5;
const STARVING = STARVING_READER | STARVING_WRITER;
export const TASK_WRITES = 1 << 6;
export const WRITE = EXCLUSIVE;
export const ONE_READER = 1 << HOLDERS_SHIFT;

/** Whether nobody holds the lock, even if it is reserved. */
const isFree = (word: number): boolean => (word & (HOLDERS | WRITE)) === 0;
/** How many agents read. */
export const readersIn = (word: number): number => ((word & WRITE) === 0 ? (word & HOLDERS) >> HOLDERS_SHIFT : 0);
/** Whether the writer died, and nobody is repairing what it left. */
export const isAbandoned = (word: number): boolean => (word & (HOLDERS | WRITE)) === WRITE;
/** Whether somebody is repairing what a dead writer left. */
export const isUnderRepair = (word: number): boolean => (word & WRITE) !== 0 && (word & REPAIR) !== 0;

/** The pass-specific bit of a reader's state: this agent holds the lock for reading. */
export const REENTERS = 1 << OWN_SHIFT;
/** A writer's name in the word. */
export const writerWord = (me: number): number => exclusiveWordOf(ownerOf(me)) | ((me & TASK) === 0 ? 0 : TASK_WRITES);
export const isWrittenBy = (word: number, me: number): boolean => isExclusively(word, ownerOf(me));
const isWrittenByOwnTask = (word: number, me: number): boolean =>
  (word & TASK_WRITES) !== 0 && waiterKind(me) === BLOCKED_WAITER && isWrittenBy(word, me);

/**
 * One pass of acquireRead; see core/wait/pass.ts.
 *
 * @param tally the agent's tally of reads
 */
export function readPass(words: Int32Array, cell: number, me: number, state: number, tally: Tally): number {
  const word = Atomics.load(words, cell + WORD);

  if (mayRead(word, state)) {
    if (tally.count > 0) {
      tally.change(1);
      return GOT;
    }
    const used = isFree(word) && (state & LAPSED) !== 0 ? STARVING : 0;
    const answer = tally.take(word, (word & ~used) + ONE_READER);
    if (answer !== NOT_NOW) return answer;
    return (state & LOOK) !== 0 ? BUSY : SLEEP_BRIEFLY;
  }

  if (isAbandoned(word)) return OWNER_DIED;
  if (isWrittenByOwnTask(word, me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return (word & STARVING) === 0 ? BUSY : SLEEP;

  // Without a writer inside, the bit would mean that it is now the readers' turn.
  const asks = (state & STARVED) !== 0 && (word & WRITE) !== 0;
  const evidence = (BLOCKED << waiterKind(me)) | (asks ? STARVING_READER : 0);
  if (!leaveEvidence(words, cell + WORD, word, evidence)) return AGAIN;
  // If only a starving writer keeps it out, it looks again: the writer may have given up or died.
  return (word & WRITE) === 0 ? SLEEP_BRIEFLY : SLEEP;
}

function mayRead(word: number, state: number): boolean {
  if ((word & WRITE) !== 0) return false;
  // An agent that already reads gets past a starving writer; otherwise each would wait for the other.
  if ((word & STARVING_WRITER) === 0 || (state & REENTERS) !== 0) return true;
  if ((state & (LAPSED | LAST)) !== 0 && isFree(word)) return true;
  return (word & STARVING_READER) !== 0 && (state & SLEPT) !== 0;
}

/** One pass of acquireWrite; see core/wait/pass.ts. */
export function writePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = waiterKind(me);

  if (isFree(word) && mayWrite(word, state)) {
    // One blocked writer is woken at a time, so the woken one sets the bit for those still asleep.
    const owed = kind === BLOCKED_WAITER && (state & SLEPT) !== 0 ? BLOCKED << WRITERS : 0;
    const next = writerWord(me) | (word & (WAITERS | MARKS)) | owed;
    return Atomics.compareExchange(words, cell + WORD, word, next) === word ? GOT : AGAIN;
  }

  if (isAbandoned(word)) return OWNER_DIED;
  if (isWrittenByOwnTask(word, me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return (word & STARVING) === 0 ? BUSY : SLEEP;

  const evidence = (BLOCKED << (WRITERS + kind)) | ((state & STARVED) === 0 ? 0 : STARVING_WRITER);
  if (!leaveEvidence(words, cell + WORD, word, evidence)) return AGAIN;
  // Readers that overlap without end never free the lock and wake nobody, so it comes back to ask.
  const notAsked = (word & (WRITE | STARVING_WRITER)) === 0 && (state & STARVED) === 0;
  return isFree(word) || notAsked ? SLEEP_BRIEFLY : SLEEP;
}

function mayWrite(word: number, state: number): boolean {
  if ((word & STARVING) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & STARVING_READER) === 0 && (state & SLEPT) !== 0;
}

/**
 * Releases one of the agent's reads.
 *
 * @throws SyncError `ERR_INVARIANT` when the lock has no readers; `ERR_RETIRED` when the agent was taken for dead, and its
 *   reads with it: others may have written since
 */
export function releaseRead(member: Member, cell: number, tally: Tally): void {
  const { words } = member;
  for (let tries = 0; tally.count > 0; tries++) {
    const word = Atomics.load(words, cell + WORD);
    const readers = readersIn(word);
    if (readers === 0) throw new SyncError('ERR_INVARIANT', `an RWLock that this agent reads has no readers: ${word}`);
    const isLast = readers === 1 && tally.count === 1;
    if (tally.count > 1) {
      tally.change(-1);
    } else {
      const answer = tally.give(word, (isLast ? word & ~(STARVING_READER | WRITING) : word) - ONE_READER);
      if (answer === NOT_NOW) giveWay(member, tries);
      if (answer !== GOT) continue;
    }
    if (isLast) wake(member, cell + WRITE_GATE, word >> WRITERS, 1);
    // Overlapping reads may have no last one, so this lets a writing task of this agent ask for its turn.
    else if ((word & (ASYNC << WRITERS)) !== 0) member.queues.get(cell + WRITE_GATE + TASK_WAITER)?.poll();
    return;
  }
  const refused = refusalOf(words, member.agent);
  if (refused !== undefined) throw refused;
}

/**
 * The rest of a writer's release, after the word was exchanged for its marks.
 *
 * @param old what the word was
 */
export function afterWrite(member: Member, cell: number, old: number): void {
  const { words } = member;
  const reserved = old & STARVING;
  const marks = old & MARKS;
  if (reserved !== 0) Atomics.compareExchange(words, cell + WORD, marks, marks | reserved);
  const readers = wake(member, cell + READ_GATE, old, Infinity);
  const writers = wake(member, cell + WRITE_GATE, old >> WRITERS, 1);
  // If nobody was asleep, the starving waiter has given up or will ask again.
  const unused = (readers === 0 ? STARVING_READER : 0) | (writers === 0 ? STARVING_WRITER : 0);
  if ((reserved & unused) === 0) return;
  // Others may have begun to wait because of the reservation, and would need LAPSE_MS to notice.
  const word = Atomics.and(words, cell + WORD, ~unused);
  wake(member, cell + READ_GATE, word, Infinity);
  wake(member, cell + WRITE_GATE, word >> WRITERS, 1);
}

/** A starving writer has given up: wakes the readers it kept out and the other writers, so that they ask again. */
export function withdrawWriter(member: Member, cell: number): void {
  const old = Atomics.and(member.words, cell + WORD, ~STARVING_WRITER);
  if ((old & STARVING_WRITER) === 0) return;
  wake(member, cell + READ_GATE, old, Infinity);
  wake(member, cell + WRITE_GATE, old >> WRITERS, Infinity);
}

/** One pass of recover: GOT when the caller has it for a repair, or when there is nothing to repair. */
function recoverPass(words: Int32Array, cell: number, me: number): number {
  const word = Atomics.load(words, cell + WORD);
  if (isAbandoned(word)) {
    const next = writerWord(me) | REPAIR | (word & MARKS);
    return Atomics.compareExchange(words, cell + WORD, word, next) === word ? GOT : AGAIN;
  }
  if (!isUnderRepair(word)) return GOT;
  if (waiterKind(me) === BLOCKED_WAITER && isWrittenBy(word, me)) return OWN_TASK;
  // No waiter bit is needed: the end of a repair wakes everybody.
  return SLEEP;
}

/** Ends a repair, and makes everybody look again: the lock is free and whole, or abandoned as before. */
function endRepair(member: Member, cell: number, me: number, whole: boolean): void {
  const { words } = member;
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    // It was released by hand, or the repairer, still running, was taken for dead.
    if (!isRepairedBy(word, me)) return;
    const next = (word & MARKS) | (whole ? 0 : WRITE);
    if (Atomics.compareExchange(words, cell + WORD, word, next) === word) break;
  }
  wakeAll(member, cell);
}

/** Makes everybody look again at a lock that was abandoned or under repair. */
export function wakeAll(member: Member, cell: number): void {
  wake(member, cell + READ_GATE, READING, Infinity);
  wake(member, cell + WRITE_GATE, READING, Infinity);
}

const isRepairedBy = (word: number, me: number): boolean =>
  (word & (HOLDERS | WRITE | TASK_WRITES)) === (writerWord(me) | REPAIR);

/** How it is recovered. */
export const RWMUTEX_RECOVERY: RecoveryRules = {
  pass: recoverPass,
  gate: WRITE_GATE,
  owner: WORD,
  isAbandoned,
  isRepairedBy,
  end: endRepair,
};

/** @returns the waiters of a word, for human readers */
export function describeBoth(word: number): string {
  return `reading ${describeWaiters(word)}, writing ${describeWaiters(word >> WRITERS)}`;
}

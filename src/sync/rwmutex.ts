/**
 * The readers-writer mutex under RWLock, in one word, with the fairness of Lock: a free-for-all for a millisecond, then turns.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of reading threads   \
 *        2  gate of reading tasks      \ changed, then notified, by whoever lets
 *        3  gate of writing threads    / the waiters in
 *        4  gate of writing tasks     /
 *        5  word
 *
 *  31              8     7     6      5          4         3        2         1       0
 * +-----------------+-------+------+----------+----------+-------+---------+-------+---------+
 * | writer's id, or | WRITE | TASK | STARVING | STARVING | ASYNC | BLOCKED | ASYNC | BLOCKED |
 * | count of reads  |       |      | writer   | reader   | writers         | readers         |
 * +-----------------+-------+------+----------+----------+-------+---------+-------+---------+
 * ```
 *
 * WRITE says which of the two the upper bits are; TASK, that the writer is an async task. The BLOCKED and ASYNC bits are
 * evidence of waiters, as in core/owner.ts.
 *
 * **Turns.** A writer that has been passed over for STARVING_MS sets its bit: from then on no newcomer gets in, reading
 * or writing, and the next time the lock is free it is reserved for writers that have slept. Since readers that overlap
 * without end never free the lock, and wake nobody, a writer that has not asked yet comes back after LAPSE_MS to ask. A
 * starving reader sets its bit: when the writer releases, the lock is reserved for the readers, all that slept may enter,
 * and a writer must wait until they have left. So with both starving, a writer and the readers that waited take turns.
 * Newcomers respect a reservation that nobody uses for LAPSE_MS.
 *
 * **No wake is lost.** Who sleeps for an unlimited time has, after reading its gate, seen its bit or put it there while
 * a writer held the lock (or, for a writer, while readers did). Whoever frees the lock takes the bits out, changes the
 * gates and wakes all readers, one writing thread and all writing tasks; the one writing thread owes its bit to the
 * others, as in Lock. Readers that are kept out by a starving writer alone look again every LAPSE_MS, so that no writer
 * that has given up or died keeps them out.
 *
 * **Reading again.** How often an agent holds the lock for reading stands in its membership of the arena. A thread that
 * has it enters again past a starving writer, which would otherwise wait for it, and it for the writer.
 */
import { ASYNC, BLOCKED, OWNER_SHIFT, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import {
  AGAIN,
  BUSY,
  GOT,
  LAPSED,
  LAST,
  LOOK,
  OWN_SHIFT,
  OWN_TASK,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
} from '../core/pass.js';
import { describeWaiters, wake } from '../core/wake.js';

export const READ_GATE = 1;
export const WRITE_GATE = 3;
export const WORD = 5;

/** The evidence of writers is that of readers, this far to the left. */
const WRITERS = 2;
const READING = BLOCKED | ASYNC;
const WRITING = READING << WRITERS;
const WAITERS = READING | WRITING;
const STARVING_READER = 1 << 4;
export const STARVING_WRITER = 1 << 5;
const STARVING = STARVING_READER | STARVING_WRITER;
export const TASK_WRITES = 1 << 6;
export const WRITE = 1 << 7;
const UPPER_SHIFT = 8;
export const ONE_READ = 1 << UPPER_SHIFT;

/** Whether nobody holds the lock, be it reserved. */
const isFree = (word: number): boolean => word >>> UPPER_SHIFT === 0;
/** How many reads the lock is held for. */
export const readsIn = (word: number): number => ((word & WRITE) === 0 ? word >>> UPPER_SHIFT : 0);
/** The writer's agent id, or 0. */
export const writerIn = (word: number): number => ((word & WRITE) === 0 ? 0 : word >>> UPPER_SHIFT);

/** The reader's state's own bit: this agent holds the lock for reading. */
export const REENTERS = 1 << OWN_SHIFT;
/** A writer's name in the word. */
export const writerWord = (me: number): number =>
  ((me >> OWNER_SHIFT) << UPPER_SHIFT) | WRITE | ((me & TASK) === 0 ? 0 : TASK_WRITES);
export const isWrittenBy = (word: number, me: number): boolean =>
  (word & WRITE) !== 0 && word >>> UPPER_SHIFT === me >> OWNER_SHIFT;

/** One pass of acquireRead; see core/pass.ts. */
export function readPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);

  if ((word & WRITE) === 0 && mayRead(word, state)) {
    const used = isFree(word) && (state & LAPSED) !== 0 ? STARVING : 0;
    const next = (word & ~used) + ONE_READ;
    return Atomics.compareExchange(words, cell + WORD, word, next) === word ? GOT : AGAIN;
  }

  if ((word & TASK_WRITES) !== 0 && (me & TASK) === 0 && isWrittenBy(word, me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return (word & STARVING) === 0 ? BUSY : SLEEP;

  // Without a writer inside, the bit would mean that it is the readers' turn.
  const asks = (state & STARVED) !== 0 && (word & WRITE) !== 0;
  const evidence = ((me & TASK) === 0 ? BLOCKED : ASYNC) | (asks ? STARVING_READER : 0);
  if ((word & evidence) !== evidence) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  return (word & WRITE) === 0 ? SLEEP_BRIEFLY : SLEEP;
}

function mayRead(word: number, state: number): boolean {
  if ((word & STARVING_WRITER) === 0 || (state & REENTERS) !== 0) return true;
  if ((state & (LAPSED | LAST)) !== 0 && isFree(word)) return true;
  return (word & STARVING_READER) !== 0 && (state & SLEPT) !== 0;
}

/** One pass of acquireWrite; see core/pass.ts. */
export function writePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = (me & TASK) === 0 ? THREAD_WAITER : TASK_WAITER;

  if (isFree(word) && mayWrite(word, state)) {
    const owed = kind === THREAD_WAITER && (state & SLEPT) !== 0 ? BLOCKED << WRITERS : 0;
    const next = writerWord(me) | (word & WAITERS) | owed;
    return Atomics.compareExchange(words, cell + WORD, word, next) === word ? GOT : AGAIN;
  }

  if ((word & TASK_WRITES) !== 0 && kind === THREAD_WAITER && isWrittenBy(word, me)) return OWN_TASK;
  if ((state & LOOK) !== 0) return (word & STARVING) === 0 ? BUSY : SLEEP;

  const evidence = (BLOCKED << (WRITERS + kind)) | ((state & STARVED) === 0 ? 0 : STARVING_WRITER);
  if ((word & evidence) !== evidence) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  // Nobody may ever wake it, as readers that overlap do not.
  const notAsked = (word & (WRITE | STARVING_WRITER)) === 0 && (state & STARVED) === 0;
  return isFree(word) || notAsked ? SLEEP_BRIEFLY : SLEEP;
}

function mayWrite(word: number, state: number): boolean {
  if ((word & STARVING) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & STARVING_READER) === 0 && (state & SLEPT) !== 0;
}

/** Gives one read back. */
export function releaseRead(words: Int32Array, cell: number): void {
  for (;;) {
    const word = Atomics.load(words, cell + WORD);
    const last = word >>> UPPER_SHIFT === 1;
    const next = (last ? word & ~(STARVING_READER | WRITING) : word) - ONE_READ;
    if (Atomics.compareExchange(words, cell + WORD, word, next) !== word) continue;
    if (last) wake(words, cell + WRITE_GATE, word >> WRITERS, 1);
    return;
  }
}

/**
 * The rest of a writer's release, after the word was exchanged for 0.
 *
 * @param old what the word was
 */
export function afterWrite(words: Int32Array, cell: number, old: number): void {
  const reserved = old & STARVING;
  if (reserved !== 0) Atomics.compareExchange(words, cell + WORD, 0, reserved);
  const readers = wake(words, cell + READ_GATE, old, Number.POSITIVE_INFINITY);
  const writers = wake(words, cell + WRITE_GATE, old >> WRITERS, 1);
  // Who was starving has given up, if nobody was asleep, or will ask again.
  const unused = (readers === 0 ? STARVING_READER : 0) | (writers === 0 ? STARVING_WRITER : 0);
  if ((reserved & unused) === 0) return;
  // Others may have begun to wait because of the reservation, and it would take them LAPSE_MS to notice.
  const word = Atomics.and(words, cell + WORD, ~unused);
  wake(words, cell + READ_GATE, word, Number.POSITIVE_INFINITY);
  wake(words, cell + WRITE_GATE, word >> WRITERS, 1);
}

/** A starving writer has given up: wakes the readers that it kept out, and the other writers, to ask again. */
export function withdrawWriter(words: Int32Array, cell: number): void {
  const old = Atomics.and(words, cell + WORD, ~STARVING_WRITER);
  if ((old & STARVING_WRITER) === 0) return;
  wake(words, cell + READ_GATE, old, Number.POSITIVE_INFINITY);
  wake(words, cell + WRITE_GATE, old >> WRITERS, Number.POSITIVE_INFINITY);
}

/** @returns how the waiters of a word read to people */
export function describeBoth(word: number): string {
  return `reading ${describeWaiters(word)}, writing ${describeWaiters(word >> WRITERS)}`;
}

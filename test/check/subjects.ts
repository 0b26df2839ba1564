/** Small locks, right ones and broken ones, for the explorer to judge. */
import type { Memory, Scenario, Thread, ThreadOptions } from 'atomics-sync-free/check';

type Word = 'lock' | 'count';
type Ghost = 'inside';
export type LockThread = ThreadOptions<Word, Ghost>;

/** What is left out of, or wrong in, the three-state futex mutex (0 free, 1 held, 2 held and somebody sleeps). */
export interface Flaw {
  /** After a sleep the lock is taken without saying that others may still sleep. */
  readonly noRemark?: boolean;
  /** The fast path reads, then stores. */
  readonly storeForCas?: boolean;
  /** Release forgets to wake. */
  readonly noNotify?: boolean;
  /** Sleeps only if the word is 1, the value before it was marked, so never: a busy loop. */
  readonly neverSleeps?: boolean;
}

type M = Memory<Word>;
type T = Thread<Ghost>;

export function acquire({ words, at }: M, thread: T, flaw: Flaw = {}): void {
  if (flaw.storeForCas === true) {
    if (Atomics.load(words, at.lock) === 0) {
      Atomics.store(words, at.lock, 1);
      return;
    }
  } else if (Atomics.compareExchange(words, at.lock, 0, 1) === 0) return;
  let slept = false;
  for (;;) {
    thread.mark(flaw.noRemark === true && slept);
    if (flaw.noRemark === true && slept) {
      if (Atomics.compareExchange(words, at.lock, 0, 1) === 0) return;
      slept = false;
      continue;
    }
    if (Atomics.exchange(words, at.lock, 2) === 0) return;
    Atomics.wait(words, at.lock, flaw.neverSleeps === true ? 1 : 2);
    slept = true;
  }
}

export function release({ words, at }: M, flaw: Flaw = {}): void {
  if (Atomics.exchange(words, at.lock, 0) === 2 && flaw.noNotify !== true) Atomics.notify(words, at.lock, 1);
}

/** A thread that takes the lock `rounds` times and counts inside. */
export function user(rounds: number, flaw: Flaw = {}): LockThread {
  return {
    phases: (memory, thread) =>
      Array.from({ length: rounds }, () => () => {
        acquire(memory, thread, flaw);
        thread.ghost.add('inside', 1);
        Atomics.add(memory.words, memory.at.count, 1);
        thread.ghost.add('inside', -1);
        release(memory, flaw);
      }),
  };
}

export function mutex(threads: number, rounds: number, flaw: Flaw = {}): Scenario<Word, Ghost> {
  return {
    memory: { lock: 0, count: 0 },
    ghosts: { inside: 0 },
    threads: Array.from({ length: threads }, () => user(rounds, flaw)),
    invariant: ({ inside }) => inside <= 1 || `${inside} threads hold the lock`,
    final: ({ lock, count }) => (lock === 0 && count === threads * rounds) || `lock ${lock}, count ${count}`,
  };
}

/** A counter that is incremented by a load and a store. */
export function lostUpdate(threads: number): Scenario<'count'> {
  return {
    memory: { count: 0 },
    threads: Array.from({ length: threads }, () => ({ words, at }: Memory<'count'>) => {
      Atomics.store(words, at.count, Atomics.load(words, at.count) + 1);
    }),
    final: ({ count }) => count === threads || `lost update: ${count}`,
  };
}

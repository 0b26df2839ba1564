import { setImmediate } from 'node:timers/promises';
import type { RWLock } from 'atomics-sync-free';
import type { Awaitable, Role, Scratch } from './role.js';

/** The scratch words: 1 to stop taking turns; how many are reading, writing; the turns taken by each side. */
export const STOP = 0;
export const READING = 1;
export const WRITING = 2;
export const READS = 3;
export const WRITES = 4;

export interface ReaderWriter {
  acquireRead(timeout?: number): Awaitable<boolean>;
  acquireWrite(timeout?: number): Awaitable<boolean>;
  releaseRead(): void;
  releaseWrite(): void;
  /** Releases a read and tries to acquire it again, before the test can order anybody else to. */
  readOn(): Awaitable<boolean>;
  /** Reads or writes, turn after turn, until told to stop; returns how often it found the rules broken. */
  takeTurns(side: 'reading' | 'writing'): Promise<number>;
  text(): string;
}

/** Checks on entering whether others are inside that must not be. */
function turn(scratch: Scratch, side: 'reading' | 'writing'): { enter(): boolean; leave(): void } {
  const [me, turns] = side === 'reading' ? [READING, READS] : [WRITING, WRITES];
  return {
    enter: () => {
      const others = Atomics.add(scratch, me, 1);
      const broken = side === 'reading' ? Atomics.load(scratch, WRITING) : others + Atomics.load(scratch, READING);
      Atomics.add(scratch, turns, 1);
      return broken > 0;
    },
    leave: () => void Atomics.sub(scratch, me, 1),
  };
}

type Turn = Pick<ReaderWriter, 'acquireRead' | 'acquireWrite'> & { inside(): Awaitable<void> };

function acts(lock: RWLock, scratch: Scratch, { acquireRead, acquireWrite, inside }: Turn): ReaderWriter {
  return {
    acquireRead,
    acquireWrite,
    releaseRead: () => lock.releaseRead(),
    releaseWrite: () => lock.releaseWrite(),
    readOn: () => {
      lock.releaseRead();
      return acquireRead(0);
    },
    takeTurns: async (side) => {
      const [acquire, release] =
        side === 'reading' ? [acquireRead, () => lock.releaseRead()] : [acquireWrite, () => lock.releaseWrite()];
      const { enter, leave } = turn(scratch, side);
      let broken = 0;
      while (Atomics.load(scratch, STOP) === 0) {
        await acquire();
        if (enter()) broken++;
        await inside();
        leave();
        release();
      }
      return broken;
    },
    text: () => String(lock),
  };
}

export const readerWriter: Role<RWLock, ReaderWriter> = {
  thread: (lock, scratch) =>
    acts(lock, scratch, {
      acquireRead: (timeout) => lock.acquireRead(timeout),
      acquireWrite: (timeout) => lock.acquireWrite(timeout),
      inside: () => {
        const end = performance.now() + 0.2;
        while (performance.now() < end);
      },
    }),
  task: (lock, scratch) =>
    acts(lock, scratch, {
      acquireRead: (timeout) => lock.acquireReadAsync({ timeout }),
      acquireWrite: (timeout) => lock.acquireWriteAsync({ timeout }),
      // The event loop turns, and other tasks run, while this one is inside.
      inside: () => setImmediate(),
    }),
};

// What the agents do whose names the tests look at.
import type { Arena, Event, Lock } from 'atomics-sync-free';
import { currentThread, task } from 'atomics-sync-free/threading';
import { start } from 'atomics-sync-free/trace';

/** Holds a lock until it is told to end. */
export const hold = task(import.meta.url, 'hold', (lock: Lock, end: Event) => {
  lock.run(() => end.wait(20_000));
});

/** The same under another name. */
export const renamed = task(import.meta.url, 'renamed', (lock: Lock, end: Event, name: string) => {
  currentThread().name = name;
  lock.run(() => end.wait(20_000));
});

/** Uses a lock, traced, under this name, or its own. */
export const useTraced = task(import.meta.url, 'useTraced', (arena: Arena, lock: Lock, name: string | undefined) => {
  start({ arena, name });
  lock.run(() => {});
});

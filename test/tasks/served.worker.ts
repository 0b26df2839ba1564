// A user's worker file: it serves functions, and is started by `new Worker`.
import { type Lock, serve } from 'atomics-sync-free/threading';

export const cube = (x: number): number => {
  if (x < 0) throw Object.assign(new RangeError('negative'), { code: 'E_CUBE' });
  return x ** 3;
};

/** Acquires the lock, reports that, and then blocks or spins until it is ended from outside. */
export const hold = (lock: Lock, said: Int32Array, how: 'block' | 'spin'): void => {
  lock.acquire();
  Atomics.store(said, 0, 1);
  Atomics.notify(said, 0);
  if (how === 'block') Atomics.wait(said, 1, 0);
  for (;;);
};

export const unserved = (): void => {};

serve({ cube, hold });

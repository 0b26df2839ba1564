// A worker file of a user: it serves functions, and is started by `new Worker`.
import { type Lock, serve } from 'atomics-sync-free/threading';

export const cube = (x: number): number => {
  if (x < 0) throw Object.assign(new RangeError('negative'), { code: 'E_CUBE' });
  return x ** 3;
};

/** Takes the lock, says so, and then does what can only be ended from outside. */
export const hold = (lock: Lock, said: Int32Array, how: 'block' | 'spin'): void => {
  lock.acquire();
  Atomics.store(said, 0, 1);
  Atomics.notify(said, 0);
  if (how === 'block') Atomics.wait(said, 1, 0);
  for (;;);
};

export const unserved = (): void => {};

serve({ cube, hold });

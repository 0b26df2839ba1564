// Functions for the workers of tests: tasks, and plain exports of a module.
import { Lock, OwnerDiedError, registerError, task } from 'atomics-sync-free/threading';

export class OutOfCheese extends Error {
  override name = 'OutOfCheese';
  readonly mice: number;
  constructor(mice: number) {
    super(`${mice} mice and no cheese`);
    this.mice = mice;
  }
}
registerError(OutOfCheese);

class Unregistered extends RangeError {
  override name = 'Unregistered';
}

const base = 10;

export const add = task(import.meta.url, 'add', (x: number, y: number) => base + x + y);

export const twice = (x: number): number => 2 * x;

export const notAFunction = 3;

export const later = task(import.meta.url, 'later', async (x: string) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return `${x} later`;
});

/** Whether the classes of the package are the same in a target. */
export const classes = task(import.meta.url, 'classes', (lock: Lock) => {
  const held = lock.run(() => lock.locked);
  let died: unknown;
  try {
    throw new OwnerDiedError('x', 1, 'agent 1', 0);
  } catch (error) {
    died = error;
  }
  return { isLock: lock instanceof Lock, held, isDied: died instanceof OwnerDiedError, lock };
});

export const failing = task(import.meta.url, 'failing', (how: string): unknown => {
  if (how === 'registered') throw new OutOfCheese(3);
  if (how === 'unregistered')
    throw Object.assign(new Unregistered('too far', { cause: new TypeError('deep') }), { code: 'E_FAR', at: [1, 2] });
  if (how === 'a value') throw { odd: true };
  if (how === 'unsendable') throw Object.assign(new Error('with a function'), { callback: () => {} });
  if (how === 'result') return { list: [1, () => {}] };
  return new Promise(() => {
    setTimeout(() => {
      throw new TypeError('from a timer');
    });
  });
});

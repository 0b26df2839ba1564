// An agent that adds to a value and to an array, under their locks.
import { attach, type Shared, type Array as SharedArray, type Value } from 'atomics-sync-free/multiprocessing';
import { member } from '../support/member.js';

export interface Sums {
  readonly value: Value<'float64'>;
  readonly array: SharedArray<'int64'>;
}

member<Shared<Sums>>(async ({ data }) => {
  const { value, array } = attach(data);
  for (let i = 0; i < 500; i++) {
    value.withLock((value) => {
      value.value += 1;
    });
    await array.withLockAsync(async (array) => {
      const before = array.get(0);
      if (i % 100 === 0) await undefined;
      array.set(0, before + 1n);
    });
  }
});

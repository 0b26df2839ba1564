/** Scenarios of the blocking driver: what one turn of a wait leaves for the next, whichever way its sleep ends. */
import type { Scenario } from 'atomics-sync-free/check';
import { FAILED, turn } from '#dist/core/block.js';
import { LAPSED, SLEEP, SLEEP_BRIEFLY, SLEPT, STARVED } from '#dist/core/pass.js';
import { type Model, WHILE } from './world.js';

const BEFORE = STARVED | LAPSED;

/** A waiter whose pass gives this answer, alone or with somebody that wakes it. */
function sleeping(answer: number, woken: boolean, expected: number): Scenario<string, string> {
  return {
    memory: { gate: 0, over: 0 },
    timeouts: !woken,
    threads: [
      {
        name: 'waiter',
        run: ({ words, at }) => {
          const state = turn(() => answer, words, 0, 0, at.gate, BEFORE, WHILE);
          Atomics.store(words, at.over, 1);
          if (state !== expected) throw new Error(`the turn left ${state} and not ${expected}`);
        },
      },
      {
        name: 'waker',
        run: ({ words, at }, thread) => {
          // Until it was asleep, or finds that it need not sleep.
          while (woken && Atomics.load(words, at.over) === 0) {
            thread.mark();
            Atomics.store(words, at.gate, 1);
            Atomics.notify(words, at.gate, 1);
          }
        },
      },
    ],
  };
}

const AWAKE = STARVED | SLEPT;

const models: readonly (readonly [name: string, make: () => Scenario<string, string>])[] = [
  ['a waiter that is woken', () => sleeping(SLEEP, true, AWAKE)],
  ['a waiter that is woken from a brief sleep', () => sleeping(SLEEP_BRIEFLY, true, AWAKE)],
  ['a waiter whose time is up', () => sleeping(SLEEP, false, FAILED)],
  ['a waiter whose brief sleep is over', () => sleeping(SLEEP_BRIEFLY, false, AWAKE | LAPSED)],
];

export const driver: readonly Model[] = models.map(([name, make]) => ({
  primitive: 'Driver',
  name,
  make,
  size: 'small',
}));

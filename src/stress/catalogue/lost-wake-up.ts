/*
 * Lost wake-up.
 *
 * A waiter looks at a flag, finds it down, and goes to sleep; between the look and the sleep the flag is raised and the
 * bell rung, and nobody hears it. The waiter sleeps although what it waits for has happened. Atomics.wait compares the
 * word it sleeps on with what the caller has seen, as one step with going to sleep: so the word to sleep on has to be
 * the one that changes.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     separate-bell  in time 17,314 · slept through 13
 *     atomics        in time 1,423,087 · hang 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { flag: 0, bell: 0, sleptThrough: 0 };
const arbiter = ({ memory, sleptThrough }: Cell<'sleptThrough', object>): string =>
  memory[sleptThrough] === 1 ? 'slept through' : 'in time';
const inTime = acceptable('in time', 'The waiter was not asleep yet, or was woken.');
const SLEPT = 'The bell rang before the waiter slept: without a time-out it would sleep for ever.';
/** After so long (ms) the waiter looks whether it sleeps in vain. */
const NAP = 10;

export const lostWakeUp = [
  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/separate-bell',
    description: 'Look at the flag, then sleep on a bell that does not change.',
    words,
    actors: [
      ({ memory, flag, bell, sleptThrough }) => {
        while (Atomics.load(memory, flag) === 0) {
          const woken = Atomics.wait(memory, bell, 0, NAP);
          if (woken === 'timed-out' && Atomics.load(memory, flag) === 1) memory[sleptThrough] = 1;
        }
      },
      ({ memory, flag, bell }) => {
        Atomics.store(memory, flag, 1);
        Atomics.notify(memory, bell);
      },
    ],
    arbiter,
    outcomes: [inTime, mustSee('slept through', SLEPT)],
    batch: 64,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/atomics',
    description: 'Sleep on the flag itself, as long as it is down, without a time-out.',
    words,
    actors: [
      ({ memory, flag }) => {
        while (Atomics.load(memory, flag) === 0) Atomics.wait(memory, flag, 0);
      },
      ({ memory, flag }) => {
        Atomics.store(memory, flag, 1);
        Atomics.notify(memory, flag);
      },
    ],
    arbiter,
    outcomes: [inTime, forbidden('hang', SLEPT)],
  }),
];

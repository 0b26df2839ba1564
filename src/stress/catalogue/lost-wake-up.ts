/*
 * Lost wake-up.
 *
 * A waiter looks at a flag, finds it down, and goes to sleep; between the look and the sleep another worker raises the
 * flag and rings the bell, and nobody hears it. The waiter sleeps although what it waits for has happened. Atomics.wait
 * compares the word it sleeps on with what the caller has seen, atomically with going to sleep, so the word to sleep on
 * must be the one that changes. A Condition achieves the same with its lock, if the waiter looks under it: looking
 * first and taking the lock afterwards leaves the same gap. An Event is flag and bell in one.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     separate-bell  in time 7,062 · slept through 9
 *     atomics        in time 71,164 · hang 0
 *     look-outside   in time 168 · slept through 3
 *     condition      in time 534 · hang 0
 *     event          in time 636 · hang 0
 */
import { type Arena, Condition, Event, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { flag: 0, bell: 0, sleptThrough: 0 };
const arbiter = ({ memory, sleptThrough }: Cell<'sleptThrough', object>): string =>
  memory[sleptThrough] === 1 ? 'slept through' : 'in time';
const inTime = acceptable('in time', 'The waiter was not asleep yet, or was woken.');
const SLEPT = 'The bell rang before the waiter slept: without a time-out it would sleep for ever.';
/** After this many ms the waiter checks whether it sleeps in vain. */
const NAP = 10;

const primitives = (arena: Arena) => ({ condition: new Condition(new Lock({ arena })) });

function raise({ memory, flag, condition }: Cell<keyof typeof words, ReturnType<typeof primitives>>): void {
  condition.acquire();
  Atomics.store(memory, flag, 1);
  condition.notify();
  condition.release();
}

export const lostWakeUp = [
  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/separate-bell',
    subject: 'Atomics',
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
    subject: 'Atomics',
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

  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/look-outside',
    subject: 'Condition',
    description: 'Look at the flag, then take the lock and wait on the Condition.',
    words,
    primitives,
    actors: [
      ({ memory, flag, sleptThrough, condition }) => {
        while (Atomics.load(memory, flag) === 0) {
          condition.acquire();
          const notified = condition.wait(NAP);
          if (!notified && Atomics.load(memory, flag) === 1) memory[sleptThrough] = 1;
          condition.release();
        }
      },
      raise,
    ],
    arbiter,
    outcomes: [inTime, mustSee('slept through', SLEPT)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/condition',
    subject: 'Condition',
    description: 'Look at the flag under the lock of the Condition, without a time-out.',
    words,
    primitives,
    actors: [
      ({ memory, flag, condition }) => {
        condition.acquire();
        while (Atomics.load(memory, flag) === 0) condition.wait();
        condition.release();
      },
      raise,
    ],
    arbiter,
    outcomes: [inTime, forbidden('hang', SLEPT)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-wake-up/event',
    subject: 'Event',
    description: 'Wait for an Event, without a time-out.',
    words,
    primitives: (arena) => ({ event: new Event({ arena }) }),
    prepare: ({ event }) => event.clear(),
    actors: [({ event }) => void event.wait(), ({ event }) => event.set()],
    arbiter,
    outcomes: [inTime, forbidden('hang', SLEPT)],
    batch: 1,
  }),
];

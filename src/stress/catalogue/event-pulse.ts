/*
 * A flag for an Event: the pulse.
 *
 * A worker sleeps until a flag goes up; another raises it, notifies, and lowers it at once. When the sleeper has a
 * processor again the flag is down: it has been woken, but as far as it can see nothing has happened. A count of the
 * raisings does not forget them: a waiter that finds a number other than the one it began with knows that there was a
 * pulse. Event keeps such a number, so that set() followed by clear() releases all waiters.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     flag        noticed 609 · missed 286
 *     generation  noticed 33,824 · missed 0 · hang 0
 *     event       noticed 121 · missed 0 · hang 0
 */
import { Event } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { waiting: 0, flag: 0, pulsed: 0, missed: 0 };
type Pulse = Cell<keyof typeof words, object>;

/** After this many ms the sleeper checks whether it sleeps in vain. */
const NAP = 5;

function announceWaiting({ memory, waiting }: Pulse): void {
  Atomics.store(memory, waiting, 1);
  Atomics.notify(memory, waiting);
}
function awaitWaiter({ memory, waiting }: Pulse): void {
  while (Atomics.load(memory, waiting) === 0) Atomics.wait(memory, waiting, 0);
}

const arbiter = ({ memory, missed }: Cell<'missed', object>): string => (memory[missed] === 1 ? 'missed' : 'noticed');
const noticed = acceptable('noticed', 'The waiter knows that the flag was up.');
const MISSED = 'The flag was up and down again before the waiter looked.';
const HANG = 'The waiter sleeps on after a pulse.';

export const eventPulse = [
  defineStressTest({
    module: import.meta.url,
    name: 'event-pulse/flag',
    subject: 'Event',
    description: 'A word that is 1 for a moment stands for the event.',
    words,
    actors: [
      (cell) => {
        const { memory, flag, pulsed, missed } = cell;
        announceWaiting(cell);
        for (;;) {
          Atomics.wait(memory, flag, 0, NAP);
          if (Atomics.load(memory, flag) === 1) return;
          if (Atomics.load(memory, pulsed) === 1) {
            memory[missed] = 1;
            return;
          }
        }
      },
      (cell) => {
        const { memory, flag, pulsed } = cell;
        awaitWaiter(cell);
        Atomics.store(memory, flag, 1);
        Atomics.notify(memory, flag);
        Atomics.store(memory, flag, 0);
        Atomics.store(memory, pulsed, 1);
      },
    ],
    arbiter,
    outcomes: [noticed, mustSee('missed', MISSED)],
    batch: 64,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'event-pulse/generation',
    subject: 'Atomics',
    description: 'The word counts the pulses.',
    words,
    actors: [
      (cell) => {
        const { memory, flag } = cell;
        const before = Atomics.load(memory, flag);
        announceWaiting(cell);
        while (Atomics.load(memory, flag) === before) Atomics.wait(memory, flag, before);
      },
      (cell) => {
        const { memory, flag } = cell;
        awaitWaiter(cell);
        Atomics.add(memory, flag, 1);
        Atomics.notify(memory, flag);
      },
    ],
    arbiter,
    outcomes: [noticed, forbidden('missed', MISSED), forbidden('hang', HANG)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'event-pulse/event',
    subject: 'Event',
    description: 'An Event is set and cleared at once, while somebody waits for it.',
    words,
    primitives: (arena) => ({ event: new Event({ arena }) }),
    actors: [
      ({ event }) => void event.wait(),
      ({ event }) => {
        while (String(event).includes('waiters: none'));
        event.set();
        event.clear();
      },
    ],
    arbiter,
    outcomes: [noticed, forbidden('missed', MISSED), forbidden('hang', HANG)],
    batch: 1,
  }),
];

/*
 * Notify-one to the wrong waiter.
 *
 * Two workers wait on one Condition for different things. `notify()` wakes the one that has waited longer, whatever it
 * waits for: it finds its own thing still missing and waits on, the notification is spent, and the other one sleeps on
 * although its thing is there. `notifyAll` repairs it, at the price of a needless wake-up; so does a Condition for each
 * thing, over the same lock.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     notify         in time 4,356 · slept through 52
 *     notify-all     in time 2,519 · slept through 0
 *     own-condition  in time 11,502 · slept through 0
 */
import { type Arena, Condition, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { left: 0, right: 0, sleptThrough: 0 };
type Side = 'left' | 'right';
type Notice = 'notify' | 'notifyAll';
type Conditions = Record<`${Side}Changed`, Condition<Lock>>;
type Things = Cell<keyof typeof words, Conditions>;

function oneForBoth(arena: Arena): Conditions {
  const changed = new Condition(new Lock({ arena }));
  return { leftChanged: changed, rightChanged: changed };
}
function oneEach(arena: Arena): Conditions {
  const lock = new Lock({ arena });
  return { leftChanged: new Condition(lock), rightChanged: new Condition(lock) };
}

/** After this many ms a waiter checks whether it waits in vain. */
const NAP = 10;

const waitFor = (side: Side) => (cell: Things) => {
  const { memory, sleptThrough } = cell;
  const changed = cell[`${side}Changed`];
  changed.acquire();
  while (memory[cell[side]] === 0) {
    const notified = changed.wait(NAP);
    if (!notified && memory[cell[side]] === 1) memory[sleptThrough] = 1;
  }
  changed.release();
};

const bring = (notice: Notice) => (cell: Things) => {
  for (const side of ['left', 'right'] as const) {
    const changed = cell[`${side}Changed`];
    changed.acquire();
    cell.memory[cell[side]] = 1;
    changed[notice]();
    changed.release();
  }
};

const actors = (notice: Notice) => [waitFor('left'), waitFor('right'), bring(notice)];
const arbiter = ({ memory, sleptThrough }: Cell<'sleptThrough', object>): string =>
  memory[sleptThrough] === 1 ? 'slept through' : 'in time';
const inTime = acceptable('in time', 'Both were notified, or had no need to wait.');
const SLEPT = 'The notification went to the other waiter: without a time-out this one would sleep for ever.';

export const wrongWaiter = [
  defineStressTest({
    module: import.meta.url,
    name: 'wrong-waiter/notify',
    subject: 'Condition',
    description: 'Two things to wait for, one Condition, notify() for each thing.',
    words,
    primitives: oneForBoth,
    actors: actors('notify'),
    arbiter,
    outcomes: [inTime, mustSee('slept through', SLEPT)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'wrong-waiter/notify-all',
    subject: 'Condition',
    description: 'Two things to wait for, one Condition, notifyAll() for each thing.',
    words,
    primitives: oneForBoth,
    actors: actors('notifyAll'),
    arbiter,
    outcomes: [inTime, forbidden('slept through', SLEPT)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'wrong-waiter/own-condition',
    subject: 'Condition',
    description: 'A Condition for each thing, over one Lock.',
    words,
    primitives: oneEach,
    actors: actors('notify'),
    arbiter,
    outcomes: [inTime, forbidden('slept through', SLEPT)],
    batch: 1,
  }),
];

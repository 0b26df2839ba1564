/*
 * Reuse of a barrier.
 *
 * A barrier that is only a count works once: the last to arrive resets the count to 0 and wakes the others, which leave
 * when they see 0. But a fast worker can be back at the barrier before a slow one has looked; the count is 1 again, the
 * slow one takes it for the old round and sleeps on, the fast one waits for it, and neither leaves. A round number
 * beside the count distinguishes the rounds; Barrier keeps one.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     count-only  all rounds 170 · stuck 69
 *     generation  all rounds 16,288 · hang 0
 *     barrier     all rounds 7,177 · hang 0
 */
import { type Arena, Barrier } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const PARTIES = 2;
const ROUNDS = 2;
const words = { arrived: 0, arrivals: 0, round: 0, stuck: 0 };
type Meeting = Cell<keyof typeof words, object>;

/** After this many ms a sleeper checks whether it sleeps in vain. */
const NAP = 10;

function meetByCount({ memory, arrived, arrivals, stuck }: Meeting, round: number): void {
  Atomics.add(memory, arrivals, 1);
  if (Atomics.add(memory, arrived, 1) === PARTIES - 1) {
    Atomics.store(memory, arrived, 0);
    Atomics.notify(memory, arrived);
    return;
  }
  for (;;) {
    const count = Atomics.load(memory, arrived);
    if (count === 0) return;
    if (
      Atomics.wait(memory, arrived, count, NAP) === 'timed-out' &&
      Atomics.load(memory, arrivals) >= round * PARTIES
    ) {
      memory[stuck] = 1;
      return;
    }
  }
}

function meetByRound({ memory, arrived, round }: Meeting): void {
  const mine = Atomics.load(memory, round);
  if (Atomics.add(memory, arrived, 1) === PARTIES - 1) {
    Atomics.store(memory, arrived, 0);
    Atomics.add(memory, round, 1);
    Atomics.notify(memory, round);
    return;
  }
  while (Atomics.load(memory, round) === mine) Atomics.wait(memory, round, mine);
}

const everyRound =
  <C extends Meeting>(meet: (cell: C, round: number) => void) =>
  (cell: C) => {
    for (let round = 1; round <= ROUNDS; round++) meet(cell, round);
  };
const both = <T>(actor: T): T[] => Array.from({ length: PARTIES }, () => actor);

const arbiter = ({ memory, stuck }: Cell<'stuck', object>): string => (memory[stuck] === 1 ? 'stuck' : 'all rounds');
const through = acceptable('all rounds', 'Both workers left every round.');
const STUCK = 'All had come, and one slept on: without a time-out it would sleep for ever.';

export const barrierReuse = [
  defineStressTest({
    module: import.meta.url,
    name: 'barrier-reuse/count-only',
    subject: 'Barrier',
    description: 'A barrier made by hand, of a count that goes back to 0.',
    words,
    actors: both(everyRound(meetByCount)),
    arbiter,
    outcomes: [through, mustSee('stuck', STUCK)],
    batch: 64,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'barrier-reuse/generation',
    subject: 'Atomics',
    description: 'A barrier made by hand, of a count and the number of the round.',
    words,
    actors: both(everyRound(meetByRound)),
    arbiter,
    outcomes: [through, forbidden('hang', STUCK)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'barrier-reuse/barrier',
    subject: 'Barrier',
    description: 'Both workers wait at a Barrier, round after round.',
    words,
    primitives: (arena: Arena) => ({ barrier: new Barrier(PARTIES, { arena }) }),
    actors: both(everyRound(({ barrier }: Meeting & { barrier: Barrier }) => void barrier.wait())),
    arbiter,
    outcomes: [through, forbidden('hang', STUCK)],
  }),
];

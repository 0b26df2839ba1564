/*
 * Dining philosophers (Dijkstra, 1965).
 *
 * Three sit at a round table with a fork between each two, and eating takes both forks. If each takes the left fork
 * first, all three can hold one and wait forever, in a circle. If one of them takes the right one first, there is no
 * circle. The forks are Locks, which keep their promise in both cases; the order is up to the diners.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     left-first       3 meals 513,516 · hang 2
 *     one-right-first  3 meals 1,873,475 · hang 0
 */
import { type Arena, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const threeForks = (arena: Arena) => ({ forks: [0, 1, 2].map(() => new Lock({ arena })) });

const words = { meals: 0 };
type Diner = Cell<'meals', ReturnType<typeof threeForks>>;

function eat({ memory, meals, forks }: Diner, first: number, second: number): void {
  forks[first].acquire();
  forks[second].acquire();
  Atomics.add(memory, meals, 1);
  forks[second].release();
  forks[first].release();
}

const leftFirst = (seat: number) => (cell: Diner) => eat(cell, seat, (seat + 1) % 3);
const rightFirst = (seat: number) => (cell: Diner) => eat(cell, (seat + 1) % 3, seat);

const arbiter = ({ memory, meals }: Cell<'meals', object>): string => `${memory[meals]} meals`;
const fed = acceptable('3 meals', 'All have eaten.');
const STARVED = 'Each holds the left fork and waits for the right one.';

export const diningPhilosophers = [
  defineStressTest({
    module: import.meta.url,
    name: 'dining-philosophers/left-first',
    subject: 'Lock',
    description: 'All take the left fork first.',
    words,
    primitives: threeForks,
    actors: [leftFirst(0), leftFirst(1), leftFirst(2)],
    arbiter,
    outcomes: [fed, mustSee('hang', STARVED)],
    timeLimit: 250,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'dining-philosophers/one-right-first',
    subject: 'Lock',
    description: 'One takes the right fork first.',
    words,
    primitives: threeForks,
    actors: [leftFirst(0), leftFirst(1), rightFirst(2)],
    arbiter,
    outcomes: [fed, forbidden('hang', STARVED)],
  }),
];

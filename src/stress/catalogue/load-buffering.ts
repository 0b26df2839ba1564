/*
 * Load buffering.
 *
 * Each of two workers reads the other's word and then writes its own. Both can read 1 only if a store overtakes an
 * earlier load. The specification allows that for plain accesses; x86 processors keep the order, ARM processors need not.
 * For Atomics accesses it is forbidden.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     plain    0 0 28,604 · 0 1 276,862 · 1 0 156,267 · 1 1 0
 *     atomics  0 0 10,405 · 0 1 285,557 · 1 0 249,635 · 1 1 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting } from './outcomes.js';

const words = { x: 0, y: 0, sawX: 0, sawY: 0 };
const arbiter = ({ memory, sawY, sawX }: Cell<'sawX' | 'sawY', object>): string => `${memory[sawY]} ${memory[sawX]}`;
const ordered = [
  acceptable('0 0', 'Both read before either wrote.'),
  acceptable('0 1', 'The first worker was before the second.'),
  acceptable('1 0', 'The second worker was before the first.'),
];
const BOTH = 'Each read what the other wrote after its own read';

export const loadBuffering = [
  defineStressTest({
    module: import.meta.url,
    name: 'load-buffering/plain',
    subject: 'plain accesses',
    description: 'Read yours, write mine, by plain accesses.',
    words,
    actors: [
      ({ memory, x, y, sawY }) => {
        memory[sawY] = memory[y];
        memory[x] = 1;
      },
      ({ memory, x, y, sawX }) => {
        memory[sawX] = memory[x];
        memory[y] = 1;
      },
    ],
    arbiter,
    outcomes: [...ordered, interesting('1 1', `${BOTH}. ARM may do that, x86 does not.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'load-buffering/atomics',
    subject: 'Atomics',
    description: 'Read yours, write mine, by Atomics.',
    words,
    actors: [
      ({ memory, x, y, sawY }) => {
        memory[sawY] = Atomics.load(memory, y);
        Atomics.store(memory, x, 1);
      },
      ({ memory, x, y, sawX }) => {
        memory[sawX] = Atomics.load(memory, x);
        Atomics.store(memory, y, 1);
      },
    ],
    arbiter,
    outcomes: [...ordered, forbidden('1 1', `${BOTH}.`)],
  }),
];

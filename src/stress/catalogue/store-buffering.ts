/*
 * Store buffering, the heart of Dekker's algorithm.
 *
 * Each of two workers writes its own word and then reads the other's. In any interleaving of these four steps at least
 * one of them reads 1. With plain accesses both can read 0: the processor lets a load go ahead of an earlier store that
 * still waits in its store buffer (x86 too). Atomics accesses have one order that all agree on, so that 0 0 is forbidden.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     plain    0 1 2,865,097 · 1 0 2,914,160 · 1 1 29,730 · 0 0 175,130
 *     atomics  0 1 2,445,631 · 1 0 2,460,543 · 1 1 187,360 · 0 0 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { x: 0, y: 0, sawX: 0, sawY: 0 };
const arbiter = ({ memory, sawY, sawX }: Cell<'sawX' | 'sawY', object>): string => `${memory[sawY]} ${memory[sawX]}`;
const ordered = [
  acceptable('0 1', 'The first worker was before the second.'),
  acceptable('1 0', 'The second worker was before the first.'),
  acceptable('1 1', 'Both had written before either read.'),
];
const NEITHER = 'Each read before the write of the other arrived, though both had written first';

export const storeBuffering = [
  defineStressTest({
    module: import.meta.url,
    name: 'store-buffering/plain',
    subject: 'plain accesses',
    description: 'Write mine, read yours, by plain accesses.',
    words,
    actors: [
      ({ memory, x, y, sawY }) => {
        memory[x] = 1;
        memory[sawY] = memory[y];
      },
      ({ memory, x, y, sawX }) => {
        memory[y] = 1;
        memory[sawX] = memory[x];
      },
    ],
    arbiter,
    outcomes: [...ordered, mustSee('0 0', `${NEITHER}. x86 and ARM do that.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'store-buffering/atomics',
    subject: 'Atomics',
    description: 'Write mine, read yours, by Atomics.',
    words,
    actors: [
      ({ memory, x, y, sawY }) => {
        Atomics.store(memory, x, 1);
        memory[sawY] = Atomics.load(memory, y);
      },
      ({ memory, x, y, sawX }) => {
        Atomics.store(memory, y, 1);
        memory[sawX] = Atomics.load(memory, x);
      },
    ],
    arbiter,
    outcomes: [...ordered, forbidden('0 0', `${NEITHER}.`)],
  }),
];

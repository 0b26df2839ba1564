/*
 * Independent reads of independent writes (IRIW).
 *
 * Two workers write one word each; two others read both words, in opposite orders. If one reader sees only the first
 * write and the other only the second, they disagree about which came first. Atomics accesses have one order that all
 * agree on, so that is forbidden. For plain accesses the specification allows it: on POWER, and where loads are
 * reordered (ARM), readers may disagree; x86 processors show all of them one order.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that many other programs kept busy:
 *
 *     plain    agree 17,934 · disagree 0
 *     atomics  agree 147,250 · disagree 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting } from './outcomes.js';

const words = { x: 0, y: 0, firstX: 0, thenY: 0, firstY: 0, thenX: 0 };
const arbiter = ({ memory, firstX, thenY, firstY, thenX }: Cell<keyof typeof words, object>): string => {
  const onlyX = memory[firstX] === 1 && memory[thenY] === 0;
  const onlyY = memory[firstY] === 1 && memory[thenX] === 0;
  return onlyX && onlyY ? 'disagree' : 'agree';
};
const agree = acceptable('agree', 'Some order of the writes explains what both readers saw.');
const DISAGREE = 'One reader saw only the first write, the other only the second';

export const independentReads = [
  defineStressTest({
    module: import.meta.url,
    name: 'independent-reads/plain',
    subject: 'plain accesses',
    description: 'Two write, two read in opposite orders, by plain accesses.',
    words,
    actors: [
      ({ memory, x }) => {
        memory[x] = 1;
      },
      ({ memory, y }) => {
        memory[y] = 1;
      },
      ({ memory, x, y, firstX, thenY }) => {
        memory[firstX] = memory[x];
        memory[thenY] = memory[y];
      },
      ({ memory, x, y, firstY, thenX }) => {
        memory[firstY] = memory[y];
        memory[thenX] = memory[x];
      },
    ],
    arbiter,
    outcomes: [agree, interesting('disagree', `${DISAGREE}. ARM and POWER may do that, x86 does not.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'independent-reads/atomics',
    subject: 'Atomics',
    description: 'Two write, two read in opposite orders, by Atomics.',
    words,
    actors: [
      ({ memory, x }) => {
        Atomics.store(memory, x, 1);
      },
      ({ memory, y }) => {
        Atomics.store(memory, y, 1);
      },
      ({ memory, x, y, firstX, thenY }) => {
        memory[firstX] = Atomics.load(memory, x);
        memory[thenY] = Atomics.load(memory, y);
      },
      ({ memory, x, y, firstY, thenX }) => {
        memory[firstY] = Atomics.load(memory, y);
        memory[thenX] = Atomics.load(memory, x);
      },
    ],
    arbiter,
    outcomes: [agree, forbidden('disagree', `${DISAGREE}.`)],
  }),
];

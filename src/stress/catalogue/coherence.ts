/*
 * Coherence of reads (CoRR).
 *
 * One worker writes a word; another reads it twice. To see the new value first and then the old one, reads of one word
 * must be reordered. No processor that JavaScript runs on does that, but the specification lets compilers do it to
 * plain accesses. For Atomics accesses it is forbidden.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that many other programs kept busy:
 *
 *     plain    0 0 46,384 · 0 1 0 · 1 1 117 · 1 0 0
 *     atomics  0 0 10 · 0 1 0 · 1 1 35,035 · 1 0 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting } from './outcomes.js';

const words = { x: 0, first: 0, second: 0 };
const arbiter = ({ memory, first, second }: Cell<'first' | 'second', object>): string =>
  `${memory[first]} ${memory[second]}`;
const inOrder = [
  acceptable('0 0', 'The reader came first.'),
  acceptable('0 1', 'The write came between the two reads.'),
  acceptable('1 1', 'The writer came first.'),
];
const BACK = 'The reader saw the new value, then the old one';

export const coherence = [
  defineStressTest({
    module: import.meta.url,
    name: 'coherence/plain',
    subject: 'plain accesses',
    description: 'Write a word, read it twice, by plain accesses.',
    words,
    actors: [
      ({ memory, x }) => {
        memory[x] = 1;
      },
      ({ memory, x, first, second }) => {
        memory[first] = memory[x];
        memory[second] = memory[x];
      },
    ],
    arbiter,
    outcomes: [...inOrder, interesting('1 0', `${BACK}. A compiler may do that, no processor does.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'coherence/atomics',
    subject: 'Atomics',
    description: 'Write a word, read it twice, by Atomics.',
    words,
    actors: [
      ({ memory, x }) => {
        Atomics.store(memory, x, 1);
      },
      ({ memory, x, first, second }) => {
        memory[first] = Atomics.load(memory, x);
        memory[second] = Atomics.load(memory, x);
      },
    ],
    arbiter,
    outcomes: [...inOrder, forbidden('1 0', `${BACK}.`)],
  }),
];

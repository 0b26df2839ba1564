/*
 * Message overtaking.
 *
 * One worker puts a first letter into one box and then a second into another; the reader finds the second without the
 * first. Nothing was reordered: the reader looked into the first box too early. Boxes that are each correct by
 * themselves keep no order among them. Looking in the reverse order of posting repairs it; so does one Lock over both
 * boxes.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     order-of-posting  - - 447,854 · first - 7,771 · first second 437,403 · - second 2,909
 *     reverse-order     - - 485,542 · first - 76,590 · first second 526,171 · - second 0
 *     lock              - - 142,491 · first - 0 · first second 169,899 · - second 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { first: 0, second: 0, gotFirst: 0, gotSecond: 0 };
type Words = keyof typeof words;

const arbiter = ({ memory, gotFirst, gotSecond }: Cell<Words, object>): string =>
  `${memory[gotFirst] ? 'first' : '-'} ${memory[gotSecond] ? 'second' : '-'}`;
const inOrder = [
  acceptable('- -', 'Nothing was there yet.'),
  acceptable('first -', 'Only the first had been posted.'),
  acceptable('first second', 'Both had been posted.'),
];
const OVERTAKEN = 'The second letter came without the first.';

const post = ({ memory, first, second }: Cell<Words, object>): void => {
  Atomics.store(memory, first, 1);
  Atomics.store(memory, second, 1);
};

export const messageOvertaking = [
  defineStressTest({
    module: import.meta.url,
    name: 'message-overtaking/order-of-posting',
    subject: 'Atomics',
    description: 'The reader looks into the boxes in the order of posting.',
    words,
    actors: [
      post,
      ({ memory, first, second, gotFirst, gotSecond }) => {
        memory[gotFirst] = Atomics.load(memory, first);
        memory[gotSecond] = Atomics.load(memory, second);
      },
    ],
    arbiter,
    outcomes: [...inOrder, mustSee('- second', OVERTAKEN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'message-overtaking/reverse-order',
    subject: 'Atomics',
    description: 'The reader looks into the second box first.',
    words,
    actors: [
      post,
      ({ memory, first, second, gotFirst, gotSecond }) => {
        memory[gotSecond] = Atomics.load(memory, second);
        memory[gotFirst] = Atomics.load(memory, first);
      },
    ],
    arbiter,
    outcomes: [...inOrder, forbidden('- second', OVERTAKEN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'message-overtaking/lock',
    subject: 'Lock',
    description: 'Posting and looking under one Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: [
      (cell) => {
        cell.lock.acquire();
        post(cell);
        cell.lock.release();
      },
      ({ memory, first, second, gotFirst, gotSecond, lock }) => {
        lock.acquire();
        memory[gotFirst] = memory[first];
        memory[gotSecond] = memory[second];
        lock.release();
      },
    ],
    arbiter,
    outcomes: [...inOrder, forbidden('- second', OVERTAKEN)],
  }),
];

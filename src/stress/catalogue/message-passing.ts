/*
 * Message passing.
 *
 * One worker writes a message, then a note that it is there; the other reads the note, then the message. Reading the
 * note without the message requires two stores or two loads to be reordered. The specification allows that for plain
 * accesses; x86 processors and V8 have not been seen to do it, ARM processors do. For Atomics accesses it is forbidden.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     plain    0 0 2,885,940 · 0 1 94,431 · 1 1 2,850,516 · 1 0 0
 *     atomics  0 0 2,410,783 · 0 1 293,822 · 1 1 2,153,107 · 1 0 0
 */
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting } from './outcomes.js';

const words = { message: 0, note: 0, sawNote: 0, sawMessage: 0 };
const arbiter = ({ memory, sawNote, sawMessage }: Cell<'sawNote' | 'sawMessage', object>): string =>
  `${memory[sawNote]} ${memory[sawMessage]}`;
const inOrder = [
  acceptable('0 0', 'The reader came first.'),
  acceptable('0 1', 'The reader came between the two stores.'),
  acceptable('1 1', 'The writer came first.'),
];
const OVERTAKEN = 'The note arrived without the message';

export const messagePassing = [
  defineStressTest({
    module: import.meta.url,
    name: 'message-passing/plain',
    subject: 'plain accesses',
    description: 'Write the message, then the note, by plain accesses.',
    words,
    actors: [
      ({ memory, message, note }) => {
        memory[message] = 1;
        memory[note] = 1;
      },
      ({ memory, message, note, sawNote, sawMessage }) => {
        memory[sawNote] = memory[note];
        memory[sawMessage] = memory[message];
      },
    ],
    arbiter,
    outcomes: [...inOrder, interesting('1 0', `${OVERTAKEN}. ARM may do that, x86 does not.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'message-passing/atomics',
    subject: 'Atomics',
    description: 'Write the message, then the note, by Atomics.',
    words,
    actors: [
      ({ memory, message, note }) => {
        Atomics.store(memory, message, 1);
        Atomics.store(memory, note, 1);
      },
      ({ memory, message, note, sawNote, sawMessage }) => {
        memory[sawNote] = Atomics.load(memory, note);
        memory[sawMessage] = Atomics.load(memory, message);
      },
    ],
    arbiter,
    outcomes: [...inOrder, forbidden('1 0', `${OVERTAKEN}.`)],
  }),
];

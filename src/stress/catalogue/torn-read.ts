/*
 * Torn read of two words.
 *
 * A writer changes two words that belong together; a reader reads both, and gets one from before and one from after the
 * change. Atomics make each word whole, never the pair. A Lock makes the pair whole; so does a sequence number that is
 * odd while the pair is being changed, which tells a reader that it has to read again.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     plain     0 0 102,533 · 1 1 196,942 · 1 0 86 · 0 1 94
 *     atomics   0 0 175,646 · 1 1 109,341 · 1 0 438 · 0 1 167
 *     sequence  0 0 152,477 · 1 1 204,525 · 1 0 0 · 0 1 0
 *     lock      0 0 113,807 · 1 1 101,498 · 1 0 0 · 0 1 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const words = { left: 0, right: 0, sawLeft: 0, sawRight: 0 };
const arbiter = ({ memory, sawLeft, sawRight }: Cell<'sawLeft' | 'sawRight', object>): string =>
  `${memory[sawLeft]} ${memory[sawRight]}`;
const whole = [acceptable('0 0', 'The pair before the change.'), acceptable('1 1', 'The pair after the change.')];
const NEW_LEFT = 'New left, old right: read in the midst of the change.';
const NEW_RIGHT = 'Old left, new right: the whole change fell between the two reads.';
const never = [forbidden('1 0', NEW_LEFT), forbidden('0 1', NEW_RIGHT)];

export const tornRead = [
  defineStressTest({
    module: import.meta.url,
    name: 'torn-read/plain',
    subject: 'plain accesses',
    description: 'Two words are written and read without protection.',
    words,
    actors: [
      ({ memory, left, right }) => {
        memory[left] = 1;
        memory[right] = 1;
      },
      ({ memory, left, right, sawLeft, sawRight }) => {
        memory[sawLeft] = memory[left];
        memory[sawRight] = memory[right];
      },
    ],
    arbiter,
    outcomes: [...whole, interesting('1 0', NEW_LEFT), mustSee('0 1', NEW_RIGHT)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'torn-read/atomics',
    subject: 'Atomics',
    description: 'Each word is written and read by Atomics.',
    words,
    actors: [
      ({ memory, left, right }) => {
        Atomics.store(memory, left, 1);
        Atomics.store(memory, right, 1);
      },
      ({ memory, left, right, sawLeft, sawRight }) => {
        memory[sawLeft] = Atomics.load(memory, left);
        memory[sawRight] = Atomics.load(memory, right);
      },
    ],
    arbiter,
    outcomes: [...whole, mustSee('1 0', NEW_LEFT), interesting('0 1', NEW_RIGHT)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'torn-read/sequence',
    subject: 'Atomics',
    description: 'A sequence number tells the reader to read again.',
    words: { ...words, sequence: 0 },
    actors: [
      ({ memory, sequence, left, right }) => {
        Atomics.store(memory, sequence, 1);
        Atomics.store(memory, left, 1);
        Atomics.store(memory, right, 1);
        Atomics.store(memory, sequence, 2);
      },
      ({ memory, sequence, left, right, sawLeft, sawRight }) => {
        let before: number;
        do {
          before = Atomics.load(memory, sequence);
          memory[sawLeft] = Atomics.load(memory, left);
          memory[sawRight] = Atomics.load(memory, right);
        } while (before % 2 === 1 || Atomics.load(memory, sequence) !== before);
      },
    ],
    arbiter,
    outcomes: [...whole, ...never],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'torn-read/lock',
    subject: 'Lock',
    description: 'Both words are written under a Lock, and read under it.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: [
      ({ memory, left, right, lock }) => {
        lock.acquire();
        memory[left] = 1;
        memory[right] = 1;
        lock.release();
      },
      ({ memory, left, right, sawLeft, sawRight, lock }) => {
        lock.acquire();
        memory[sawLeft] = memory[left];
        memory[sawRight] = memory[right];
        lock.release();
      },
    ],
    arbiter,
    outcomes: [...whole, ...never],
  }),
];

/*
 * ABA on a free list.
 *
 * Nodes 1 → 2 → 3 are free. Taking one reads the head (1), reads its successor (2), and exchanges the head for it if it
 * is still 1. If another worker takes 1 and 2 and gives 1 back in between, the head is 1 again and the exchange
 * succeeds, but it makes 2 the head, which is in use. A count of changes beside the head distinguishes the old 1 from
 * the new; under a Lock nobody can come in between.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     compare-exchange  sound 270,802 · corrupt 4
 *     counted           sound 452,803 · corrupt 0
 *     lock              sound 120,506 · corrupt 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const NODES = 3;
const words = { head: 1, next1: 2, next2: 3, next3: 0, usedBy1: 0, usedBy2: 0, usedBy3: 0 };
type FreeList = Cell<keyof typeof words, object>;

/** The head word: the node, and above it how often the head has changed; the count stays 0 if it is not kept. */
const nodeOf = (head: number): number => head & 0xff;
const nextOf = (list: FreeList, node: number): number => [0, list.next1, list.next2, list.next3][node];
const usersOf = (list: FreeList, node: number): number => [0, list.usedBy1, list.usedBy2, list.usedBy3][node];

/** Takes a node, and records its new owner. */
function take(list: FreeList, change: number): number {
  const { memory, head } = list;
  for (;;) {
    const seen = Atomics.load(memory, head);
    const node = nodeOf(seen);
    if (node === 0) return 0;
    const next = Atomics.load(memory, nextOf(list, node));
    if (Atomics.compareExchange(memory, head, seen, (seen - node + change) | next) !== seen) continue;
    Atomics.add(memory, usersOf(list, node), 1);
    return node;
  }
}

function giveBack(list: FreeList, node: number, change: number): void {
  const { memory, head } = list;
  Atomics.sub(memory, usersOf(list, node), 1);
  for (;;) {
    const seen = Atomics.load(memory, head);
    Atomics.store(memory, nextOf(list, node), nodeOf(seen));
    if (Atomics.compareExchange(memory, head, seen, (seen - nodeOf(seen) + change) | node) === seen) return;
  }
}

const takeOne = (change: number) => (list: FreeList) => {
  take(list, change);
};
const takeTwoGiveOne = (change: number) => (list: FreeList) => {
  const first = take(list, change);
  take(list, change);
  giveBack(list, first, change);
};

/** Whether a node is in the list and in use at once, or in use twice. */
function arbiter(list: FreeList): string {
  const { memory, head } = list;
  const free = new Set<number>();
  for (let node = nodeOf(memory[head]); node !== 0 && !free.has(node); node = memory[nextOf(list, node)])
    free.add(node);
  for (let node = 1; node <= NODES; node++) {
    if (memory[usersOf(list, node)] + (free.has(node) ? 1 : 0) !== 1) return 'corrupt';
  }
  return 'sound';
}
const sound = acceptable('sound', 'Every node is either free or in use by one worker.');
const CORRUPT = 'A node is free and in use, or in use twice.';
const ONE_CHANGE = 0x100;

export const freeList = [
  defineStressTest({
    module: import.meta.url,
    name: 'free-list/compare-exchange',
    subject: 'Atomics',
    description: 'The head holds the first node and nothing else.',
    words,
    actors: [takeOne(0), takeTwoGiveOne(0)],
    arbiter,
    outcomes: [sound, mustSee('corrupt', CORRUPT)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'free-list/counted',
    subject: 'Atomics',
    description: 'The head holds the first node and a count of changes.',
    words,
    actors: [takeOne(ONE_CHANGE), takeTwoGiveOne(ONE_CHANGE)],
    arbiter,
    outcomes: [sound, forbidden('corrupt', CORRUPT)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'free-list/lock',
    subject: 'Lock',
    description: 'Nodes are taken and given back under a Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: [
      (cell) => {
        cell.lock.acquire();
        takeOne(0)(cell);
        cell.lock.release();
      },
      (cell) => {
        cell.lock.acquire();
        takeTwoGiveOne(0)(cell);
        cell.lock.release();
      },
    ],
    arbiter,
    outcomes: [sound, forbidden('corrupt', CORRUPT)],
  }),
];

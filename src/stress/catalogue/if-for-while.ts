/*
 * `if` for `while`.
 *
 * A worker waits until there is an item, and is notified when there is. But it was notified, not handed the item:
 * before it has the lock again, another worker may come and take the item. A waiter that checks again (`while`, or
 * waitFor) finds nothing and waits on; one that does not (`if`) takes from an empty shelf. The Condition keeps its
 * promise in both cases.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     if        one each 4,257 · took nothing 2 · hang 0
 *     while     one each 14,719 · took nothing 0 · hang 0
 *     wait-for  one each 14,416 · took nothing 0 · hang 0
 */
import { type Arena, Condition, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { items: 0, nothing: 0 };
const primitives = (arena: Arena) => ({ condition: new Condition(new Lock({ arena })) });
type Shelf = Cell<keyof typeof words, ReturnType<typeof primitives>>;

/** Waits in the given way for an item and takes it. */
const takeAfter = (wait: (shelf: Shelf) => void) => (shelf: Shelf) => {
  const { memory, items, nothing, condition } = shelf;
  condition.acquire();
  wait(shelf);
  if (memory[items] > 0) memory[items] -= 1;
  else memory[nothing] = 1;
  condition.release();
};

/** Puts two items on the shelf, one after the other. */
function putTwo({ memory, items, condition }: Shelf): void {
  for (let item = 0; item < 2; item++) {
    condition.acquire();
    memory[items] += 1;
    condition.notify();
    condition.release();
  }
}

const byIf = takeAfter(({ memory, items, condition }) => {
  if (memory[items] === 0) condition.wait();
});
const byWhile = takeAfter(({ memory, items, condition }) => {
  while (memory[items] === 0) condition.wait();
});
const byWaitFor = takeAfter(({ memory, items, condition }) => {
  condition.waitFor(() => memory[items] > 0);
});

const arbiter = ({ memory, nothing }: Cell<'nothing', object>): string =>
  memory[nothing] === 0 ? 'one each' : 'took nothing';
const each = acceptable('one each', 'Both workers have taken an item.');
const NOTHING = 'Another worker took the item between the notification and the waking.';
const HANG = 'A worker waits although there is an item.';

export const ifForWhile = [
  defineStressTest({
    module: import.meta.url,
    name: 'if-for-while/if',
    subject: 'Condition',
    description: 'If there is no item, wait; then take one.',
    words,
    primitives,
    actors: [byIf, byIf, putTwo],
    arbiter,
    outcomes: [each, mustSee('took nothing', NOTHING), forbidden('hang', HANG)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'if-for-while/while',
    subject: 'Condition',
    description: 'While there is no item, wait; then take one.',
    words,
    primitives,
    actors: [byWhile, byWhile, putTwo],
    arbiter,
    outcomes: [each, forbidden('took nothing', NOTHING), forbidden('hang', HANG)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'if-for-while/wait-for',
    subject: 'Condition',
    description: 'The loop is in waitFor.',
    words,
    primitives,
    actors: [byWaitFor, byWaitFor, putTwo],
    arbiter,
    outcomes: [each, forbidden('took nothing', NOTHING), forbidden('hang', HANG)],
    batch: 1,
  }),
];

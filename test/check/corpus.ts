/** Algorithms of the literature, as they are and with one thing wrong, for the explorer to tell apart. */
import type { Memory, Scenario } from 'atomics-sync-free/check';

type M = Memory<string>;

/** A lock for threads that are numbered from 0. */
interface Mutex {
  readonly name: string;
  /** Where it was published. */
  readonly source: string;
  readonly memory: Readonly<Record<string, number>>;
  readonly threads: number;
  /** What is wrong in the broken one. */
  readonly flaw: string;
  readonly enter: (memory: M, me: number, broken: boolean) => void;
  readonly leave: (memory: M, me: number, broken: boolean) => void;
}

const load = ({ words, at }: M, name: string): number => Atomics.load(words, at[name]);
const store = ({ words, at }: M, name: string, value: number): void => {
  Atomics.store(words, at[name], value);
};
const exchange = ({ words, at }: M, name: string, value: number): number => Atomics.exchange(words, at[name], value);
const swap = ({ words, at }: M, name: string, from: number, to: number): number =>
  Atomics.compareExchange(words, at[name], from, to);

export const mutexes: readonly Mutex[] = [
  {
    name: 'test-and-set',
    source: 'Anderson, The Performance of Spin Lock Alternatives, 1990',
    memory: { lock: 0 },
    threads: 3,
    flaw: 'tests, then sets',
    enter(m, _, broken) {
      if (broken) {
        while (load(m, 'lock') === 1);
        store(m, 'lock', 1);
      } else while (exchange(m, 'lock', 1) === 1);
    },
    leave: (m) => store(m, 'lock', 0),
  },
  {
    name: 'test-and-test-and-set',
    source: 'Rudolph and Segall, Dynamic Decentralized Cache Schemes, 1984',
    memory: { lock: 0 },
    threads: 3,
    flaw: 'takes no notice of what the second test says',
    enter(m, _, broken) {
      do while (load(m, 'lock') === 1);
      while (exchange(m, 'lock', 1) === 1 && !broken);
    },
    leave: (m) => store(m, 'lock', 0),
  },
  {
    name: 'tickets',
    source: 'Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991',
    memory: { next: 0, serving: 0 },
    threads: 3,
    flaw: 'draws a ticket by a load and a store',
    enter(m, _, broken) {
      const mine = broken ? load(m, 'next') : Atomics.add(m.words, m.at.next, 1);
      if (broken) store(m, 'next', mine + 1);
      while (load(m, 'serving') !== mine);
    },
    leave: (m) => store(m, 'serving', load(m, 'serving') + 1),
  },
  {
    name: 'Peterson',
    source: 'Peterson, Myths About the Mutual Exclusion Problem, 1981',
    memory: { flag0: 0, flag1: 0, turn: 0 },
    threads: 2,
    flaw: 'gives way before it raises its flag',
    enter(m, me, broken) {
      if (broken) store(m, 'turn', 1 - me);
      store(m, `flag${me}`, 1);
      if (!broken) store(m, 'turn', 1 - me);
      while (load(m, `flag${1 - me}`) === 1 && load(m, 'turn') === 1 - me);
    },
    leave: (m, me) => store(m, `flag${me}`, 0),
  },
  {
    name: 'Dekker',
    source: 'Dijkstra, Cooperating Sequential Processes, 1965',
    memory: { flag0: 0, flag1: 0, turn: 0 },
    threads: 2,
    flaw: 'does not lower its flag while it waits for its turn',
    enter(m, me, broken) {
      store(m, `flag${me}`, 1);
      while (load(m, `flag${1 - me}`) === 1) {
        if (load(m, 'turn') === me) continue;
        if (!broken) store(m, `flag${me}`, 0);
        while (load(m, 'turn') !== me);
        store(m, `flag${me}`, 1);
      }
    },
    leave(m, me) {
      store(m, 'turn', 1 - me);
      store(m, `flag${me}`, 0);
    },
  },
  {
    name: 'one bit',
    source: 'Burns and Lynch, Mutual Exclusion Using Indivisible Reads and Writes, 1980',
    memory: { flag0: 0, flag1: 0 },
    threads: 2,
    flaw: 'the second does not look again after it has raised its flag',
    enter(m, me, broken) {
      if (me === 0) {
        store(m, 'flag0', 1);
        while (load(m, 'flag1') === 1);
        return;
      }
      do {
        store(m, 'flag1', 0);
        while (load(m, 'flag0') === 1);
        store(m, 'flag1', 1);
      } while (!broken && load(m, 'flag0') === 1);
    },
    leave: (m, me) => store(m, `flag${me}`, 0),
  },
  {
    name: 'bakery',
    source: "Lamport, A New Solution of Dijkstra's Concurrent Programming Problem, 1974",
    memory: { choosing0: 0, choosing1: 0, number0: 0, number1: 0 },
    threads: 2,
    flaw: 'does not wait while the other chooses its number',
    enter(m, me, broken) {
      const other = 1 - me;
      store(m, `choosing${me}`, 1);
      const mine = load(m, `number${other}`) + 1;
      store(m, `number${me}`, mine);
      store(m, `choosing${me}`, 0);
      if (!broken) while (load(m, `choosing${other}`) === 1);
      for (;;) {
        const its = load(m, `number${other}`);
        if (its === 0 || its > mine || (its === mine && other > me)) return;
      }
    },
    leave: (m, me) => store(m, `number${me}`, 0),
  },
  {
    name: 'MCS',
    source: 'Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991',
    // A node's number is that of its thread, from 1; 0 is nobody.
    memory: { tail: 0, next1: 0, next2: 0, next3: 0, waits1: 0, waits2: 0, waits3: 0 },
    threads: 3,
    flaw: 'goes away when it sees no successor yet',
    enter(m, me) {
      const node = me + 1;
      store(m, `next${node}`, 0);
      const before = exchange(m, 'tail', node);
      if (before === 0) return;
      store(m, `waits${node}`, 1);
      store(m, `next${before}`, node);
      while (load(m, `waits${node}`) === 1);
    },
    leave(m, me, broken) {
      const node = me + 1;
      if (load(m, `next${node}`) === 0) {
        if (swap(m, 'tail', node, 0) === node || broken) return;
        while (load(m, `next${node}`) === 0);
      }
      store(m, `waits${load(m, `next${node}`)}`, 0);
    },
  },
];

/** Each thread of a lock goes in once. */
export function scenarioOf({ memory, threads, enter, leave }: Mutex, broken: boolean): Scenario<string, 'inside'> {
  return {
    memory,
    ghosts: { inside: 0 },
    threads: Array.from({ length: threads }, (_, me) => (m, thread) => {
      enter(m, me, broken);
      thread.ghost.add('inside', 1);
      thread.step();
      thread.ghost.add('inside', -1);
      leave(m, me, broken);
    }),
    invariant: ({ inside }) => inside <= 1 || `${inside} are inside`,
  };
}

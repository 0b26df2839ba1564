/** Many readers or one writer; and data that is read while it is written. */
import { type Algorithm, type AnyScenario, numbered, part, visit, type Words } from './algorithm.js';

/** Readers go in together, a writer alone. */
const shared: Pick<AnyScenario, 'ghosts' | 'invariant'> = {
  ghosts: { readers: 0, writers: 0 },
  invariant: ({ readers, writers }) =>
    writers === 0 || (writers === 1 && readers === 0) || `${readers} readers and ${writers} writers are inside`,
};

interface ReadersAndWriters extends Omit<Algorithm, 'scenario'> {
  readonly memory: Readonly<Record<string, number>>;
  readonly readers: number;
  readonly writers: number;
  readonly read: (words: Words, broken: boolean, inside: () => void, me: number) => void;
  readonly write: (words: Words, broken: boolean, inside: () => void) => void;
}

const lock = ({ memory, readers, writers, read, write, ...rest }: ReadersAndWriters): Algorithm => ({
  ...rest,
  scenario: (broken) => ({
    ...shared,
    memory,
    threads: [
      ...Array(readers).fill(part((w, me, thread) => read(w, broken, () => visit(thread, 'readers'), me))),
      ...Array(writers).fill(part((w, _, thread) => write(w, broken, () => visit(thread, 'writers')))),
    ],
  }),
});

/** One thread writes pairs of equal numbers, another must see equal numbers. */
function pairs(
  memory: Readonly<Record<string, number>>,
  read: (words: Words) => readonly [number, number],
  write: (words: Words) => void,
): AnyScenario {
  return {
    memory,
    ghosts: { torn: 0 },
    threads: [
      part((w, _, thread) => {
        const [one, other] = read(w);
        if (one !== other) thread.ghost.set('torn', 1);
      }),
      part(write),
    ],
    final: ({ torn }) => torn === 0 || 'the reader saw half of a write',
  };
}

export const readersAndWriters: readonly Algorithm[] = [
  lock({
    name: 'readers first',
    source: "Courtois, Heymans and Parnas, Concurrent Control with 'Readers' and 'Writers', 1971, problem 1",
    flaw: 'readers are counted without the semaphore round it',
    memory: { mutex: 1, free: 1, count: 0 },
    readers: 2,
    writers: 1,
    read(w, broken, inside) {
      const count = (by: number): void => {
        if (!broken) w.down('mutex');
        const now = w.get('count') + by;
        w.set('count', now);
        if (by === 1 && now === 1) w.down('free');
        if (by === -1 && now === 0) w.up('free');
        if (!broken) w.up('mutex');
      };
      count(1);
      inside();
      count(-1);
    },
    write(w, _, inside) {
      w.down('free');
      inside();
      w.up('free');
    },
    long: true,
  }),
  lock({
    name: 'writers first',
    source: "Courtois, Heymans and Parnas, Concurrent Control with 'Readers' and 'Writers', 1971, problem 2",
    flaw: 'a reader keeps the door shut until it goes out',
    memory: { queue: 1, door: 1, mutex: 1, free: 1, count: 0 },
    readers: 1,
    writers: 1,
    read(w, broken, inside) {
      w.down('queue');
      w.down('door');
      w.down('mutex');
      if (w.add('count', 1) === 0) w.down('free');
      w.up('mutex');
      if (!broken) w.up('door');
      w.up('queue');
      inside();
      if (broken) w.down('door');
      w.down('mutex');
      if (w.add('count', -1) === 1) w.up('free');
      w.up('mutex');
    },
    write(w, _, inside) {
      w.down('door');
      w.down('free');
      inside();
      w.up('free');
      w.up('door');
    },
  }),
  lock({
    name: 'one counter',
    source: 'Mellor-Crummey and Scott, Scalable Reader-Writer Synchronization, 1991, centralized',
    flaw: 'a reader looks for the writer, then counts itself',
    // The writer is 100.
    memory: { users: 0 },
    readers: 2,
    writers: 1,
    read(w, broken, inside) {
      for (;;) {
        while (w.get('users') >= 100);
        if (w.add('users', 1) < 100 || broken) break;
        w.add('users', -1);
      }
      inside();
      w.add('users', -1);
    },
    write(w, _, inside) {
      while (!w.cas('users', 0, 100));
      inside();
      w.add('users', -100);
    },
  }),
  lock({
    name: 'fair, by tickets',
    source: 'Mellor-Crummey and Scott, Scalable Reader-Writer Synchronization, 1991, the fair lock',
    flaw: 'a writer lets on the next writer only',
    memory: { next: 0, read: 0, write: 0 },
    readers: 2,
    writers: 1,
    read(w, _, inside) {
      w.until('read', w.add('next', 1));
      w.add('read', 1);
      inside();
      w.add('write', 1);
    },
    write(w, broken, inside) {
      w.until('write', w.add('next', 1));
      inside();
      if (!broken) w.add('read', 1);
      w.add('write', 1);
    },
  }),
  lock({
    name: 'announced writer',
    source: 'Go, sync.RWMutex, since 2011',
    flaw: 'the writer notes how many readers it waits for over those that have left meanwhile',
    // A writer that is there, or is coming, takes 100 from the readers.
    memory: { count: 0, waited: 0, letIn: 0, letOn: 0 },
    readers: 2,
    writers: 1,
    read(w, _, inside) {
      if (w.add('count', 1) < 0) w.down('letIn');
      inside();
      if (w.add('count', -1) <= 0 && w.add('waited', -1) === 1) w.up('letOn');
    },
    write(w, broken, inside) {
      const there = w.add('count', -100);
      const left = broken ? there : w.add('waited', there) + there;
      if (broken) w.set('waited', there);
      if (left !== 0) w.down('letOn');
      inside();
      const waiting = w.add('count', 100) + 100;
      for (let each = 0; each < waiting; each++) w.up('letIn');
    },
  }),
  lock({
    name: 'a flag for each reader',
    source: 'Hsieh and Weihl, Scalable Reader-Writer Locks for Parallel Systems, 1992',
    flaw: 'a reader looks for the writer before it raises its flag',
    memory: { writer: 0, ...numbered('reads', 2) },
    readers: 2,
    writers: 1,
    read(w, broken, inside, me) {
      for (;;) {
        if (broken) w.until('writer', 0);
        w.set(`reads${me}`, 1);
        if (broken || w.get('writer') === 0) break;
        w.set(`reads${me}`, 0);
        w.until('writer', 0);
      }
      inside();
      w.set(`reads${me}`, 0);
    },
    write(w, _, inside) {
      w.set('writer', 1);
      w.until('reads0', 0);
      w.until('reads1', 0);
      inside();
      w.set('writer', 0);
    },
  }),
  {
    name: 'from reader to writer',
    source: 'Boost.Thread, upgrade_lock; Gray and Reuter, Transaction Processing, 1992: update locks',
    flaw: 'readers become writers without having said beforehand that they might',
    // The writer is 100; a reader that may become one has said so in `may`.
    scenario: (broken) => ({
      ...shared,
      memory: { users: 0, may: 0 },
      threads: Array(2).fill(
        part((w, _, thread) => {
          if (!broken) w.lock('may');
          w.add('users', 1);
          visit(thread, 'readers');
          while (!w.cas('users', 1, 100));
          visit(thread, 'writers');
          w.set('users', 0);
          if (!broken) w.unlock('may');
        }),
      ),
    }),
  },
  {
    name: 'sequence lock',
    source:
      'Lameter, Effective Synchronization on Linux/NUMA Systems, 2005; Boehm, Can Seqlocks Get Along With Programming Language Memory Models?, 2012',
    flaw: 'the reader does not look again',
    scenario: (broken) =>
      pairs(
        { sequence: 0, x: 0, y: 0 },
        (w) => {
          for (;;) {
            w.again();
            const before = w.get('sequence');
            if (before % 2 === 1) continue;
            const [x, y] = [w.get('x'), w.get('y')];
            if (broken || w.get('sequence') === before) return [x, y];
          }
        },
        (w) => {
          w.add('sequence', 1);
          w.set('x', 1);
          w.set('y', 1);
          w.add('sequence', 1);
        },
      ),
  },
  {
    name: 'two version numbers',
    source: 'Lamport, Concurrent Reading and Writing, 1977',
    flaw: 'the reader reads the versions in the order in which they are written',
    scenario: (broken) =>
      pairs(
        { first: 0, x: 0, y: 0, second: 0 },
        (w) => {
          for (;;) {
            w.again();
            const before = w.get(broken ? 'first' : 'second');
            const [x, y] = [w.get('x'), w.get('y')];
            if (w.get(broken ? 'second' : 'first') === before) return [x, y];
          }
        },
        (w) => {
          for (let version = 1; version <= 2; version++) {
            w.set('first', version);
            w.set('x', version);
            w.set('y', version);
            w.set('second', version);
          }
        },
      ),
  },
  {
    name: 'four slots',
    source: 'Simpson, Four-Slot Fully Asynchronous Communication Mechanism, 1990',
    flaw: 'the reader does not say which pair of slots it reads',
    scenario: (broken) =>
      pairs(
        { latest: 0, reading: 0, ...numbered('slot', 2), ...numbered('x', 4), ...numbered('y', 4) },
        (w) => {
          const pair = w.get('latest');
          if (!broken) w.set('reading', pair);
          const place = 2 * pair + w.get(`slot${pair}`);
          return [w.get(`x${place}`), w.get(`y${place}`)];
        },
        (w) => {
          for (let value = 1; value <= 3; value++) {
            const pair = 1 - w.get('reading');
            const slot = 1 - w.get(`slot${pair}`);
            w.set(`x${2 * pair + slot}`, value);
            w.set(`y${2 * pair + slot}`, value);
            w.set(`slot${pair}`, slot);
            w.set('latest', pair);
          }
        },
      ),
  },
  {
    name: 'left and right',
    source:
      'Ramalhete and Correia, Left-Right: A Concurrency Control Technique with Wait-Free Population Oblivious Reads, 2013',
    flaw: 'the writer waits for the readers of one version only',
    scenario: (broken) =>
      pairs(
        { side: 0, version: 0, ...numbered('readers', 2), ...numbered('x', 2), ...numbered('y', 2) },
        (w) => {
          const version = w.get('version');
          w.add(`readers${version}`, 1);
          const side = w.get('side');
          const seen = [w.get(`x${side}`), w.get(`y${side}`)] as const;
          w.add(`readers${version}`, -1);
          return seen;
        },
        (w) => {
          const write = (side: number, value: number): void => {
            w.set(`x${side}`, value);
            w.set(`y${side}`, value);
          };
          const [before, now] = [w.get('side'), w.get('version')];
          write(1 - before, 1);
          w.set('side', 1 - before);
          w.until(`readers${1 - now}`, 0);
          w.set('version', 1 - now);
          if (!broken) w.until(`readers${now}`, 0);
          write(before, 1);
        },
      ),
  },
  {
    name: 'snapshot by two collects',
    source: 'Afek, Attiya, Dolev, Gafni, Merritt and Shavit, Atomic Snapshots of Shared Memory, 1993',
    flaw: 'collects once',
    scenario: (broken) => ({
      memory: { x: 0, y: 0 },
      ghosts: { impossible: 0 },
      threads: [
        part((w) => {
          w.set('x', 1);
          w.set('y', 1);
        }),
        part((w, _, thread) => {
          for (;;) {
            const [x, y] = [w.get('x'), w.get('y')];
            if (!broken && (w.get('x') !== x || w.get('y') !== y)) continue;
            if (y > x) thread.ghost.set('impossible', 1);
            return;
          }
        }),
      ],
      final: ({ impossible }) => impossible === 0 || 'the words never held these values at the same time',
    }),
  },
  {
    name: 'versioned reads of a transaction',
    source: 'Dice, Shalev and Shavit, Transactional Locking II, 2006',
    flaw: 'the reader does not ask for the versions of what it reads',
    // A version is even; odd while its word is locked.
    scenario: (broken) =>
      pairs(
        { clock: 0, x: 0, y: 0, xVersion: 0, yVersion: 0 },
        (w) => {
          for (;;) {
            w.again();
            const now = w.get('clock');
            const read = (name: string): number | undefined => {
              const before = w.get(`${name}Version`);
              const value = w.get(name);
              const whole = before % 2 === 0 && before <= now && w.get(`${name}Version`) === before;
              return whole || broken ? value : undefined;
            };
            const [x, y] = [read('x'), read('y')];
            if (x !== undefined && y !== undefined) return [x, y];
          }
        },
        (w) => {
          w.add('xVersion', 1);
          w.add('yVersion', 1);
          const version = w.add('clock', 2) + 2;
          w.set('x', 1);
          w.set('y', 1);
          w.set('xVersion', version);
          w.set('yVersion', version);
        },
      ),
  },
];

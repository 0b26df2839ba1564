// The room that primitives take in an arena, and the time to make, share and attach many.
import { Arena, Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import { duration, number } from '../lib/format.mjs';
import { across, interleave } from '../lib/interleave.mjs';

const MANY = 10_000;

const KINDS = {
  Lock: (arena) => new Lock({ arena }),
  RLock: (arena) => new RLock({ arena }),
  Semaphore: (arena) => new Semaphore(1, { arena }),
  BoundedSemaphore: (arena) => new BoundedSemaphore(1, { arena }),
  Event: (arena) => new Event({ arena }),
  'Condition, its RLock included': (arena) => new Condition(undefined, { arena }),
  Barrier: (arena) => new Barrier(2, { arena }),
  RWLock: (arena) => new RWLock({ arena }),
};

function bytesOf(make, packed) {
  const arena = new Arena({ packed });
  const before = arena.bytesFree;
  for (let i = 0; i < 100; i++) make(arena);
  return (before - arena.bytesFree) / 100;
}

export default {
  name: 'room',
  title: 'Room, and many primitives',

  async measure(lab) {
    const bytes = Object.entries(KINDS).map(([name, make]) => ({
      name,
      apart: bytesOf(make, false),
      packed: bytesOf(make, true),
    }));
    lab.say(`${MANY} primitives`);
    const kinds = ['Lock', 'Lock, default arena', 'one buffer each', 'multithreading'];
    const contenders = kinds.map((kind) => lab.js(kind, 'many.mjs', kind));
    const plan = { sets: 1, rounds: lab.choose(1, 7), warmUp: 1, numbers: [MANY], limit: 20_000 };
    const results = await interleave(contenders, plan);
    const many = Object.entries(results).map(([name, { values, state }]) => {
      const part = (key) => across(values.map((value) => value?.[key] ?? null));
      return { name, state, create: part('create'), share: part('share'), attach: part('attach'), heap: part('heap') };
    });
    return { bytes, many };
  },

  tables({ bytes, many }) {
    const ms = (summary) => (summary === undefined ? '–' : duration(summary.median * 1e6));
    return [
      {
        title: 'Bytes of the arena that a primitive takes',
        keys: 1,
        head: ['', 'on lines of its own', 'packed'],
        rows: bytes.map(({ name, apart, packed }) => [name, number(apart), number(packed)]),
      },
      {
        title: `${MANY.toLocaleString('en-US')} of them`,
        keys: 1,
        head: ['', 'make', 'share', 'attach in another agent', 'bytes of heap each'],
        rows: many.map(({ name, create, share, attach, heap }) => [
          name,
          ms(create),
          ms(share),
          ms(attach),
          number(heap?.median),
        ]),
      },
    ];
  },

  targets: () => [],
};

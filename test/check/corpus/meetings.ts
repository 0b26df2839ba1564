/** Threads that wait for each other or for something to happen: barriers, events, conditions. */
import { type Algorithm, type AnyScenario, alike, numbered, part, type Words } from './algorithm.js';

/** Threads meet at a barrier several times; `arrived` counts by round, and nobody goes on before all have come. */
function rounds(
  threads: number,
  memory: Readonly<Record<string, number>>,
  meet: (words: Words, me: number, round: number) => void,
  count = 2,
): AnyScenario {
  return {
    memory: { ...memory, ...numbered('arrived', count) },
    ghosts: { early: 0 },
    threads: alike(threads, (w, me, thread) => {
      for (let round = 0; round < count; round++) {
        w.again(`round ${round}`);
        w.add(`arrived${round}`, 1);
        meet(w, me, round);
        if (w.get(`arrived${round}`) < threads) thread.ghost.set('early', 1);
      }
    }),
    final: ({ early }) => early === 0 || 'a thread went on before all had come',
  };
}

export const meetings: readonly Algorithm[] = [
  {
    name: 'rendezvous',
    source: 'Downey, The Little Book of Semaphores, 2016, 3.3',
    flaw: 'each waits before it says that it has come',
    scenario: (broken) =>
      rounds(
        2,
        numbered('come', 2),
        (w, me) => {
          if (broken) w.down(`come${1 - me}`);
          w.up(`come${me}`);
          if (!broken) w.down(`come${1 - me}`);
        },
        1,
      ),
  },
  {
    name: 'barrier that turns its sense',
    source: 'Hensgen, Finkel and Manber, Two Algorithms for Barrier Synchronization, 1988',
    flaw: 'opens before it has made ready for the next round',
    scenario: (broken) =>
      rounds(2, { count: 2, sense: 0 }, (w, _, round) => {
        const sense = (round + 1) % 2;
        if (w.add('count', -1) !== 1) {
          w.until('sense', sense);
          return;
        }
        if (!broken) w.set('count', 2);
        w.set('sense', sense);
        if (broken) w.set('count', 2);
      }),
  },
  {
    name: 'barrier by generations',
    source: 'Drepper, Futexes Are Tricky, 2004; POSIX pthread_barrier_t',
    flaw: 'reads the generation after it has counted itself',
    scenario: (broken) =>
      rounds(2, { count: 0, generation: 0 }, (w) => {
        let generation = broken ? 0 : w.get('generation');
        if (w.add('count', 1) === 1) {
          w.set('count', 0);
          w.add('generation', 1);
          w.wake('generation', Infinity);
          return;
        }
        if (broken) generation = w.get('generation');
        while (w.get('generation') === generation) w.sleep('generation', generation);
      }),
  },
  {
    name: 'barrier with two turnstiles',
    source: 'Downey, The Little Book of Semaphores, 2016, 3.7',
    flaw: 'has the first turnstile only',
    long: true,
    scenario: (broken) =>
      rounds(2, { count: 0, first: 0, second: 0 }, (w, _, round) => {
        if (w.add('count', 1) === 1) for (let each = 0; each < 2; each++) w.up('first');
        w.again(`first ${round}`);
        w.down('first');
        w.again(`between ${round}`);
        if (broken) {
          w.add('count', -1);
          return;
        }
        if (w.add('count', -1) === 1) for (let each = 0; each < 2; each++) w.up('second');
        w.again(`second ${round}`);
        w.down('second');
      }),
  },
  {
    name: 'combining tree barrier',
    source: 'Yew, Tzeng and Lawrie, Distributing Hot-Spot Addressing in Large-Scale Multiprocessors, 1987',
    flaw: 'the one that goes up opens its leaf before it has been at the root',
    // 0 and 1 meet at the leaf; the later one and 2 meet at the root.
    scenario: (broken) =>
      rounds(
        3,
        { leaf: 0, leafOpen: 0, root: 0, rootOpen: 0 },
        (w, me) => {
          const root = (): void => {
            if (w.add('root', 1) === 1) w.set('rootOpen', 1);
            w.until('rootOpen', 1);
          };
          if (me === 2) root();
          else if (w.add('leaf', 1) === 0) w.until('leafOpen', 1);
          else {
            if (broken) w.set('leafOpen', 1);
            root();
            if (!broken) w.set('leafOpen', 1);
          }
        },
        1,
      ),
  },
  {
    name: 'dissemination barrier',
    source: 'Hensgen, Finkel and Manber, Two Algorithms for Barrier Synchronization, 1988',
    flaw: 'has one round too few',
    scenario: (broken) =>
      rounds(
        3,
        { ...numbered('near', 3), ...numbered('far', 3) },
        (w, me) => {
          w.set(`near${(me + 1) % 3}`, 1);
          w.until(`near${me}`, 1);
          if (broken) return;
          w.set(`far${(me + 2) % 3}`, 1);
          w.until(`far${me}`, 1);
        },
        1,
      ),
  },
  {
    name: 'count-down latch',
    source: 'Lea, Concurrent Programming in Java, 1999',
    flaw: 'wakes one of those that wait',
    scenario: (broken) => ({
      memory: { count: 2 },
      threads: [
        ...alike(2, (w) => {
          for (let count = w.get('count'); count > 0; count = w.get('count')) w.sleep('count', count);
        }),
        part((w) => {
          w.add('count', -1);
          // Those that slept at 2 look again.
          w.wake('count', Infinity);
          w.add('count', -1);
          w.wake('count', broken ? 1 : Infinity);
        }),
      ],
    }),
  },
  {
    name: 'event',
    source: 'Tanenbaum, Modern Operating Systems, 1992: the lost wake-up of sleep and wakeup',
    flaw: 'is counted as a sleeper after it has looked',
    scenario: (broken) => ({
      memory: { isSet: 0, sleepers: 0, wakes: 0 },
      threads: [
        part((w) => {
          const wakes = w.get('wakes');
          if (!broken) w.add('sleepers', 1);
          if (w.get('isSet') === 1) return;
          if (broken) w.add('sleepers', 1);
          w.sleep('wakes', wakes);
        }),
        part((w) => {
          w.set('isSet', 1);
          if (w.get('sleepers') === 0) return;
          w.add('wakes', 1);
          w.wake('wakes');
        }),
      ],
    }),
  },
  {
    name: 'event count for a queue',
    source: 'Vyukov, Event Count, 2008; folly::EventCount',
    flaw: 'looks at the queue before it reads the epoch',
    scenario: (broken) => ({
      memory: { items: 0, epoch: 0 },
      threads: [
        part((w) => {
          for (;;) {
            let epoch = broken ? 0 : w.get('epoch');
            if (w.get('items') > 0) return;
            if (broken) epoch = w.get('epoch');
            w.sleep('epoch', epoch);
          }
        }),
        part((w) => {
          w.add('items', 1);
          w.add('epoch', 1);
          w.wake('epoch', Infinity);
        }),
      ],
    }),
  },
  {
    name: 'event counts and a sequencer',
    source: 'Reed and Kanodia, Synchronization with Eventcounts and Sequencers, 1979',
    flaw: 'producers number their items by the event count itself',
    scenario: (broken) => {
      const reach = (w: Words, count: string, value: number): void => {
        for (let now = w.get(count); now < value; now = w.get(count)) w.sleep(count, now);
      };
      const advance = (w: Words, count: string): void => {
        w.add(count, 1);
        w.wake(count, Infinity);
      };
      return {
        memory: { ticket: 0, written: 0, read: 0, slot: 0, sum: 0 },
        threads: [
          ...alike(2, (w, me) => {
            const mine = broken ? w.get('written') : w.add('ticket', 1);
            reach(w, 'written', mine);
            reach(w, 'read', mine);
            w.set('slot', me + 1);
            advance(w, 'written');
          }),
          part((w) => {
            for (let item = 0; item < 2; item++) {
              reach(w, 'written', item + 1);
              w.set('sum', w.get('sum') + w.get('slot'));
              advance(w, 'read');
            }
          }),
        ],
        final: ({ sum }) => sum === 3 || `the items 1 and 2 add up to ${sum}`,
      };
    },
  },
  {
    name: 'condition by a sequence',
    source: 'Denis-Courmont, Condition Variable with Futex, 2020',
    flaw: 'reads the sequence after it has let the lock go',
    scenario: (broken) => ({
      memory: { lock: 0, sequence: 0, ready: 0 },
      threads: [
        part((w) => {
          w.lock('lock');
          while (w.get('ready') === 0) {
            let sequence = broken ? 0 : w.get('sequence');
            w.unlock('lock');
            if (broken) sequence = w.get('sequence');
            w.sleep('sequence', sequence);
            w.lock('lock');
          }
          w.unlock('lock');
        }),
        part((w) => {
          w.lock('lock');
          w.set('ready', 1);
          w.unlock('lock');
          w.add('sequence', 1);
          w.wake('sequence');
        }),
      ],
    }),
  },
  {
    name: 'once',
    source: 'POSIX pthread_once; Rust, std::sync::Once',
    flaw: 'a thread that comes while it is being done goes on',
    // 0 not done, 1 being done, 2 done.
    scenario: (broken) => ({
      memory: { state: 0, value: 0 },
      ghosts: { early: 0, times: 0 },
      threads: alike(3, (w, _, thread) => {
        if (w.cas('state', 0, 1)) {
          w.set('value', 1);
          thread.ghost.add('times', 1);
          w.set('state', 2);
          w.wake('state', Infinity);
        } else if (!broken) while (w.get('state') === 1) w.sleep('state', 1);
        if (w.get('value') === 0) thread.ghost.set('early', 1);
      }),
      final: ({ early, times }) => (early === 0 && times === 1) || `done ${times} times, and ${early} went on before`,
    }),
  },
];

/** The classic problems, each solved right and nearly right. */
import { type Algorithm, alike, alone, numbered, part, visit, type Words } from './algorithm.js';

/** Philosophers at a round table, each with a fork on either side. */
const dine = (w: Words, first: number, second: number): void => {
  w.lock(`fork${first}`);
  w.lock(`fork${second}`);
  w.unlock(`fork${second}`);
  w.unlock(`fork${first}`);
};

/** A condition: waits until `sequence` has moved on, without the lock. */
const wait = (w: Words): void => {
  const sequence = w.get('sequence');
  w.unlock('lock');
  w.sleep('sequence', sequence);
  w.lock('lock');
};

/** Waits for the condition until there are so many items. */
const until = (w: Words, items: number, key = ''): void => {
  for (;;) {
    w.again(`waits ${key}`);
    if (w.get('items') === items) break;
    wait(w);
  }
  w.again(`goes on ${key}`);
};

const notify = (w: Words, count: number): void => {
  w.add('sequence', 1);
  w.wake('sequence', count);
};

export const problems: readonly Algorithm[] = [
  {
    name: 'bounded buffer by semaphores',
    source: 'Dijkstra, Cooperating Sequential Processes, 1965',
    flaw: 'waits for room inside the critical section',
    scenario: (broken) => ({
      memory: { mutex: 1, room: 1, items: 0, buffer: 0 },
      threads: [
        part((w) => {
          for (let item = 0; item < 2; item++) {
            if (!broken) w.down('room');
            w.down('mutex');
            if (broken) w.down('room');
            w.add('buffer', 1);
            w.up('mutex');
            w.up('items');
          }
        }),
        part((w) => {
          for (let item = 0; item < 2; item++) {
            w.down('items');
            w.down('mutex');
            w.add('buffer', -1);
            w.up('mutex');
            w.up('room');
          }
        }),
      ],
      invariant: ({ buffer }) => (buffer >= 0 && buffer <= 1) || `the buffer holds ${buffer} of 1`,
    }),
  },
  {
    name: 'monitor whose signal is a hint',
    source: 'Lampson and Redell, Experience with Processes and Monitors in Mesa, 1980',
    flaw: 'asks once after a wake-up, as under Hoare, whether there is an item',
    scenario: (broken) => ({
      memory: { lock: 0, sequence: 0, items: 0 },
      threads: [
        ...alike(2, (w) => {
          w.lock('lock');
          for (let asks = true; asks; asks = !broken) {
            w.again();
            if (w.get('items') > 0) break;
            wait(w);
          }
          w.again('has one');
          w.add('items', -1);
          w.unlock('lock');
        }),
        part((w) => {
          for (let item = 0; item < 2; item++) {
            w.again(`item ${item}`);
            w.lock('lock');
            w.add('items', 1);
            w.again(`put ${item}`);
            notify(w, 1);
            w.unlock('lock');
          }
        }),
      ],
      invariant: ({ items }) => items >= 0 || 'an item was taken that is not there',
    }),
    long: true,
  },
  {
    name: 'one condition for producers and consumers',
    source: 'Andrews, Concurrent Programming: Principles and Practice, 1991',
    flaw: 'wakes one, which may be of the wrong sort',
    scenario: (broken) => ({
      memory: { lock: 0, sequence: 0, items: 0 },
      threads: [
        ...alike(2, (w) => {
          w.lock('lock');
          until(w, 1);
          w.set('items', 0);
          notify(w, broken ? 1 : Infinity);
          w.unlock('lock');
        }),
        part((w) => {
          for (let item = 0; item < 2; item++) {
            w.again(`item ${item}`);
            w.lock('lock');
            until(w, 0, `item ${item}`);
            w.set('items', 1);
            notify(w, broken ? 1 : Infinity);
            w.unlock('lock');
          }
        }),
      ],
    }),
    long: true,
  },
  {
    name: 'sleeping barber',
    source: 'Dijkstra, Cooperating Sequential Processes, 1965',
    flaw: 'a customer sits down without letting the door go',
    scenario: (broken) => ({
      memory: { door: 1, waiting: 0, customers: 0, chair: 0 },
      threads: [
        ...alike(2, (w) => {
          w.down('door');
          if (w.get('waiting') === 1) {
            w.up('door');
            return;
          }
          w.set('waiting', 1);
          w.up('customers');
          if (!broken) w.up('door');
          w.down('chair');
          if (broken) w.up('door');
        }),
        {
          name: 'barber',
          daemon: true,
          run: part((w) => {
            for (let customer = 0; customer < 2; customer++) {
              w.down('customers');
              w.down('door');
              w.set('waiting', 0);
              w.up('chair');
              w.up('door');
            }
          }),
        },
      ],
    }),
  },
  {
    name: 'dining philosophers, in order',
    source: 'Dijkstra, Hierarchical Ordering of Sequential Processes, 1971',
    flaw: 'all take the left fork first',
    scenario: (broken) => ({
      memory: numbered('fork', 3),
      threads: alike(3, (w, me) => {
        const [left, right] = [me, (me + 1) % 3];
        const [first, second] = broken || left < right ? [left, right] : [right, left];
        dine(w, first, second);
      }),
    }),
  },
  {
    name: 'dining philosophers, not all at once',
    source: 'Hoare, Communicating Sequential Processes, 1978: the footman',
    flaw: 'the room has space for all',
    scenario: (broken) => ({
      memory: { room: broken ? 3 : 2, ...numbered('fork', 3) },
      threads: alike(3, (w, me) => {
        w.down('room');
        dine(w, me, (me + 1) % 3);
        w.up('room');
      }),
    }),
    long: true,
  },
  {
    name: 'cigarette smokers',
    source: 'Patil, 1971; Parnas, On a Solution to the Cigarette Smokers Problem, 1975',
    flaw: 'each smoker takes the first of its things as soon as it is there',
    // Things 0, 1, 2; smoker n lacks all but n. The agent lays out two; right: a pusher for each thing counts.
    scenario: (broken) => ({
      memory: { ...numbered('thing', 3), ...numbered('smoker', 3), laid: 0, smoked: 0 },
      threads: [
        part((w, _, thread) => {
          const missing = thread.choose(3);
          for (const thing of [0, 1, 2]) if (thing !== missing) w.up(`thing${thing}`);
          w.down('smoked');
        }),
        ...[0, 1, 2].map((who) => ({
          daemon: true,
          run: part((w) => {
            if (broken) {
              w.down(`thing${(who + 1) % 3}`);
              w.down(`thing${(who + 2) % 3}`);
              w.up('smoked');
              return;
            }
            w.down(`thing${who}`);
            const before = w.add('laid', 1 << who);
            // The second of two pushers knows what is there.
            if (before !== 0) w.up('smoked');
          }),
        })),
      ],
    }),
  },
  {
    name: 'double-checked locking',
    source:
      'Schmidt and Harrison, Double-Checked Locking, 1997; Bacon et al., The Double-Checked Locking Is Broken Declaration, 2000',
    flaw: 'says that the object is there before it is filled',
    scenario: (broken) => ({
      memory: { lock: 0, made: 0, field: 0 },
      ghosts: { empty: 0 },
      threads: alike(2, (w, _, thread) => {
        if (w.get('made') === 0) {
          w.lock('lock');
          if (w.get('made') === 0) {
            if (broken) w.set('made', 1);
            w.set('field', 1);
            if (!broken) w.set('made', 1);
          }
          w.unlock('lock');
        }
        if (w.get('field') === 0) thread.ghost.set('empty', 1);
      }),
      final: ({ empty }) => empty === 0 || 'an object was used that was not filled',
    }),
  },
  {
    name: 'two-phase locking',
    source:
      'Eswaran, Gray, Lorie and Traiger, The Notions of Consistency and Predicate Locks in a Database System, 1976',
    flaw: 'unlocks one account before it locks the other',
    scenario: (broken) => {
      const each = (w: Words, use: (account: string) => void): void => {
        w.lock('lockX');
        use('x');
        if (broken) w.unlock('lockX');
        w.lock('lockY');
        use('y');
        if (!broken) w.unlock('lockX');
        w.unlock('lockY');
      };
      return {
        memory: { lockX: 0, lockY: 0, x: 5, y: 5 },
        ghosts: { wrong: 0 },
        threads: [
          part((w) => each(w, (account) => void w.add(account, account === 'x' ? -1 : 1))),
          part((w, _, thread) => {
            let sum = 0;
            each(w, (account) => {
              sum += w.get(account);
            });
            if (sum !== 10) thread.ghost.set('wrong', sum);
          }),
        ],
        final: ({ wrong }) => wrong === 0 || `the accounts add up to ${wrong}`,
      };
    },
  },
  {
    name: 'end of a computation that spreads',
    source: 'Dijkstra and Scholten, Termination Detection for Diffusing Computations, 1980',
    flaw: 'a task counts what it has spawned when it is done itself',
    long: true,
    // One task spawns another; a thread that finds nothing to do and nothing open goes home.
    scenario: (broken) => ({
      memory: { open: 1, tasks: 1, spawned: 0, done: 0 },
      ghosts: { left: 0 },
      threads: alike(2, (w, _, thread) => {
        while (w.get('open') > 0) {
          const tasks = w.get('tasks');
          if (tasks === 0 || !w.cas('tasks', tasks, tasks - 1)) continue;
          const spawns = w.swap('spawned', 1) === 0;
          if (spawns) {
            if (!broken) w.add('open', 1);
            w.add('tasks', 1);
          }
          w.add('done', 1);
          w.add('open', -1);
          if (spawns && broken) w.add('open', 1);
        }
        if (w.get('tasks') > 0) thread.ghost.set('left', 1);
      }),
      final: ({ left }) => left === 0 || 'a thread went home while there was a task',
    }),
  },
  {
    name: 'lock with a seat for each waiter',
    source: 'Hoare, Monitors: An Operating System Structuring Concept, 1974: urgent waiters before new ones',
    flaw: 'frees the lock although it hands it on',
    long: true,
    scenario: (broken) => ({
      ...alone,
      memory: { mutex: 0, held: 0, waiting: 0, seat: 0 },
      threads: alike(3, (w, _, thread) => {
        w.lock('mutex');
        if (w.get('held') === 0) {
          w.set('held', 1);
          w.unlock('mutex');
        } else {
          w.add('waiting', 1);
          w.unlock('mutex');
          w.down('seat');
        }
        w.again('in');
        visit(thread);
        w.again('out');
        w.lock('mutex');
        if (w.get('waiting') > 0) {
          w.add('waiting', -1);
          if (broken) w.set('held', 0);
          w.up('seat');
        } else w.set('held', 0);
        w.unlock('mutex');
      }),
    }),
  },
];

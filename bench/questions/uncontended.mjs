// What an uncontended pair of calls costs, as a ratio to the Atomics calls that it cannot do without.
import { number, spread } from '../lib/format.mjs';
import { across, interleave, ratio } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const FLOOR = 'bare Atomics';
const V8 = "V8's Atomics.Mutex";
const CPYTHON = 'CPython';

/** The contenders of a group are interleaved; all of them are compared with the group's floor. */
const GROUPS = {
  Lock: {
    floor: ['floor-mutex', 'compareExchange, exchange'],
    ours: {
      'acquire, release': 'Lock',
      'acquire(1000), release': 'Lock-timeout',
      'tryAcquire, release': 'Lock-try',
      'hold, release': 'Lock-hold',
      'run(fn)': 'Lock-run',
    },
    peers: (lab) => [
      lab.v8(V8, 'pair.mjs', 'v8'),
      lab.js('multithreading Mutex', 'pair.mjs', 'multithreading'),
      ...lab.inPython(CPYTHON, 'pair', 'Lock'),
      ...lab.inPython(`${CPYTHON} multiprocessing`, 'pair', 'mp.Lock'),
      ...lab.inC("C's pthread_mutex", 'pair'),
    ],
  },
  RLock: {
    floor: ['floor-mutex', 'compareExchange, exchange'],
    ours: { 'acquire, release': 'RLock', nested: 'RLock-nested' },
    peers: (lab) => [
      ...lab.inPython(CPYTHON, 'pair', 'RLock'),
      ...lab.inPython(`${CPYTHON}, nested`, 'pair', 'RLock-nested'),
    ],
  },
  Semaphore: {
    floor: ['floor-semaphore', 'load, compareExchange; add, load'],
    ours: {
      'Semaphore acquire, release': 'Semaphore',
      'BoundedSemaphore acquire, release': 'BoundedSemaphore',
      'Semaphore hold, release': 'Semaphore-hold',
      'Semaphore run(fn)': 'Semaphore-run',
    },
    peers: (lab) => [
      lab.js('multithreading Semaphore', 'pair.mjs', 'multithreading-semaphore'),
      ...lab.inPython(CPYTHON, 'pair', 'Semaphore'),
    ],
  },
  'RWLock, reading': {
    floor: ['floor-read', 'load, compareExchange; sub'],
    ours: { 'acquireRead, releaseRead': 'RWLock-read' },
    peers: () => [],
  },
  'RWLock, writing': {
    floor: ['floor-mutex', 'compareExchange, exchange'],
    ours: { 'acquireWrite, releaseWrite': 'RWLock-write' },
    peers: () => [],
  },
  'Event.isSet': {
    floor: ['floor-load', 'load'],
    ours: { isSet: 'Event-isSet', 'wait, set already': 'Event-wait' },
    peers: (lab) => lab.inPython(CPYTHON, 'pair', 'Event-isSet'),
  },
  Condition: {
    floor: ['floor-mutex', 'compareExchange, exchange'],
    ours: { 'acquire, release': 'Condition' },
    peers: () => [],
  },
  'Condition.notify': {
    floor: ['floor-load', 'load'],
    ours: { 'notify, nobody waiting': 'Condition-notify' },
    peers: (lab) => lab.inPython(CPYTHON, 'pair', 'Condition-notify'),
  },
  Event: {
    floor: ['floor-event', 'load, compareExchange; and'],
    ours: { 'set, clear': 'Event-setClear' },
    peers: (lab) => lab.inPython(CPYTHON, 'pair', 'Event-setClear'),
  },
  'GIL.checkpoint': {
    floor: ['floor-load', 'load'],
    ours: { 'checkpoint, nobody asking': 'GIL-checkpoint' },
    peers: () => [],
  },
  GIL: {
    floor: ['floor-mutex', 'compareExchange, exchange'],
    ours: { 'GIL acquire, release': 'GIL-pair' },
    peers: () => [],
  },
};

/** Our pairs, from the name in the tables to the kind in contenders/pair.mjs. */
export const PAIRS = Object.fromEntries(
  Object.entries(GROUPS).flatMap(([group, { ours }]) =>
    Object.entries(ours).map(([name, kind]) => [`${group}: ${name}`, kind]),
  ),
);

export default {
  name: 'uncontended',
  title: 'Calls that meet no other thread',

  async measure(lab) {
    const plan = {
      sets: lab.choose(1, 3),
      rounds: lab.choose(7, 41),
      warmUp: 1,
      // Most rounds of a few ms are not interrupted, even on a busy machine.
      numbers: [4],
      limit: 20_000,
    };
    const groups = {};
    for (const [group, { floor, ours, peers }] of Object.entries(GROUPS)) {
      lab.say(group);
      const contenders = [
        lab.js(FLOOR, 'pair.mjs', floor[0]),
        ...Object.entries(ours).map(([name, kind]) => lab.js(name, 'pair.mjs', kind)),
        ...peers(lab),
      ];
      const results = await interleave(contenders, plan);
      const base = results[FLOOR].values;
      groups[group] = Object.entries(results).map(([name, { values, state }]) => ({
        name,
        state,
        ns: across(values),
        ratio: ratio(values, base),
        values,
      }));
    }
    return groups;
  },

  tables(groups) {
    return Object.entries(groups).map(([group, results]) => ({
      title: `${group}: floor is ${GROUPS[group].floor[1]}`,
      keys: 1,
      head: ['', 'ns', '÷ floor (half of the rounds)'],
      rows: results.map(({ name, state, ns, ratio }) => [
        name,
        state === 'ok' ? number(ns?.median) : state,
        spread(ratio),
      ]),
    }));
  },

  targets(groups) {
    const find = (group, name) => groups[group].find((result) => result.name === name);
    const overFloor = (group, name) => find(group, name).ratio?.median;
    const inLock = (name, base) => {
      const theirs = find('Lock', base);
      return theirs === undefined ? undefined : ratio(find('Lock', name).values, theirs.values)?.median;
    };
    const overPeer = (peer) => inLock('acquire, release', peer);
    return [
      atMost(
        'Lock pair ÷ compareExchange + exchange',
        1.05,
        overFloor('Lock', 'acquire, release'),
        '1.08 to be explained',
      ),
      atMost("Lock pair ÷ V8's Atomics.Mutex lock", 0.7, overPeer(V8)),
      atMost('Lock pair ÷ CPython threading.Lock pair', 0.35, overPeer(CPYTHON)),
      atMost(
        'acquire(timeout) that succeeds at once ÷ acquire(), with their releases',
        1.3,
        inLock('acquire(1000), release', 'acquire, release'),
      ),
      atMost('RLock pair ÷ bare pair', 1.2, overFloor('RLock', 'acquire, release')),
      atMost('RLock nested ÷ bare pair', 0.25, overFloor('RLock', 'nested')),
      atMost('Semaphore pair ÷ bare', 1.1, overFloor('Semaphore', 'Semaphore acquire, release')),
      atMost('Event.isSet ÷ bare load', 1.1, overFloor('Event.isSet', 'isSet')),
      atMost('notify without waiters ÷ bare load', 1.3, overFloor('Condition.notify', 'notify, nobody waiting')),
    ];
  },
};

// Options that do not exist: as Python calls them, or misspelt.
import {
  Arena,
  Barrier,
  BoundedSemaphore,
  Condition,
  detectDeadlocks,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
} from 'atomics-sync-free';
import { connect } from 'atomics-sync-free/distributed';
import { GIL, Interpreter } from 'atomics-sync-free/gil';
import { dump, Memory, Parallel, parallelConfig } from 'atomics-sync-free/joblib';
import {
  cpuCount,
  JoinableQueue,
  Manager,
  Pipe,
  Pool,
  Process,
  Queue,
  Array as SharedArray,
  SimpleQueue,
  setStartMethod,
  Value,
} from 'atomics-sync-free/multiprocessing';
import { Thread, Timer } from 'atomics-sync-free/threading';
import { start } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from './support/suite.js';

const test = suite('options that do not exist');

const nothing = (): void => {};

/** Each with what the error says. */
const refused: readonly (readonly [string, (options: never) => unknown, Record<string, unknown>, string])[] = [
  [
    'Lock',
    (options) => new Lock(options),
    { onOwnerdeath: 'release' },
    "Lock has no option 'onOwnerdeath'; there are ",
  ],
  ['RLock', (options) => new RLock(options), { deadlocks: 'throw' }, "RLock has no option 'deadlocks'; there are "],
  ['RWLock', (options) => new RWLock(options), { constructor: Lock }, "RWLock has no option 'constructor'; there are "],
  ['Semaphore', (options) => new Semaphore(1, options), { bound: 2 }, "Semaphore has no option 'bound'; there are "],
  [
    'BoundedSemaphore',
    (options) => new BoundedSemaphore(1, options),
    { onOwnerDeath: 'release' },
    "BoundedSemaphore has no option 'onOwnerDeath'; there are arena, name",
  ],
  ['Event', (options) => new Event(options), { set: true }, "Event has no option 'set'; there are arena, name"],
  [
    'Condition',
    (options) => new Condition(undefined, options),
    { lock: new Lock() },
    "Condition has no option 'lock'; there are arena, name",
  ],
  ['Barrier', (options) => new Barrier(1, options), { timout: 1 }, "Barrier has no option 'timout'; there are "],
  ['Arena', (options) => new Arena(options), { bytelength: 2048 }, "Arena has no option 'bytelength'; there are "],
  [
    'Arena.over',
    (options) => Arena.over(new SharedArrayBuffer(4096), 0, 4096, options),
    { byteLength: 2048 },
    "Arena.over has no option 'byteLength'; there are agents, packed",
  ],
  [
    'detectDeadlocks',
    (options) => detectDeadlocks(options),
    { stack: true },
    "detectDeadlocks has no option 'stack'; there are report, stacks",
  ],
  [
    'notify',
    (options) => new Condition().notify(1, options),
    { holds: 1 },
    "notify has no option 'holds'; there are hold",
  ],
  [
    'notifyAll',
    (options) => new Condition().notifyAll(options),
    { timeout: 1 },
    "notifyAll has no option 'timeout'; there are hold",
  ],
  ['GIL', (options) => new GIL(options), { switchinterval: 1 }, "GIL has no option 'switchinterval'; there are "],
  [
    'Interpreter',
    (options) => new Interpreter(options),
    { source: '', gill: undefined },
    "Interpreter has no option 'gill'; there are ",
  ],
  [
    'Thread',
    (options) => new Thread(options),
    { target: nothing, deamon: true },
    "Thread has no option 'deamon'; there are ",
  ],
  [
    'Timer',
    (options) => new Timer(1, nothing, [], options),
    { deamon: true },
    "Timer has no option 'deamon'; there are ",
  ],
  [
    'Process',
    (options) => new Process(options),
    { target: nothing, kwargs: {} },
    "Process has no option 'kwargs'; there are ",
  ],
  [
    'Pool',
    (options) => new Pool(1, options),
    { maxtasksperchild: 1 },
    "Pool has no option 'maxtasksperchild'; there are ",
  ],
  ['Manager', (options) => new Manager(options), { address: '' }, "Manager has no option 'address'; there are classes"],
  [
    'a class of a Manager',
    (options) => new Manager({ classes: { Account: options } }),
    { target: nothing, expose: [] },
    "the class Account has no option 'expose'; there are target, exposed, proxied",
  ],
  [
    'SimpleQueue',
    (options) => new SimpleQueue(options),
    { maxSize: 1 },
    "SimpleQueue has no option 'maxSize'; there are ",
  ],
  ['Queue', (options) => new Queue(0, options), { ack: true }, "Queue has no option 'ack'; there are "],
  [
    'JoinableQueue',
    (options) => new JoinableQueue(0, options),
    { acks: true },
    "JoinableQueue has no option 'acks'; there are ",
  ],
  ['Pipe', (options) => Pipe(true, options), { bytelimit: 1 }, "Pipe has no option 'bytelimit'; there are "],
  ['Value', (options) => new Value('i', 0, options), { locks: false }, "what a lock guards has no option 'locks'"],
  [
    'Array',
    (options) => new SharedArray('i', 1, options),
    { locks: false },
    "what a lock guards has no option 'locks'",
  ],
  [
    'setStartMethod',
    (options) => setStartMethod('worker', options),
    { Force: true },
    "setStartMethod has no option 'Force'; there are force",
  ],
  [
    'resourceLimits',
    (options) => new Thread({ target: nothing, resourceLimits: options }).start(),
    { maxOldSpaceSizeMb: 100 },
    "resourceLimits has no option 'maxOldSpaceSizeMb'; there are maxOldGenerationSizeMb,",
  ],
  [
    'cpuCount',
    (options) => cpuCount(options),
    { only_physical_cores: true },
    "cpuCount has no option 'only_physical_cores'; there are ",
  ],
  ['Parallel', (options) => new Parallel(options), { n_jobs: 2 }, "Parallel has no option 'n_jobs'; there are "],
  [
    'parallelConfig',
    (options) => parallelConfig(options),
    { returnAs: 'list' },
    "parallelConfig has no option 'returnAs'; there are backend,",
  ],
  [
    'Memory',
    (options) => new Memory(null, options),
    { mmapMode: 'r' },
    "Memory has no option 'mmapMode'; there are verbose, compress, lockTimeout",
  ],
  [
    'cache',
    (options) => new Memory(null).cache(function named() {}, options),
    { ignored: [0] },
    "cache has no option 'ignored'; there are ",
  ],
  [
    'reduceSize',
    (options) => new Memory(null).reduceSize(options),
    { bytes_limit: 1 },
    "reduceSize has no option 'bytes_limit'; there are ",
  ],
  [
    'dump',
    (options) => dump(1, '/nowhere/at/all', options),
    { compression: 3 },
    "dump has no option 'compression'; there are ",
  ],
  [
    'start',
    (options) => start(options),
    { arena: new Arena(), stack: true },
    "start has no option 'stack'; there are ",
  ],
];

for (const [what, call, options, message] of refused) {
  test(`${what} refuses one, and says which there are`, () => {
    assert.throws(
      () => call(options as never),
      (error: Error) => error instanceof TypeError && error.message.startsWith(message),
    );
  });
}

/** Each with how it would wait for ever if a misspelt timeout were left out without a word. */
const waits: readonly (readonly [string, (options: never) => Promise<unknown>])[] = [
  ['acquireAsync of a Lock', (options) => new Lock().acquireAsync(options)],
  ['holdAsync of a Lock', (options) => new Lock().holdAsync(options)],
  ['runAsync of a Lock', (options) => new Lock().runAsync(nothing, options)],
  ['recoverAsync of a Lock', (options) => new Lock().recoverAsync(undefined, options)],
  ['holdAsync of an RLock', (options) => new RLock().holdAsync(options)],
  ['recoverAsync of an RLock', (options) => new RLock().recoverAsync(undefined, options)],
  ['acquireAsync of a Semaphore', (options) => new Semaphore().acquireAsync(options)],
  ['holdAsync of a Semaphore', (options) => new Semaphore().holdAsync(options)],
  ['acquireReadAsync', (options) => new RWLock().acquireReadAsync(options)],
  ['acquireWriteAsync', (options) => new RWLock().acquireWriteAsync(options)],
  ['holdReadAsync', (options) => new RWLock().holdReadAsync(options)],
  ['holdWriteAsync', (options) => new RWLock().holdWriteAsync(options)],
  ['waitAsync of an Event', (options) => new Event().waitAsync(options)],
  ['waitAsync of a Barrier', (options) => new Barrier(1).waitAsync(options)],
  ['waitAsync of a Condition', (options) => new Condition(new Lock()).waitAsync(options)],
  ['waitForAsync of a Condition', (options) => new Condition(new Lock()).waitForAsync(() => true, options)],
  ['getAsync of a Queue', (options) => new Queue().getAsync(options)],
  ['putAsync of a Queue', (options) => new Queue().putAsync(1, options)],
  ['joinAsync of a Thread', (options) => new Thread({ target: nothing }).joinAsync(options)],
];

for (const [what, wait] of waits) {
  test(`${what} refuses a misspelt timeout, and a signal in the place of options`, async () => {
    for (const [wrong, message] of [
      [{ timout: 10 }, /^TypeError: a wait has no option 'timout'; there are timeout, signal/],
      [AbortSignal.timeout(10), /^TypeError: options must be an object, not \[object AbortSignal\]/],
      [[10], /^TypeError: options must be an object, not \[object Array\]/],
    ] as const)
      assert.match(String(await wait(wrong as never).then(nothing, (reason: unknown) => reason)), message);
  });
}

test('connect refuses one before it connects', async () => {
  const error = await connect('redis://127.0.0.1:1', { leases: 1 } as never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.match(String(error), "TypeError: connect has no option 'leases'; there are ");
});

test('the calls of a pool refuse one, and nothing is begun', () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const wrong = { chunksize: 2 } as never;
  for (const call of [
    () => pool.applyAsync(nothing, [], wrong),
    () => pool.map(nothing, [1], wrong),
    () => pool.mapAsync(nothing, [1], wrong),
    () => pool.starmap(nothing, [[]], wrong),
    () => pool.imap(nothing, [1], wrong),
    () => pool.imapUnordered(nothing, [1], wrong),
  ])
    assert.throws(call, /a call of a pool has no option 'chunksize'/);
  // Python's third argument: it would be left out without a word.
  assert.throws(
    () => (pool.apply as (...args: unknown[]) => unknown)(nothing, [], { b: 5 }),
    /named arguments go into an object among them/,
  );
  assert.throws(() => pool.map(nothing, [1], 2 as never), /options must be an object, not 2; there are .*chunkSize/);
  assert.throws(() => pool.map(nothing, 5 as never), /^the items must be an iterable, not 5/);
  assert.throws(() => new Pool(1, { initializer: 5 as never }), /^initializer must be a function, not 5/);
  assert.is(pool.statistics().waiting, 0);
});

test("a manager's pool refuses what would not reach it", () => {
  const manager = new Manager();
  atTestEnd(() => manager.shutdown());
  assert.throws(
    () => manager.Pool(1, { concurrency: 2 } as never),
    /the Pool of a Manager has no option 'concurrency'/,
  );
});

test.run();

import {
  Arena,
  Barrier,
  BoundedSemaphore,
  Condition,
  dumpAgents,
  Event,
  Lock,
  RLock,
  RWLock,
  retire,
  Semaphore,
  share,
} from 'atomics-sync-free';
import { assemble, Interpreter } from 'atomics-sync-free/gil';
import { explainPython, possibleValues, pythonOutcomes, runPython } from 'atomics-sync-free/gil/outcomes';
import { dump, load } from 'atomics-sync-free/joblib';
import { catalogue, recordOutcome, selectTests } from 'atomics-sync-free/stress';
import { start } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { type Refusal, rangeError, refuses, typeError } from './refuses.js';

const test = suite('arguments that are refused');

/** Values that no type allows here, and how an error shows them. */
type Wrong = readonly (readonly [value: unknown, error: Refusal])[];
// biome-ignore lint/suspicious/noExplicitAny: these tests hand in what the types forbid
type Anything = any;

const notNumbers = (what: string, cure = ''): Wrong => [
  ['1', typeError(`${what}, not "1"${cure}`)],
  [null, typeError(`${what}, not null${cure}`)],
  [true, typeError(`${what}, not true${cure}`)],
  [1n, typeError(`${what}, not 1${cure}`)],
  [{}, typeError(`${what}, not [object Object]${cure}`)],
  [[], typeError(`${what}, not [object Array]${cure}`)],
  [() => 1, typeError(`${what}, not a function${cure}`)],
  [Symbol('one'), typeError(`${what}, not Symbol(one)${cure}`)],
];

const timeouts: Wrong = [
  ...notNumbers('timeout must be a number of milliseconds', '; 0 does not wait, Infinity waits for ever'),
  [Number.NaN, rangeError('timeout must be 0 or more milliseconds, not NaN')],
  [-1, rangeError('timeout must be 0 or more milliseconds, not -1')],
  [Number.NEGATIVE_INFINITY, rangeError('timeout must be 0 or more milliseconds, not -Infinity')],
];

const integers = (name: string, min: number, max: number): Wrong => [
  ...notNumbers(`${name} must be a number`),
  ...[Number.NaN, Number.POSITIVE_INFINITY, 1.5, min - 1, max + 1].map((value) => {
    const error = rangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
    return [value, error] as const;
  }),
];

const functions = (name: string): Wrong => [
  [undefined, typeError(`${name} must be a function, not undefined`)],
  [null, typeError(`${name} must be a function, not null`)],
  [{}, typeError(`${name} must be a function, not [object Object]`)],
  ['fn', typeError(`${name} must be a function, not "fn"`)],
];

const notObjects: Wrong = [
  [null, typeError(/^options must be an object, not null; there are \w+/)],
  [5, typeError(/^options must be an object, not 5; there are \w+/)],
  ['x', typeError(/^options must be an object, not "x"; there are \w+/)],
  [() => 1, typeError(/^options must be an object, not a function; there are \w+/)],
];

const signals: Wrong = [
  [null, typeError('signal must be an AbortSignal, not null')],
  [{}, typeError('signal must be an AbortSignal, not [object Object]')],
  ['abort', typeError('signal must be an AbortSignal, not "abort"')],
  [new AbortController(), typeError('signal must be an AbortSignal, not [object AbortController]')],
];

/** Options of an async wait. */
const waitOptions: Wrong = [
  ...notObjects,
  ...timeouts.map(([timeout, error]) => [{ timeout }, error] as const),
  ...signals.map(([signal, error]) => [{ signal }, error] as const),
];

const places: Wrong = [
  ...notObjects,
  [{ arena: null }, typeError('arena must be an Arena of this copy of the package, as lock.arena is, not null')],
  [
    { arena: {} },
    typeError('arena must be an Arena of this copy of the package, as lock.arena is, not [object Object]'),
  ],
];

/** For each kind of primitive, each method that takes an argument, with what it must refuse. */
interface Subject {
  readonly make: (arena: Arena) => object;
  readonly methods: Readonly<Record<string, Wrong>>;
  /** Methods and properties that take no argument. */
  readonly plain: readonly string[];
  /** Calls that are made in another way than by `object[method](value)`. */
  readonly calls?: Readonly<Record<string, (object: Anything, value: unknown) => unknown>>;
}

const acquirable = { hold: timeouts, run: functions('fn'), runAsync: functions('fn') };
const semaphore = {
  methods: {
    ...acquirable,
    acquire: timeouts,
    acquireAsync: waitOptions,
    holdAsync: waitOptions,
    release: integers('n', 1, 2 ** 20 - 1),
  },
  plain: ['tryAcquire', 'value', 'toString'],
};

const lock = {
  methods: { ...acquirable, acquire: timeouts, acquireAsync: waitOptions, holdAsync: waitOptions },
  plain: ['tryAcquire', 'release', 'locked', 'toString'],
};

/** Without a repair there is nothing to refuse. */
const recoverable = { recover: functions('repair').slice(1), recoverAsync: functions('repair').slice(1) };

const recoverableLock = { methods: { ...lock.methods, ...recoverable }, plain: [...lock.plain, 'abandoned'] };

const subjects: Readonly<Record<string, Subject>> = {
  Lock: { make: (arena) => new Lock({ arena }), ...recoverableLock },
  RLock: {
    make: (arena) => new RLock({ arena }),
    methods: { ...acquirable, ...recoverable, acquire: timeouts, holdAsync: waitOptions },
    plain: ['tryAcquire', 'release', 'locked', 'abandoned', 'isOwned', 'recursionCount', 'toString'],
  },
  Semaphore: { make: (arena) => new Semaphore(2, { arena }), ...semaphore },
  BoundedSemaphore: { make: (arena) => new BoundedSemaphore(2, { arena }), ...semaphore },
  Event: {
    make: (arena) => new Event({ arena }),
    methods: { wait: timeouts, waitAsync: waitOptions },
    plain: ['isSet', 'set', 'clear', 'toString'],
  },
  Condition: {
    // Held, so that a call can only be refused for its arguments.
    make: (arena) => {
      const condition = new Condition(new Lock({ arena }));
      condition.acquire();
      return condition;
    },
    methods: {
      acquire: timeouts,
      hold: timeouts,
      holdAsync: waitOptions,
      run: functions('fn'),
      runAsync: functions('fn'),
      wait: timeouts,
      waitAsync: waitOptions,
      waitFor: functions('predicate'),
      waitForAsync: functions('predicate'),
      notify: integers('n', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      notifyAll: [[{ hold: 5 }, typeError('the hold given to notifyAll() must be what holdAsync() resolves to')]],
    },
    plain: ['tryAcquire', 'release', 'lock', 'locked', 'toString'],
  },
  Barrier: {
    make: (arena) => new Barrier(2, { arena }),
    methods: { wait: timeouts, waitAsync: waitOptions, action: functions('action').slice(1) },
    plain: ['parties', 'reset', 'abort', 'nWaiting', 'broken', 'toString'],
    calls: {
      action: (barrier, value) => {
        barrier.action = value;
      },
    },
  },
  RWLock: {
    make: (arena) => new RWLock({ arena }),
    methods: {
      ...recoverable,
      acquireRead: timeouts,
      acquireWrite: timeouts,
      holdRead: timeouts,
      holdWrite: timeouts,
      acquireReadAsync: waitOptions,
      acquireWriteAsync: waitOptions,
      holdReadAsync: waitOptions,
      holdWriteAsync: waitOptions,
    },
    plain: ['releaseRead', 'releaseWrite', 'readers', 'writing', 'abandoned', 'readLock', 'writeLock', 'toString'],
  },
  'RWLock.readLock': { make: (arena) => new RWLock({ arena }).readLock, ...recoverableLock },
  'RWLock.writeLock': { make: (arena) => new RWLock({ arena }).writeLock, ...recoverableLock },
};

/** What the declarations call internal, and what every primitive has and takes no argument. */
const INTERNAL = new RegExp(
  '^(constructor|arena|cell|label|toJSON|timeUp|notHeld|acquireToHold|acquireToHoldAsync|releaseBlocking|' +
    'releaseByTask|isHeldByAgent|isHeldByTask|needsHold|releaseFully|acquireAgain|acquireAgainAsync|freeForTask|waiting|rules|words|word|reads|writes|selfDeadlock|cloning|errorOf|bound|timeout)$',
);

/** All that a primitive offers: of its own, from its class, and from those that extends. */
function membersOf(object: object): string[] {
  const names = new Set(Object.keys(object));
  for (let at = Object.getPrototypeOf(object); at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names].filter((name) => !INTERNAL.test(name)).sort();
}

for (const [name, { make, methods, plain, calls = {} }] of Object.entries(subjects)) {
  test(`${name}: every method with every wrong argument`, async () => {
    const arena = new Arena({ byteLength: 4096, agents: 2 });
    const object: Anything = make(arena);
    for (const [method, wrong] of Object.entries(methods)) {
      const call = calls[method] ?? ((subject: Anything, value: unknown) => subject[method](value));
      for (const [value, error] of wrong) {
        await refuses(arena, () => call(object, value), error, `${name}.${method}(${describe(value)})`);
      }
    }
  });

  test(`${name}: no method is left out`, () => {
    const object = make(new Arena({ byteLength: 4096, agents: 2 }));
    const told = new Set([...Object.keys(methods), ...plain]);
    assert.equal(membersOf(object), [...told].sort());
  });

  test(`${name}: an aborted signal ends every async call before it begins`, async () => {
    const arena = new Arena({ byteLength: 4096, agents: 2 });
    const object: Anything = make(arena);
    const signal = AbortSignal.abort(new RangeError('enough'));
    for (const [method, wrong] of Object.entries(methods)) {
      if (wrong !== waitOptions) continue;
      await refuses(arena, () => object[method]({ signal }), rangeError('enough'), `${name}.${method}(aborted)`);
    }
  });
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value).map(([key, each]) => `${key}: ${String(each)}`)} }`
    : String(value);
}

test('second arguments: options of runs and of waits for a predicate', async () => {
  const arena = new Arena({ byteLength: 4096, agents: 2 });
  const lock = new Lock({ arena });
  const condition = new Condition(lock);
  const anything: Anything = { lock, condition };
  for (const [value, error] of waitOptions) {
    await refuses(arena, () => anything.lock.runAsync(() => {}, value), error, `runAsync(fn, ${describe(value)})`);
    await refuses(arena, () => anything.condition.runAsync(() => {}, value), error);
  }
  lock.acquire();
  for (const [value, error] of timeouts) {
    await refuses(arena, () => anything.condition.waitFor(() => false, value), error);
  }
  for (const [value, error] of waitOptions) {
    await refuses(
      arena,
      () => anything.condition.waitForAsync(() => false, value),
      error,
      `waitForAsync(${describe(value)})`,
    );
  }
  const notAHold = typeError('the hold given to notify() must be what holdAsync() resolves to');
  await refuses(arena, () => anything.condition.notify(1, { hold: {} }), notAHold);
});

test('constructors: where the primitive is to live, and their own arguments', async () => {
  const arena = new Arena({ byteLength: 4096, agents: 2 });
  const on = (make: (place: Anything) => unknown, wrong: Wrong) =>
    Promise.all(wrong.map(([value, error]) => refuses(arena, () => make(value), error, `new …(${describe(value)})`)));
  await on((place) => new Lock(place), places);
  await on((place) => new RLock(place), places);
  await on((place) => new Semaphore(1, place), places);
  await on((place) => new BoundedSemaphore(1, place), places);
  await on((place) => new Event(place), places);
  await on((place) => new Condition(undefined, place), places);
  await on((place) => new Barrier(2, place), places);
  await on((place) => new RWLock(place), places);

  await on((value) => new Semaphore(value, { arena }), integers('value', 0, 2 ** 20 - 1));
  await on((value) => new BoundedSemaphore(value, { arena }), integers('value', 0, 2 ** 20 - 1));
  await on((value) => new Barrier(value, { arena }), integers('parties', 1, 2 ** 14 - 1));
  await on((timeout) => new Barrier(2, { arena, timeout }), timeouts);
  await on((action) => new Barrier(2, { arena, action }), functions('action').slice(1));
  const notALock = typeError('the lock of a Condition must be a Lock or an RLock');
  await on(
    (lock) => new Condition(lock),
    [
      [null, notALock],
      [5, notALock],
      [new Semaphore(1, { arena }), notALock],
    ],
  );
});

test('Arena: size, agents and density', async () => {
  const none = new SharedArrayBuffer(0);
  const on = (make: (value: Anything) => unknown, wrong: Wrong) =>
    Promise.all(
      wrong.map(([value, error]) => refuses(none, () => make(value), error, `new Arena(${describe(value)})`)),
    );
  await on((value) => new Arena(value), notObjects);
  await on((byteLength) => new Arena({ byteLength }), integers('byteLength', 1024, 2 ** 31 - 64));
  await on(
    (byteLength) => new Arena({ byteLength }),
    [[1026, rangeError('byteLength must be a multiple of 4, not 1026')]],
  );
  await on((agents) => new Arena({ agents }), integers('agents', 1, 1023));
  await on(
    (packed) => new Arena({ packed }),
    [
      [1, typeError('packed must be a boolean, not number')],
      [null, typeError('packed must be a boolean, not object')],
    ],
  );
});

test('Arena.over: the memory, and the region in it', async () => {
  const memory = new SharedArrayBuffer(4096);
  const over = (...args: readonly unknown[]) => (Arena.over as Anything)(...args);
  const notShared = typeError(
    'an arena must be placed in a SharedArrayBuffer (a WebAssembly.Memory has one when it is shared)',
  );
  for (const value of [undefined, null, 5, {}, new ArrayBuffer(4096), new Int32Array(1024)]) {
    await refuses(memory, () => over(value), notShared, `Arena.over(${String(value)})`);
  }
  for (const [value, error] of integers('byteOffset', 0, 4096)) await refuses(memory, () => over(memory, value), error);
  for (const [value, error] of integers('byteLength', 0, 4032)) {
    if (value !== null) await refuses(memory, () => over(memory, 64, value), error);
  }
  for (const [value, error] of notObjects) await refuses(memory, () => over(memory, 0, 4096, value), error);
  for (const [agents, error] of integers('agents', 1, 1023)) {
    await refuses(memory, () => over(memory, 0, 4096, { agents }), error);
  }
});

test('retire: the arena, and the id', async () => {
  const arena = new Arena({ byteLength: 4096, agents: 2 });
  const anything: Anything = retire;
  for (const value of [undefined, null, {}, share(arena), new Lock({ arena })]) {
    await refuses(
      arena,
      () => anything(value, 1),
      typeError(/^arena must be an Arena of this copy of the package, as lock\.arena is, not /),
    );
  }
  for (const [id, error] of integers('agentId', 0, 2 ** 24 - 1)) await refuses(arena, () => anything(arena, id), error);
});

/** What users of JavaScript hand in by mistake to the functions of other entries, and what they are told. */
const others: readonly (readonly [call: string, made: () => unknown, error: Refusal])[] = [
  [
    'dumpAgents(lock)',
    () => dumpAgents(new Lock() as Anything),
    typeError(/as lock\.arena is, not \[object Object\]$/),
  ],
  ['start({})', () => start({} as Anything), typeError(/as lock\.arena is, not undefined$/)],
  ['assemble()', () => (assemble as Anything)(), typeError("source must be the program's text, not undefined")],
  ['read()', () => (program().read as Anything)(), typeError(/^a value must be named by a string/)],
  ["write('x', '1')", () => program().write('x', '1' as Anything), typeError('value must be a number, not "1"')],
  [
    'possibleValues()',
    () => (possibleValues as Anything)(),
    typeError(/^options must be an object, not undefined; there are /),
  ],
  [
    'possibleValues without threads',
    () => possibleValues({ source: PROGRAM, policy: '3.11', result: 'x' } as Anything),
    typeError(/^threads must be a list of calls, such as /),
  ],
  [
    'possibleValues under another policy',
    () => possibleValues({ source: PROGRAM, policy: '3.8', result: 'x', threads: [] } as Anything),
    rangeError(/^policy must be one of 3\.9, /),
  ],
  ...[pythonOutcomes, runPython, explainPython].map(
    (ask) =>
      [
        `${ask.name} of a text`,
        () => ask('x = 1' as Anything),
        typeError('a listing must be what readListing() returns, not "x = 1"'),
      ] as const,
  ),
  ['selectTests()', () => (selectTests as Anything)(), typeError('the tests must be an array, such as catalogue')],
  [
    'selectTests of a name',
    () => selectTests(catalogue, 'lost-update' as Anything),
    typeError(/^the patterns must be an array/),
  ],
  [
    'recordOutcome()',
    () => (recordOutcome as Anything)(),
    typeError('a stress test must be what defineStressTest() returns'),
  ],
  [
    'recordOutcome(test)',
    () => (recordOutcome as Anything)(catalogue[0]),
    typeError(/^result must be the text of an outcome/),
  ],
  ['dump(value)', () => (dump as Anything)(1), typeError('path must be the path or URL of a file, not undefined')],
  ['load(5)', () => load(5 as Anything), typeError('path must be the path or URL of a file, not 5')],
];

const PROGRAM = 'global x = 0';
const program = (): Interpreter => new Interpreter({ source: PROGRAM });

for (const [call, made, error] of others)
  test(`${call} says what is wanted`, () => refuses(new SharedArrayBuffer(4), made, error, call));

test.run();

import {
  Arena,
  attach,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type Shared,
  share,
} from 'atomics-sync-free';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { SharedObject } from '#dist/core/share/shared-object.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';

const test = suite('sharing');

const arena = new Arena({ agents: 2 });
const primitives: readonly (SharedObject | Arena)[] = [
  arena,
  new Lock({ arena }),
  new RLock({ arena }),
  new Semaphore(3, { arena }),
  new BoundedSemaphore(3, { arena }),
  new Event({ arena }),
  new Condition(undefined, { arena }),
  new Condition(new Lock({ arena })),
  new Barrier(3, { arena }),
  new RWLock({ arena }),
];

/** What another agent would receive. */
const arrive = <T>(value: T): T => attach(structuredClone(share(value)) as Shared<T>);

const cellOf = (object: SharedObject | Arena): number => (object instanceof Arena ? 0 : object.cell);

/** Asserts that two values look the same to their users: containers by their contents in order, and each object compared once. */
function assertAlike(actual: unknown, expected: unknown, met = new Map<unknown, unknown>()): void {
  if (typeof expected !== 'object' || expected === null) {
    assert.ok(Object.is(actual, expected), `${String(actual)} for ${String(expected)}`);
    return;
  }
  if (met.has(expected) || [...met.values()].includes(actual)) {
    assert.is(actual, met.get(expected), 'what was one is one, and what was two is two');
    return;
  }
  met.set(expected, actual);
  assert.is(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected));
  if (expected instanceof SharedObject || expected instanceof Arena) {
    assert.is(cellOf(actual as SharedObject), cellOf(expected));
    assert.is(String(actual), String(expected));
  } else if (expected instanceof Map || expected instanceof Set) {
    assertAlike([...(actual as Set<unknown>)], [...expected], met);
  } else if (Array.isArray(expected)) {
    assert.is((actual as unknown[]).length, expected.length);
    assert.equal(Object.keys(actual as object), Object.keys(expected), 'holes are holes');
    for (const [i, each] of expected.entries()) assertAlike((actual as unknown[])[i], each, met);
  } else if (Object.getPrototypeOf(expected) === Object.prototype) {
    const [these, those] = [Object.entries(actual as object), Object.entries(expected)];
    assert.equal(
      these.map(([key]) => key),
      those.map(([key]) => key),
    );
    for (const [i, [, each]] of those.entries()) assertAlike(these[i][1], each, met);
  } else {
    assert.equal(actual, expected);
  }
}

const leaf = fc.oneof(
  fc.constantFrom(...primitives),
  fc.constantFrom(...primitives),
  fc.integer(),
  fc.string(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, true, Number.NaN),
  fc.constant(0).map((time) => new Date(time)),
  fc.constant(2).map((length) => new Uint8Array(length)),
);

const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'kind', 'buffer', 'cell', '0', ''));

const { value: nested } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(fc.oneof(leaf, fc.string()), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
  ),
}));

test('whatever nests primitives arrives as it was sent', () =>
  holds(nested, (value) => assertAlike(arrive(value), value), { runs: 500 }));

test('what is met twice stays one object, and a cycle stays a cycle', () =>
  holds(fc.tuple(nested, fc.constantFrom(...primitives)), ([value, primitive]) => {
    const array: unknown[] = [value, primitive, value, primitive];
    const object: Record<string, unknown> = { array, primitive };
    const map = new Map<unknown, unknown>([
      [primitive, object],
      [object, primitive],
    ]);
    const set = new Set<unknown>([array, map, primitive]);
    array.push(object, array, set);
    object.itself = object;
    object.map = map;
    map.set('set', set);
    assertAlike(arrive(object), object);
  }));

test('a hole in an array stays one, and the key __proto__ is data', () => {
  const lock = new Lock({ arena });
  const sparse: unknown[] = [];
  sparse[2] = lock;
  const object = JSON.parse('{ "__proto__": 1 }') as Record<string, unknown>;
  Object.defineProperty(object, '__proto__', { value: lock, enumerable: true, writable: true, configurable: true });
  const arrived = arrive({ sparse, object });
  assert.equal(Object.keys(arrived.sparse), ['2']);
  assert.is(Object.getPrototypeOf(arrived.object), Object.prototype);
  assert.instance(Object.getOwnPropertyDescriptor(arrived.object, '__proto__')?.value, Lock);
});

test('share leaves the value that it is given alone', () => {
  const lock = new Lock({ arena });
  const value = Object.freeze({ lock, list: Object.freeze([lock]), map: new Map([[lock, lock]]) });
  share(value);
  assert.is(value.lock, lock);
  assert.is(value.list[0], lock);
  assert.is(value.map.get(lock), lock);
});

test('other objects pass as they are', () => {
  class Point {
    x = 1;
  }
  const others = [new Date(0), /x/, new Error('e'), new Uint8Array(2), new SharedArrayBuffer(8), new Point()];
  assert.equal(share(others) as unknown, others);
  assert.equal(Object.keys(share(others)), Object.keys(others));
  for (const [i, each] of (share(others) as unknown[]).entries()) assert.is(each, others[i]);
});

test('a Condition arrives with its lock, whether that is a Lock or an RLock', () => {
  const [mutex, rlock] = [new Lock({ arena }), new RLock({ arena })];
  const arrived = arrive({ over: new Condition(mutex), overR: new Condition(rlock), mutex, rlock });
  assert.instance(arrived.over.lock, Lock);
  assert.instance(arrived.overR.lock, RLock);
  arrived.over.acquire();
  assert.ok(mutex.locked && arrived.mutex.locked);
  mutex.release();
  arrived.overR.acquire();
  assert.is(rlock.recursionCount + arrived.rlock.recursionCount, 2);
  rlock.release();
});

test('a Barrier arrives with its parties and its timeout, and without its action', async () => {
  const barrier = new Barrier(3, { arena, timeout: 1, action: () => 0 });
  const arrived = arrive(barrier);
  assert.is(arrived.parties, 3);
  assert.is(arrived.action, undefined);
  const error = await arrived.waitAsync().catch((reason: Error) => reason);
  assert.is((error as Error).name, 'BrokenBarrierError');
});

// What attach gives is typed as what share was given; these lines would not compile otherwise.
test('attach is typed by what was shared', () => {
  const message = share({ lock: new Lock({ arena }), list: [new Event({ arena })], n: 1 });
  const { lock, list, n } = attach(message);
  const locked: boolean = lock.locked;
  const isSet: boolean = list[0].isSet;
  const sum: number = n + 1;
  assert.equal([locked, isSet, sum], [false, false, 2]);
  const told = attach<{ lock: Lock }>(structuredClone(share({ lock })));
  assert.instance(told.lock, Lock);
  // @ts-expect-error: a Lock has no value
  assert.is(lock.value, undefined);
  // @ts-expect-error: another type than was shared
  const wrong: Shared<{ lock: Event }> = message;
  assert.ok(wrong);
});

test.run();

import {
  Arena,
  attach,
  dumpAgents,
  type ElementType,
  Queue,
  RLock,
  type Shared,
  Array as SharedArray,
  share,
  Value,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';

const test = suite('values and arrays');

/** Each type, its code, its largest number, and what that number plus 1 becomes. */
const INTEGERS = [
  ['int8', 'b', 127, -128],
  ['uint8', 'B', 255, 0],
  ['int16', 'h', 2 ** 15 - 1, -(2 ** 15)],
  ['uint16', 'H', 2 ** 16 - 1, 0],
  ['int32', 'i', 2 ** 31 - 1, -(2 ** 31)],
  ['uint32', 'I', 2 ** 32 - 1, 0],
  ['int64', 'q', 2n ** 63n - 1n, -(2n ** 63n)],
  ['uint64', 'Q', 2n ** 64n - 1n, 0n],
  ['int64', 'l', 1n, 2n],
  ['uint64', 'L', 1n, 2n],
] as const;

/** Sends a value as a message would. */
const sent = <T>(value: T): T => attach(structuredClone(share(value)) as Shared<T>);

test('a value of each type is what it was set to, and wraps around', () => {
  for (const [name, code, largest, next] of INTEGERS) {
    const value = new Value<ElementType>(code, largest);
    assert.equal([value.type, value.value], [name, largest]);
    value.value = typeof largest === 'bigint' ? largest + 1n : (largest as number) + 1;
    assert.is(value.value, next, name);
    assert.is(sent(value).value, next, name);
    assert.equal(new Value(name).value, typeof largest === 'bigint' ? 0n : 0);
  }
  assert.equal([new Value('f', 0.1).value, new Value('d', 0.1).value], [Math.fround(0.1), 0.1]);
});

test('the lock of a value or array has its name, too', () => {
  const arena = new Arena();
  const [value, array] = [
    new Value('i', 0, { arena, name: 'hits' }),
    new SharedArray('d', 2, { arena, name: 'board', lock: true }),
  ];
  value.getLock().acquire();
  array.getLock().acquire();
  assert.match(String(dumpAgents(arena).agents[0].holds), /^RLock#\d+ \(hits\),RLock#\d+ \(board\)$/);
  for (const name of ['', 5]) assert.throws(() => new Value('i', 0, { arena, name: name as never }), /name /);
});

test('what is not of the element type is refused, and changes nothing', () => {
  const [value, array] = [new Value('int32', 5), new SharedArray('q', [5n])];
  for (const bad of ['1', 1n, undefined, null]) {
    assert.throws(() => {
      value.value = bad as never;
    }, TypeError);
    assert.throws(() => new Value('d', (bad ?? 'x') as never), TypeError);
  }
  assert.throws(() => array.set(0, 1 as never), /a value of type int64 must be a bigint, not number/);
  assert.throws(() => new SharedArray('q', [1n, 2 as never]), TypeError);
  assert.throws(() => new SharedArray('d', null as never), TypeError);
  for (const type of ['c', 'u', 'float', 'toString', 7])
    assert.throws(() => new Value(type as never), /a type must be one of/);
  assert.equal([value.value, array.get(0)], [5, 5n]);
});

test('array[0] = 1 is an error, and does not set a property that nobody else sees', () => {
  const array = new SharedArray('int32', 1);
  for (const each of [array, attach(structuredClone(share(array)))])
    assert.throws(() => Object.assign(each, { 0: 1 }), TypeError);
  class Board extends SharedArray<'int32'> {
    title = 'scores';
  }
  assert.is(new Board('int32', 1).title, 'scores');
});

test('an array has the elements it was made of, or zeros, and one view for all of its objects', () => {
  const array = new SharedArray('float64', [1, 2.5, 3]);
  assert.equal([array.length, array.type, [...array], array.get(-1)], [3, 'float64', [1, 2.5, 3], 3]);
  const other = sent(array);
  other.set(-2, 7);
  other.view[0] = 9;
  assert.equal([...array], [9, 7, 3]);
  assert.equal([...new SharedArray('i', 3)], [0, 0, 0]);
  assert.equal([...new SharedArray('B', new Set([1, 2]))], [1, 2]);
  assert.is(new SharedArray('b', 0).length, 0);
  for (const index of [3, -4, 0.5, Number.NaN]) {
    assert.throws(() => array.get(index), RangeError);
    assert.throws(() => array.set(index, 1), RangeError);
  }
  for (const length of [-1, 1.5]) assert.throws(() => new SharedArray('b', length), RangeError);
  assert.throws(() => new SharedArray('b', 'ab' as never), TypeError);
});

test('the lock is its own, none, or an existing one', async () => {
  const lock = new RLock({ arena: new Arena() });
  const value = new Value('i', 0, { lock });
  assert.is(value.arena, lock.arena);
  assert.is(value.getLock(), lock);
  assert.is(sent(value).getLock().cell, lock.cell);
  const own = new Value('i');
  own.getLock().run(() => assert.is(sent(own).getLock().isOwned, true));
  const bare = new Value('i', 1, { lock: false });
  for (const each of [bare, sent(bare)]) {
    assert.throws(() => each.getLock(), /was made without a lock/);
    assert.throws(() => each.withLock(() => {}), TypeError);
  }
  assert.throws(() => own.withLock(7 as never), /fn must be a function, not 7/);
  const refused = await own.withLockAsync(7 as never).catch((error: unknown) => error);
  assert.match(String(refused), /fn must be a function, not 7/);
  for (const bad of [7, {}, null]) assert.throws(() => new Value('i', 1, { lock: bad as never }), TypeError);
  assert.throws(() => new Value('i', 1, { lock, arena: new Arena() }), TypeError);
  assert.is(
    own.withLock(({ value }) => value + 1),
    1,
  );
});

test('agents that add under the lock lose nothing', async () => {
  const value = new Value('float64');
  const array = new SharedArray('int64', 1);
  const crew = await Crew.start(new URL('./value.worker.js', import.meta.url), {
    count: 2,
    workerData: share({ value, array }),
  });
  await crew.done();
  assert.equal([value.value, array.get(0)], [1000, 1000n]);
});

test('values and arrays can be sent through a queue', () => {
  const queue = new Queue<{ value: Value<'int32'>; array: SharedArray<'uint8'> }>();
  const [value, array] = [new Value('int32', 1), new SharedArray('uint8', 2)];
  queue.put({ value, array });
  const got = queue.get();
  got.value.value = 5;
  got.array.set(1, 6);
  assert.equal([value.value, array.get(1)], [5, 6]);
});

test.run();

import { createContext, runInContext } from 'node:vm';
import { Event, Lock, SyncError } from 'atomics-sync-free';
import { Pool, Process } from 'atomics-sync-free/multiprocessing';
import { Thread, Timer } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { Codec, Memory } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';

const test = suite('what the codec refuses');

const codec = new Codec();
const memory = new Memory(new SharedArrayBuffer(4096));

function refuses(value: unknown, message: string | RegExp, by = codec): void {
  const expected = (error: unknown): boolean => {
    assert.instance(error, SyncError);
    assert.is((error as SyncError).code, 'ERR_NOT_CLONEABLE');
    if (typeof message === 'string') assert.is((error as SyncError).message, message);
    else assert.match((error as SyncError).message, message);
    return true;
  };
  assert.throws(() => by.encode(value, memory, 0, memory.byteLength), expected);
  assert.throws(() => by.encodeToBytes(value), expected);
}

const CANNOT = 'cannot be copied';

test('functions and symbols, with the path to them', () => {
  const callback = (): void => {};
  refuses(callback, `value is a function, which ${CANNOT}`);
  refuses({ args: [1, { callback }] }, `value.args[1].callback is a function, which ${CANNOT}`);
  refuses({ 'on-end': Symbol('s') }, `value["on-end"] is a symbol, which ${CANNOT}`);
  refuses(new Map<unknown, unknown>([['a', [callback]]]), `value.get("a")[0] is a function, which ${CANNOT}`);
  refuses(new Map([[callback, 1]]), `value.keys()[0] is a function, which ${CANNOT}`);
  refuses([new Set([1, callback])], `value[0].values()[1] is a function, which ${CANNOT}`);
  refuses(new Error('e', { cause: { callback } }), `value.cause.callback is a function, which ${CANNOT}`);
  refuses(new AggregateError([callback]), `value.errors[0] is a function, which ${CANNOT}`);
  refuses(Object(Symbol('s')), `value is a Symbol, which ${CANNOT}`);
});

test('objects that belong to the agent that made them, with their class', () => {
  class Greeter extends Process {}
  const pool = new Pool(1);
  const results = pool.imap(() => 1, []);
  const result = pool.applyAsync(() => 1);
  const target = (): void => {};
  for (const [local, what] of [
    [pool, 'a Pool'],
    [results, 'a PoolIterator'],
    [result, 'a Promise'],
    [new Thread({ target }), 'a Thread'],
    [new Timer(1, target), 'a Timer'],
    [new Greeter({ target }), 'a Greeter'],
    [new EventTarget(), 'an EventTarget'],
  ] as const)
    refuses([local], `value[0] is ${what}, which ${CANNOT}`);
  pool.terminate();
});

test('a function, with a path that begins as the caller says', () => {
  const callback = (): void => {};
  refuses([1, { callback }], `args[1].callback is a function, which ${CANNOT}`, new Codec({ root: 'args' }));
  const bare = new Codec({ root: '' });
  refuses({ args: [1, { callback }] }, `args[1].callback is a function, which ${CANNOT}`, bare);
  refuses(callback, `the value is a function, which ${CANNOT}`, bare);
});

test('what is deep in a list, or made anew each time by a getter', () => {
  let list: unknown = Symbol('end');
  for (let i = 0; i < 1000; i++) list = [list];
  refuses(list, new RegExp(`^value(\\[0\\]){1000} is a symbol, which ${CANNOT}$`));
  const made = {
    get now() {
      return () => {};
    },
  };
  refuses(made, `value is or holds a function, which ${CANNOT}`);
});

test('objects of the language and of the host that have no bytes', () => {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  for (const value of [
    Promise.resolve(),
    new WeakMap(),
    new WeakSet(),
    new WeakRef({}),
    (function* () {})(),
    new Map().entries(),
    new Intl.NumberFormat('en'),
    new WebAssembly.Memory({ initial: 1 }),
    new URL('https://example.org'),
    new AbortController().signal,
    new Blob([]),
    port1,
  ]) {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    refuses({ value }, `value.value is ${/^[AEI]/.test(tag) ? 'an' : 'a'} ${tag}, which ${CANNOT}`);
  }
});

test('objects of another realm, like those of this one', () => {
  const there = createContext();
  for (const [value, path, what] of [
    ['Promise.resolve()', '', 'a Promise'],
    ['[new (class Deferred extends Promise {})(() => {})]', '[0]', 'a Promise'],
    ['new Map([["a", [new WeakMap()]]])', '.get("a")[0]', 'a WeakMap'],
    ['[new Set([1, new WeakSet()])]', '[0].values()[1]', 'a WeakSet'],
    ['new Error("e", { cause: { ref: new WeakRef({}) } })', '.cause.ref', 'a WeakRef'],
    ['new Map([[() => {}, 1]])', '.keys()[0]', 'a function'],
  ])
    refuses(runInContext(`(${value})`, there), `value${path} is ${what}, which ${CANNOT}`);
});

test('shared memory and live objects, where memory has no name', () => {
  refuses({ s: new SharedArrayBuffer(8) }, 'value.s is a SharedArrayBuffer, which cannot be written as bytes');
  refuses(
    [new Int32Array(new SharedArrayBuffer(8))],
    'value[0].buffer is a SharedArrayBuffer, which cannot be written as bytes',
  );
  refuses({ lock: new Lock() }, /^value\.lock lives in shared memory, which cannot be written as bytes \(Lock#/);
  refuses([new Event()], /^value\[0\] lives in shared memory/);
});

test('buffers that have been transferred', () => {
  const buffer = new ArrayBuffer(8);
  const view = new DataView(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  refuses({ buffer }, 'value.buffer is detached: its bytes have been transferred');
  refuses({ view }, 'value.view is a view of bytes that its buffer no longer has');
});

test('an object that loses properties while it is read', () => {
  const object: Record<string, unknown> = Object.defineProperty({}, 'first', {
    enumerable: true,
    get: () => delete object.second,
  });
  object.second = 2;
  assert.throws(() => codec.encodeToBytes({ object }), /^value\.object lost properties while it was being encoded$/);
});

test('and after a refusal the next message is whole', () => {
  const shape = { a: { b: 1 } };
  for (let i = 0; i < 3; i++) {
    refuses([shape, { a: { b: () => {} } }], /^value\[1\]\.a\.b is a function/);
    const end = codec.encode([shape, shape], memory, 0, memory.byteLength);
    assert.equal(codec.decode(memory, 0, end), [shape, shape]);
  }
});

test.run();

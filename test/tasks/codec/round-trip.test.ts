import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Codec, Memory } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';
import { difference } from './same.js';
import { VALUES } from './values.js';

const test = suite('what the codec carries');

const codec = new Codec();
const memory = new Memory(new SharedArrayBuffer(1 << 21));

/** Encodes and decodes a value, in shared memory that is full of something else. */
function carried(value: unknown): unknown {
  memory.u8.fill(0xa5, 0, 4096);
  const end = codec.encode(value, memory, 64, memory.byteLength);
  assert.ok(end > 64 && end % 8 === 0, `the end is ${end}`);
  return codec.decode(memory, 64, end);
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

for (const [name, value] of Object.entries(VALUES)) {
  test(`${name}, as by structured clone`, () => {
    assert.is(difference(carried(value), structuredClone(value)), undefined);
    assert.is(difference(codec.decodeBytes(codec.encodeToBytes(value)), structuredClone(value)), undefined);
  });
}

const anything = fc.anything({
  key: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('a', 'b', 'id', '__proto__', '7')),
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withNullPrototype: true,
  withUnicodeString: true,
});

test('anything, as by structured clone', () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.is(difference(carried(value), structuredClone(value)), undefined);
    }),
    { seed: 15, numRuns: 1500 },
  );
});

/** Containers that hold each other arbitrarily. */
const graph = fc
  .tuple(
    fc.array(fc.constantFrom('object', 'array', 'map', 'set', 'error'), { minLength: 1, maxLength: 40 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('a', 'b', 'c', 'd')), { maxLength: 120 }),
  )
  .map(([kinds, edges]) => {
    const make: Readonly<Record<string, () => object>> = {
      object: () => ({}),
      array: () => [],
      map: () => new Map(),
      set: () => new Set(),
      error: () => new Error('in a graph'),
    };
    const nodes: object[] = kinds.map((kind) => make[kind]());
    for (const [from, to, key] of edges) {
      const [source, target] = [nodes[from % nodes.length], nodes[to % nodes.length]];
      if (Array.isArray(source)) source.push(target);
      else if (source instanceof Map) source.set(key, target).set(target, key);
      else if (source instanceof Set) source.add(target);
      else if (source instanceof Error)
        Object.defineProperty(source, 'cause', { value: target, writable: true, configurable: true });
      else (source as Record<string, unknown>)[key] = target;
    }
    return nodes;
  });

test('any graph of containers, with each identity', () => {
  fc.assert(
    fc.property(graph, (nodes) => {
      assert.is(difference(carried(nodes), structuredCloneWithCauses(nodes)), undefined);
    }),
    { seed: 15, numRuns: 500 },
  );
});

/** Structured clone in Node 20 loses causes, so a graph with errors is compared with itself. */
const structuredCloneWithCauses = (nodes: object[]): unknown =>
  nodes.some((node) => node instanceof Error) ? nodes : structuredClone(nodes);

test('any string, alone and as a key', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 90,
  });
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary-ascii', maxLength: 90 })), (each) => {
      const object = { [each]: each };
      assert.is(difference(carried(object), object), undefined);
    }),
    { seed: 15, numRuns: 1000 },
  );
});

test('equal values have equal bytes, whatever was written before and whatever was in the memory', () => {
  const used = new Codec();
  for (const value of Object.values(VALUES)) used.encodeToBytes(value);
  for (const [name, value] of Object.entries(VALUES)) {
    const fresh = hex(new Codec().encodeToBytes(value));
    assert.ok(hex(used.encodeToBytes(value)) === fresh, name);
    memory.u8.fill(0xff);
    const end = used.encode(value, memory, 8, memory.byteLength);
    assert.ok(hex(memory.u8.subarray(8, end)) === fresh, name);
    const copies = [structuredClone(value), used.decodeBytes(used.encodeToBytes(value))];
    const [clone, copy] = copies.map((each) => hex(used.encodeToBytes(each)));
    assert.ok(clone === copy, name);
  }
});

test('what does not fit is not written, and neither is anything outside the range', () => {
  for (const [name, value] of Object.entries(VALUES)) {
    const { byteLength } = codec.encodeToBytes(value);
    memory.u8.fill(0x5a, 0, 128).fill(0x5a, byteLength + 64, byteLength + 128);
    for (const room of new Set([0, 8, 16, byteLength - 8])) {
      assert.is(codec.encode(value, memory, 64, 64 + room), -1, `${name} in ${room} bytes`);
      assert.ok(
        memory.u8.subarray(64 + room, 128).every((byte) => byte === 0x5a || room > 64),
        name,
      );
    }
    assert.is(codec.encode(value, memory, 64, 64 + byteLength), 64 + byteLength, name);
    for (const at of [0, 63, byteLength + 64, byteLength + 127]) assert.is(memory.u8[at], 0x5a, `${name}: byte ${at}`);
  }
});

test('nesting of a depth at which structured clone runs out of stack', () => {
  let list: unknown = null;
  for (let i = 0; i < 200_000; i++) list = i % 3 === 0 ? [list] : i % 3 === 1 ? { list } : new Map([[i, list]]);
  let copy: unknown = codec.decodeBytes(codec.encodeToBytes(list));
  let depth = 0;
  for (; copy !== null; depth++)
    copy = Array.isArray(copy)
      ? copy[0]
      : copy instanceof Map
        ? [...copy.values()][0]
        : (copy as { list: unknown }).list;
  assert.is(depth, 200_000);
});

test('more shapes in one message than are remembered', () => {
  const shapes = Array.from({ length: 3000 }, (_, i) => ({ [`a${i}`]: i, [`b${i}`]: { [`c${i}`]: `${i}` } }));
  const value = [...shapes, ...shapes.map((each) => ({ ...each }))];
  assert.is(difference(codec.decodeBytes(codec.encodeToBytes(value)), value), undefined);
  assert.is(difference(codec.decodeBytes(codec.encodeToBytes(value)), value), undefined);
});

test('many references to few objects', () => {
  const few: unknown[] = Array.from({ length: 100 }, () => []);
  const many = Array.from({ length: 20_000 }, (_, i) => few[i % 100]);
  assert.is(difference(codec.decodeBytes(codec.encodeToBytes(many)), many), undefined);
});

test('lengths that need a word of their own', () => {
  for (const length of [0xff_fffe, 0xff_ffff, 0x100_0000]) {
    const text = 'x'.repeat(length);
    assert.ok(codec.decodeBytes(codec.encodeToBytes(text)) === text, `${length}`);
  }
  const bytes = new Uint8Array(0x100_0001).fill(7);
  const copy = codec.decodeBytes(codec.encodeToBytes([bytes, 'end'])) as [Uint8Array, string];
  assert.ok(Buffer.from(copy[0].buffer).equals(bytes));
  assert.is(copy[1], 'end');
});

test('a class arrives as a plain object of its own properties', () => {
  class Point {
    x = 1;
    #y = 2;
    get y(): number {
      return this.#y;
    }
  }
  const inherited = Object.assign(Object.create({ above: 1 }), { own: 2 });
  assert.is(difference(carried([new Point(), inherited]), [{ x: 1 }, { own: 2 }]), undefined);
});

test('getters are called once, and may use the codec', () => {
  let calls = 0;
  const value = {
    get a() {
      calls++;
      return codec.decodeBytes(codec.encodeToBytes({ inner: [calls] }));
    },
    b: 2,
  };
  assert.equal(carried(value), { a: { inner: [1] }, b: 2 });
  assert.is(calls, 1);
});

test('what a getter throws is thrown, and the next message is whole', () => {
  const error = new Error('from a getter');
  const value = {
    a: {},
    get b() {
      throw error;
    },
  };
  assert.throws(
    () => carried(value),
    (thrown: unknown) => thrown === error,
  );
  assert.equal(carried({ a: {} }), { a: {} });
});

test('properties of Object.prototype are not sent', () => {
  Object.defineProperty(Object.prototype, 'everywhere', { value: 1, enumerable: true, configurable: true });
  try {
    assert.is(Object.hasOwn(carried({ a: 1 }) as object, 'everywhere'), false);
    assert.is(difference(carried([{ b: { c: 2 } }]), [{ b: { c: 2 } }]), undefined);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'everywhere');
  }
});

test('a setter of Object.prototype is not called', () => {
  let called = false;
  Object.defineProperty(Object.prototype, 'trap', {
    set() {
      called = true;
    },
    configurable: true,
  });
  try {
    const copy = new Codec().decodeBytes(codec.encodeToBytes(JSON.parse('{"trap":1,"__proto__":{}}')));
    assert.equal(Object.entries(copy as object), [
      ['trap', 1],
      ['__proto__', {}],
    ]);
    assert.is(called, false);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'trap');
  }
});

test('a Buffer is sent without the rest of its pool', () => {
  const buffer = Buffer.from('hello');
  const copy = carried([buffer, buffer]) as Uint8Array[];
  assert.is(difference(copy[0], new Uint8Array(buffer)), undefined);
  assert.is(copy[0], copy[1]);
  assert.is(copy[0].buffer.byteLength, 5);
});

test('a buffer of any size has just its bytes, and can be transferred', () => {
  for (const length of [0, 1, 4095, 4096, 4097, 2 ** 18 - 1, 2 ** 18, 2 ** 18 + 5, 2 ** 20]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    const copy = carried(bytes.buffer) as ArrayBuffer;
    assert.is(difference(copy, bytes.buffer), undefined, `${length}`);
    structuredClone(copy, { transfer: [copy] });
    assert.is(copy.byteLength, 0);
  }
});

test('bytes at any offset are read', () => {
  const bytes = codec.encodeToBytes({ a: 1.5, b: 'text' });
  for (const offset of [0, 1, 4, 8]) {
    const moved = Buffer.alloc(bytes.length + 8);
    moved.set(bytes, offset);
    assert.equal(codec.decodeBytes(moved.subarray(offset, offset + bytes.length)), { a: 1.5, b: 'text' });
  }
});

test('invalid offsets are refused', () => {
  assert.throws(() => codec.encode(1, memory, 4, 64), /^offset must be a multiple of 8, not 4$/);
  assert.throws(() => codec.encode(1, memory, -8, 64), /offset must be a whole number from 0/);
  assert.throws(() => codec.encode({}, memory, 0, memory.byteLength + 8), /end must be a whole number from 0/);
  assert.throws(() => codec.decode(memory, 16, 8), /end must be a whole number from 16/);
});

test.run();

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import vm from 'node:vm';
import { SyncError } from 'atomics-sync-free';
import { hash } from 'atomics-sync-free/joblib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { sha256 } from '#dist/joblib/files/sha256.js';
import { suite } from '../support/suite.js';

const test = suite('hashes');

/** Values, no two of which are equal. */
const DIFFERENT: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => false,
  () => true,
  () => 0,
  () => -0,
  () => 1,
  () => 1n,
  () => -1n,
  () => Number.NaN,
  () => '',
  () => '1',
  () => 'é',
  () => '\ud800',
  () => '\ud801',
  () => 'x'.repeat(5000),
  () => `${'x'.repeat(5000)}y`,
  () => [],
  () => new Array(1),
  () => [undefined],
  () => [[]],
  () => [[], []],
  () => ({}),
  () => ({ a: undefined }),
  () => ({ a: 1, b: 2 }),
  () => ({ a: 2, b: 1 }),
  () => ({ ab: 1 }),
  () => new Map(),
  () => new Map([['a', 1]]),
  () => new Map([[['a'], 1]]),
  () => new Set(),
  () => new Set(['a', 1]),
  () => new Set([['a', 1]]),
  () => new Date(0),
  () => /a/,
  () => /a/g,
  () => Object(1),
  () => new Error('a'),
  () => new TypeError('a'),
  () => new Error('a', { cause: 1 }),
  () => Object.assign(new Error('a'), { code: 'E' }),
  () => new ArrayBuffer(2),
  () => new Uint8Array(2),
  () => new Int8Array(2),
  () => Buffer.alloc(2),
  () => new DataView(new ArrayBuffer(2)),
  () => new Float32Array([1]),
  () => new Uint32Array(new Float32Array([1]).buffer),
  () => new Float64Array(5000),
  () => new Float64Array(5001),
  () => Array.from({ length: 3000 }, (_, i) => i),
  () => /b/.exec('ab'),
  () => /b/.exec('b'),
  () => [...(/b/.exec('b') ?? [])],
];

test('different values have different hashes, equal ones the same', () => {
  const hashes = DIFFERENT.map((make) => hash(make()));
  assert.is(new Set(hashes).size, DIFFERENT.length);
  assert.equal(
    DIFFERENT.map((make) => hash(make())),
    hashes,
  );
  for (const each of hashes) assert.match(each, /^[0-9a-f]{64}$/);
});

test('the position of a value counts, whatever it is', () => {
  const nested = DIFFERENT.flatMap((make) => [
    hash(['in', make()]),
    hash({ in: make() }),
    hash(new Map([['in', make()]])),
  ]);
  assert.is(new Set([...nested, ...DIFFERENT.map((make) => hash(make()))]).size, 4 * DIFFERENT.length);
});

/** The same value, with everything unordered in reverse order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value instanceof Map) return new Map([...value].reverse().map(([key, each]) => [turned(key), turned(each)]));
  if (value instanceof Set) return new Set([...value].reverse().map(turned));
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  const entries = Object.entries(value as object).reverse();
  return Object.fromEntries(entries.map(([key, each]) => [key, turned(each)]));
}

test('the order of unordered collections does not count', () => {
  const leaf = fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.boolean());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(tie('tree'), { maxLength: 4 }).map((members) => new Set(members)),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      assert.is(hash(turned(value)), hash(value));
    }),
    { seed: 18, numRuns: 200 },
  );
});

test('whether two parts are the same object does not count', () => {
  for (const part of [{ a: [1] }, Array.from({ length: 1000 }, (_, i) => ({ i }))]) {
    assert.is(hash([part, part]), hash([part, structuredClone(part)]));
  }
});

test('a long part is read once, however many times a value contains it', () => {
  const reads: number[] = [];
  // Its own properties make it long: what they hold is replaced by digests.
  const properties = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`number ${i}`, i]));
  const long = (part: unknown, level: number): object =>
    Object.defineProperty({ ...properties, parts: [part, [part]] }, 'read', {
      enumerable: true,
      get: () => reads.push(level) > 0,
    });
  let value = long(undefined, 0);
  for (let level = 1; level < 60; level++) value = long([value, { again: value }], level);
  assert.match(hash(value), /^[0-9a-f]{64}$/);
  assert.equal(
    reads.sort((a, b) => a - b),
    Array.from({ length: 60 }, (_, level) => level),
  );
});

test('a view is hashed by the memory that it shows, shared or not', () => {
  const shared = new Float64Array(new SharedArrayBuffer(8000), 800, 600).fill(1);
  assert.is(hash(shared), hash(new Float64Array(600).fill(1)));
  assert.is.not(hash(shared), hash(new Float64Array(600).fill(1, 1)));
});

test('an object of another realm has the same hash', () => {
  const text = "({ a: [new Map([['b', 1]]), new Uint8Array(3), new Set(), new Date(0), /x/], e: new TypeError('e') })";
  assert.is(hash(vm.runInNewContext(text)), hash(vm.runInThisContext(text)));
});

test('what has no hash is refused with the path to it, and a cycle does not hang', () => {
  class Money {
    #cents = 1;
    get cents(): number {
      return this.#cents;
    }
  }
  class Celsius extends Map {}
  class Row extends Array {}
  class Matrix extends Float64Array {
    readonly columns: number;
    constructor(rows: number, columns: number) {
      super(rows * columns);
      this.columns = columns;
    }
  }
  class Day extends Date {}
  const loop: unknown[] = [];
  loop.push({ loop });
  const refused: readonly [unknown, RegExp][] = [
    [{ a: [() => 1] }, /^value\.a\[0\] is a function/],
    [[Symbol('s')], /^value\[0\] is a symbol/],
    [{ p: Promise.resolve() }, /^value\.p is a Promise/],
    [{ m: new Money() }, /^value\.m is an object of the class Money/],
    [new Celsius(), /^value is an object of the class Celsius/],
    [[new Matrix(2, 3)], /^value\[0\] is an object of the class Matrix/],
    [Row.from([1]), /^value is an object of the class Row/],
    [{ day: new Day() }, /^value\.day is an object of the class Day/],
    [loop, /^value contains itself/],
  ];
  for (const [value, message] of refused) {
    assert.throws(
      () => hash(value),
      (error: unknown) =>
        error instanceof SyncError && error.code === 'ERR_NOT_HASHABLE' && message.test(error.message),
    );
  }
});

test('another process has the same hashes', () => {
  const program = `
    import { hash } from 'atomics-sync-free/joblib';
    console.log(hash({ b: [1.5, 'é', 7n], a: new Map([['k', new Uint16Array(2000)]]) }));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
  });
  assert.is(printed.trim(), hash({ a: new Map([['k', new Uint16Array(2000)]]), b: [1.5, 'é', 7n] }));
});

test('the sha-256 for pages conforms to the standard, however the bytes are cut', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i * 7);
  for (let length = 0; length < 300; length++) {
    const part = bytes.subarray(0, length);
    const expected = createHash('sha256').update(part).digest('hex');
    for (const cut of [0, 1, 63, 64, 65, 128]) {
      const digest = sha256(part.subarray(0, cut), new Uint8Array(), part.subarray(cut));
      assert.is(Buffer.from(digest).toString('hex'), expected, `${length} bytes cut at ${cut}`);
    }
  }
});

test.run();

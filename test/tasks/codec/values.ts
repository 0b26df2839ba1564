/** One value of each kind that a message can carry, by name. */

function cyclic(): unknown {
  const object: Record<string, unknown> = { list: [] };
  const map = new Map<unknown, unknown>([[object, 'itself']]);
  object.self = object;
  (object.list as unknown[]).push(object, object.list, map, new Set([map]));
  map.set('map', map);
  return object;
}

const sharedViews = (): unknown => {
  const buffer = new ArrayBuffer(32);
  new Uint8Array(buffer).forEach((_, i, all) => {
    all[i] = i;
  });
  return [new Uint8Array(buffer, 3, 5), buffer, new Float64Array(buffer, 8, 2), new DataView(buffer, 1, 7)];
};

/** An array that has only these items, and holes elsewhere. */
const holey = (length: number, items: Readonly<Record<string, unknown>>): unknown[] =>
  Object.assign(new Array(length), items);

/** An object with more keys than a shape has. */
const dictionary = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key ${i}`, i]));

const numbers = [0, 1, -1, 2 ** 30 - 1, 2 ** 30, -(2 ** 30), -(2 ** 30) - 1, 2 ** 31, 2 ** 53, 0.1, -0, 1e300, 5e-324];

export const VALUES: Readonly<Record<string, unknown>> = {
  'whole numbers': numbers,
  'numbers one by one': numbers.map((number) => ({ number })),
  'what is no number': [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  'undefined, null and booleans': [undefined, null, true, false],
  bigints: [0n, 1n, -1n, 2n ** 32n, 2n ** 63n, -(2n ** 64n), 2n ** 64n - 1n, -(2n ** 1000n) + 7n],
  'short strings': ['', 'a', 'abcd', 'abcde', 'x'.repeat(40), '\0', 'é', '日本', '😀'],
  'long strings': ['x'.repeat(41), 'x'.repeat(9999), 'é'.repeat(500), '日'.repeat(500), `${'x'.repeat(99)}é`],
  'a string of a million characters': 'ab'.repeat(500_000),
  'lone surrogates': ['\ud800', 'a\udc00b', '\ud800'.repeat(100), `${'x'.repeat(99)}\udfff`],
  'plain objects': { a: 1, b: { c: { d: [] } }, '': 'empty', 'with space': {} },
  'objects of one shape': Array.from({ length: 50 }, (_, i) => ({ id: i, name: `n${i}`, inner: { id: i } })),
  'keys in another order': [
    { a: 1, b: 2 },
    { b: 1, a: 2 },
  ],
  'keys that are indices': { 2: 'b', 1: 'a', x: 0, '-1': 0, '01': 0 },
  'keys beyond ASCII': { é: 1, 日本: 2, '\ud800': 3, 'a\0b': 4 },
  'keys of Object.prototype': JSON.parse(
    '{"__proto__":{"polluted":true},"constructor":1,"toString":2,"hasOwnProperty":3}',
  ),
  'an object with many keys': dictionary,
  'an object without a prototype': Object.assign(Object.create(null), { a: 1 }),
  arrays: [[], [[]], ['a', 1], [1.5, 2], [Number.NaN, -0]],
  'an array of whole numbers': Array.from({ length: 1000 }, (_, i) => i * i - 5000),
  'an array of numbers': Array.from({ length: 1000 }, (_, i) => i / 7),
  'arrays with holes': [
    holey(3, { 0: 1, 2: 3 }),
    holey(2, { 1: 'a' }),
    new Array(5),
    holey(3, { 1: 1, extra: { deep: true } }),
  ],
  'an array that is nearly empty': holey(4_294_967_295, { 7: 'a', 4294967294: 'z' }),
  'the result of a match': 'abc'.match(/(?<first>b)/),
  'maps and sets': [
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, new Map()],
    ]),
    new Set<unknown>([1, 'a', {}, new Set()]),
  ],
  dates: [new Date(0), new Date(1e12), new Date(Number.NaN)],
  'regular expressions': [/a+/gi, /(?:)/, /[/\]]\n/u, /日/y],
  wrappers: [Object(1), Object('text'), Object(false), Object(7n), Object(-0)],
  errors: [
    new Error('plain'),
    new TypeError('typed'),
    new RangeError(''),
    new SyntaxError('a'),
    new ReferenceError('b'),
    new EvalError('c'),
    new URIError('d'),
  ],
  'buffers and views of them': sharedViews(),
  'a resizable buffer': new ArrayBuffer(8, { maxByteLength: 64 }),
  'typed arrays': [
    new Int8Array([-1]),
    new Uint8Array([1, 2, 3]),
    new Uint8ClampedArray([255]),
    new Int16Array([-300]),
    new Uint16Array([300]),
    new Int32Array([-70_000]),
    new Uint32Array([4e9]),
    new Float32Array([0.5]),
    new Float64Array([0.1, Number.NaN]),
    new BigInt64Array([-1n]),
    new BigUint64Array([2n ** 64n - 1n]),
    new DataView(new ArrayBuffer(3)),
    new Uint8Array(0),
  ],
  cycles: cyclic(),
  'the same object in many places': ((one) => [one, { one }, [one], new Map([[one, one]])])({ id: 1 }),
  'many objects, each twice': ((all) => [all, [...all].reverse()])(Array.from({ length: 60 }, (_, id) => ({ id }))),
};

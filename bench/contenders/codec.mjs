// A value to bytes in shared memory and back, in one thread: codec.mjs CONTENDER KIND.
import { deserialize, serialize } from 'node:v8';
import { Packr } from 'msgpackr';
import { Codec, Memory } from '../../.build/test/dist/tasks/codec/index.js';
import { serve, timed } from '../lib/serve.mjs';

const [, , contender, kind] = process.argv;

const text = 'abcdefghij'.repeat(100);
const texts = Array.from({ length: 100 }, (_, i) => `item ${i}`);
const person = (i) => ({
  id: i,
  name: 'Alice',
  email: 'alice@example.com',
  age: 33,
  active: true,
  score: 1.5,
  role: 'admin',
  group: 7,
});
const integers = Array.from({ length: 1000 }, (_, i) => i * 7);
const numbers = integers.map((i) => i + 0.5);
const people = Array.from({ length: 100 }, (_, i) => person(i));
const nested = Object.fromEntries(texts.slice(0, 20).map((key, i) => [key, { x: i, y: key }]));
const map = new Map(texts.map((key, i) => [key, i]));
const bytes = new Uint8Array(1 << 20);
const error = new TypeError('it went wrong');

/** Makes the value of a turn: small ones are new each time, as in real use. */
const values = {
  integer: (i) => i & 1023,
  'small object': (i) => ({ id: i, name: 'hello', v: [3] }),
  'record of 8': person,
  'text of 1 kB': () => text,
  '1,000 integers': () => integers,
  '1,000 numbers': () => numbers,
  '100 texts': () => texts,
  '100 records': () => people,
  '20 nested objects': () => nested,
  'Map of 100': () => map,
  Error: () => error,
  '1 MB of bytes': () => bytes,
};

const shared = new SharedArrayBuffer(1 << 22);

/** Each returns a function that takes a value there and back. */
const contenders = {
  codec: () => {
    const codec = new Codec();
    const memory = new Memory(shared);
    return (value) => codec.decode(memory, 0, codec.encode(value, memory, 0, memory.byteLength));
  },
  structuredClone: () => structuredClone,
  v8: () =>
    through(
      (value) => serialize(value),
      (bytes) => deserialize(bytes),
    ),
  JSON: () =>
    through(
      (value) => Buffer.from(JSON.stringify(value)),
      (bytes) => JSON.parse(bytes.toString()),
    ),
  msgpackr: () => {
    const packr = new Packr({ structuredClone: true, moreTypes: true });
    return through(
      (value) => packr.pack(value),
      (bytes) => packr.unpack(bytes),
    );
  },
};

/** For codecs that make a buffer of their own: it is copied into shared memory, and read from a copy. */
function through(encode, decode) {
  const target = Buffer.from(shared);
  return (value) => {
    const encoded = encode(value);
    target.set(encoded, 0);
    return decode(Buffer.from(target.subarray(0, encoded.length)));
  };
}

const make = values[kind];
const carry = contenders[contender]();
serve(
  timed((turns) => {
    let last;
    for (let i = 0; i < turns; i++) last = carry(make(i));
    return last;
  }),
);

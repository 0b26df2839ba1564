import { SyncError } from 'atomics-sync-free';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { hashOf } from '#dist/tasks/codec/format.js';
import { Codec, Memory } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';
import { VALUES } from './values.js';

const test = suite('bytes that are damaged');

const codec = new Codec({ memories: { idOf: () => 1, of: () => new SharedArrayBuffer(8) } });

/** Small ones, because damage to a byte of a long text shows little. */
const messages = Object.values(VALUES)
  .map((value) => codec.encodeToBytes(value))
  .filter(({ length }) => length < 4000);

/** `ERR_UNSUPPORTED` because one flipped bit makes a typed array a Float16Array, which Node 20 does not have. */
const EXPECTED = [undefined, 'ERR_DAMAGED', 'ERR_CODEC_VERSION', 'ERR_UNSUPPORTED'];

/** @returns the error's code, or undefined if the bytes are a value */
function outcome(bytes: Uint8Array): string | undefined {
  try {
    codec.decodeBytes(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
}

const words = (...all: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(Int32Array.from([HEADER, ...all]).buffer);
  return bytes.length % 8 === 0 ? bytes : new Uint8Array([...bytes, 0, 0, 0, 0]);
};

const HEADER = 0x0163_7361;
const head = (kind: number, argument: number): number => (argument << 8) | (kind << 1) | 1;

test('are an error or a value, whichever bits are flipped', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.nat(), flips, (which, places) => {
      const bytes = messages[which % messages.length].slice();
      for (const [at, bit] of places) bytes[at % bytes.length] ^= 1 << bit;
      const code = outcome(bytes);
      assert.ok(EXPECTED.includes(code), code);
    }),
    { seed: 15, numRuns: 3000 },
  );
});

test('are an error or a value, whichever words are replaced', () => {
  const special = fc.oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.tuple(fc.nat(70), fc.constantFrom(0, 1, 2, 3, 255, 0xff_fffe, 0xff_ffff)).map(([kind, n]) => head(kind, n)),
  );
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(), special), { minLength: 1, maxLength: 4 }), (which, places) => {
      const bytes = messages[which % messages.length].slice();
      const view = new Int32Array(bytes.buffer);
      for (const [at, word] of places) view[1 + (at % (view.length - 1))] = word;
      const code = outcome(bytes);
      assert.ok(EXPECTED.includes(code), code);
    }),
    { seed: 15, numRuns: 3000 },
  );
});

test('are an error wherever they are cut', () => {
  for (const message of messages) {
    for (let length = 0; length < message.length; length += 4)
      assert.is(outcome(message.slice(0, length)), 'ERR_DAMAGED', `${length} of ${message.length}`);
  }
});

test('are not read beyond their end', () => {
  const memory = new Memory(new SharedArrayBuffer(1 << 16));
  for (const message of messages) {
    memory.u8.set(message);
    assert.throws(
      () => codec.decode(memory, 0, message.length - 8),
      (error: unknown) => (error as SyncError).code === 'ERR_DAMAGED',
    );
    assert.throws(
      () => codec.decode(memory, 0, message.length + 8),
      (error: unknown) => (error as SyncError).code === 'ERR_DAMAGED',
    );
  }
});

test('a count that is larger than the message is refused, and allocates nothing', () => {
  const before = process.memoryUsage().rss;
  // The kinds that have a count or an index.
  for (const kind of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21]) {
    for (const count of [0xff_fffe, 0xff_ffff]) {
      assert.is(outcome(words(head(kind, count), -1, -1, -1, -1)), 'ERR_DAMAGED', `kind ${kind}`);
      assert.is(outcome(words(head(kind, count) | 0x80, -1, -1, -1, -1)), 'ERR_DAMAGED', `kind ${kind}, put off`);
    }
  }
  assert.ok(process.memoryUsage().rss - before < 100e6);
});

test('an array of four billion holes takes no memory', () => {
  const before = process.memoryUsage().rss;
  const arrays: unknown[] = [];
  for (const length of [30e6, 2 ** 32 - 1]) {
    for (let i = 0; i < 20; i++) arrays.push(codec.decodeBytes(words(head(13, 0), length)));
  }
  assert.is((arrays[0] as unknown[]).length, 30e6);
  assert.is((arrays[39] as unknown[]).length, 2 ** 32 - 1);
  assert.is(Object.keys(arrays[39] as unknown[]).length, 0);
  assert.ok(process.memoryUsage().rss - before < 100e6);
});

test('excessive nesting is refused, not followed', () => {
  const nested = (kind: number, n: number): Uint8Array => words(...new Array(n).fill(head(kind, 1)), 0);
  for (const kind of [10, 15, 18, 21, 23]) assert.is(outcome(nested(kind, 100_001)), 'ERR_DAMAGED', `kind ${kind}`);
});

test('a reference to what is not there yet, or not at all, is refused', () => {
  assert.is(outcome(words(head(6, 0))), 'ERR_DAMAGED');
  assert.is(outcome(words(head(10, 1), head(6, 1))), 'ERR_DAMAGED');
  assert.is(outcome(words(head(18, 0), head(6, 0))), 'ERR_DAMAGED');
  assert.is(outcome(words(head(8, 0))), 'ERR_DAMAGED');
});

test('an invalid regular expression is refused', () => {
  const bytes = codec.encodeToBytes(/ab/);
  bytes[bytes.indexOf(0x61, 8)] = 0x28;
  assert.is(outcome(bytes), 'ERR_DAMAGED');
});

/** Asserts that a reader refuses keys, with the error that says so. */
function assertKeysRefused(bytes: Uint8Array, reader = new Codec()): void {
  assert.throws(
    () => reader.decodeBytes(bytes),
    (error: unknown) =>
      error instanceof SyncError && error.code === 'ERR_DAMAGED' && /keys do not match their hash/.test(error.message),
  );
}

/** A message of one object: HEADER, the object's head, the hash, the head of the keys, the keys, and the values. */
const HASH_AT = 2;
const KEYS_AT = 4;

test('duplicate keys are refused, even if they match their hash', () => {
  const bytes = new Codec().encodeToBytes({ aa: 1, bb: 2 });
  const view = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const keysEnd = KEYS_AT + 2;
  assert.is(view[HASH_AT], hashOf(view, KEYS_AT, keysEnd));
  const at = bytes.indexOf(0x62);
  bytes[at] = bytes[at + 1] = 0x61;
  view[HASH_AT] = hashOf(view, KEYS_AT, keysEnd);
  assertKeysRefused(bytes);
});

test('keys that do not match their hash are refused, whichever bit of either is another', () => {
  const bytes = new Codec().encodeToBytes({ aa: 1, bb: 2 });
  const bits = (from: number, to: number) => Array.from({ length: 8 * (to - from) }, (_, i) => 8 * from + i);
  const [hash, keys] = [HASH_AT * 4, KEYS_AT * 4];
  const knowing = new Codec();
  assert.equal(knowing.decodeBytes(bytes), { aa: 1, bb: 2 });
  for (const bit of [...bits(hash, hash + 4), ...bits(keys, keys + 'aa|bb'.length)]) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assertKeysRefused(damaged);
    assertKeysRefused(damaged, knowing);
  }
});

test('another version, and what is no message at all, is refused', () => {
  const bytes = codec.encodeToBytes('text');
  bytes[3] = 2;
  assert.throws(
    () => codec.decodeBytes(bytes),
    (error: unknown) =>
      error instanceof SyncError &&
      error.code === 'ERR_CODEC_VERSION' &&
      /^the message has version 2 of the format, but this copy of atomics-sync-free reads 1$/.test(error.message),
  );
  for (const other of [new Uint8Array(0), new Uint8Array(8), new Uint8Array(3), Buffer.from('{"json":"text"} ')])
    assert.is(outcome(other), 'ERR_DAMAGED');
});

test('a typed array that the runtime does not have is refused by its name', () => {
  const bytes = codec.encodeToBytes(new Uint16Array([0x3c00]));
  const view = new Int32Array(bytes.buffer);
  view[view.indexOf(head(21, 5))] = head(21, 8);
  const own = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (own !== undefined) assert.equal([...(codec.decodeBytes(bytes) as Uint16Array)], [1]);
  Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    assert.throws(
      () => codec.decodeBytes(bytes),
      (error: unknown) =>
        error instanceof SyncError &&
        error.code === 'ERR_UNSUPPORTED' &&
        error.message === 'the message holds a Float16Array, which this runtime does not have',
    );
  } finally {
    if (own !== undefined) Object.defineProperty(globalThis, 'Float16Array', own);
  }
});

test('a message of version 1 is written and read as it always was', () => {
  const value = { id: 7, text: 'é', list: [1.5, true], big: -5n, at: new Date(0), bytes: new Uint8Array([1, 2]) };
  const written =
    '617363010f06000085ac25950519000069640074657874006c697374006269670061740062797465730000000e000000' +
    '07010000e90000001502000003000000000000000000f83f010300000b03000005000000210000000000000000000000' +
    '2b0200000000000000000000000000000000000000000040290000000000000000000000000000400102000000000000';
  assert.is(Buffer.from(codec.encodeToBytes(value)).toString('hex'), written);
  assert.equal(codec.decodeBytes(Buffer.from(written, 'hex')), value);
});

test.run();

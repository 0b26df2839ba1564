import { Arena, Lock, RWLock, Semaphore, SyncError, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { Codec, type CodecOptions } from '#dist/tasks/codec/index.js';
import { suite } from '../../support/suite.js';

const test = suite('live objects and shared memory in messages');

/** Maps memory to ids, as a broker does. */
function broker(): NonNullable<CodecOptions['memories']> & { readonly known: SharedArrayBuffer[] } {
  const known: SharedArrayBuffer[] = [];
  return {
    known,
    idOf: (buffer) => (known.includes(buffer) ? known.indexOf(buffer) : known.push(buffer) - 1),
    of: (id) => {
      if (known[id] !== undefined) return known[id];
      throw new SyncError('ERR_UNKNOWN_MEMORY', `memory ${id} is not known here`);
    },
  };
}

const memories = broker();
const classes = [Lock, RWLock, Semaphore];
const sender = new Codec({ memories, classes });
const receiver = new Codec({ memories, classes });
const sent = <T>(value: T): T => receiver.decodeBytes(sender.encodeToBytes(value)) as T;

test('a primitive arrives as itself, at any depth, and as one object', () => {
  const lock = new Lock();
  lock.acquire();
  const map = sent(new Map([['deep', [{ lock, again: lock }]]]));
  const [received] = map.get('deep') ?? [];
  assert.instance(received.lock, Lock);
  assert.is(received.lock, received.again);
  assert.is(received.lock.locked, true);
  received.lock.release();
  assert.is(lock.locked, false);
});

test('arenas, views of primitives and objects of several classes arrive', () => {
  const arena = new Arena();
  const [rw, semaphore] = [new RWLock({ arena }), new Semaphore(3, { arena })];
  const copy = sent({ arena, read: rw.readLock, semaphore, rw });
  assert.is(copy.arena.id, arena.id);
  assert.is(copy.semaphore.value, 3);
  copy.read.acquire();
  assert.is(rw.writeLock.tryAcquire(), false);
  copy.read.release();
});

test('a primitive arrives from below the depth at which contents are put off', () => {
  for (const depth of [120, 126, 127, 128, 129, 200]) {
    let value: unknown = { lock: new Lock(), view: new Uint8Array(2), date: Object(1n) };
    for (let i = 0; i < depth; i++) value = [value];
    let copy = sent(value);
    while (Array.isArray(copy)) copy = copy[0];
    assert.instance((copy as { lock: Lock }).lock, Lock, `at ${depth}`);
  }
});

test('shared memory, and views of it, are the memory itself', () => {
  const buffer = new SharedArrayBuffer(64);
  const views = { buffer, words: new Int32Array(buffer, 8, 4), data: new DataView(buffer, 3, 9) };
  const copy = sent(views);
  assert.is(copy.buffer, buffer);
  assert.is(copy.words.buffer, buffer);
  assert.is(copy.words.byteOffset, 8);
  assert.is(copy.words.length, 4);
  assert.is(copy.data.byteOffset, 3);
  Atomics.store(copy.words, 0, 7);
  assert.is(views.words[0], 7);
});

test('memory that grows is the memory itself', () => {
  const buffer = new SharedArrayBuffer(8, { maxByteLength: 64 });
  const [copy, view] = sent([buffer, new Uint8Array(buffer)] as const);
  buffer.grow(16);
  assert.is(copy.byteLength, 16);
  assert.is(view.length, 8);
});

test('what share() returned is sent as the data that it is', () => {
  const lock = new Lock();
  const data = sent(share({ lock }));
  assert.equal(structuredClone(data), structuredClone(share({ lock })));
});

test('memory that the reader does not know is an error, and the message can be read later', () => {
  const late = broker();
  const bytes = sender.encodeToBytes([new SharedArrayBuffer(8)]);
  const reader = new Codec({ memories: late });
  assert.throws(
    () => reader.decodeBytes(bytes),
    (error: unknown) => (error as SyncError).code === 'ERR_UNKNOWN_MEMORY',
  );
  late.known.push(...memories.known);
  assert.is((reader.decodeBytes(bytes) as unknown[])[0], memories.known.at(-1));
});

test('a class that the reader was not given is refused, and named', () => {
  const bytes = sender.encodeToBytes(new Semaphore(1));
  assert.throws(
    () => new Codec({ memories, classes: [Lock] }).decodeBytes(bytes),
    (error: unknown) => error instanceof SyncError && error.code === 'ERR_HANDLE' && /"Semaphore"/.test(error.message),
  );
  assert.throws(
    () => new Codec().decodeBytes(bytes),
    (error: unknown) =>
      error instanceof SyncError && error.code === 'ERR_DAMAGED' && /names shared memory/.test(error.message),
  );
});

test('a forged handle is refused', () => {
  const bytes = sender.encodeToBytes(new Lock());
  const view = new Int32Array(bytes.buffer);
  const cell = view.length - 1 - Number(view.at(-1) === 0 && view.at(-2) !== 0);
  view[cell] += 2;
  assert.throws(
    () => receiver.decodeBytes(bytes),
    (error: unknown) => (error as SyncError).code === 'ERR_HANDLE',
  );
});

test.run();

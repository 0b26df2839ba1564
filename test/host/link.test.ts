// The link between a process and its child, over streams that are cut anywhere.
import { fstatSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { type ByteSink, type ByteSource, type Frame, Link } from '#dist/host/link.js';
import { kill, startChild, writeNow } from '#host';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('the link of a child process');

type Listener = (chunk: Uint8Array) => void;

/** A link whose written chunks are kept, and whose events the test emits. */
function stream() {
  const listeners = new Map<string, Listener[]>();
  const written: Uint8Array[] = [];
  const state = { hasRoom: true };
  const on = (event: string, listener: Listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  const source: ByteSource = { on };
  const sink: ByteSink = {
    write(chunk, done) {
      written.push(chunk);
      done?.();
      return state.hasRoom;
    },
    on,
    destroy() {},
  };
  const emit = (event: string, chunk: Uint8Array = new Uint8Array()): void => {
    for (const listener of listeners.get(event) ?? []) listener(chunk);
  };
  return { link: new Link(source, sink), written, state, emit };
}

const bytesOf = (chunks: readonly Uint8Array[]): number[] => chunks.flatMap((chunk) => [...chunk]);
const shown = ({ kind, index, message }: Frame): unknown[] => [kind, index, [...message]];

const FRAMES = [
  { kind: 1, index: 0, message: new Uint8Array([1, 2, 3]) },
  { kind: -2, index: 7, message: new Uint8Array() },
  { kind: 3, index: 1, message: new Uint8Array(70_000).fill(9) },
  { kind: 4, index: 2, message: new Uint8Array([5]) },
];

/** What is sent for these. */
function sent(): Uint8Array {
  const { link, written } = stream();
  for (const { kind, index, message } of FRAMES) link.send(kind, index, message);
  return new Uint8Array(bytesOf(written));
}

test('frames arrive whole and in order, however the bytes come', () => {
  const bytes = sent();
  for (const size of [1, 5, 12, 1000, bytes.length]) {
    const { link, emit } = stream();
    const heard: unknown[] = [];
    link.listen((frame) => heard.push(shown(frame)));
    for (let at = 0; at < bytes.length; at += size) emit('data', bytes.subarray(at, at + size));
    assert.equal(heard, FRAMES.map(shown), `in parts of ${size}`);
  }
});

test('taking one frame leaves those that came with it to the next reader', async () => {
  const { link, emit } = stream();
  const first = link.next();
  emit('data', sent());
  assert.equal(shown(await first), shown(FRAMES[0]));
  assert.equal(shown(await link.next()), shown(FRAMES[1]));
  const heard: unknown[] = [];
  link.listen((frame) => heard.push(shown(frame)));
  assert.equal(heard, FRAMES.slice(2).map(shown));
});

test('there is room once the stream has drained, or is closed', async () => {
  const { link, emit, state } = stream();
  await link.room();
  state.hasRoom = false;
  link.send(1);
  let told = 0;
  const rooms = [link.room(), link.room()].map((room) => room.then(() => told++));
  await Promise.resolve();
  assert.is(told, 0);
  emit('drain');
  await Promise.all(rooms);
  await link.room();
  link.send(1);
  const last = link.room();
  emit('close');
  await Promise.all([last, link.closed, link.flush()]);
});

/** Reads nothing, and on SIGTERM sends a last frame. */
const DEAF = `
  const { closeSync, writeSync } = process.getBuiltinModule('node:fs');
  const send = (kind) => writeSync(4, new Int32Array([0, kind, 0]));
  process.on('SIGTERM', () => {
    send(2);
    process.exit(3);
  });
  closeSync(3);
  send(1);
  setTimeout(() => {}, 1e6);
`;

test('what was sent arrives, although something was written to the other end after nobody read there any more', async () => {
  assert.ok(startChild);
  const { link, pid, exit } = await startChild({ source: DEAF });
  atTestEnd(() => kill(pid, 'SIGKILL'));
  const heard: number[] = [];
  await new Promise<void>((resolve) => {
    link.listen(({ kind }) => {
      heard.push(kind);
      resolve();
    });
  });
  link.send(1);
  await link.flush();
  kill(pid, 'SIGTERM');
  await link.closed;
  assert.equal([heard, await exit], [[1, 2], 3]);
});

function isOpenHere(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

test('those who write to what a child reads are told before it is closed, however that comes about', async () => {
  assert.ok(startChild);
  for (const writes of [false, true]) {
    const { link, pid, exit, input } = await startChild({ source: DEAF });
    atTestEnd(() => kill(pid, 'SIGKILL'));
    assert.ok(input);
    const isOpen = () => isOpenHere(input.descriptor);
    const told: boolean[] = [];
    input.beforeClose(() => told.push(isOpen()));
    await link.next();
    // It fails because nobody reads, and the host gives the stream up.
    if (writes) link.send(1);
    else kill(pid, 'SIGKILL');
    await until(() => told.length > 0);
    assert.equal(told, [true]);
    kill(pid, 'SIGKILL');
    await exit;
    await until(() => !isOpen());
  }
});

test('bytes are written at once, as long as there is a reader, and room', async () => {
  assert.ok(startChild);
  const { pid, input } = await startChild({ source: 'setTimeout(() => {}, 1e6)' });
  atTestEnd(() => kill(pid, 'SIGKILL'));
  assert.ok(input);
  const { descriptor } = input;
  assert.is(writeNow(descriptor, new Uint8Array(8)), 8);
  const many = new Uint8Array(2 ** 20);
  assert.ok(writeNow(descriptor, many) < many.length);
  while (writeNow(descriptor, many) > 0);
});

test.run();

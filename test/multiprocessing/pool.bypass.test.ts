// A file takes the place of the pipe that a child reads.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Frame, Link } from '#dist/host/link.js';
import { Bypass, Bypasses, bypassWords } from '#dist/multiprocessing/pool/bypass.js';
import { CALL, TASK } from '#dist/multiprocessing/pool/child.js';
import { Claims } from '#dist/multiprocessing/pool/claims.js';
import { APPLY, Callee, MAP, type TaskItem } from '#dist/multiprocessing/pool/messages.js';
import { Texts } from '#dist/multiprocessing/pool/texts.js';
import { Codec } from '#dist/tasks/codec/index.js';
import { atTestEnd, suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';

const test = suite('bypasses of the workers of a pool');

const SLOT = 3;
const GENERATION = 5;
const codec = new Codec();
const texts = new Texts();
const [square, cube] = ['square', 'cube'].map((text, id) => new Callee(id, text, text, texts));

const put = (content: Partial<TaskItem['draft']>): TaskItem => ({
  slot: SLOT,
  generation: GENERATION,
  draft: { form: APPLY, callee: square, ...content },
  named: new Map(),
  ways: [],
});

/** The bypasses of two workers, of which the second has a child. */
function made() {
  const folder = mkdtempSync(join(tmpdir(), 'bypass-'));
  const file = join(folder, 'input');
  const descriptor = openSync(file, 'w');
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const words = bypassWords(2);
  const claims = Claims.make(2);
  claims.queue(SLOT, GENERATION);
  const keepers = [new Bypass(words, 1, -1, 0), new Bypass(words, 2, descriptor, 0)];
  return {
    claims,
    descriptor,
    owner: new Bypasses(words, claims),
    keeper: keepers[1],
    words,
    sent: () => framesIn(file),
  };
}

/** What the child would receive, with its messages as values. */
function framesIn(file: string): unknown[] {
  const frames: unknown[] = [];
  const source = {
    on: (event: string, hear: (bytes: Uint8Array) => void) => event === 'data' && hear(readFileSync(file)),
  };
  const sink = { on() {}, write: () => true, destroy() {} };
  new Link(source as never, sink).listen(({ kind, index, message }: Frame) =>
    frames.push([kind, index, kind === CALL ? new TextDecoder().decode(message) : codec.decodeBytes(message)]),
  );
  return frames;
}

test('a task is sent to the child whose bypass is open, and then belongs to its worker', () => {
  const { claims, owner, keeper, sent } = made();
  assert.equal([owner.send(put({ args: [7] })), claims.isQueued(SLOT, GENERATION)], [false, true]);
  keeper.open();
  assert.equal([owner.send(put({ args: [7] })), claims.workerOf(SLOT), keeper.hasTask], [true, 2, true]);
  // No other task is sent until the keeper has taken this one on.
  assert.is(owner.send(put({ args: [8] })), false);
  keeper.open();
  assert.is(owner.send(put({ args: [8] })), false);
  assert.equal(keeper.take(), { slot: SLOT, generation: GENERATION });
  assert.equal([keeper.take(), keeper.close(), keeper.hasTask], [undefined, undefined, false]);
  assert.equal(sent(), [
    [CALL, 0, 'square'],
    [TASK, APPLY, [7]],
  ]);
});

test('the child is told of a function whenever another was the last, whoever told it', () => {
  const { claims, owner, keeper, sent } = made();
  const send = (content: Partial<TaskItem['draft']>): void => {
    claims.queue(SLOT, GENERATION);
    keeper.open();
    assert.ok(owner.send(put(content)));
    assert.equal(keeper.close(), { slot: SLOT, generation: GENERATION });
  };
  assert.equal([keeper.tell(square.id), keeper.tell(square.id)], [true, false]);
  send({ args: [1] });
  send({ form: MAP, encoded: { bytes: codec.encodeToBytes([2, 3]), named: new Map(), ways: [] } });
  assert.is(keeper.tell(cube.id), true);
  send({ args: [4] });
  assert.is(keeper.tell(square.id), false);
  assert.equal(sent(), [
    [TASK, APPLY, [1]],
    [TASK, MAP, [2, 3]],
    [CALL, 0, 'square'],
    [TASK, APPLY, [4]],
  ]);
});

test('what cannot be sent by a bypass changes nothing, and is left to go another way', () => {
  const { claims, owner, keeper, sent } = made();
  keeper.open();
  assert.is(owner.send(put({ args: ['x'.repeat(5000)] })), false);
  assert.is(owner.send(put({ encoded: { bytes: new Uint8Array(5000), named: new Map(), ways: [] } })), false);
  assert.is((thrownBy(() => owner.send(put({ args: [() => {}] }))) as { code?: string }).code, 'ERR_NOT_CLONEABLE');
  const long = new Callee(2, 'x'.repeat(10_000), 'long', texts);
  assert.is(owner.send(put({ callee: long, args: [1] })), false);
  assert.equal([claims.isQueued(SLOT, GENERATION), sent()], [true, []]);
  keeper.open();
  assert.is(owner.send(put({ args: [1] })), true);
});

test('a bypass whose child no longer reads is closed, and the task waits as before', () => {
  const { claims, descriptor, owner, keeper } = made();
  keeper.open();
  closeSync(descriptor);
  assert.equal([owner.send(put({ args: [1] })), claims.isQueued(SLOT, GENERATION)], [false, true]);
  assert.equal([keeper.hasTask, keeper.close(), owner.send(put({ args: [1] }))], [false, undefined, false]);
});

test('a keeper that closes an open bypass gets no task, and nothing is sent from then on', () => {
  const { owner, keeper, sent } = made();
  keeper.open();
  assert.is(keeper.close(), undefined);
  assert.equal([owner.send(put({ args: [1] })), sent()], [false, []]);
});

test('a keeper does not wait for ever for an owner that died during a write', () => {
  const { keeper, words } = made();
  const WRITING = 2;
  words[words.length / 2] = WRITING;
  assert.is((thrownBy(() => keeper.close()) as { code?: string }).code, 'ERR_INVARIANT');
});

test.run();

// Outcomes in shared memory, written and read by one agent.
import * as assert from 'uvu/assert';
import { hasOutcome, needsMemory, newOutcome, type Outcome, readOutcome, writeOutcome } from '#dist/tasks/outcome.js';
import { parcels } from '#dist/tasks/parcel.js';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';

const test = suite('outcomes');

const value = (of: unknown): Outcome => ({ kind: 'value', value: of });

test('there is none before one is written, and then it is what was written', () => {
  const buffer = newOutcome();
  assert.not(hasOutcome(buffer));
  assert.equal(writeOutcome(buffer, value({ list: [1, 'two'] }), parcels, []), []);
  assert.ok(hasOutcome(buffer) && !needsMemory(buffer));
  assert.equal(readOutcome(buffer, parcels, [], []), value({ list: [1, 'two'] }));
});

test('an error is not a value', () => {
  const buffer = newOutcome();
  writeOutcome(buffer, { kind: 'threw', error: new RangeError('far') }, parcels, []);
  const outcome = readOutcome(buffer, parcels, [], []);
  assert.is(outcome.kind, 'threw');
  assert.instance(outcome.kind === 'threw' && outcome.error, RangeError);
});

test('one that is larger than the memory grows it, or is sent separately if it cannot grow', () => {
  const large = 'x'.repeat(100_000);
  for (const [buffer, pieces] of [
    [newOutcome(), 0],
    [new SharedArrayBuffer(4096), 1],
  ] as const) {
    const more = writeOutcome(buffer, value(large), parcels, []);
    assert.is(more.length, pieces);
    assert.equal(readOutcome(buffer, parcels, [], more), value(large));
  }
});

test('memory that the reader knows is not sent along, other memory is', () => {
  const [known, other] = [new SharedArrayBuffer(8), new SharedArrayBuffer(8)];
  const buffer = newOutcome();
  const more = writeOutcome(buffer, value([new Int32Array(other), new Int32Array(known)]), parcels, [known]);
  assert.equal(more, [other]);
  assert.ok(needsMemory(buffer));
  const outcome = readOutcome(buffer, parcels, [known], more);
  const buffers = outcome.kind === 'value' ? (outcome.value as Int32Array[]).map((each) => each.buffer) : [];
  assert.ok(buffers[0] === other && buffers[1] === known);
});

test('what cannot be sent is refused with the path to it, and nothing is written', () => {
  const buffer = newOutcome();
  const error = thrownBy(() => writeOutcome(buffer, value({ a: [() => {}] }), parcels, []));
  assert.is(error.code, 'ERR_NOT_CLONEABLE');
  assert.match(error.message, /^the result\.a\[0\] is a function/);
  assert.not(hasOutcome(buffer));
});

test.run();

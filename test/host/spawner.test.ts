import * as assert from 'uvu/assert';
import { Roll } from '#dist/host/roll.js';
import { Spawner } from '#dist/host/spawner.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('the spawner');

const words = () => new Int32Array(new SharedArrayBuffer(16));

test('it rings one bell when another is rung, once, or at once if that has been rung already', async () => {
  const hear = new Spawner(new Roll(), { source: '' }).join({ send() {} });
  const [from, to] = [words(), words()];
  hear({ kind: 'relay', from: { words: from, gate: 1 }, seen: 0, to: { words: to, gate: 2 } });
  assert.equal([...to], [0, 0, 0, 0]);
  for (let i = 0; i < 2; i++) {
    Atomics.add(from, 1, 1);
    Atomics.notify(from, 1);
  }
  await until(() => to[2] > 0, { what: 'the other is rung' });
  assert.equal([...to], [0, 0, 1, 0]);
  hear({ kind: 'relay', from: { words: from, gate: 1 }, seen: 0, to: { words: to, gate: 2 } });
  assert.equal([...to], [0, 0, 2, 0]);
});

test.run();

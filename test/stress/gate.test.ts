import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { GateData } from './gate.worker.js';

const test = suite('gate');

const words = (count: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4 * count));

for (const [how, looks] of [
  ['looking', 100_000],
  ['sleeping', 0],
] as const) {
  test(`nobody passes before all have come, when ${how}`, async () => {
    const rounds = 500;
    const workerData: GateData = { control: words(256), comings: words(3), rounds, looks };
    const crew = await Crew.start<number>(new URL('./gate.worker.js', import.meta.url), { count: 3, workerData });
    assert.equal(await crew.done(), [0, 0, 0]);
    assert.equal([...workerData.comings], [rounds, rounds, rounds]);
  });
}

test.run();

import * as assert from 'uvu/assert';
import { coresWarning, measureCores } from '#dist/gil-lab/cores.js';
import type { Effects } from '#dist/gil-lab/effects.js';
import { measureConvoyInPython } from '#dist/gil-lab/python.js';
import { effectTables } from '#dist/gil-lab/tables.js';
import { suite } from '../support/suite.js';

const test = suite('effects of the GIL');

const setup = { operation: 'sleep(0)', spinners: 1, interval: 5 } as const;
const effects = (python?: { version: string; opsPerSecond: number }): Effects => ({
  cores: { processors: 2, busy: 0 },
  scaling: [],
  overlap: { threads: 1, asleep: 1, elapsed: 1 },
  convoy: [{ ...setup, opsPerSecond: 187, recorded: 192, python }],
  slices: [],
});

test('what the machine’s CPython does in the same run stands beside ours, under its version', () => {
  const [, , convoy] = effectTables(effects({ version: '3.11.7', opsPerSecond: 190.4 }));
  assert.equal(convoy.head.slice(3), ['ops/s', 'CPython 3.11.7, same run', 'CPython 3.11.7*']);
  assert.equal(convoy.rows, [['sleep(0)', '1', '5', '187', '190', '192']]);
  assert.is(effectTables(effects())[2].head.length, 5);
});

test('busy cores cause a warning, and idle ones do not', () => {
  assert.is(coresWarning({ processors: 2, busy: 0.05 }), undefined);
  assert.match(coresWarning({ processors: 2, busy: 0.84 }) ?? '', /the 2 processors busy for 84 %/);
});

test('how busy the cores are is measured as a share of their time', async () => {
  const { processors, busy } = await measureCores(50);
  assert.ok(processors >= 1);
  assert.ok(busy >= 0 && busy <= 1, String(busy));
});

test('a row of the convoy is measured with python3, where there is one', async () => {
  const found = await measureConvoyInPython(setup, 50);
  if (found === undefined) return;
  assert.match(found.version, /^3\.\d+\.\d+$/);
  assert.ok(found.opsPerSecond > 0);
});

test.run();

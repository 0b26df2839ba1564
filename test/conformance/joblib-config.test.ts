/** joblib's test_config.py and test_utils.py, under the same names in camelCase; docs/conformance.md lists them. */
import { effectiveNJobs, Parallel, type ParallelConfig, parallelConfig } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { configured } from '#dist/joblib/parallel/config.js';
import { looksAt, square } from '../joblib/parallel.tasks.js';
import { suite } from '../support/suite.js';

const test = suite('joblib config');

const backend = (said: ParallelConfig = {}): string => configured(said).backend;
const nJobs = (said: ParallelConfig = {}): number => configured(said).nJobs;

test('globalParallelBackend', () => {
  const scope = parallelConfig({ backend: 'processes' });
  assert.is(backend(), 'processes');
  scope[Symbol.dispose]();
  scope[Symbol.dispose]();
  assert.is(backend(), 'workers');
});

test('parallelConfigNoBackend', () => {
  using _ = parallelConfig({ nJobs: 2, maxNbytes: 1 });
  assert.equal([backend(), nJobs(), effectiveNJobs(2)], ['workers', 2, 2]);
  const [{ isShared }] = new Parallel().run([looksAt(new Float64Array(2), 1)]);
  assert.ok(isShared);
});

test('parallelConfigParamsExplicitSet', () => {
  using _ = parallelConfig({ nJobs: 3, maxNbytes: 1 });
  assert.is(nJobs({ nJobs: 2 }), 2);
  const [{ isShared }] = new Parallel({ nJobs: 2, maxNbytes: 1_000_000 }).run([looksAt(new Float64Array(2), 1)]);
  assert.not(isShared);
});

test('parallelConfigBadParams', () => {
  for (const bad of [{ prefer: 'wrong' }, { require: 'wrong' }, { backend: 'wrong' }, { nJobs: 0 }, { maxNbytes: -1 }])
    assert.throws(() => parallelConfig(bad as ParallelConfig));
  assert.throws(() => parallelConfig(undefined as never), TypeError);
  assert.equal([backend(), nJobs()], ['workers', 1], 'nothing has been changed');
});

test('parallelConfigNested', () => {
  using _ = parallelConfig({ backend: 'sequential' });
  {
    using __ = parallelConfig({ nJobs: 2 });
    assert.equal([backend(), nJobs()], ['sequential', 2]);
  }
  assert.is(nJobs(), 1);
});

test('parallelConfigNJobsNone', () => {
  using _ = parallelConfig({ nJobs: 2 });
  assert.is(nJobs({ nJobs: undefined }), 2);
  using __ = parallelConfig({ nJobs: undefined });
  assert.is(nJobs(), 2);
});

test('evalExprValid', () => {
  for (const preDispatch of [1, 3, 'all', '2 * nJobs', 'nJobs', '1.5 * nJobs', '0.1 * nJobs'] as const)
    assert.equal(new Parallel({ nJobs: 2, preDispatch }).run([square(1), square(2)]), [1, 4]);
});

test('evalExprInvalid', () => {
  for (const preDispatch of [
    '1',
    '2 * n_jobs',
    'nJobs * 2',
    '-1 * nJobs',
    '0 * nJobs',
    'process.exit()',
    '',
    0,
    Number.NaN,
  ])
    assert.throws(() => new Parallel({ preDispatch: preDispatch as never }), /preDispatch/);
});

test.run();

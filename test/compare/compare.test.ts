import * as assert from 'uvu/assert';
import { type Comparison, compare, comparisonTable, drawComparison } from '#dist/compare/index.js';
import { suite } from '../support/suite.js';

const test = suite('compare');

const amounts = { 'CPU-bound': 1600, 'I/O-bound': 64 };

test('all come to the same, Python included, and a thread that waits for an answer holds no GIL', async () => {
  const begun: string[] = [];
  const onStart = (name: string): void => void begun.push(name);
  const { contenders, workers } = await compare({ workers: 2, amounts, python: 'python3', onStart });
  assert.is(workers, 2);
  assert.equal(begun, ['CPU-bound work', 'I/O-bound work', 'python3']);
  assert.equal(
    contenders.filter(({ python }) => !python).map(({ name }) => name),
    ['one thread', '2 threads, one GIL', '2 threads, no GIL', 'Pool of 2'],
  );
  assert.ok([4, 6, 7].includes(contenders.length), 'there may be no Python, or one that cannot fork');
  for (const { name, python, times } of contenders) {
    const { elapsed, speedup } = times['I/O-bound'];
    // 16 tasks of 4 ms each.
    const alone = name.endsWith('one thread');
    assert.ok(elapsed >= (alone ? 60 : 30), `${name}: ${elapsed} ms`);
    if (!alone && !python) assert.ok(speedup > 1.2, `${name}: ${speedup}`);
  }
});

test('a comparison is one table, and a drawing', () => {
  const times = (speedup: number) => ({
    'CPU-bound': { elapsed: 100 / speedup, speedup },
    'I/O-bound': { elapsed: 300, speedup: 1 },
  });
  const comparison: Comparison = {
    workers: 2,
    processors: 2,
    contenders: [
      { name: 'one thread', python: false, times: times(1) },
      { name: 'CPython 3.11.7, Pool of 2', python: true, times: times(2) },
    ],
  };
  const { head, rows } = comparisonTable(comparison);
  assert.equal(head, ['by', 'CPU-bound, ms', '×', 'I/O-bound, ms', '×']);
  assert.equal(rows[1], ['CPython 3.11.7, Pool of 2', '50', '2.00', '300', '1.00']);
  const svg = drawComparison(comparison);
  assert.match(svg, /^<svg .*<\/svg>\n$/s);
  assert.match(svg, />CPython 3\.11\.7, Pool of 2<.*>2\.00 {2}\(50 ms\)</s);
});

test.run();

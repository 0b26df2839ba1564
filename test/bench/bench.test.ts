import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';

type Outcome = { state: 'ok'; value: unknown } | { state: 'hung' } | { state: 'failed'; reason: string };
interface Contender {
  ask(numbers: readonly number[], limit: number): Promise<Outcome>;
  stop(): void;
}
type Values = readonly (number | null)[];

const test = suite('bench');

// The benchmarks are plain JavaScript beside the compiled tests, so their types are told here.
const bench = (name: string): string => new URL(`../../../bench/${name}`, import.meta.url).href;
const stats = (await import(bench('lib/stats.mjs'))) as {
  median(values: readonly number[]): number;
  quantile(values: readonly number[], q: number): number;
  jain(shares: readonly number[]): number;
  bucketOf(ns: number): number;
  bucketEnd(bucket: number): number;
  bucketQuantile(counts: readonly number[], q: number): number;
};
const { Contender: ContenderClass } = (await import(bench('lib/contender.mjs'))) as {
  Contender: new (name: string, command: readonly string[]) => Contender;
};
const { interleave, ratio } = (await import(bench('lib/interleave.mjs'))) as {
  interleave(
    contenders: readonly Contender[],
    plan: object,
  ): Promise<Record<string, { values: Values; state: string }>>;
  ratio(values: Values, base: Values): { median: number; low: number; high: number } | undefined;
};
const targets = (await import(bench('lib/targets.mjs'))) as Record<
  'atMost' | 'atLeast',
  (what: string, bound: number, value?: number) => { target: string; met: boolean | null }
>;

/** A contender whose whole program this is, after it has said that it is ready. */
function program(source: string, name = 'contender'): Contender {
  const contender = new ContenderClass(name, [process.execPath, '-e', `console.log('ready');${source}`]);
  atTestEnd(() => contender.stop());
  return contender;
}
const answers = (value: string): string =>
  `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => console.log(${value}))`;

test('a median is the middle, and a quantile lies between two values by proportion', () => {
  assert.is(stats.median([3, 1, 2]), 2);
  assert.is(stats.median([4, 1, 2, 3]), 2.5);
  assert.is(stats.quantile([10, 20, 30, 40, 50], 0.25), 20);
  assert.is(stats.quantile([10, 20], 0.75), 17.5);
  assert.throws(() => stats.median([]), RangeError);
});

test("Jain's index is 1 for equal shares and 1/n where one has everything", () => {
  assert.is(stats.jain([5, 5, 5, 5]), 1);
  assert.is(stats.jain([8, 0, 0, 0]), 0.25);
  assert.is(stats.jain([1, 3]), 0.8);
});

test('a duration falls into a bucket that ends above it by less than a tenth', () => {
  for (const ns of [1, 7, 1000, 123_456, 5e9]) {
    const end = stats.bucketEnd(stats.bucketOf(ns));
    assert.ok(end >= ns && end < ns * 1.1, `${ns} ns: ${end}`);
  }
  const counts = Array.from({ length: 100 }, () => 0);
  counts[stats.bucketOf(100)] = 99;
  counts[stats.bucketOf(1000)] = 1;
  assert.is(stats.bucketQuantile(counts, 0.5), stats.bucketEnd(stats.bucketOf(100)));
  assert.is(stats.bucketQuantile(counts, 0.999), stats.bucketEnd(stats.bucketOf(1000)));
});

test('a ratio compares within a round, and leaves out rounds that one did not answer', () => {
  assert.equal(ratio([10, 40, null, 9], [10, 20, 5, null]), { median: 1.5, low: 1.25, high: 1.75 });
  assert.is(ratio([null], [1]), undefined);
});

test('a target is met up to its bound, and a figure that there is not is neither met nor missed', () => {
  assert.equal(
    [targets.atMost('a', 2, 2), targets.atMost('a', 2, 2.1), targets.atLeast('a', 2, 1.9), targets.atLeast('a', 2)].map(
      ({ met }) => met,
    ),
    [true, false, false, null],
  );
});

test('a contender that hangs is reported as hung within its limit, and started anew for the next question', async () => {
  const contender = program(
    answers("line === '1' ? '11' : Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"),
  );
  assert.equal(await contender.ask([1], 30_000), { state: 'ok', value: 11 });
  const start = performance.now();
  assert.equal(await contender.ask([2], 300), { state: 'hung' });
  const took = performance.now() - start;
  assert.ok(took >= 299 && took < 10_000, `${took} ms`);
  assert.equal(await contender.ask([1], 30_000), { state: 'ok', value: 11 });
});

test('a contender that fails says why', async () => {
  const broken = program("throw new TypeError('no such lock')");
  assert.equal(await broken.ask([1], 30_000), { state: 'failed', reason: 'TypeError: no such lock' });
  const absent = new ContenderClass('absent', ['/no/such/program']);
  const outcome = await absent.ask([1], 30_000);
  assert.is(outcome.state, 'failed');
  assert.match((outcome as { reason: string }).reason, /ENOENT/);
});

test('rounds go on without a contender that hangs', async () => {
  const results = await interleave([program(answers('line'), 'echo'), program('setInterval(() => {}, 1000)', 'deaf')], {
    sets: 1,
    rounds: 3,
    numbers: [7],
    limit: 2000,
  });
  assert.equal(results, {
    echo: { values: [7, 7, 7], state: 'ok' },
    deaf: { values: [null, null, null], state: 'hung' },
  });
});

test('a question that there is not is refused, and those that there are are named', async () => {
  const main = fileURLToPath(bench('main.mjs'));
  const error = await promisify(execFile)(process.execPath, [main, 'nothing']).then(
    () => assert.unreachable('it was accepted'),
    (reason: { code: number; stderr: string }) => reason,
  );
  assert.is(error?.code, 2);
  assert.match(error?.stderr ?? '', /no question is called nothing; there are uncontended, contended, /);
});

test.run();

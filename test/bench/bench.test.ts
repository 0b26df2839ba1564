import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
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

// The benchmarks are plain JavaScript beside the compiled tests, so their types are declared here.
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
const versions = (await import(bench('lib/versions.mjs'))) as {
  compare(values: { old: Values; again: Values; now: Values }): {
    ratio?: { median: number };
    same?: { low: number; high: number };
    verdict?: string;
  };
  differ(before?: Record<string, number>, after?: Record<string, number>): string;
};
const { work } = (await import(bench('lib/work.mjs'))) as { work(turns: number, seed: number): number };
interface Target {
  what: string;
  value: number | null;
}
interface Cell {
  threads: number;
  section: number;
  results: Record<string, { rate?: number; efficiency?: number; cost?: number }>;
}
const { default: contended } = (await import(bench('questions/contended.mjs'))) as {
  default: {
    measure(lab: object): Promise<Cell[]>;
    tables(cells: Cell[]): { title: string; head: string[]; rows: string[][] }[];
    targets(cells: Cell[]): Target[];
  };
};
const targets = (await import(bench('lib/targets.mjs'))) as Record<
  'atMost' | 'atLeast',
  (what: string, bound: number, value?: number) => { target: string; met: boolean | null }
>;

/** A contender of the benchmarks. */
function contender(file: string, ...args: string[]): Contender {
  const made = new ContenderClass(file, [process.execPath, fileURLToPath(bench(`contenders/${file}`)), ...args]);
  atTestEnd(() => made.stop());
  return made;
}

/** Runs the runner to its end. */
function main(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [fileURLToPath(bench('main.mjs')), ...args]).then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** A contender that says it is ready, then runs this program. */
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

test('a target is met up to its bound, and a missing figure is neither met nor missed', () => {
  assert.equal(
    [targets.atMost('a', 2, 2), targets.atMost('a', 2, 2.1), targets.atLeast('a', 2, 1.9), targets.atLeast('a', 2)].map(
      ({ met }) => met,
    ),
    [true, false, false, null],
  );
});

test('a contender that hangs is reported as hung within its limit, and restarted for the next question', async () => {
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

test('a contender that stops takes the processes it has started with it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  atTestEnd(() => void server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const started = `require('node:net').connect(${(server.address() as AddressInfo).port}, '127.0.0.1')`;
  const starts = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(started)}], { stdio: 'inherit' });`;
  const contender = program(starts + answers('line'));
  assert.equal(await contender.ask([1], 30_000), { state: 'ok', value: 1 });
  const [socket] = (await connected) as [Socket];
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {}).resume();
  contender.stop();
  await closed;
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

test('an unknown question is refused, and the known ones are named', async () => {
  const { code, stderr } = await main('nothing');
  assert.is(code, 2);
  assert.match(stderr, /no question is called nothing; there are uncontended, contended, /);
});

test('another build is compared only if one is named', async () => {
  const refused = await main('versions', '--against', fileURLToPath(bench('lib')));
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /bench\/lib\/? is not a build of the package/);
  const leftOut = await main('versions');
  assert.is(leftOut.code, 0);
  assert.match(leftOut.stdout, /\(versions\): left out, because --against does not name a build/);
});

test('a new build is outside the spread of the old one when its median is', () => {
  const old = [10, 10, 10, 10, 10];
  const again = [10, 11, 9, 11, 9];
  const verdict = (now: Values) => versions.compare({ old, again, now }).verdict;
  assert.equal(
    [verdict([10, 10, 10, 10, 99]), verdict([13, 13, 13, 13, 13]), verdict([7, 7, 7, 7, 7])],
    ['inside', 'outside: slower', 'outside: faster'],
  );
});

test('the spread of one build does not depend on which of its processes is called the first', () => {
  const { same } = versions.compare({ old: [10, 10, 10], again: [20, 20, 20], now: [10, 10, 10] });
  assert.is(same?.low, 0.5);
  assert.is(same?.high, 2);
});

test('builds are not compared where one of them did not answer', () => {
  assert.is(versions.compare({ old: [1, null], again: [1, 1], now: [null, null] }).verdict, undefined);
});

test('Atomics calls count as more if there are more of any kind', () => {
  const { differ } = versions;
  assert.is(differ({ load: 1, exchange: 1 }, { exchange: 1, load: 1 }), 'same');
  assert.is(differ({ load: 2, exchange: 1 }, { load: 1, exchange: 1 }), 'fewer');
  assert.is(differ({ load: 2 }, { exchange: 1 }), 'more');
  assert.is(differ(undefined, { load: 1 }), '–');
});

test('the Atomics calls of a pair are counted, each kind by itself', async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  assert.equal(await contender('pair.mjs', 'floor-semaphore', root, 'calls').ask([10], 30_000), {
    state: 'ok',
    value: { load: 2, compareExchange: 1, add: 1 },
  });
});

test('tasks of two threads take turns at Locks', async () => {
  const outcome = await contender('pingpong.mjs', 'ours', 'Lock, async').ask([2], 60_000);
  assert.is(outcome.state, 'ok');
  assert.ok((outcome as { value: number }).value > 0);
});

test('the work of a section depends on each of its turns', () => {
  let x = 7;
  for (let turns = 0; turns < 5; turns++) {
    assert.is(work(turns, 7), x);
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  }
});

/** A laboratory whose contenders make this many additions in 100 ms, by their name and the number of threads. */
function labOf(additions: (name: string, threads: number) => number): object {
  const answer = (name: string, threads: number) => {
    const counts = Array.from({ length: threads }, () => additions(name, threads) / threads);
    return { counts, elapsed: 100, cpu: 50, lost: 0, longest: 1, sleeps: 0, buckets: [1] };
  };
  const make = (name: string) => ({
    name,
    ask: async ([threads = 0]: number[]) => ({
      state: 'ok',
      value: name === 'calibration' ? 1 : answer(name, threads),
    }),
    stop() {},
  });
  return { choose: (quick: unknown) => quick, js: make, v8: make, inC: () => [], say() {} };
}

test('long sections are compared with one thread alone, short ones with the peers', async () => {
  const cells = await contended.measure(
    labOf((name, threads) => {
      if (name === 'no lock' && threads === 1) return 100;
      return name === 'Lock' ? 90 : 45;
    }),
  );
  for (const { section, results } of cells) {
    const long = section >= 10_000;
    assert.is(results.Lock?.rate, 0.9);
    assert.is(results.Lock?.efficiency, long ? 0.9 : undefined);
    assert.is(Math.round(results.Lock?.cost ?? 0), Math.round(50e6 / 90));
  }
  const figure = (what: RegExp) => contended.targets(cells).find((target) => what.test(target.what))?.value;
  assert.is(figure(/^efficiency of sections of 10 µs and more/), 0.9);
  assert.is(figure(/^throughput ÷ best JavaScript peer, sections below 10 µs/), 2);
  const table = contended.tables(cells).find(({ title }) => title.startsWith('Efficiency'));
  assert.equal(
    table?.rows.map((row) => row.slice(0, 3)),
    [
      ['100 µs', '2', '0.90'],
      ['100 µs', '8', '0.90'],
    ],
  );
});

test.run();

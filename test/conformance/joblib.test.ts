/**
 * joblib's own tests of its hashes, files and Memory, under the same names in camelCase: test_hashing.py,
 * test_numpy_pickle.py, test_memory.py and test_memory_async.py. docs/conformance.md lists them.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SyncError } from 'atomics-sync-free';
import { dump, expiresAfter, hash, load, Memory } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { sleep } from '#dist/core/wait/sleep.js';
import { ownFolder } from '../joblib/folder.js';
import { printedBy } from '../support/printed.js';
import { suite } from '../support/suite.js';

const SUITES = ['joblib hash', 'joblib dump and load', 'joblib Memory', 'joblib async Memory'] as const;
const [hashes, files, memories, async] = SUITES.map((name) => suite(name));

/** The paths of the results kept in a location. */
const resultsIn = (location: string): string[] =>
  readdirSync(location, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.asf'))
    .map((name) => `${location}/${name}`);

const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    (error as SyncError).code === code;

// --- hash -----------------------------------------------------------------------------------------------------------

hashes('trivialHash', () => {
  const values = [1, 2, 1n, 1.5, 'a', [1], [1, [1]], { 1: 1 }, { 1: 2 }, null, [null], new Set([1])];
  values.forEach((one, i) => {
    values.forEach((other, j) => {
      assert.is(hash(one) === hash(other), i === j);
    });
  });
});

hashes('hashNumpyArrays', () => {
  const random = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i));
  const arrays = [random, Float32Array.from(random), random.subarray(1), random.slice().reverse()];
  for (const array of arrays) assert.is(hash(array), hash(array.slice()));
  assert.is(new Set(arrays.map(hash)).size, arrays.length);
});

hashes('hashNumpyDictOfArrays', () => {
  const [one, other] = [new Float64Array([1, 2]), new Float64Array([3])];
  assert.is(hash({ one, other }), hash({ other: other.slice(), one: one.slice() }));
  assert.is.not(hash({ one, other }), hash({ one: other, other: one }));
});

hashes('hashNumpyNoncontiguous', () => {
  const whole = Float64Array.from({ length: 20 }, (_, i) => i);
  assert.is(hash(whole.subarray(5, 10)), hash(whole.slice(5, 10)));
});

hashes('dictHash', () => {
  const text = 'a long text that will be there twice';
  const one = { [`${text}1`]: [text], [`${text}2`]: [text] };
  assert.is(hash(one), hash({ [`${text}2`]: [`${text}`], [`${text}1`]: [text.slice()] }));
});

hashes('setHash', () => {
  assert.is(hash(new Set(['one', 'two', 3])), hash(new Set([3, 'two', 'one'])));
});

hashes('setDecimalHash', () => {
  assert.is(hash(new Set([0n, Number.NaN, null])), hash(new Set([null, Number.NaN, 0n])));
});

hashes('string', () => {
  const text = 'foo';
  const same = ['f', 'o', 'o'].join('');
  assert.is(hash({ [text]: text, list: [text] }), hash({ [same]: same, list: [text] }));
});

hashes('hashesStayTheSame', () => {
  const expected: readonly [unknown, string][] = [
    ['This is a string to hash', HASHES[0]],
    [[1, 2.5, true, null, 7n], HASHES[1]],
    [{ abcde: 123, sadfas: [-9999, 2, 3] }, HASHES[2]],
    [new Map<unknown, unknown>([[new Set(['a', 'b']), new Uint16Array(1000)]]), HASHES[3]],
  ];
  assert.equal(
    expected.map(([value]) => hash(value)),
    HASHES,
  );
});

/** Changing any of these would invalidate all results that are kept. */
const HASHES = [
  '14801cc76e07c210deff9451891ce56598bfff4f98c0ccc25ab60a092d785288',
  '03c6bc2b801c9214b9428c3b008682928529beaba6a77c755de93c721bbbddc2',
  'c7f499f3c27d69dd1a74dd7f25f731266bc323b4d27861bb05095c2c306c086a',
  'edecf2e6ce1dda092bf5395f846329976cc24176df71e9fbf12d969adbe4c20d',
];

hashes('hashingPicklingError', () => {
  assert.throws(
    () => hash({ here: [Symbol('s')] }),
    (error: unknown) => error instanceof SyncError && /^value\.here\[0\] is a symbol/.test(error.message),
  );
});

hashes('hashMemmap', () => {
  const shared = new Float64Array(new SharedArrayBuffer(8000)).fill(2);
  assert.is(hash(shared), hash(new Float64Array(1000).fill(2)));
});

// --- dump and load --------------------------------------------------------------------------------------------------

const STANDARD = [
  null,
  undefined,
  true,
  1,
  2n ** 70n,
  1.5,
  'é',
  [1, { a: 2 }],
  new Map([[1, new Set(['x'])]]),
  new Date(5),
];

files('standardTypes', () => {
  const path = `${ownFolder()}/value`;
  for (const compress of [0, 1, 9]) {
    for (const value of STANDARD) {
      dump(value, path, { compress });
      assert.equal(load(path), value);
    }
  }
});

files('compressLevelError', () => {
  const path = `${ownFolder()}/value`;
  assert.throws(() => dump(1, path, { compress: 10 }), /compress must be a whole number from 0 to 9, not 10/);
  assert.throws(() => dump(1, path, { compress: -1 }), RangeError);
  assert.throws(() => dump(1, path, { compress: 'zlib' as never }), TypeError);
  assert.throws(() => readFileSync(path), /ENOENT/);
});

files('numpyPersistence', () => {
  const path = `${ownFolder()}/value`;
  const value = { weights: Float64Array.from({ length: 1000 }, (_, i) => i / 3), more: [new Int8Array([-1])] };
  dump(value, path);
  assert.equal(load(path), value);
});

files('compressedPickleDumpAndLoad', () => {
  const folder = ownFolder();
  const value = { zeros: new Float64Array(10_000), text: 'abc'.repeat(1000) };
  dump(value, `${folder}/plain`);
  dump(value, `${folder}/small`, { compress: true });
  assert.equal(load(`${folder}/small`), value);
  assert.ok(readFileSync(`${folder}/small`).length * 20 < readFileSync(`${folder}/plain`).length);
});

files('pathlib', () => {
  const url = pathToFileURL(`${ownFolder()}/a b`);
  dump('by a URL', url);
  assert.is(load(url), 'by a URL');
});

files('valueError', () => {
  const path = `${ownFolder()}/value`;
  dump('old', path);
  assert.throws(() => dump({ f: () => 1 }, path), /^value\.f is a function/);
  assert.is(load(path), 'old');
});

// --- Memory -----------------------------------------------------------------------------------------------------------

/** A function that records its calls, and whose results are kept. */
function counted(memory: Memory, options = {}) {
  const calls: unknown[][] = [];
  const f = memory.cache(function f(...args: unknown[]) {
    calls.push(args);
    return args.length;
  }, options);
  return { f, calls };
}

memories('memoryIntegration', () => {
  const location = ownFolder();
  const { f, calls } = counted(new Memory(location, { compress: true }));
  for (let i = 0; i < 3; i++) for (const x of [1, '1', { a: 1 }]) assert.is(f(x), 1);
  assert.is(calls.length, 3);
  // Another Memory in the same location finds what is there.
  const again = counted(new Memory(location));
  again.f(1);
  assert.is(again.calls.length, 0);
  again.f.clear();
  f(1);
  assert.is(calls.length, 4);
});

memories('noMemory', () => {
  const { f, calls } = counted(new Memory(null));
  f(1);
  f(1);
  assert.is(calls.length, 2);
  assert.is(f.checkCallInCache(1), false);
  assert.is(f.callAndShelve(1, 2).get(), 2);
  assert.is(f.recompute(1).value, 1);
});

memories('memoryKwarg', () => {
  const { f, calls } = counted(new Memory(ownFolder()));
  f({ verbose: true, n: 1 });
  f({ n: 1, verbose: true });
  assert.is(calls.length, 1);
});

memories('memoryLambda', () => {
  let calls = 0;
  const square = (x: number) => {
    calls++;
    return x * x;
  };
  const cached = new Memory(ownFolder()).cache(square);
  assert.equal([cached(3), cached(3), calls], [9, 9, 1]);
  assert.is(cached.name, 'square');
});

memories('memoryNameCollision', () => {
  const memory = new Memory(ownFolder());
  const one = memory.cache(function name(x: number) {
    return x;
  });
  const other = memory.cache(function name(x: number) {
    return -x;
  });
  assert.equal([one(1), other(1), one(1), other(1)], [1, -1, 1, -1]);
});

memories('argumentChange', () => {
  const memory = new Memory(ownFolder());
  const f = memory.cache(function f(list: number[]) {
    const length = list.length;
    list.push(1);
    return length;
  });
  assert.equal([f([]), f([]), f([1])], [0, 0, 1]);
});

memories('memoryNumpy', () => {
  const memory = new Memory(ownFolder());
  let calls = 0;
  const double = memory.cache(function double(array: Float64Array) {
    calls++;
    return array.map((x) => 2 * x);
  });
  const array = Float64Array.from({ length: 5000 }, (_, i) => i);
  for (let i = 0; i < 3; i++)
    assert.equal(
      double(array.slice()),
      array.map((x) => 2 * x),
    );
  assert.is(calls, 1);
});

memories('memoryException', () => {
  const memory = new Memory(ownFolder());
  class OwnError extends Error {}
  let calls = 0;
  const fails = memory.cache(function fails() {
    calls++;
    throw new OwnError('no');
  });
  for (let i = 1; i <= 3; i++) {
    assert.throws(
      () => fails(),
      (error: unknown) => error instanceof OwnError,
    );
    assert.is(calls, i);
  }
});

memories('memoryIgnore', () => {
  const memory = new Memory(ownFolder());
  let calls = 0;
  const f = memory.cache(
    function f(x: number, _quiet: boolean, options: { seed: number; progress?: boolean }) {
      calls++;
      return x + options.seed;
    },
    { ignore: [1, 'progress'] },
  );
  f(0, true, { seed: 1, progress: true });
  f(0, false, { seed: 1 });
  assert.is(calls, 1);
  f(0, true, { seed: 2 });
  f(1, true, { seed: 1 });
  assert.is(calls, 3);
});

memories('persistence', () => {
  const location = ownFolder();
  counted(new Memory(location)).f(5);
  const { f, calls } = counted(new Memory(pathToFileURL(location)));
  assert.is(f(5), 1);
  assert.is(calls.length, 0);
});

memories('checkCallInCache', () => {
  const { f, calls } = counted(new Memory(ownFolder()));
  assert.is(f.checkCallInCache(2), false);
  f(2);
  assert.is(f.checkCallInCache(2), true);
  assert.is(calls.length, 1);
  f.clear();
  assert.is(f.checkCallInCache(2), false);
});

memories('callAndShelve', () => {
  const { f, calls } = counted(new Memory(ownFolder()));
  const result = f.callAndShelve(2, 3);
  assert.equal([result.get(), result.get(), calls.length], [2, 2, 1]);
  assert.is(f.callAndShelve(2, 3).get(), 2);
  assert.is(calls.length, 1);
  result.clear();
  assert.throws(() => result.get(), hasCode('ERR_NOT_CACHED'));
  assert.is(f(2, 3), 2);
  assert.is(calls.length, 2);
});

memories('callAndShelveLazilyLoadStoredResult', () => {
  const location = ownFolder();
  const { f } = counted(new Memory(location));
  const result = f.callAndShelve(1);
  const [path] = resultsIn(location);
  writeFileSync(path, 'damaged');
  assert.throws(() => result.get(), hasCode('ERR_DAMAGED'));
});

memories('memorizedRepr', () => {
  const { f } = counted(new Memory(ownFolder()));
  assert.is(String(f.callAndShelve('a', [1, 2])), 'MemorizedResult of f("a", [1, 2])');
});

memories('memoryObjectsRepr', () => {
  assert.is(String(new Memory('here')), 'Memory("here")');
  assert.is(String(new Memory(null)), 'Memory(null)');
  assert.is(String(counted(new Memory(null)).f.callAndShelve('a', [1, 2])), 'MemorizedResult of f("a", [1, 2])');
});

memories('memoryInMemoryFunctionCodeChange', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  const options = { module: import.meta.url };
  const first = memory.cache(function f(x: number) {
    return x + 1;
  }, options);
  const second = memory.cache(function f(x: number) {
    return x + 2;
  }, options);
  assert.equal([first(1), resultsIn(location).length], [2, 1]);
  assert.equal([second(1), resultsIn(location).length], [3, 1]);
});

memories('clearMemoryWithNoneLocation', () => {
  const memory = new Memory(null);
  memory.clear();
  memory.reduceSize({ itemsLimit: 1 });
});

/** Ten results, of which the n-th was last used at the n-th minute. */
function ten() {
  const location = ownFolder();
  const memory = new Memory(location);
  const { f } = counted(memory);
  for (let i = 0; i < 10; i++) {
    const known = new Set(i === 0 ? [] : resultsIn(location));
    f(i);
    for (const path of resultsIn(location)) if (!known.has(path)) utimesSync(path, 60 * i, 60 * i);
  }
  const left = (): boolean[] => Array.from({ length: 10 }, (_, i) => f.checkCallInCache(i));
  const [path] = resultsIn(location);
  return { memory, left, bytes: statSync(path).size };
}

const last = (n: number): boolean[] => Array.from({ length: 10 }, (_, i) => i >= 10 - n);

memories('memoryReduceSizeBytesLimit', () => {
  const { memory, left, bytes } = ten();
  memory.reduceSize({ bytesLimit: 10 * bytes });
  memory.reduceSize({ bytesLimit: 4 * bytes - 1 });
  assert.equal(left(), last(3));
});

memories('memoryReduceSizeItemsLimit', () => {
  const { memory, left } = ten();
  memory.reduceSize({ itemsLimit: 10 });
  memory.reduceSize({ itemsLimit: 3 });
  assert.equal(left(), last(3));
});

memories('memoryReduceSizeAgeLimit', () => {
  const { memory, left } = ten();
  memory.reduceSize({ ageLimit: Date.now() });
  memory.reduceSize({ ageLimit: Date.now() - 6.5 * 60_000 });
  assert.equal(left(), last(3));
});

memories('memoryClear', () => {
  const { memory, left } = ten();
  memory.clear();
  assert.equal(left(), last(0));
});

memories('memoryRecomputesAfterAnErrorWhileLoadingResults', () => {
  const location = ownFolder();
  const { f, calls } = counted(new Memory(location));
  f(1);
  writeFileSync(resultsIn(location)[0], 'damaged');
  const said = printedBy('warn', () => assert.is(f(1), 1));
  assert.equal([calls.length, said.length], [2, 1]);
  f(1);
  assert.is(calls.length, 2);
});

memories('invalidCacheValidationCallback', () => {
  const { f, calls } = counted(new Memory(ownFolder()), { cacheValidationCallback: () => false });
  f(1);
  f(1);
  assert.is(calls.length, 2);
});

memories('constantCacheValidationCallback', () => {
  const seen: unknown[] = [];
  const { f, calls } = counted(new Memory(ownFolder()), {
    cacheValidationCallback: (metadata: unknown) => {
      seen.push(metadata);
      return true;
    },
  });
  f(1, 'a');
  f(1, 'a');
  assert.is(calls.length, 1);
  const [{ args, time, duration }] = seen as [{ args: unknown; time: number; duration: number }];
  assert.equal(args, [1, 'a']);
  assert.ok(Math.abs(Date.now() - time) < 60_000 && duration >= 0);
});

memories('memoryExpiresAfter', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  const fresh = counted(memory, { cacheValidationCallback: expiresAfter(60_000) });
  fresh.f(1);
  fresh.f(1);
  const old = counted(memory, { cacheValidationCallback: expiresAfter(0) });
  old.f(1);
  assert.equal([fresh.calls.length, old.calls.length], [1, 1]);
  assert.throws(() => expiresAfter(-1), RangeError);
});

memories('callMethodMemorized', () => {
  const { f, calls } = counted(new Memory(ownFolder()));
  f(1);
  const { value, metadata } = f.recompute(1);
  assert.equal([value, metadata.args, calls.length], [1, [1], 2]);
  f(1);
  assert.is(calls.length, 2);
});

memories('infoLog', () => {
  const { f } = counted(new Memory(ownFolder(), { verbose: 11 }));
  const lines = printedBy('log', () => {
    f('text', [1, 2, 3, 4, 5], new Float64Array(8), { a: { b: 1 } });
    f('text', [1, 2, 3, 4, 5], new Float64Array(8), { a: { b: 1 } });
  });
  const call = 'f("text", [1, 2, 3, 4, …], Float64Array(8), { a: {…} })';
  assert.is(lines[0], `[Memory] computing ${call}`);
  assert.match(lines[1].slice(`[Memory] ${call}`.length), /^ took \d+\.\d{3} s$/);
  assert.is(lines[2], `[Memory] found ${call}`);
  assert.equal(
    printedBy('log', () => counted(new Memory(ownFolder())).f(1)),
    [],
  );
});

memories('memoryPartial', () => {
  const f = (_x: number, y: number): number => y;
  // The bound function cannot be seen.
  assert.throws(() => new Memory(ownFolder()).cache(f.bind(undefined, 1)), /native or bound/);
});

memories('memoryFileModification', async () => {
  const location = ownFolder();
  const module = pathToFileURL(`${location}/module.mjs`);
  const memory = new Memory(location);
  let version = 0;
  const defined = async (result: number) => {
    writeFileSync(module, `export function f(x) { return x + ${result}; }`);
    const { f } = (await import(`${module.href}?${++version}`)) as { f: (x: number) => number };
    return memory.cache(f, { module });
  };
  assert.is((await defined(1))(1), 2);
  assert.is((await defined(10))(1), 11);
  assert.is(resultsIn(location).length, 1, 'the old ones are dropped');
  assert.is((await defined(10)).checkCallInCache(1), true);
});

memories('memoryCreatesGitignore', () => {
  const location = ownFolder();
  counted(new Memory(location)).f(1);
  assert.is(readFileSync(`${location}/memory-2/.gitignore`, 'utf8'), '*\n');
});

memories('memoryDoesNotOverwriteExistingGitignore', () => {
  const location = ownFolder();
  mkdirSync(`${location}/memory-2`);
  writeFileSync(`${location}/memory-2/.gitignore`, 'mine\n');
  const memory = new Memory(location);
  counted(memory).f(1);
  memory.reduceSize({ itemsLimit: 1 });
  assert.is(readFileSync(`${location}/memory-2/.gitignore`, 'utf8'), 'mine\n');
});

memories('memoryOnlyCacheLongRun', () => {
  const isLong = ({ duration }: { readonly duration: number }): boolean => duration >= 200;
  const memory = new Memory(ownFolder());
  let calls = 0;
  const takes = memory.cache(
    function takes(ms: number) {
      calls++;
      sleep(ms);
    },
    { cacheValidationCallback: isLong },
  );
  for (const ms of [210, 210, 0, 0]) takes(ms);
  assert.is(calls, 3);
});

memories('callMethodNotMemorized', () => {
  const { f, calls } = counted(new Memory(null));
  const { value, metadata } = f.recompute(1, 2);
  assert.equal([value, metadata.args, calls.length], [2, [1, 2], 1]);
});

memories('warningOnUnknownLocationType', () => {
  for (const location of [42, {}, '', undefined]) assert.throws(() => new Memory(location as never), TypeError);
});

// --- async ------------------------------------------------------------------------------------------------------------

function countedAsync(memory: Memory) {
  const calls: number[] = [];
  const f = memory.cache(async function f(x: number) {
    calls.push(x);
    await Promise.resolve();
    if (x < 0) throw new RangeError('negative');
    return 2 * x;
  });
  return { f, calls };
}

async('memoryIntegrationAsync', async () => {
  const { f, calls } = countedAsync(new Memory(ownFolder()));
  assert.equal([await f(1), await f(1), await f(2)], [2, 2, 4]);
  assert.equal(calls, [1, 2]);
  for (let i = 0; i < 2; i++) {
    await f(-1).then(
      () => assert.unreachable(),
      (error: unknown) => assert.instance(error, RangeError),
    );
  }
  assert.equal(calls, [1, 2, -1, -1]);
});

async('noMemoryAsync', async () => {
  const { f, calls } = countedAsync(new Memory(null));
  assert.equal([await f(1), await f(1), (await f.recompute(1)).value], [2, 2, 2]);
  assert.is((await f.callAndShelve(3)).get(), 6);
  assert.is(calls.length, 4);
});

async('callAndShelveAsync', async () => {
  const { f, calls } = countedAsync(new Memory(ownFolder()));
  assert.is((await f.callAndShelve(2)).get(), 4);
  assert.is(await f(2), 4);
  assert.equal(calls, [2]);
});

async('memorizedFuncCallAsync', async () => {
  const { f, calls } = countedAsync(new Memory(ownFolder()));
  const { value, metadata } = await f.recompute(2);
  assert.equal([value, metadata.args], [4, [2]]);
  assert.is(f.checkCallInCache(2), true);
  assert.is(await f(2), 4);
  assert.equal(calls, [2]);
});

for (const each of [hashes, files, memories, async]) each.run();

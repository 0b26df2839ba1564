import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { type CacheOptions, dump, load, Memory, Parallel } from 'atomics-sync-free/joblib';
import { SyncError, task } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { printedBy } from '../support/printed.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { ownFolder } from './folder.js';
import { keepMany, keptOrNever } from './parallel.tasks.js';

const test = suite('Memory');

/** The full paths of the files in a location. */
const filesIn = (location: string): string[] =>
  existsSync(location)
    ? readdirSync(location, { recursive: true, encoding: 'utf8' })
        .map((name) => `${location}/${name.replaceAll('\\', '/')}`)
        .filter((path) => statSync(path).isFile())
    : [];

const resultsIn = (location: string): string[] => filesIn(location).filter((path) => path.endsWith('.asf'));

/** Gives one of the files that joblib writes the checksum of what it has. */
const withChecksum = (file: Buffer): Buffer => {
  file.writeUInt32LE(crc32(file.subarray(8)), 4);
  return file;
};

const isRefused =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof SyncError && error.code === code && message.test(error.message);

test('cacheValidationCallback must be a function, and must not return a promise', () => {
  const memory = new Memory(ownFolder());
  function once(): number {
    return 1;
  }
  const options = (cacheValidationCallback: unknown) => ({ cacheValidationCallback }) as CacheOptions<[]>;
  assert.throws(() => memory.cache(once, options(5)), TypeError);
  const cached = memory.cache(
    once,
    options(async () => false),
  );
  assert.is(cached(), 1);
  assert.throws(cached, /cacheValidationCallback must itself return .*, not a promise/);
});

test('a damaged result is computed anew and written as it was, wherever the damage is', () => {
  const location = ownFolder();
  const before = Date.now();
  let computed = 0;
  const double = new Memory(location).cache(function double(x: number) {
    computed++;
    return { is: 2 * x };
  });
  double(4);
  const [path] = resultsIn(location);
  const whole = readFileSync(path);
  for (let at = 0; at <= whole.length; at++) {
    const damaged = Buffer.from(whole);
    // In the last round the file is truncated instead.
    if (at < whole.length) damaged[at] ^= 0x10;
    writeFileSync(path, at < whole.length ? damaged : whole.subarray(0, 50));
    computed = 0;
    const said = printedBy('warn', () => assert.equal(double(4), { is: 8 }));
    assert.is(computed, 1, `byte ${at}`);
    assert.match(said[0], /^\[Memory\] the result of double\(4\) is computed anew: the file /);
    // It is the file that there was, except for when it was computed and how long that took.
    const rewritten = readFileSync(path);
    const expected = Buffer.from(whole);
    rewritten.copy(expected, 16, 16, 32);
    assert.is(rewritten.toString('hex'), withChecksum(expected).toString('hex'), `byte ${at}`);
    const time = rewritten.readDoubleLE(16);
    assert.ok(time >= before && time <= Date.now() && rewritten.readDoubleLE(24) >= 0, `${time}`);
  }
  assert.equal(double(4), { is: 8 });
  assert.is(computed, 1);
});

test('large results have memory of their own, whatever is read after them', () => {
  const make = new Memory(ownFolder()).cache(function make(n: number) {
    return { data: new Uint8Array(n).fill(n), text: 'é'.repeat(n) };
  });
  const sizes = [100, 70_000, 200_000, 65_536, 70_000];
  for (const n of sizes) make(n);
  const read = sizes.map((n) => make(n));
  for (const [i, { data, text }] of read.entries()) {
    const n = sizes[i];
    assert.is(data.length, n);
    assert.ok(data.every((byte) => byte === n % 256));
    assert.is(text, 'é'.repeat(n));
    assert.is(data.buffer.byteLength, n, 'nothing else is in its buffer');
  }
});

test('version and deps tell results apart: values, functions, and files by their contents', () => {
  const folder = ownFolder();
  const file = `${folder}/model.txt`;
  const memory = new Memory(folder);
  let computed = 0;
  const computes = (options: CacheOptions<[]>): boolean => {
    const before = computed;
    memory.cache(function count() {
      return ++computed;
    }, options)();
    return computed > before;
  };
  const model = pathToFileURL(file);
  assert.equal(
    [
      computes({}),
      computes({}),
      computes({ version: 1 }),
      computes({ version: 1 }),
      computes({ version: 2 }),
      computes({ deps: [10] }),
      computes({ deps: [11] }),
      computes({ deps: [10] }),
      computes({ deps: [() => 1] }),
      computes({ deps: [() => 2] }),
      computes({ deps: [() => 1] }),
    ],
    [true, false, true, false, true, true, true, false, true, true, false],
  );
  assert.ok(computes({ deps: [model] }), 'no file');
  writeFileSync(file, 'one');
  assert.ok(computes({ deps: [model] }), 'a file');
  assert.not(computes({ deps: [model] }));
  writeFileSync(file, 'two');
  assert.ok(computes({ deps: [model] }), 'the file changed');
  writeFileSync(file, 'one');
  assert.not(computes({ deps: [model] }), 'the file is as it was');
});

test('a change of a file in deps is noticed, whatever its timestamps', () => {
  const folder = ownFolder();
  const file = `${folder}/model.txt`;
  const content = new Memory(folder).cache(
    function content() {
      return readFileSync(file, 'utf8');
    },
    { deps: [pathToFileURL(file)] },
  );
  for (const text of ['one', 'two', 'six']) {
    writeFileSync(file, text);
    utimesSync(file, 1, 1);
    assert.is(content(), text);
  }
});

test('ignored arguments do not count, whether or not they are there', () => {
  const memory = new Memory(ownFolder());
  let computed = 0;
  const f = (...args: unknown[]): number => args.length + ++computed;
  const [noSecond, noFirst] = [memory.cache(f, { ignore: [1] }), memory.cache(f, { ignore: [0] })];
  noSecond('a');
  noSecond('a', true);
  assert.is(computed, 1);
  noFirst('x', 'a');
  noFirst('y', 'a');
  assert.is(computed, 2, 'the same is left of the arguments, and it is not the same call');
  memory.cache(f)('a');
  assert.is(computed, 3, 'it is not ignored any more');
  const quiet = memory.cache(f, { ignore: ['verbose'] });
  quiet({ a: 1 });
  quiet(Object.assign(Object.create(null), { a: 1, verbose: true }));
  assert.is(computed, 4);
  quiet('a');
  quiet('a', { verbose: true });
  quiet('a', {});
  assert.is(computed, 5, 'options of which nothing counts need not be given');
  quiet({ verbose: true }, 'a');
  quiet('a', { b: 1 });
  assert.is(computed, 7);
});

test('a result of a Memory without a location is there until it is removed', () => {
  const twice = new Memory(null).cache(function twice(x: number) {
    return 2 * x;
  });
  const [one, other] = [twice.callAndShelve(1), twice.callAndShelve(1)];
  one.clear();
  one.clear();
  assert.throws(() => one.get(), isRefused('ERR_NOT_CACHED', /twice\(1\) has been removed/));
  assert.equal([other.get(), other.get()], [2, 2]);
});

test('a location that the system refuses as if the folder above were missing is given up', () => {
  // Of a folder that was removed, Node's own recursive mkdirSync tries to make parts for ever.
  const program = `
    import { rmdirSync } from 'node:fs';
    import { Memory } from ${JSON.stringify(import.meta.resolve('atomics-sync-free/joblib'))};
    process.chdir(${JSON.stringify(ownFolder())});
    rmdirSync(process.cwd());
    const twice = new Memory('kept').cache(function twice(x) {
      return 2 * x;
    });
    console.log(twice(2), twice(2));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.is(status, 0, stderr);
  assert.is(stdout, '4 4\n');
  assert.match(stderr, /the result of twice\(2\) is not kept: ENOENT/);
});

test('if a location cannot be written, results are not kept, and calls still work', () => {
  const location = `${ownFolder()}/file`;
  writeFileSync(location, '');
  const memory = new Memory(location);
  const twice = memory.cache(function twice(x: number) {
    return 2 * x;
  });
  const said = printedBy('warn', () => assert.equal([twice(1), twice(1), twice.recompute(2).value], [2, 2, 4]));
  assert.is(said.length, 3);
  for (const text of said) assert.match(text, /^\[Memory\] the result of twice\(\d\) is not kept: ENOTDIR/);
  assert.not(twice.checkCallInCache(1));
  printedBy('warn', () =>
    assert.throws(() => twice.callAndShelve(1).get(), isRefused('ERR_NOT_CACHED', /could not be kept/)),
  );
});

test('a result that cannot be read is computed anew', () => {
  const location = ownFolder();
  const one = new Memory(location).cache(function one() {
    return 1;
  });
  one();
  const [path] = resultsIn(location);
  rmSync(path);
  mkdirSync(path);
  const said = printedBy('warn', () => assert.is(one(), 1));
  assert.is(said.length, 1);
  assert.match(said[0], /the result of one\(\) is computed anew: EISDIR/);
  assert.ok(one.checkCallInCache());
});

test('promises that are refused cause no unhandled rejection', async () => {
  const memory = new Memory(ownFolder());
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', hear);
  try {
    const failing = memory.cache(function failing() {
      return Promise.reject(new Error('late'));
    });
    assert.throws(failing, /returned a promise/);
    const asked = memory.cache(
      function asked() {
        return 1;
      },
      { cacheValidationCallback: (() => Promise.reject(new Error('late'))) as never },
    );
    asked();
    assert.throws(asked, /must itself return .*, not a promise/);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', hear);
  }
  assert.equal(unheard, []);
});

test('a location may be cleared at any time, even while others write to it', async () => {
  const location = ownFolder();
  const memory = new Memory(location);
  let isOver = false;
  const working = new Parallel({ nJobs: 2 }).runAsync([1, 2].map((start) => keepMany(location, start))).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    memory.clear();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await working, [-0, -0]);
});

test('a change of a surrounding variable is seen only in deps', () => {
  const memory = new Memory(ownFolder());
  const adder = (n: number, deps: readonly unknown[]) =>
    memory.cache(
      function add(x: number) {
        return x + n;
      },
      { deps },
    );
  assert.is(adder(1, [])(1), 2);
  assert.is(adder(10, [])(1), 2, 'what the documentation warns of');
  assert.is(adder(1, [1])(1), 2);
  assert.is(adder(10, [10])(1), 11);
});

test('functions of the same name from different modules do not drop each other’s results', () => {
  const memory = new Memory(ownFolder());
  const computed: string[] = [];
  const one = memory.cache(
    function same(x: number) {
      computed.push('one');
      return x;
    },
    { module: 'file:///one.js' },
  );
  const other = memory.cache(
    function same(x: number) {
      computed.push('other');
      return x;
    },
    { module: 'file:///other.js?t=1' },
  );
  const unknown = memory.cache(function same(x: number) {
    computed.push('unknown');
    return x;
  });
  for (let i = 0; i < 2; i++) for (const each of [one, other, unknown]) each(1);
  assert.equal(computed, ['one', 'other', 'unknown']);
});

test('a task is identified by its module, and its results are dropped when its source changes', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  const first = memory.cache(task(import.meta.url, 'changing', (x: number) => x + 1));
  first(1);
  first(2);
  assert.is(resultsIn(location).length, 2);
  const second = memory.cache(task(import.meta.url, 'changing', (x: number) => x + 2));
  assert.is(second(1), 3);
  assert.is(resultsIn(location).length, 1);
  assert.is(second(1), 3);
});

test('functions that could not be recognized again, and bad options, are refused', () => {
  const memory = new Memory(ownFolder());
  const refused: readonly [unknown, RegExp][] = [
    [
      (
        () => (x: number) =>
          x
      )(),
      /has no name/,
    ],
    [Math.max, /max is native or bound/],
    [function* many() {}, /many is a generator/],
    [class Many {}, /Many is a class/],
    [memory.cache(function once() {}), /already a function that cache returned/],
    [7, /f must be a function, not 7/],
  ];
  for (const [f, message] of refused) assert.throws(() => memory.cache(f as () => void), message);
  assert.throws(() => memory.cache(function f() {}, { ignore: [-1] }), RangeError);
  assert.throws(() => memory.cache(function f() {}, { deps: 1 as never }), TypeError);
  assert.throws(() => memory.cache(function f() {}, { deps: [new URL('https://a.example/b')] }), TypeError);
  assert.throws(() => new Memory(''), TypeError);
  assert.throws(() => new Memory('.', { compress: 10 }), RangeError);
  assert.throws(() => memory.reduceSize({ bytesLimit: -1 }), /^bytesLimit must be 0 or more, not -1$/);
  assert.throws(() => memory.reduceSize({ itemsLimit: '2' as never }), /^itemsLimit must be a number, not "2"$/);
  assert.throws(() => memory.reduceSize({ ageLimit: -1 }), /^ageLimit must be 0 or more milliseconds, not -1$/);
});

test('arguments without a hash and results that cannot be kept throw, and leave nothing behind', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  const identity = memory.cache(function identity(x: unknown) {
    return x;
  });
  assert.throws(() => identity(() => 1), isRefused('ERR_NOT_HASHABLE', /^value\.args\[0\] is a function/));
  const maker = memory.cache(function maker() {
    return { made: () => 1 };
  });
  assert.throws(() => maker(), isRefused('ERR_NOT_CLONEABLE', /^the result\.made is a function/));
  const promising = memory.cache(function promising() {
    return Promise.resolve(1);
  });
  assert.throws(() => promising(), /promising returned a promise/);
  assert.equal(
    filesIn(location).filter((path) => !/\/(source\.js|\.gitignore)$/.test(path)),
    [],
  );
});

test('only one of several processes and workers computes, and all get the result', async () => {
  const [location, gate] = [ownFolder(), ownFolder()];
  const log = `${location}/log`;
  const program = new URL('./memory.process.js', import.meta.url);
  const children = [1, 2].map(() =>
    fork(program, [location, log, gate], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }),
  );
  const texts = children.map(async (child) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += part;
    });
    const [code] = await once(child, 'close');
    assert.is(code, 0);
    return text;
  });
  assert.equal(await Promise.all(texts), ['49,49', '49,49']);
  assert.is(readFileSync(log, 'utf8'), 'computed\n');
  assert.is(filesIn(location).filter((path) => /lock$|tmp$/.test(path)).length, 0);
});

test('a process that dies while it computes keeps nobody waiting', async () => {
  const location = ownFolder();
  const log = `${location}/log`;
  const child = fork(new URL('./memory.process.js', import.meta.url), [location, log]);
  await once(child, 'exit');
  assert.is(filesIn(location).filter((path) => path.endsWith('.lock')).length, 1);
  const { squareOf } = await import('./memory.process.js');
  const begun = performance.now();
  assert.is(squareOf(location, log)(7), 49);
  assert.ok(performance.now() - begun < 10_000, 'less than the time-out');
  assert.is(filesIn(location).filter((path) => path.endsWith('.lock')).length, 0);
});

test('a process that is killed while it makes its lock file keeps nobody waiting', () => {
  const location = ownFolder();
  const half = new Memory(location).cache(function half(x: number) {
    return x / 2;
  });
  half(8);
  const [path] = resultsIn(location);
  for (const text of ['', '12 on ho', `12 on host\n${crypto.randomUUID()}\n1`]) {
    rmSync(path);
    writeFileSync(path.replace(/asf$/, 'lock'), text);
    const begun = performance.now();
    assert.is(half(8), 4);
    assert.ok(performance.now() - begun < 20_000, 'less than the time-out');
    assert.equal(
      filesIn(location).filter((each) => each.endsWith('.lock')),
      [],
    );
  }
});

test('a disk that accepts file names but no content keeps nobody waiting', () => {
  // Windows has no such limit.
  if (process.platform === 'win32') return;
  const program = `
    import { Memory } from 'atomics-sync-free/joblib';
    const half = new Memory(process.argv[1]).cache(function half(x) { return x / 2; });
    console.log(half(8), half(8), half(8));`;
  const args = ['--input-type=module', '--eval', program, ownFolder()];
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 0; exec "$0" "$@"', process.execPath, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.is(stdout, '4 4 4\n', stderr);
  assert.match(stderr, 'is not kept: EFBIG');
});

test('a worker that is ended while it computes keeps nobody waiting', async () => {
  const location = ownFolder();
  const results = new Parallel({ nJobs: 2, returnAs: 'generator' }).run([keptOrNever(location)]);
  await until(() => existsSync(`${location}/begun`));
  results.return();
  writeFileSync(`${location}/gate`, '');
  const begun = performance.now();
  // The lock would be valid for 60 s.
  assert.equal(await new Parallel({ nJobs: 2, timeout: 20_000 }).runAsync([keptOrNever(location)]), ['kept']);
  assert.ok(performance.now() - begun < 20_000);
});

test('whoever waits for a computation that never ends computes when the time is up', async () => {
  const location = ownFolder();
  let hangs = true;
  const half = new Memory(location, { lockTimeout: 40 }).cache(async function half(x: number) {
    if (hangs) await new Promise(() => {});
    return x / 2;
  });
  void half(8);
  hangs = false;
  assert.is(await half(8), 4);
});

test('async calls of one agent for the same result compute once', async () => {
  const memory = new Memory(ownFolder());
  let computed = 0;
  const slow = memory.cache(async function slow(x: number) {
    computed++;
    await new Promise((resolve) => setImmediate(resolve));
    return x;
  });
  assert.equal(await Promise.all([slow(1), slow(1), slow(2)]), [1, 1, 2]);
  assert.is(computed, 2);
});

test('dump replaces the file that a link leads to', () => {
  const folder = ownFolder();
  dump('old', `${folder}/file`);
  symlinkSync(`${folder}/file`, `${folder}/link`);
  dump('new', `${folder}/link`);
  assert.is(load(`${folder}/file`), 'new');
  assert.ok(lstatSync(`${folder}/link`).isSymbolicLink());
  symlinkSync(`${folder}/none`, `${folder}/nowhere`);
  dump('there', `${folder}/nowhere`);
  assert.is(load(`${folder}/nowhere`), 'there');
});

test('dump writes to a pipe', () => {
  const folder = ownFolder();
  spawnSync('mkfifo', [`${folder}/pipe`]);
  // A pipe that is open for both waits for nobody.
  const pipe = openSync(`${folder}/pipe`, 'r+');
  atTestEnd(() => closeSync(pipe));
  dump('it', `${folder}/pipe`);
  assert.ok(lstatSync(`${folder}/pipe`).isFIFO());
  const bytes = Buffer.alloc(1024);
  writeFileSync(`${folder}/file`, bytes.subarray(0, readSync(pipe, bytes)));
  assert.is(load(`${folder}/file`), 'it');
});

test('old temporary files are removed, and foreign files stay', () => {
  const location = ownFolder();
  const memory = new Memory(location);
  memory.cache(function f() {})();
  const [result] = resultsIn(location);
  writeFileSync(`${result}.old.tmp`, '');
  writeFileSync(`${result}.new.tmp`, '');
  utimesSync(`${result}.old.tmp`, 0, 0);
  writeFileSync(`${location}/mine`, '');
  memory.reduceSize({});
  assert.equal(
    filesIn(location).filter((path) => path.endsWith('.tmp')),
    [`${result}.new.tmp`],
  );
  memory.clear();
  assert.equal(filesIn(location), [`${location}/mine`]);
});

test('a file of a later version is refused, and so is a foreign, damaged or missing one', () => {
  const path = `${ownFolder()}/file`;
  dump(1, path);
  const bytes = readFileSync(path);
  const later = Buffer.from(bytes);
  const version = later[8]++;
  writeFileSync(path, withChecksum(later));
  const refusal = new RegExp(`^the file has version ${version + 1}, and this copy reads ${version}$`);
  assert.throws(() => load(path), isRefused('ERR_CODEC_VERSION', refusal));
  writeFileSync(path, '{"json": "text, and enough of it to be one of these files"}');
  assert.throws(() => load(path), isRefused('ERR_DAMAGED', /was not written by/));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(path, bytes);
  assert.throws(() => load(path), isRefused('ERR_DAMAGED', /does not match its checksum/));
  assert.throws(() => load(`${path}.no`), isRefused('ERR_NO_FILE', /there is no file/));
});

test('in a page, file operations fail with an error that says so, and hashes work', async () => {
  const web = (await import('#dist/joblib/files/web.js')) as Record<string, (...args: unknown[]) => unknown>;
  const node = (await import('#dist/joblib/files/node.js')) as Record<string, (...args: unknown[]) => unknown>;
  assert.equal(Object.keys(web).sort(), Object.keys(node).sort());
  for (const [name, call] of Object.entries(web)) {
    if (!name.startsWith('sha256')) assert.throws(() => call(''), isRefused('ERR_NO_FILES', /need a file system/));
  }
  assert.equal([...(web.sha256(new Uint8Array(9)) as Uint8Array)], [...(node.sha256(new Uint8Array(9)) as Uint8Array)]);
  assert.is(web.sha256Hex(new Uint8Array(9)), node.sha256Hex(new Uint8Array(9)));
});

test('a function that calls itself with the same arguments does not wait for itself', () => {
  let calls = 0;
  const memory = new Memory(ownFolder(), { lockTimeout: 5000 });
  const again = memory.cache(function again(n: number): number {
    return calls++ < 2 ? again(n) + n : n;
  });
  const start = performance.now();
  assert.is(again(2), 6);
  assert.is(calls, 3);
  assert.ok(performance.now() - start < 4000);
  assert.is(again(2), 6);
  assert.is(calls, 3);
});

test.run();

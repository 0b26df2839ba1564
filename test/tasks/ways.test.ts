// The four ways in which a function reaches a worker.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { delayed, Parallel } from 'atomics-sync-free/joblib';
import { Pool } from 'atomics-sync-free/multiprocessing';
import { fromModule, Lock, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { errorOf, joined, resultOf, started, thrownBy } from '../support/threads.js';
import type * as sameNames from './same-names.worker.js';
import type * as served from './served.worker.js';
import type * as servedToo from './served-too.worker.js';
import type * as startsThreads from './starts-threads.worker.js';
import type * as targets from './targets.worker.js';
import { add, classes, later } from './targets.worker.js';

const test = suite('ways to a worker');

const TARGETS = new URL('./targets.worker.js', import.meta.url);
const workers = fromModule<typeof served>(() => new Worker(new URL('./served.worker.js', import.meta.url)));
const refused = (call: () => unknown, code: string, message: RegExp): void => {
  const error = thrownBy(call);
  assert.is(error.code, code, error.stack);
  assert.match(error.message, message);
};

test('a task is called with its surrounding variables, and can be called here as before', () => {
  assert.is(add(1, 2), 13);
  assert.is(resultOf(add, 1, 2), 13);
  assert.is(resultOf(later, 'sooner or'), 'sooner or later');
});

test('an export of a module can be called without being registered or loaded here', () => {
  const { twice, add } = fromModule<typeof targets>(TARGETS);
  assert.is(resultOf(twice, 21), 42);
  assert.is(resultOf(add, 0, 1), 11);
});

test('exports of a CommonJS module are found even where the host does not know their names', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'ways-')), 'half.cjs');
  writeFileSync(file, 'module.exports = Object.fromEntries([["half", (x) => x / 2], ["three", 3]]);');
  const {
    half,
    three,
    toString: inherited,
  } = fromModule<Record<'half' | 'three' | 'toString', (x: number) => number>>(file);
  const inMain = () => new Thread({ target: half, args: [4] }).run();
  const pool = new Pool(1);
  const parallel = new Parallel({ nJobs: 1 });
  assert.equal([resultOf(half, 2), pool.apply(half, [3]), await inMain()], [1, 1.5, 2]);
  assert.equal(await parallel.runAsync([delayed(half)(5)]), [2.5]);
  const missing = /half\.cjs exports no function called "(three|toString)"/;
  for (const none of [three, inherited]) {
    refused(() => resultOf(none, 1), 'ERR_FUNCTION', missing);
    refused(() => pool.apply(none, [1]), 'ERR_FUNCTION', missing);
    for (const made of [new Thread({ target: none, args: [1] }).run(), parallel.runAsync([delayed(none)(1)])]) {
      const error: unknown = await Promise.resolve(made).catch((reason: unknown) => reason);
      assert.match(String(error), missing);
    }
  }
  pool.terminate();
  rmSync(dirname(file), { recursive: true });
});

test('a name always gives the same reference', () => {
  const module = fromModule<typeof targets>(TARGETS);
  assert.is(module.twice, module.twice);
});

test('a worker file serves its functions, and their errors come back', () => {
  assert.is(resultOf(workers.cube, 3), 27);
  const error = errorOf(workers.cube, -1);
  assert.equal([error.name, error.code, error instanceof RangeError], ['RangeError', 'E_CUBE', true]);
});

test('a worker file that imports another one serves the functions of both', () => {
  const worker = () => new Worker(new URL('./served-too.worker.js', import.meta.url));
  const { half, cube } = fromModule<typeof servedToo & typeof served>(worker);
  assert.is(resultOf(half, 6), 3);
  assert.is(resultOf(cube, 3), 27);
});

test('serving something that is not a function is refused, and nothing of it is served', () => {
  const worker = () => new Worker(new URL('./served-too.worker.js', import.meta.url));
  const { refusal, cube } = fromModule<typeof servedToo & typeof served>(worker);
  assert.match(String(resultOf(refusal)), 'TypeError: serve takes functions, and none is not one');
  assert.is(resultOf(cube, 3), 27);
});

test('a plain function is sent as its source, which may be async or a method', () => {
  const object = {
    async sum(...numbers: number[]) {
      return numbers.reduce((sum, each) => sum + each, 0);
    },
  };
  assert.is(resultOf(object.sum, 1, 2, 3), 6);
});

test('a variable that a plain function lacks is named, with the remedy', () => {
  const around = 3;
  refused(() => resultOf(() => around), 'ERR_SOURCE', /uses around, which is defined around it.*args.*task\(/);
  refused(
    () => resultOf(() => new Promise(() => setTimeout(() => around))),
    'ERR_SOURCE',
    /uses around, which is defined around it/,
  );
});

test('classes are the same on both sides, and a lock is the same lock', () => {
  const lock = new Lock();
  const found = resultOf(classes, lock);
  assert.equal([found.isLock, found.held, found.isDied], [true, true, true]);
  assert.instance(found.lock, Lock);
  found.lock.acquire();
  assert.ok(lock.locked);
});

test('arguments and results have types', () => {
  const thread = new Thread({ target: add, args: [1, 2] });
  const result = (): number => thread.result;
  refused(result, 'ERR_RUNNING', /has not ended/);
  const { twice } = fromModule<typeof targets>(TARGETS);
  const text = (): string => new Thread({ target: later, args: ['x'] }).result;
  refused(text, 'ERR_RUNNING', /has not ended/);
  // @ts-expect-error A string is not a number.
  assert.instance(new Thread({ target: add, args: [1, '2'] }), Thread);
  // @ts-expect-error An argument is missing.
  assert.instance(new Thread({ target: add, args: [1] }), Thread);
  // @ts-expect-error It does not take a function.
  assert.instance(new Thread({ target: twice, args: [() => 1] }), Thread);
  // @ts-expect-error An export that is not a function is not offered.
  assert.ok(fromModule<typeof targets>(TARGETS).notAFunction);
  // @ts-expect-error Nor is one that does not exist.
  assert.ok(fromModule<typeof targets>(TARGETS).missing);
});

test('what the worker cannot find is reported, with the remedy', () => {
  const by = <Module>(name: string) => fromModule<Module>(new URL(`./${name}.worker.js`, import.meta.url));
  const untyped = fromModule<Record<'notAFunction', () => void>>(TARGETS);
  refused(() => resultOf(untyped.notAFunction), 'ERR_FUNCTION', /exports no function called "notAFunction"/);
  refused(
    () => resultOf(by<typeof targets>('missing').twice, 1),
    'ERR_FUNCTION',
    /could not be loaded in the worker.*missing/,
  );
  refused(() => resultOf(workers.unserved), 'ERR_FUNCTION', /does not serve unserved, only cube, hold/);
  const { innocent } = by<typeof startsThreads>('starts-threads');
  const named = /while it loads .*starts-threads\.worker\.js for .*if \(isMain\)/;
  refused(() => resultOf(innocent), 'ERR_BOOTSTRAPPING', named);
  const pool = new Pool(1);
  refused(() => pool.apply(innocent), 'ERR_BOOTSTRAPPING', named);
  pool.terminate();
});

test('a task must have a unique name, and be created whenever its module is loaded', async () => {
  const { one, here } = (await import('./same-names.worker.js')) as typeof sameNames;
  refused(() => resultOf(one), 'ERR_FUNCTION', /more than one task "same"/);
  assert.type(here, 'function');
  if (here !== undefined) refused(() => resultOf(here), 'ERR_FUNCTION', /creates no task "here"/);
});

test('a factory that makes no worker is refused, and nothing has begun', () => {
  const ended = new Worker('', { eval: true });
  for (const [make, message] of [
    [() => 3, /returned no Worker/],
    [
      () => {
        throw new Error('no room');
      },
      /no worker was made for Cubist: no room/,
    ],
    [
      () => {
        throw null;
      },
      /no worker was made for Cubist: null/,
    ],
  ] as const) {
    const { cube } = fromModule<typeof served>(make as unknown as () => Worker);
    const thread = new Thread({ target: cube, args: [1], name: 'Cubist' });
    refused(() => thread.start(), 'ERR_FUNCTION', message);
    assert.is(thread.ident, undefined);
  }
  return new Promise((resolve) => ended.on('exit', resolve)).then(() => {
    const { cube } = fromModule<typeof served>(() => ended);
    refused(() => started(cube, [1]), 'ERR_FUNCTION', /has already ended/);
  });
});

test('a worker file that cannot be loaded ends its thread', async () => {
  const { cube } = fromModule<typeof served>(() => new Worker(new URL('./missing.worker.js', import.meta.url)));
  const thread = started(cube, [1]);
  await thread.joinAsync({ timeout: 20_000 });
  const error = thrownBy(() => joined(thread).result);
  assert.match(error.message, /missing\.worker\.js|was terminated/);
});

test.run();

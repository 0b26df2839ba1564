// Values that cannot be shown, let alone sent, thrown in each kind of worker.
import { spawnSync } from 'node:child_process';
import { delayed, Parallel } from 'atomics-sync-free/joblib';
import { getContext, Manager } from 'atomics-sync-free/multiprocessing';
import { SyncError, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { newThrower, pidOf, returnOdd, throwCaused, throwLarge, throwOdd, throwWithoutStacks } from './untold.tasks.js';

const test = suite('what cannot be shown');

const KINDS = ['stack', 'revoked', 'nothing'];
const RESULTS = ['function', 'symbol', 'error'];

const isRefusal = (error: unknown): boolean => error instanceof SyncError && error.code === 'ERR_NOT_CLONEABLE';

/** Asserts that the error or its cause says why it cannot be sent, and also what it was if nothing else does. */
function assertTold(error: unknown): void {
  const { cause, message } = error as Error;
  if (isRefusal(error)) assert.match(message, /; it was: /);
  // The part that could not be read is left out.
  else if (error instanceof Error && message === 'odd' && cause === undefined) return;
  else assert.ok(isRefusal(cause), String(error));
}

function assertCaused(error: unknown): void {
  const { name, message, code, status, cause, stack } = error as Record<string, unknown>;
  assert.instance(error, RangeError);
  assert.equal([name, message, code, status], ['Unsent', 'caused', 'E_UNSENT', 503]);
  assert.match(String(stack), /untold\.tasks\.js/);
  assert.ok(isRefusal(cause), String(cause));
  assert.match((cause as Error).message, /\.cause\.callback is a function/);
}

type Calls = Readonly<Record<'throwOdd' | 'throwCaused' | 'returnOdd', (kind: never) => unknown>>;

/** Asserts that what is too large is reported in abbreviated form. */
function assertLarge(throwLarge: (kind: never) => unknown): void {
  for (const kind of ['text', 'message', 'many']) {
    const error = thrownBy(() => throwLarge(kind as never)) as Error;
    assertTold(error);
    if (kind === 'message') assert.instance(error, RangeError);
    if (kind === 'many') assert.instance(error, AggregateError);
    assert.match(kind === 'many' ? (error as AggregateError).errors[1] : error.message, / \(\d{8} characters\)$/);
  }
}

function assertAllTold(calls: Calls): void {
  for (const kind of KINDS) {
    const error = thrownBy(() => calls.throwOdd(kind as never));
    assertTold(error);
    assert.not.ok('detail' in (error as object), 'it has a property that could not be read');
  }
  for (const kind of RESULTS) assertTold(thrownBy(() => calls.returnOdd(kind as never)));
  assertCaused(thrownBy(() => calls.throwCaused(false as never)));
  const many = thrownBy(() => calls.throwCaused(true as never)) as AggregateError;
  assert.instance(many, AggregateError);
  assertCaused(many.errors[0]);
  assert.is(many.errors[1], 1);
}

test('a thread that throws it, or returns it, ends with an error that says so', () => {
  const run = (target: (kind: never) => unknown) => (kind: never) => {
    const thread = new Thread({ target, args: [kind] });
    thread.start();
    thread.join(20_000);
    assert.not(thread.isAlive());
    return thread.result;
  };
  assertAllTold({ throwOdd: run(throwOdd), throwCaused: run(throwCaused), returnOdd: run(returnOdd) });
});

for (const method of ['worker', 'process'] as const) {
  test(`a worker of a pool that throws it, or returns it, goes on: ${method}`, () => {
    const pool = new (getContext(method).Pool)(1);
    const run = (target: (kind: never) => unknown) => (kind: never) => pool.apply(target, [kind]);
    const pid = pool.apply(pidOf);
    assertAllTold({ throwOdd: run(throwOdd), throwCaused: run(throwCaused), returnOdd: run(returnOdd) });
    if (method === 'worker') assertLarge(run(throwLarge));
    assert.equal(pool.apply(pidOf), pid);
    pool.terminate();
  });
}

for (const method of ['worker', 'process'] as const) {
  test(`a worker without stacks, because the program's formatter of stacks throws, goes on: ${method}`, () => {
    const pool = new (getContext(method).Pool)(1);
    const pid = pool.apply(pidOf);
    const error = thrownBy(() => pool.apply(throwWithoutStacks)) as Error;
    assert.is(error.message, 'odd');
    const many = thrownBy(() => pool.apply(throwCaused, [true])) as AggregateError;
    assert.is(many.message, 'many');
    assert.is(many.errors[0].message, 'caused');
    assert.equal(pool.apply(pidOf), pid);
    pool.terminate();
  });

  test(`a process prints the error that it ends with, whatever throws when it is shown: ${method}`, () => {
    const program = `
      import { Process } from ${JSON.stringify(import.meta.resolve('atomics-sync-free/multiprocessing'))};
      import { throwOdd } from ${JSON.stringify(new URL('./untold.tasks.js', import.meta.url).href)};
      for (const kind of ['stack', 'inspected']) {
        const process = new Process({ target: throwOdd, args: [kind], context: '${method}' });
        process.start();
        await process.joinAsync();
        console.log(process.exitcode);
      }
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.is(stdout, '1\n1\n');
    // From Node 22 on, console.error shows an error without a stack that can be read in brackets.
    assert.is(stderr.match(/^Process Process-\d:\n\[?Error: odd\]?$/gm)?.length, 2, stderr);
    assert.not.match(stderr, /no stack/);
  });
}

test('a manager whose object throws it, or returns it, goes on', () => {
  using manager = new Manager({ classes: { Thrower: { target: newThrower } } });
  const thrower = manager.create('Thrower') as unknown as Calls & { throwLarge(kind: string): never };
  const before = thrower.throwOdd('' as never);
  assertAllTold(thrower);
  assertLarge((kind) => thrower.throwLarge(kind));
  assert.is(thrower.throwOdd('' as never), before);
});

test('Parallel reports it, and whose call it was', async () => {
  const run = (target: (kind: never) => unknown) => (kind: never) =>
    new Parallel({ nJobs: 2 }).runAsync([delayed(target as (kind: unknown) => unknown)(kind)]);
  const error = await run(throwCaused)(false as never).catch((error) => error);
  assertCaused(error);
  assert.match(error.stack, /^ {4}in task 0 of Parallel, throwCaused\(false\)$/m);
  for (const kind of RESULTS) {
    const error = await run(returnOdd)(kind as never).catch((error) => error);
    assertTold(error);
    assert.match(error.stack, new RegExp(`^ {4}in task 0 of Parallel, returnOdd\\(.${kind}.\\)$`, 'm'));
  }
});

test.run();

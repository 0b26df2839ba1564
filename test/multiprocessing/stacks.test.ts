// The stack of an error thrown elsewhere shows the frames of the function, and at most one of the package.
import { getAllStartMethods, getContext, Manager, Pool } from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { cutStack } from '#dist/tasks/frame.js';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { fails, failsLater, failsWithArgument, failsWithCause, makeFailing } from './stacks.tasks.js';

const test = suite('stacks of functions that have failed elsewhere');

const errorOf = (call: () => PromiseLike<unknown>): Promise<Error> =>
  (async () => call())().then(
    () => assert.unreachable('nothing was thrown'),
    (error) => error,
  ) as Promise<Error>;

async function inThread(target: () => unknown): Promise<unknown> {
  const thread = new Thread({ target });
  thread.start();
  await thread.joinAsync();
  return thread.result;
}

/** @returns the frames of files of the package, and those of the functions */
function framesOf({ stack = '' }: Error): { readonly ours: string[]; readonly theirs: string[] } {
  // Those of the test runner, which called the starter, are neither.
  const frames = stack.split('\n').filter((line) => /:\d+:\d+\)?$/.test(line) && !line.includes('/node_modules/'));
  const ours = frames.filter((line) => /\/dist\/|worker eval|\[eval\]/.test(line));
  return { ours, theirs: frames.filter((line) => /stacks\.tasks/.test(line)) };
}

test('a thread, and a pool by each way and either start method, shows at most one frame of the package', async () => {
  const pools = getAllStartMethods().map((method) => new (getContext(method).Pool)(1));
  const ways: ((target: () => unknown) => PromiseLike<unknown>)[] = [
    inThread,
    ...pools.flatMap((pool) => [
      // Twice, because only the first call has to find the function.
      (target: () => unknown) => pool.applyAsync(target),
      (target: () => unknown) => pool.applyAsync(target),
      (target: () => unknown) => pool.mapAsync(target as (item: number) => unknown, [1, 2]),
      (target: () => unknown) => pool.starmapAsync(target as (item: number) => unknown, [[1], [2]]),
    ]),
  ];
  try {
    for (const [i, way] of ways.entries())
      for (const target of [fails, failsLater, failsWithCause]) {
        const error = await errorOf(() => way(target));
        for (const each of [error, error.cause ?? error] as Error[]) {
          const { ours, theirs } = framesOf(each);
          assert.ok(theirs.length > 0 && ours.length <= 1, `${i} ${target.name}: ${each.stack}`);
        }
      }
    // In a worker that loads as little of the package as it can.
    const plain = (): never => {
      throw new RangeError('plain');
    };
    const { ours } = framesOf(await errorOf(() => inThread(plain)));
    assert.ok(ours.length <= 1, ours.join('\n'));
  } finally {
    for (const pool of pools) pool.terminate();
  }
});

test('a call that blocks for a worker shows its caller once, behind the frames of the worker', () => {
  const pool = new Pool(1);
  const result = pool.applyAsync(fails);
  const results = pool.imap(fails as () => void, [1, 2], { chunkSize: 2 });
  const ways: (() => unknown)[] = [
    () => pool.apply(fails),
    () => pool.map(fails as () => void, [1, 2]),
    () => pool.starmap(fails, [[]]),
    () => result.get(),
    () => result.get(),
    () => results.next(),
    () => [...results],
  ];
  try {
    for (const [i, way] of ways.entries()) {
      const caller = function whoCalls(): unknown {
        return way();
      };
      const { stack = '' } = thrownBy(caller);
      assert.match(stack, /^RangeError: inner\n(.*\n)+ +at fails in Pool-\d+, called\n/, `${i}`);
      const [theirs, mine] = stack.split(', called\n');
      assert.match(theirs, /stacks\.tasks/);
      assert.not.match(theirs, /whoCalls/);
      assert.is(mine.match(/whoCalls/g)?.length, 1, stack);
      assert.not.match(mine, /\/dist\/(chunks|multiprocessing)\//, stack);
    }
    const own = new Error('given up for a reason of my own');
    const { stack } = own;
    const given = pool.applyAsync(fails, [], { callback: () => assert.unreachable() });
    if (given.cancel(own)) assert.is(thrownBy(() => given.get()).stack, stack);
  } finally {
    pool.terminate();
  }
});

test('a manager shows at most one frame of the package, and its callers show none', async () => {
  const manager = new Manager({ classes: { Failing: makeFailing } });
  try {
    const object = manager.create('Failing', false);
    const dict = manager.dict();
    const whoCalls = (call: () => unknown) => thrownBy(call) as Error;
    for (const call of [
      () => object.fail(),
      () => object.failLater(),
      () => manager.create('Failing', true),
      () => dict.update('key', failsWithArgument),
      () => dict.update('key', failsWithArgument),
    ]) {
      const { stack = '' } = whoCalls(call);
      const [there, mine] = stack.split(', called\n');
      const { ours, theirs } = framesOf({ stack: there } as Error);
      assert.ok(theirs.length > 0 && ours.length <= 1, stack);
      assert.match(mine, 'whoCalls');
      assert.not.match(mine, /\/dist\/(chunks|multiprocessing)\//, stack);
    }
    for (const call of [
      () => object.failAsync(),
      () => object.failLaterAsync(),
      () => dict.updateAsync('key', failsWithArgument),
    ]) {
      const { ours, theirs } = framesOf(await errorOf(call));
      assert.ok(theirs.length > 0 && ours.length <= 1, ours.join('\n'));
    }
  } finally {
    manager.shutdown();
  }
});

test('a stack is cut below the first frame of the package in each of its parts, and nowhere else', () => {
  const ours = '    at atomics-sync-free (file:///a/b.js:1:2)';
  const cases: [string[], string[]][] = [
    [['Error: at atomics-sync-free', '    at f (file:///node_modules/atomics-sync-free/a.js:1:2)'], []],
    [
      ['Error: x', '    at f (file:///f.js:1:2)', ours],
      ['    at #call (file:///a/b.js:3:4)', ours],
    ],
    [['Error: x', '    at async Object.atomics-sync-free (b.js:1:2)'], ['    at async [worker eval]:1:3']],
    [['Error: x', ours], ['    at g (b.js:1:2)']],
    [['f@file:///f.js:1:2', 'async*atomics-sync-free@b.js:1:2'], ['call@b.js:1:2']],
  ];
  for (const [kept, cut] of cases) {
    const rest = ['    at Thread-1, started', '    at h (file:///h.js:1:2)'];
    assert.is(cutStack([...kept, ...cut].join('\n')), kept.join('\n'));
    assert.is(cutStack([...kept, ...cut, ...rest].join('\n')), [...kept, ...rest].join('\n'));
  }
});

test.run();

// A pool remembers only some of the functions that it was given last.
import { getAllStartMethods, getContext } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { Callees } from '#dist/multiprocessing/pool/callees.js';
import { APPLY } from '#dist/multiprocessing/pool/messages.js';
import { perform } from '#dist/multiprocessing/pool/perform.js';
import { MOST_FUNCTIONS, Recent } from '#dist/tasks/recent.js';
import { untilCollected } from '../support/garbage.js';
import { suite } from '../support/suite.js';

const test = suite('functions that a pool remembers');

/** This many functions make it forget all earlier ones. */
const MANY = 2 * MOST_FUNCTIONS;

/** A function whose text is unique. */
const made = (x: number): (() => number) => new Function(`return ${x}`) as () => number;

test('what is asked for now and then stays, and at most twice as many as must stay do', () => {
  const recent = new Recent<number, string>(4);
  for (let key = 0; key < 100; key++) {
    recent.set(key, `${key}`);
    assert.is(recent.get(0), '0');
    for (const last of [key, key - 1, key - 2]) assert.is(recent.get(last), last < 0 ? undefined : `${last}`);
  }
  assert.ok(
    Array.from({ length: 100 }, (_, key) => recent.get(key)).filter((value) => value !== undefined).length <= 6,
  );
});

test('the owner of a pool forgets functions, and gives one that comes again a new number', async () => {
  const callees = new Callees('Pool', undefined);
  const often = made(-1);
  const same = callees.of(often);
  const first = new WeakRef(callees.of(made(0)));
  const ids = new Set([same.id, first.deref()?.id]);
  for (let x = 1; x <= MANY; x++) ids.add(callees.of(made(x)).id);
  assert.is(callees.of(often), same);
  await untilCollected(() => first.deref() === undefined, 'the first function is forgotten');
  ids.add(callees.of(made(0)).id);
  assert.is(ids.size, MANY + 3);
});

test('the workers of a pool forget functions', async () => {
  const current = { cancelled: false, signal: AbortSignal.abort() };
  const done = async (text: string): Promise<unknown> => {
    const call = JSON.stringify({ way: 'source', name: 'f', text });
    return (await perform({ form: APPLY, call, args: [], failure: undefined }, current)).value;
  };
  const first = (await done('function f() { return new WeakRef(f); }')) as WeakRef<object>;
  for (let x = 1; x <= MANY; x++) assert.is(await done(`() => ${x}`), x);
  await untilCollected(() => first.deref() === undefined, 'the first function is forgotten');
});

test('more functions than are remembered can be called, and called again, by either start method', async () => {
  for (const method of getAllStartMethods()) {
    const pool = new (getContext(method).Pool)(2);
    try {
      const functions = Array.from({ length: MANY + 1 }, (_, x) => made(x));
      for (let round = 0; round < 2; round++) {
        const results = await Promise.all(functions.map((fn) => pool.applyAsync(fn)));
        assert.equal(results, [...functions.keys()], method);
      }
      // The same functions as new objects.
      assert.equal(await Promise.all([0, 1, 2].map((x) => pool.applyAsync(made(x)))), [0, 1, 2], method);
    } finally {
      pool.terminate();
    }
  }
});

test.run();

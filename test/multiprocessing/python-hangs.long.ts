/**
 * Cases in which Python's Pool waits for ever, and this one does not. Killed workers, `terminate` while `map` is being fed,
 * chunk sizes and failing initializers are in pool.test.ts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Pool } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { shop, square } from './pool.tasks.js';

const test = suite('where Python hangs');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;
const PROGRAM = new URL('./python-hangs.program.js', import.meta.url).pathname;

/** Starts a program that ends in the given way. */
function start(way: string) {
  const child = spawn(process.execPath, [PROGRAM, way], { stdio: ['ignore', 'pipe', 'inherit'], timeout: LONG });
  atTestEnd(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, printed }));
  return { child, ended };
}

test('an exception whose class cannot construct it again comes back, and the pool goes on', () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const failing = pool.applyAsync(shop, ['a']);
  assert.throws(() => failing.get(LONG), /no cheese in a/);
  assert.throws(() => failing.get(LONG), /no cheese in a/);
  assert.is(pool.applyAsync(square, [3]).get(LONG), 9);
  pool.terminate();
  pool.join();
});

test('exit with a running pool', async () => {
  assert.equal(await start('exit').ended, { code: 3, signal: null, printed: '' });
});

test('KeyboardInterrupt while blocking on a pool', async () => {
  const { child, ended } = start('interrupt');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  assert.equal(await ended, { code: null, signal: 'SIGINT', printed: '1\n' });
});

test('close without join', async () => {
  const { code, printed } = await start('close').ended;
  assert.equal([code, printed.trim().split('\n').sort()], [0, ['1', '2', '3']]);
});

test.run();

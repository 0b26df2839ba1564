// Pools of the start method 'process': how they are like those of 'worker', and tasks whose children are killed.
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, WorkerDiedError } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import {
  countBeside,
  DEADLY,
  KILLED_EACH,
  mayDie,
  note,
  noteSlowly,
  pidOf,
  spinAfter,
  spinUntilThere,
  tell,
  told,
  untilThere,
} from './child.tasks.js';
import { isRunning } from './children.js';
import { notThree, square, unsendable } from './pool.tasks.js';

const test = suite('pools of child processes');

const context = 'process';
const TASKS = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'pool-'));
let files = 0;
const newFile = (): string => join(folder, String(files++));
test.after(() => rmSync(folder, { recursive: true }));

function poolOf(processes: number, grace = 100): Pool {
  const pool = new Pool(processes, { context, grace });
  atTestEnd(async () => {
    pool.terminate();
    await pool.joinAsync();
  });
  return pool;
}

test('their children do what is asked, one task at a time, and end with the pool', async () => {
  const pool = new Pool(1, { context, initializer: tell, initargs: ['first'] });
  const pid = pool.apply(pidOf);
  assert.ok(pid !== process.pid && isRunning(pid));
  assert.equal([pool.apply(told), process.env.TOLD], ['first', undefined]);
  assert.equal(pool.map(square, [1, 2, 3]), [1, 4, 9]);
  assert.equal([...pool.imap(square, [4, 5])], [16, 25]);
  const beside = await Promise.all(Array.from({ length: 50 }, () => pool.applyAsync(countBeside)));
  assert.is(Math.max(...beside), 0);
  assert.match(String(thrownBy(() => pool.map(notThree, [1, 3]))), /RangeError: three/);
  assert.is((thrownBy(() => pool.apply(unsendable)) as { code?: string }).code, 'ERR_NOT_CLONEABLE');
  const shared = { words: new Int32Array(new SharedArrayBuffer(4)) };
  const refused = thrownBy(() => pool.apply(square as never, [1, shared] as never)) as Error;
  assert.match(refused.message, /^args\[1\]\.words\.buffer is a SharedArrayBuffer, .*send a copy/);
  assert.match(
    (thrownBy(() => new Pool(1, { context, initializer: tell, initargs: [shared as never] })) as Error).message,
    /^initargs\[0\]\.words\.buffer is/,
  );
  pool.close();
  await pool.joinAsync();
  await until(() => !isRunning(pid));
});

test('a task that is given up ends its child, and another child does the next', async () => {
  const pool = new Pool(1, { context, maxTasksPerChild: 2 });
  const first = pool.apply(pidOf);
  const file = newFile();
  const spinning = pool.applyAsync(spinAfter, [file]);
  await until(() => existsSync(file));
  spinning.cancel();
  const pids = [1, 2, 3].map(() => pool.apply(pidOf));
  assert.equal([new Set([first, ...pids]).size, pids[0] === pids[1]], [3, true]);
  pool.terminate();
  pool.join();
  for (const pid of [first, ...pids]) await until(() => !isRunning(pid));
});

/** Gives its children short tasks, so that they are then sent tasks ahead. */
async function hurry(pool: Pool): Promise<void> {
  await Promise.all(Array.from({ length: 300 }, (_, i) => pool.applyAsync(square, [i])));
}

const linesOf = (file: string): number[] => readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);

test('when a child dies, only the task it is doing is lost; the others it has are done, and none twice', async () => {
  const file = newFile();
  const pool = poolOf(1);
  await hurry(pool);
  const results = Array.from({ length: 200 }, (_, id) => pool.applyAsync(note, [file, id]));
  const outcomes = await Promise.allSettled(results);
  const failed = outcomes.flatMap(({ status }, id) => (status === 'rejected' ? [id] : []));
  assert.equal(failed, [DEADLY]);
  assert.ok(thrownBy(() => results[DEADLY].get()) instanceof WorkerDiedError);
  assert.equal(
    linesOf(file).sort((a, b) => a - b),
    outcomes.map((_, id) => id),
  );
  assert.equal([pool.statistics().deaths, pool.statistics().failed], [1, 1]);
});

test('a task given up before its child begins it is not begun once the child has heard of that, and ends nobody', async () => {
  const pool = poolOf(1, 0);
  await hurry(pool);
  const before = pool.apply(pidOf);
  const wanted = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
  let rounds = 0;
  // The child hears of it from its keeper, and sometimes gets to the next task before that.
  for (let begun = [0]; begun.length > 0; rounds++) {
    const [file, waits, gate] = [newFile(), newFile(), newFile()];
    const first = pool.applyAsync(untilThere, [waits, gate]);
    const results = Array.from({ length: 20 }, (_, id) => pool.applyAsync(note, [file, id]));
    await until(() => existsSync(waits));
    for (const result of results.slice(0, 10)) result.cancel();
    writeFileSync(gate, '');
    assert.equal(await Promise.all([first, ...results.slice(10)]), [undefined, ...wanted]);
    const lines = linesOf(file);
    assert.equal(lines.slice(-10), wanted);
    begun = lines.slice(0, -10);
    assert.ok(rounds < 10, `${begun} were begun`);
  }
  const { deaths, cancelled } = pool.statistics();
  assert.equal([pool.apply(pidOf), deaths, cancelled], [before, 0, 10 * rounds]);
});

test('ending a child for a task that was given up does not end the task behind it', async () => {
  const file = newFile();
  const pool = poolOf(1, 0);
  const ids = Array.from({ length: 40 }, (_, id) => id);
  for (const id of ids) {
    const [begun, gate] = [newFile(), newFile()];
    await hurry(pool);
    const first = pool.applyAsync(spinUntilThere, [begun, gate]);
    const behind = pool.applyAsync(noteSlowly, [file, id]);
    await until(() => existsSync(begun));
    // The task ends just as it is given up.
    writeFileSync(gate, '');
    first.cancel();
    assert.is(await behind, id);
  }
  // No task was begun twice.
  assert.equal(linesOf(file), ids);
});

test('a task that the owner of the pool sent itself is given up like any other', async () => {
  const file = newFile();
  const pool = poolOf(1, 0);
  const first = await pool.applyAsync(pidOf);
  const spinning = pool.applyAsync(spinAfter, [file]);
  await until(() => existsSync(file));
  spinning.cancel();
  await until(() => !isRunning(first));
  const [second, third] = [await pool.applyAsync(pidOf), await pool.applyAsync(pidOf)];
  assert.equal([first === second, second === third, pool.statistics().deaths], [false, true, 1]);
});

test('whenever a child is killed, each call has an outcome, and nothing is written to a file that reuses its descriptor', async () => {
  const pool = poolOf(2);
  for (let round = 0; round < 30; round++) {
    process.kill(await pool.applyAsync(pidOf, [], { retries: 9 }), 'SIGKILL');
    // Some calls come before anybody knows of its end, others once the descriptor belongs to another file.
    const descriptors: number[] = [];
    for (const end = performance.now() + round / 5; performance.now() < end; ) {
      descriptors.push(openSync(join(folder, 'taken'), 'a'));
    }
    const [outcome] = await Promise.allSettled([pool.applyAsync(square, [round])]);
    if (outcome.status === 'fulfilled') assert.is(outcome.value, round ** 2);
    else assert.ok(outcome.reason instanceof WorkerDiedError);
    for (const descriptor of descriptors) closeSync(descriptor);
  }
  assert.is(readFileSync(join(folder, 'taken'), 'utf8'), '');
});

test('a child that gives tasks back does as many as it may, and is not taken for dead when it ends', async () => {
  const bounded = new Pool(1, { context, maxTasksPerChild: 40 });
  atTestEnd(() => bounded.terminate());
  const [begun, gate] = [newFile(), newFile()];
  const before = Array.from({ length: 20 }, (_, i) => bounded.applyAsync(square, [i]));
  const first = bounded.applyAsync(untilThere, [begun, gate]);
  const behind = Array.from({ length: 60 }, (_, i) => bounded.applyAsync(square, [i]));
  await until(() => existsSync(begun));
  // It gives back the tasks behind this one, which take their turn again.
  await until(() => bounded.statistics().waiting > 58);
  writeFileSync(gate, '');
  await Promise.all([...before, first, ...behind]);
  assert.equal([bounded.statistics().deaths, bounded.statistics().failed], [0, 0]);
});

test('a task may wait for one that was sent behind it to the same child', async () => {
  const [begun, gate] = [newFile(), newFile()];
  const pool = poolOf(2);
  await hurry(pool);
  const first = pool.applyAsync(untilThere, [begun, gate]);
  const others = Array.from({ length: 50 }, (_, i) => pool.applyAsync(square, [i]));
  const last = pool.applyAsync(note, [gate, 1]);
  await Promise.all([first, ...others, last]);
  assert.equal([pool.statistics().deaths, pool.statistics().failed], [0, 0]);
});

test(
  'each of many tasks has exactly one outcome, whoever is killed',
  async () => {
    const pool = new Pool(2, { context });
    const results = Array.from({ length: TASKS }, (_, id) => pool.applyAsync(mayDie, [id]));
    const outcomes = await Promise.allSettled(results);
    outcomes.forEach((outcome, id) => {
      const kind = id % KILLED_EACH;
      if (kind > 2) assert.equal(outcome, { status: 'fulfilled', value: id });
      else assert.is(outcome.status, 'rejected');
      if (outcome.status === 'fulfilled') return;
      const { reason } = outcome;
      if (kind === 2) assert.is((reason as Error).message, `failed ${id}`);
      else assert.ok(reason instanceof WorkerDiedError && reason.exitCode === (kind === 0 ? -9 : 7));
    });
    assert.is(pool.apply(square, [5]), 25);
    pool.close();
    await pool.joinAsync();
  },
  { limit: 200_000 },
);

test.run();

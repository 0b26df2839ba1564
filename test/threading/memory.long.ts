// What threads leave behind in a program once they have ended.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { fromModule, Lock, WorkerDiedError } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { started, thrownBy } from '../support/threads.js';
import type * as served from '../tasks/served.worker.js';

const test = suite('many threads');

const execute = promisify(execFile);
const program = fileURLToPath(new URL('./memory.program.js', import.meta.url));
/**
 * The allocator of Linux has up to eight heaps per processor, and fragmentation in each of them keeps growing for long with
 * the number of threads started. A leak grows just as well in two heaps.
 */
const env = { ...process.env, MALLOC_ARENA_MAX: '2', NODE_V8_COVERAGE: '' };

/** See the program. */
const flags = ['--expose-gc', '--gc-global'];

/** Of an odd number of figures. A single one may be off by some per cent. */
const median = (figures: readonly number[]): number => figures.toSorted((a, b) => a - b)[figures.length >> 1];

for (const [workers, how] of [
  [0, 'on workers of their own'],
  [4, 'on workers of the reserve'],
] as const) {
  test(
    `in the second half of a thousand threads ${how} there is as much memory in use as in the first`,
    async () => {
      const { stdout } = await execute(process.execPath, [...flags, program, String(workers)], {
        env,
        timeout: 380_000,
      });
      const { resident, active } = JSON.parse(stdout) as { resident: number[]; active: number };
      const [half, all] = [resident.slice(0, 5), resident.slice(5)].map(median);
      assert.ok(all <= half * 1.05, `${half} bytes, then ${all}: ${resident}`);
      assert.is(active, 1);
    },
    { limit: 400_000 },
  );
}

test(
  'none of a hundred threads that are killed at random moments keeps anybody waiting',
  async () => {
    const lock = new Lock({ onOwnerDeath: 'release' });
    for (let round = 0; round < 25; round++) {
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          let worker: Worker | undefined;
          const { hold } = fromModule<typeof served>(
            () => (worker = new Worker(new URL('../tasks/served.worker.js', import.meta.url))),
          );
          const thread = started(hold, [lock, new Int32Array(new SharedArrayBuffer(8)), 'spin']);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
          await worker?.terminate();
          await thread.joinAsync({ timeout: 30_000 });
          assert.instance(
            thrownBy(() => thread.result),
            WorkerDiedError,
          );
        }),
      );
      assert.ok(lock.acquire(30_000));
      lock.release();
    }
  },
  { limit: 200_000 },
);

test.run();
